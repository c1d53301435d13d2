"""Policies over the whole language and requests about them, drawn so that things meet.

Everything is drawn through `Draw`, so that hypothesis can shrink what it finds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from checker.errors import PolicySyntaxError
from checker.policy.model import Policy, PolicyType, Statement
from checker.policy.parse import parse_policy
from checker.source.tree import from_python
from tests.drawing import Draw

Document: TypeAlias = dict[str, Any]

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
WHO = (
    *("aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:username"),
    *("aws:PrincipalServiceName", "aws:PrincipalIsAWSService", "aws:PrincipalTag/t"),
    *("aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:userid", "k:y"),
)
"""Keys that the caller decides, or that its values are compared with."""
STRING_OPERATORS = (
    *("StringEquals", "StringLike", "StringNotEquals", "StringNotLike"),
    *("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
)
ARN_OPERATORS = ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike")
_ORDERS = ("Equals", "LessThan", "GreaterThanEquals", "NotEquals", "LessThanEquals", "GreaterThan")
NUMERIC_OPERATORS = tuple(f"Numeric{order}" for order in _ORDERS)
DATE_OPERATORS = tuple(f"Date{order}" for order in _ORDERS)
IP_OPERATORS = ("IpAddress", "NotIpAddress")
FAMILIES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
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
OF_KEY: Mapping[str, tuple[str, ...]] = {
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


def document(
    draw: Draw, policy_type: PolicyType, most: int = 3, keys: Sequence[str] = KEYS
) -> Document:
    """Return a document that is valid for its type."""
    count = 1 + draw.below(most)
    found: Document = {
        "Statement": [statement_document(draw, policy_type, keys) for _ in range(count)]
    }
    version = draw.one(("2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17", None))
    if version:
        found["Version"] = version
    return found


def parsed(found: Document, policy_type: PolicyType) -> Policy | None:
    """Return the policy that a document is; None where it drew what IAM refuses."""
    try:
        return parse_policy(from_python(found), policy_type)
    except PolicySyntaxError:
        return None


def statement(draw: Draw, policy_type: PolicyType) -> Statement | None:
    """Return one statement; None where it drew what IAM refuses."""
    found = parsed(
        {"Version": "2012-10-17", "Statement": statement_document(draw, policy_type)}, policy_type
    )
    return found.statements[0] if found else None


def statement_document(draw: Draw, policy_type: PolicyType, keys: Sequence[str] = KEYS) -> Document:
    if policy_type is PolicyType.RCP:
        return _control_statement(draw, keys)
    found: Document = {"Effect": draw.one(("Allow", "Allow", "Deny"))}
    if policy_type.has_principals:
        negated = policy_type is not PolicyType.TRUST and draw.chance(20)
        found["NotPrincipal" if negated else "Principal"] = principal(
            draw, policy_type, negated=negated
        )
    found["NotAction" if draw.chance(15) else "Action"] = _several(draw, ACTIONS, 2)
    if policy_type is not PolicyType.TRUST and not (
        policy_type is PolicyType.RESOURCE and draw.chance(10)
    ):
        name = "NotResource" if draw.chance(15) else "Resource"
        found[name] = _several(draw, _resources(policy_type), 2)
    if draw.chance(60):
        found["Condition"] = condition(draw, keys)
    return found


def _resources(policy_type: PolicyType) -> tuple[str, ...]:
    if policy_type in (PolicyType.RESOURCE, PolicyType.VPC_ENDPOINT):
        return (*RESOURCES, *OWN_FORMS)
    arns = tuple(r for r in RESOURCES if r == "*" or r.startswith("arn:"))
    if policy_type is PolicyType.SESSION:
        return tuple(r for r in arns if r == "*" or r.count(":") >= 5)
    return arns


def _control_statement(draw: Draw, keys: Sequence[str]) -> Document:
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
        found["Condition"] = condition(draw, keys)
    return found


def _several(draw: Draw, options: Sequence[str], most: int) -> Any:
    if draw.chance(3):
        return []
    found = draw.some(options, most)
    return found[0] if len(found) == 1 else found


def principal(draw: Draw, policy_type: PolicyType, *, negated: bool) -> Any:
    """Return a Principal or NotPrincipal element."""
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


def condition(draw: Draw, keys: Sequence[str] = KEYS) -> Document:
    """Return a condition block."""
    if draw.chance(3):
        return draw.one(({}, {"StringEquals": {}}))
    block: Document = {}
    for _ in range(1 + draw.below(2)):
        key = draw.one(keys)
        operator, values = _test_of(draw, key)
        tests = block.setdefault(operator, {})
        if key.lower() not in {known.lower() for known in tests}:
            tests[key] = values
    return block


def _test_of(draw: Draw, key: str) -> tuple[str, Any]:
    if draw.chance(12):
        prefix = draw.one(("", "", "ForAllValues:", "ForAnyValue:"))
        return f"{prefix}Null", draw.one(("true", "false", ["true", "false"]))
    operators, options = FAMILIES[draw.one(OF_KEY.get(key.lower(), ("text",)))]
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
