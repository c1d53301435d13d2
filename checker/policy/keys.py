"""What is known of context keys: their type, and whether they hold one value or many.

Source: the global condition keys of the IAM User Guide (iam-semantics K7); a service's own keys
come from the catalogue of the service authorization reference.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Final


class KeyType(StrEnum):
    """The type of a key's values."""

    STRING = "String"
    ARN = "ARN"
    BOOL = "Bool"
    DATE = "Date"
    NUMERIC = "Numeric"
    IP = "IPAddress"
    BINARY = "Binary"


MULTIVALUED: Final = frozenset(
    {
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:tagkeys",
        "aws:vpceorgpaths",
    }
)

_SINGLE: Final[dict[str, KeyType]] = {
    "aws:assumedroot": KeyType.BOOL,
    "aws:calledviafirst": KeyType.STRING,
    "aws:calledvialast": KeyType.STRING,
    "aws:chatbotsourcearn": KeyType.ARN,
    "aws:currenttime": KeyType.DATE,
    "aws:ec2instancesourceprivateipv4": KeyType.IP,
    "aws:ec2instancesourcevpc": KeyType.STRING,
    "aws:epochtime": KeyType.DATE,
    "aws:federatedprovider": KeyType.STRING,
    "aws:multifactorauthage": KeyType.NUMERIC,
    "aws:multifactorauthpresent": KeyType.BOOL,
    "aws:principalaccount": KeyType.STRING,
    "aws:principalarn": KeyType.ARN,
    "aws:principalisawsservice": KeyType.BOOL,
    "aws:principalorgid": KeyType.STRING,
    "aws:principalservicename": KeyType.STRING,
    "aws:principaltype": KeyType.STRING,
    "aws:referer": KeyType.STRING,
    "aws:requestedregion": KeyType.STRING,
    "aws:resourceaccount": KeyType.STRING,
    "aws:resourceorgid": KeyType.STRING,
    "aws:securetransport": KeyType.BOOL,
    "aws:signinsessionarn": KeyType.ARN,
    "aws:sourceaccount": KeyType.STRING,
    "aws:sourcearn": KeyType.ARN,
    "aws:sourceidentity": KeyType.STRING,
    "aws:sourceip": KeyType.IP,
    "aws:sourceorgid": KeyType.STRING,
    "aws:sourcevpc": KeyType.STRING,
    "aws:sourcevpcarn": KeyType.ARN,
    "aws:sourcevpce": KeyType.STRING,
    "aws:tokenissuetime": KeyType.DATE,
    "aws:useragent": KeyType.STRING,
    "aws:userid": KeyType.STRING,
    "aws:username": KeyType.STRING,
    "aws:viaawsservice": KeyType.BOOL,
    "aws:vpceaccount": KeyType.STRING,
    "aws:vpceorgid": KeyType.STRING,
    "aws:vpcsourceip": KeyType.IP,
    "ec2:roledelivery": KeyType.NUMERIC,
    "ec2:sourceinstancearn": KeyType.ARN,
    "lambda:sourcefunctionarn": KeyType.ARN,
    "ssm:sourceinstancearn": KeyType.ARN,
}

_SINGLE_FAMILIES: Final = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")

ALL: Final = MULTIVALUED | _SINGLE.keys()


def key_type(key: str) -> KeyType | None:
    """Return the type of a global key, in lower case; None where it is not known."""
    if key in MULTIVALUED or key.startswith(_SINGLE_FAMILIES):
        return KeyType.STRING
    return _SINGLE.get(key)


@lru_cache(maxsize=4096)
def is_multivalued(key: str) -> bool | None:
    """Return whether `key` (lower case) holds many values; None where nobody says."""
    if key in MULTIVALUED:
        return True
    if key in _SINGLE or key.startswith(_SINGLE_FAMILIES):
        return False
    return None
