"""What is taken for granted about requests. Too strong an assumption would "prove" everything.

Grade A follows from how AWS forms requests and is always on. Grade B is documented but depends on
the service or may change: on by default, and a proof that needs one says so. Grade C is a rule of
thumb and is off. `tests/test_assumptions.py` holds each against real actions, ARNs and keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from checker.source.symbols import is_mark


@dataclass(frozen=True, slots=True)
class Assumption:
    """One thing taken for granted; `source` is a rule of the semantics or a page of AWS."""

    id: str
    grade: str  # "A", "B" or "C"
    says: str
    source: str


ACTION_SHAPE: Final = "action-shape"
RESOURCE_SHAPE: Final = "resource-shape"
ALWAYS_PRESENT: Final = "always-present"
PRINCIPAL_KEYS: Final = "principal-keys"
SIGNED_KEYS: Final = "signed-keys"
BOOL_DOMAIN: Final = "bool-domain"
ONE_CLOCK: Final = "one-clock"
ENDPOINT_HIDES_IP: Final = "endpoint-hides-ip"
NAME_CHARACTERS: Final = "name-characters"
CALLER_KINDS: Final = "caller-kinds"
ROLE_PATH: Final = "role-path"
SERVICE_NAME: Final = "service-name"
ARN_KEYS: Final = "arn-keys"
OWN_ACCOUNT: Final = "own-account"
ONE_VALUE: Final = "one-value"
TYPED_VALUES: Final = "typed-values"
REFERENCES: Final = "references"

ASSUMPTIONS: Final = (
    Assumption(
        ACTION_SHAPE,
        "A",
        "an action is a service prefix, a colon and a name, of letters, digits, `-` and `_`",
        "A4; service authorization reference",
    ),
    Assumption(
        RESOURCE_SHAPE,
        "A",
        "a resource is `*` or an ARN of six fields whose partition, service and last field are not "
        "empty (a service's own form only where a policy uses one)",
        "R3, R7, R8; service authorization reference",
    ),
    Assumption(
        ALWAYS_PRESENT,
        "A",
        "aws:PrincipalAccount, aws:PrincipalType, aws:userid, aws:CurrentTime, aws:EpochTime, "
        "aws:SecureTransport, aws:RequestedRegion, aws:UserAgent and aws:ViaAWSService are in "
        "every request",
        "K1",
    ),
    Assumption(
        PRINCIPAL_KEYS,
        "A",
        "aws:PrincipalArn, aws:PrincipalAccount, aws:PrincipalType and aws:username say who the "
        "caller is; of a role session aws:PrincipalArn is the role",
        "K2",
    ),
    Assumption(
        SIGNED_KEYS,
        "A",
        "an anonymous request carries no aws:PrincipalArn, aws:PrincipalOrgID, "
        "aws:PrincipalOrgPaths, aws:PrincipalTag, aws:username",
        "K2",
    ),
    Assumption(
        BOOL_DOMAIN,
        "A",
        "a key of type Bool that is present is `true` or `false`; one of type Numeric, Date or "
        "IPAddress is a number, a date, an address",
        "C13, C16, K7",
    ),
    Assumption(
        ONE_CLOCK, "A", "aws:CurrentTime and aws:EpochTime are one instant, not before 1970", "K1"
    ),
    Assumption(
        ENDPOINT_HIDES_IP,
        "A",
        "a request through a VPC endpoint (aws:SourceVpce) carries no aws:SourceIp",
        "K4",
    ),
    Assumption(
        NAME_CHARACTERS,
        "A",
        "user names, session names, source identities, tags of principals, regions and the ids of "
        "accounts, organisations, networks and principals hold no `*`, `?`, `$`, `{` or `}`; a user "
        "name is not empty and holds no `/` or `:`",
        "K10; the patterns of the IAM and STS interfaces",
    ),
    Assumption(
        CALLER_KINDS,
        "A",
        "boundaries and session policies act on users, role sessions and federated users; SCPs, and "
        "identity policies as what is called so may be an SCP, on root users as well",
        "E3",
    ),
    Assumption(ONE_VALUE, "A", "a key that AWS lists as single-valued holds one value", "K7, V6"),
    Assumption(
        ROLE_PATH,
        "B",
        "a role that a principal names by ARN has the path of that ARN: two roles of one account "
        "cannot differ in path alone",
        "P4",
    ),
    Assumption(
        SERVICE_NAME,
        "B",
        "aws:PrincipalServiceName and aws:PrincipalIsAWSService say which service calls, and are "
        "there only when one does",
        "K2",
    ),
    Assumption(
        OWN_ACCOUNT,
        "B",
        "a service, or a bare federated caller of anything but a role, does not come from an account "
        "that a policy names",
        "K2",
    ),
    Assumption(ARN_KEYS, "B", "the value of a key of type ARN is an ARN of six fields", "C16, K7"),
    Assumption(
        TYPED_VALUES,
        "B",
        "a key of no known type that is only ever compared as a number, a date or an address "
        "holds one",
        "C16",
    ),
    Assumption(
        REFERENCES,
        "B",
        "what a template refers to and nobody knows offline (a parameter without a default, the "
        "name of a resource) holds no `*`, `?`, `$`, `{` or `}`, so it names no everyone; before "
        "the sixth field of an ARN it holds no `:`; a resource that begins with it begins with an "
        "ARN of the partition `aws`",
        "decision 0008",
    ),
)

DEFAULT: Final = frozenset(a.id for a in ASSUMPTIONS if a.grade in ("A", "B"))

ALWAYS_PRESENT_KEYS: Final = frozenset(
    {
        "aws:currenttime",
        "aws:epochtime",
        "aws:principalaccount",
        "aws:principaltype",
        "aws:requestedregion",
        "aws:securetransport",
        "aws:useragent",
        "aws:userid",
        "aws:viaawsservice",
    }
)


def is_always_there(key: str, assumed: frozenset[str]) -> bool:
    """Whether every request has the key; what a template leaves open always has a value."""
    return (key in ALWAYS_PRESENT_KEYS and ALWAYS_PRESENT in assumed) or is_mark(key)
