"""Policies over the whole language and requests about them, drawn so that things meet.

Everything is drawn through `Draw`, so that hypothesis can shrink what it finds and a long run can
use plain random numbers, which are a hundred times faster.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, TypeAlias, TypeVar

from hypothesis import strategies as st

from checker.errors import PolicySyntaxError
from checker.policy.model import Policy, PolicyType, Statement
from checker.policy.parse import parse_policy
from checker.source.tree import from_python

T = TypeVar("T")
Document: TypeAlias = dict[str, Any]


class Draw:
    """Choices made by hypothesis or by a random generator."""

    def __init__(self, choose: Callable[[int], int]) -> None:
        self._choose = choose

    def below(self, bound: int) -> int:
        """Return a number from 0 to `bound`, which is left out; 0 is the plainest."""
        return self._choose(bound)

    def one(self, options: Sequence[T]) -> T:
        """Return one of the options; the first is the plainest."""
        return options[self._choose(len(options))]

    def chance(self, percent: int) -> bool:
        """Return whether something happens that is not plain."""
        return self._choose(100) >= 100 - percent

    def some(self, options: Sequence[T], most: int, least: int = 1) -> list[T]:
        """Return a few of the options."""
        return [self.one(options) for _ in range(least + self._choose(most - least + 1))]


def randomly(seed: int) -> Draw:
    """Return choices of a random generator."""
    return Draw(Random(seed).randrange)  # noqa: S311


@st.composite
def draws(draw: st.DrawFn) -> Draw:
    """Return choices of hypothesis."""
    return Draw(lambda bound: draw(st.integers(0, bound - 1)))


ACTIONS = (
    *("s3:GetObject", "s3:PutObject", "s3:Get*", "s3:*", "*", "iam:PassRole", "s3:?etObject"),
    *("S3:getobject*", "s3:*Object", "iam:*Role", "sts:AssumeRole", "s3:G*t*t"),
    *("*:Get*", "s?:PutObject", "s3", "s3*", "s3: GetObject", "**", "s3:Get Object", "*:*"),
)
RESOURCES = (
    *("*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b*", "arn:aws:s3:::b/k"),
    *("arn:aws:s3:::*", "arn:aws:s3:::b/k?", "arn:*:s3:*:*:b/k", "arn:aws:s3:::*/k"),
    *("arn:aws:sqs:*:111122223333:q", "arn:aws:sqs:us-*:1*:q*", "arn:aws:s3:::b:c/*"),
    *("arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/${aws:username}/*"),
    *("arn:aws:s3:::b/${k:x, 'k'}", "arn:aws:s3:::${k:x}/${k:y}", "arn:aws:s3:::b/${k:x}*"),
    *("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/${$}{k}", "arn:aws:s3:::*${aws:PrincipalTag/t}*"),
    *("arn:aws:s3:::b/?${k:x}", "arn:aws:s3:::${aws:TagKeys}", "arn:aws:s3:::${k:x, 'b*'}/*"),
    *(
        "arn:aws:s3:${k:x}::b",
        "arn:aws:s3:${k:x, 'a:b'}:*:b",
        "arn:aws:sqs:*:${aws:PrincipalAccount}:q",
    ),
    *("arn:aws:sqs", "arn:aws:sq*", "arn:*", "**", "?*", "*:*", "arn:aws:s3:::", "arn::::::b"),
    *("arn:aws:s3:::${aws:referer}", "arn:aws:s3:::b/é*", "arn:aws:s3:::b/${aws:PrincipalArn}"),
)
OWN_FORMS = (
    "b/k",
    "b/*",
    "execute-api:/*/GET/p",
    "a:b:c:d:e:f",
    "*:b:c:d:e:*",
    "a?n:aws:s3:::b",
    "${k:x}/k",
)
ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
ENTRIES: Mapping[str, tuple[str, ...]] = {
    "AWS": (
        *(ACCOUNT, "*", f"arn:aws:iam::{ACCOUNT}:user/alice", f"arn:aws:iam::{ACCOUNT}:role/R"),
        *(f"arn:aws:iam::{ACCOUNT}:role/p/R", f"arn:aws:sts::{ACCOUNT}:assumed-role/R/s"),
        *(f"arn:aws:sts::{ACCOUNT}:assumed-role/R/t", f"arn:aws:iam::{OTHER_ACCOUNT}:root"),
        *(f"arn:aws:sts::{ACCOUNT}:federated-user/f", f"arn:aws:iam::{ACCOUNT}:user/p/alice"),
        *(
            f"arn:aws-cn:iam::{ACCOUNT}:role/R",
            "AIDAEXAMPLEID1234567",
            f"arn:aws:iam::{ACCOUNT}:role/Q",
        ),
    ),
    "Service": ("lambda.amazonaws.com", "s3.amazonaws.com", "*"),
    "Federated": ("accounts.google.com", f"arn:aws:iam::{ACCOUNT}:saml-provider/p", "*"),
    "CanonicalUser": ("79a59df900b949e5", "0" * 64),
}
TEXTS = (
    *("a", "b", "A", "ab", "a*", "*b", "?", "", "*", "a?c", "k", "${aws:username}", "b/k"),
    *(
        "${k:y}",
        "${k:y, 'a'}",
        "a${k:y}*",
        "a${*}",
        "${k:y, 'A*'}",
        "*${k:x}",
        "é",
        "É",
        "${aws:TagKeys}",
    ),
    *("1", "5", "10", "2026-01-01", "10.0.0.1", "true", "${aws:PrincipalTag/t}b", "${k:x}${k:y}"),
)
ARNS = (
    *(
        "arn:aws:s3:::b",
        "arn:aws:s3:::*",
        "arn:*:s3:*:*:b*",
        "arn:aws:sqs:us-east-1:111122223333:q",
    ),
    *(
        "arn:aws:s3:::b:c",
        "arn:aws:s3:::${k:y}",
        "arn:aws:${k:y}",
        "a*:aws:s3:::b",
        "arn:aws:s3:::?",
    ),
    *(
        "arn:aws:${k:y, 's3:::b'}",
        "*:*:*:*:*:*",
        "b:aws:s3:::b",
        "arn:aws:s3:*:${aws:PrincipalAccount}:*",
    ),
)
CALLER_ARNS = (
    *(
        f"arn:aws:iam::{ACCOUNT}:role/R",
        f"arn:aws:iam::{ACCOUNT}:role/p/R",
        f"arn:aws:iam::{ACCOUNT}:user/alice",
    ),
    *(f"arn:aws:iam::{ACCOUNT}:*", "arn:aws:iam::*:role/*", f"arn:*:iam::{ACCOUNT}:role/*", "*"),
    *(f"arn:aws:iam::{ACCOUNT}:user/*", f"arn:aws:iam::{OTHER_ACCOUNT}:root", "arn:aws:iam::*:*/R"),
    *(f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}", f"arn:aws:iam::{ACCOUNT}:role/?"),
)
ACCOUNTS = (ACCOUNT, OTHER_ACCOUNT, "1*", "*", "anonymous", "${k:y}", "1111????3333", "")
NUMBERS = ("5", "10", "5.5", "-1", "0", "5.0", "100")
DATES = (
    "2026-01-01",
    "2026-01-01T00:00:00Z",
    "2025",
    "1767225600",
    "2026-01-01T02:00:00+02:00",
    "2027-06",
)
BLOCKS = (
    "10.0.0.0/8",
    "10.0.0.1",
    "10.0.0.0/31",
    "0.0.0.0/0",
    "2001:db8::/32",
    "::/0",
    "203.0.113.0/24",
)
BOOLS = ("true", "false", "True")
BYTES = ("YQ==", "YWI=", "")

KEYS = (
    *("k:x", "k:y", "k:z", "aws:username", "aws:PrincipalArn", "aws:PrincipalAccount"),
    *("aws:PrincipalType", "aws:PrincipalServiceName", "aws:PrincipalIsAWSService", "aws:TagKeys"),
    *(
        "aws:PrincipalOrgPaths",
        "aws:SourceIp",
        "aws:SourceVpce",
        "aws:CurrentTime",
        "aws:EpochTime",
    ),
    *("aws:SecureTransport", "aws:PrincipalTag/t", "aws:PrincipalOrgID", "aws:SourceArn"),
    *("aws:referer", "aws:MultiFactorAuthAge", "aws:userid", "aws:MultiFactorAuthPresent"),
    *(
        "aws:RequestedRegion",
        "AWS:USERNAME",
        "aws:SourceIdentity",
        "aws:ViaAWSService",
        "aws:PrincipalServiceNamesList",
    ),
)
STRING_OPERATORS = (
    *("StringEquals", "StringLike", "StringNotEquals", "StringNotLike"),
    *("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
)
ARN_OPERATORS = ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike")
_ORDERS = ("Equals", "LessThan", "GreaterThanEquals", "NotEquals", "LessThanEquals", "GreaterThan")
NUMERIC_OPERATORS = tuple(f"Numeric{order}" for order in _ORDERS)
DATE_OPERATORS = tuple(f"Date{order}" for order in _ORDERS)
IP_OPERATORS = ("IpAddress", "NotIpAddress")
_FAMILIES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "text": (STRING_OPERATORS, TEXTS),
    "arn": (ARN_OPERATORS, ARNS),
    "caller": (STRING_OPERATORS + ARN_OPERATORS, CALLER_ARNS),
    "account": (STRING_OPERATORS, ACCOUNTS),
    "number": (NUMERIC_OPERATORS, NUMBERS),
    "date": (DATE_OPERATORS, DATES),
    "address": (IP_OPERATORS, BLOCKS),
    "bool": (("Bool", *STRING_OPERATORS[:3]), BOOLS),
    "boolean": (("Bool",), (*BOOLS, "${k:y}", "${k:y, 'true'}")),
    "type": (STRING_OPERATORS, ("User", "AssumedRole", "Account", "A*", "Anonymous", "user")),
    "service": (STRING_OPERATORS, ("lambda.amazonaws.com", "s3.*", "*", "${k:y}")),
    "binary": (("BinaryEquals",), BYTES),
}
_OF_KEY: Mapping[str, tuple[str, ...]] = {
    "aws:principalarn": ("caller",),
    "aws:principalaccount": ("account",),
    "aws:principaltype": ("type",),
    "aws:principalservicename": ("service",),
    "aws:principalservicenameslist": ("service", "text"),
    "aws:principalisawsservice": ("bool",),
    "aws:securetransport": ("bool", "boolean"),
    "aws:viaawsservice": ("bool",),
    "aws:multifactorauthpresent": ("bool",),
    "aws:sourceip": ("address",),
    "aws:currenttime": ("date",),
    "aws:epochtime": ("date", "number"),
    "aws:sourcearn": ("arn",),
    "aws:multifactorauthage": ("number",),
    "k:x": ("text", "text", "arn"),
    "k:y": ("text", "boolean", "binary"),
    "k:z": ("number", "date", "address"),
}


def policy_types() -> tuple[PolicyType, ...]:
    """Return the types, the most telling first."""
    return (PolicyType.IDENTITY, PolicyType.RESOURCE, PolicyType.RESOURCE, *PolicyType)


def document(draw: Draw, policy_type: PolicyType, most: int = 3) -> Document:
    """Return a document that is valid for its type."""
    found: Document = {
        "Statement": [_statement(draw, policy_type) for _ in range(1 + draw.below(most))]
    }
    version = draw.one(("2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17", None))
    if version:
        found["Version"] = version
    return found


def changed(draw: Draw, of: Document, policy_type: PolicyType) -> Document:
    """Return another version of a document: most of it the same."""
    statements: list[Document] = list(of["Statement"])
    for _ in range(1 + draw.below(2)):
        place = draw.below(len(statements) + 1)
        change = draw.below(4)
        if change == 0 and place < len(statements):
            statements[place] = _edited(draw, statements[place], policy_type)
        elif change == 1 and place < len(statements):
            statements.pop(place)
        elif change == 2:
            statements.insert(place, _statement(draw, policy_type))
        else:
            statements = [*statements[1:], *statements[:1]]
    return {**of, "Statement": statements}


def close_versions(draw: Draw) -> tuple[Policy, Policy] | None:
    """Return two policies that differ in a key, an operator, a value or an entry here and there."""
    policy_type = draw.one(policy_types())
    before = document(draw, policy_type, most=2)
    statements = [_tweaked(draw, s) if draw.chance(70) else s for s in before["Statement"]]
    after = {**before, "Statement": statements}
    if draw.chance(15):
        after = changed(draw, after, policy_type)
    old, new = parsed(before, policy_type), parsed(after, policy_type)
    if old is None or new is None:
        return None
    return (new, old) if draw.chance(50) else (old, new)


def _tweaked(draw: Draw, statement: Document) -> Document:
    """Return the statement with one small thing changed."""
    found: Document = {**statement}
    names = [n for n in ("Action", "NotAction", "Resource", "NotResource") if n in found]
    block = found.get("Condition")
    if block and draw.chance(70):
        found["Condition"] = _tweaked_condition(draw, block)
        return found
    if draw.chance(10):
        found["Effect"] = "Deny" if found["Effect"] == "Allow" else "Allow"
    elif draw.chance(20) and "Condition" in found:
        del found["Condition"]
    elif draw.chance(20):
        found["Condition"] = condition(draw)
    else:
        name = draw.one(names)
        entries = _listed(found[name])
        options = ACTIONS if name.endswith("Action") else RESOURCES[:20]
        if len(entries) > 1 and draw.chance(40):
            entries.pop(draw.below(len(entries)))
        else:
            entries.insert(draw.below(len(entries) + 1), draw.one(options))
        found[name] = entries
    return found


def _tweaked_condition(draw: Draw, block: Document) -> Document:
    """Return the block with another key, operator or value in one place."""
    operators = list(block)
    if not operators:
        return condition(draw)
    operator = draw.one(operators)
    if not block[operator]:
        return condition(draw)
    key = draw.one(list(block[operator]))
    values = _listed(block[operator][key])
    kept = {
        o: {k: v for k, v in keys.items() if (o, k) != (operator, key)} for o, keys in block.items()
    }
    kept = {o: keys for o, keys in kept.items() if keys}
    match draw.below(4):
        case 0:
            key = draw.one(KEYS)
        case 1:
            operator = _other_operator(draw, operator)
        case 2 if len(values) > 1:
            values.pop(draw.below(len(values)))
        case _:
            family = _FAMILIES[draw.one(_OF_KEY.get(key.lower(), ("text",)))]
            values.append(draw.one(family[1]))
    kept.setdefault(operator, {})[key] = values
    return kept


def _other_operator(draw: Draw, operator: str) -> str:
    """Return an operator of the same kind: negated, with IfExists, a set operator, or not so."""
    head, _, name = operator.rpartition(":")
    tail = "IfExists" if name.endswith("IfExists") else ""
    name = name.removesuffix("IfExists")
    if name == "Null":
        return operator
    match draw.below(4):
        case 0:
            tail = "" if tail else "IfExists"
        case 1:
            head = draw.one(tuple(h for h in ("", "ForAnyValue", "ForAllValues") if h != head))
        case _:
            families = [f for f, _ in _FAMILIES.values() if name in f]
            name = draw.one(families[0])
    return f"{head}:{name}{tail}" if head else f"{name}{tail}"


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _edited(draw: Draw, statement: Document, policy_type: PolicyType) -> Document:
    """Return the statement with one of its elements taken from another one."""
    other = _statement(draw, policy_type)
    name = draw.one(("Action", "Resource", "Condition", "Principal"))
    names = (name, f"Not{name}")
    kept = {k: v for k, v in statement.items() if k not in names}
    taken = {k: v for k, v in other.items() if k in names}
    if policy_type is PolicyType.RCP:
        return other
    return {**kept, **taken}


def parsed(found: Document, policy_type: PolicyType) -> Policy | None:
    """Return the policy that a document is; None where it drew what IAM refuses."""
    try:
        return parse_policy(from_python(found), policy_type)
    except PolicySyntaxError:
        return None


def statement(draw: Draw, policy_type: PolicyType) -> Statement | None:
    """Return one statement; None where it drew what IAM refuses."""
    found = parsed(
        {"Version": "2012-10-17", "Statement": _statement(draw, policy_type)}, policy_type
    )
    return found.statements[0] if found else None


def versions(draw: Draw) -> tuple[Policy, Policy] | None:
    """Return two policies that have much in common."""
    policy_type = draw.one(policy_types())
    before = document(draw, policy_type)
    after = document(draw, policy_type) if draw.chance(25) else changed(draw, before, policy_type)
    old, new = parsed(before, policy_type), parsed(after, policy_type)
    if old is None or new is None:
        return None
    return (new, old) if draw.chance(50) else (old, new)


def _statement(draw: Draw, policy_type: PolicyType) -> Document:
    if policy_type is PolicyType.RCP:
        return _control_statement(draw)
    found: Document = {"Effect": draw.one(("Allow", "Allow", "Deny"))}
    if policy_type.has_principals:
        negated = policy_type is not PolicyType.TRUST and draw.chance(20)
        found["NotPrincipal" if negated else "Principal"] = _principal(
            draw, policy_type, negated=negated
        )
    found["NotAction" if draw.chance(15) else "Action"] = _several(draw, ACTIONS, 2)
    if policy_type is not PolicyType.TRUST and not (
        policy_type is PolicyType.RESOURCE and draw.chance(10)
    ):
        name = "NotResource" if draw.chance(15) else "Resource"
        found[name] = _several(draw, _resources(policy_type), 2)
    if draw.chance(60):
        found["Condition"] = condition(draw)
    return found


def _resources(policy_type: PolicyType) -> tuple[str, ...]:
    if policy_type in (PolicyType.RESOURCE, PolicyType.VPC_ENDPOINT):
        return (*RESOURCES, *OWN_FORMS)
    arns = tuple(r for r in RESOURCES if r == "*" or r.startswith("arn:"))
    if policy_type is PolicyType.SESSION:
        return tuple(r for r in arns if r == "*" or r.count(":") >= 5)
    return arns


def _control_statement(draw: Draw) -> Document:
    everything = {"Principal": "*", "Action": "*", "Resource": "*"}
    if draw.chance(40):
        return {"Effect": "Allow", **everything}
    found: Document = {
        "Effect": "Deny",
        **everything,
        "Action": draw.one(("s3:*", "s3:Get*", "sts:AssumeRole")),
    }
    found["NotResource" if draw.chance(15) else "Resource"] = _several(draw, RESOURCES[:30], 2)
    if draw.chance(60):
        found["Condition"] = condition(draw)
    return found


def _several(draw: Draw, options: Sequence[str], most: int) -> Any:
    if draw.chance(3):
        return []
    found = draw.some(options, most)
    return found[0] if len(found) == 1 else found


def _principal(draw: Draw, policy_type: PolicyType, *, negated: bool) -> Any:
    if draw.chance(25):
        return "*"
    kinds = ["AWS", "AWS", "Service"]
    if policy_type in (PolicyType.TRUST, PolicyType.RESOURCE):
        kinds.append("Federated")
    kinds.append("CanonicalUser")
    found: Document = {}
    for kind in draw.some(kinds, 2):
        options = tuple(e for e in ENTRIES[kind] if e != "*" or not negated or kind != "AWS")
        found[kind] = draw.some(options, 3)
    return found


def condition(draw: Draw) -> Document:
    """Return a condition block."""
    if draw.chance(3):
        return draw.one(({}, {"StringEquals": {}}))
    block: Document = {}
    for _ in range(1 + draw.below(2)):
        key = draw.one(KEYS)
        operator, values = _test_of(draw, key)
        keys = block.setdefault(operator, {})
        if key.lower() not in {known.lower() for known in keys}:
            keys[key] = values
    return block


def _test_of(draw: Draw, key: str) -> tuple[str, Any]:
    if draw.chance(12):
        prefix = draw.one(("", "", "ForAllValues:", "ForAnyValue:"))
        return f"{prefix}Null", draw.one(("true", "false", ["true", "false"]))
    operators, options = _FAMILIES[draw.one(_OF_KEY.get(key.lower(), ("text",)))]
    operator = draw.one(operators)
    if draw.chance(15):
        operator += "IfExists"
    if draw.chance(50 if key in ("aws:TagKeys", "aws:PrincipalOrgPaths") else 12):
        operator = draw.one(("ForAnyValue:", "ForAllValues:")) + operator
    if draw.chance(3):
        return operator, []
    if operator.removesuffix("IfExists").endswith("BinaryEquals"):
        return operator, draw.some(options, 2)
    return operator, draw.some(options, 2)
