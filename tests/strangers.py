"""Strangers for tests: policies that name some callers, and requests of others."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, Final

from checker.policy.model import PolicyType, Request
from checker.policy.requests import parse_request

ME: Final = "123456789012"
_NAMED: Final = (
    "*",
    {"AWS": ME},
    {"AWS": f"arn:aws:iam::{ME}:role/R"},
    {"Service": "s3.amazonaws.com"},
    {"AWS": ["*", ME]},
    {"CanonicalUser": "79a5"},
)
_VALUES: Final[dict[str, tuple[str, ...]]] = {
    "aws:PrincipalAccount": (ME, "1234*"),
    "aws:PrincipalArn": (
        f"arn:aws:iam::{ME}:role/R",
        f"arn:aws:iam::{ME}:*",
        "arn:aws:iam::*:role/R",
    ),
    "aws:PrincipalOrgID": ("o-own", "o-*"),
    "aws:PrincipalOrgPaths": ("o-own/r-1/", "o-own/*", "*"),
    "aws:SourceVpce": ("vpce-1", "vpce-*"),
    "aws:SourceAccount": (ME, "*"),
    "aws:VpceAccount": (ME, "????????????"),
    "aws:VpceOrgPaths": ("o-own/r-1/", "o-*"),
    "aws:userid": ("AIDAOWN", "AROAOWN:*", "A*"),
    "kms:CallerAccount": (ME, "*"),
    "s3:DataAccessPointArn": (f"arn:aws:s3:*:{ME}:accesspoint/*", "arn:aws:s3:*:*:accesspoint/a"),
    "aws:SourceArn": ("arn:aws:s3:::b", f"arn:aws:sns:*:{ME}:*", "arn:aws:sns:*:*:t"),
    "aws:UserAgent": ("curl", "*"),
    "aws:SourceIp": (),
}
_BLOCKS: Final = (
    "192.0.2.0/24",
    "11.0.0.0/8",
    "0.0.0.0/0",
    "0.0.0.0/1",
    "2001:db8::/32",
    "10.0.0.0/8",
)
_FREE: Final[dict[str, tuple[Any, ...]]] = {
    "aws:PrincipalOrgID": ("o-theirs", "o-other"),
    "aws:PrincipalOrgPaths": (["o-theirs/r-1/"], ["o-theirs/r-1/", "o-other/r-2/"]),
    "aws:SourceVpce": ("vpce-2", "vpce-x"),
    "aws:SourceAccount": ("999999999999",),
    "aws:VpceAccount": ("999999999999",),
    "aws:VpceOrgPaths": (["o-theirs/r-1/"],),
    "aws:userid": ("AIDATHEIRS", "AROATHEIRS:s"),
    "kms:CallerAccount": ("999999999999",),
    "s3:DataAccessPointArn": ("arn:aws:s3:us-east-1:999999999999:accesspoint/a",),
    "aws:SourceIp": ("203.0.113.9", "8.8.8.8", "2001:4860::8888"),
    "aws:SourceArn": ("arn:aws:s3:::c", "arn:aws:sns:us-east-1:999999999999:t"),
    "aws:UserAgent": ("curl", "x"),
    "aws:SecureTransport": ("true", "false"),
}
_THEIRS: Final = (
    ("*", None),
    ("arn:aws:iam::999999999999:user/mallory", "arn:aws:iam::999999999999:user/mallory"),
    ("arn:aws:iam::999999999999:root", "arn:aws:iam::999999999999:root"),
    ("arn:aws:sts::444455556666:assumed-role/R/s", "arn:aws:iam::444455556666:role/R"),
)


def fitting(statements: Sequence[Any], policy_type: PolicyType) -> list[Any]:
    """Return the statements; those about roles name no resource."""
    if policy_type is not PolicyType.TRUST:
        return list(statements)
    return [{k: v for k, v in s.items() if k != "Resource"} for s in statements]


def document(random: Random) -> dict[str, Any]:
    """Return a resource policy that may or may not be public."""
    count = 1 + random.randrange(3)
    statements = [
        statement(random, random.choice(("Allow", "Allow", "Deny"))) for _ in range(count)
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def statement(random: Random, effect: str) -> dict[str, Any]:
    """Return a statement about some callers under some conditions."""
    element = "NotPrincipal" if effect == "Deny" and random.random() < 0.2 else "Principal"
    principal = random.choice(_NAMED if element == "Principal" else _NAMED[1:3])
    found: dict[str, Any] = {
        "Effect": effect,
        element: principal,
        "Action": random.choice(("s3:GetObject", "s3:*", "s3:Put*")),
        "Resource": random.choice(("*", "arn:aws:s3:::b/*")),
    }
    conditions: dict[str, Any] = {}
    for _ in range(random.randrange(3)):
        operator, key, value = _condition(random)
        conditions.setdefault(operator, {})[key] = value
    return {**found, "Condition": conditions} if conditions else found


def _condition(random: Random) -> tuple[str, str, Any]:
    key = random.choice(tuple(_VALUES))
    if random.random() < 0.1:
        return "Null", key, random.choice(("true", "false"))
    negated = random.choice(("", "Not"))
    if key == "aws:SourceIp":
        return (
            f"{negated}IpAddress{random.choice(('', 'IfExists'))}",
            key,
            random.sample(_BLOCKS, 1 + random.randrange(2)),
        )
    comparison = random.choice(("Like", "Equals"))
    kind = "Arn" if key.endswith("Arn") and random.random() < 0.5 else "String"
    head = random.choice(("ForAnyValue:", "ForAllValues:")) if key.endswith("Paths") else ""
    tail = "" if head else random.choice(("", "IfExists"))
    return (
        f"{head}{kind}{negated}{comparison}{tail}",
        key,
        random.sample(_VALUES[key], 1 + random.randrange(2)),
    )


def request(random: Random) -> Request:
    """Return a request of a caller whom none of the documents names."""
    principal, arn = random.choice(_THEIRS)
    context: dict[str, Any] = {"aws:PrincipalAccount": "anonymous"}
    if arn:
        context = {"aws:PrincipalAccount": arn.split(":")[4], "aws:PrincipalArn": arn}
    for key, values in _FREE.items():
        unsigned = not arn and key.startswith("aws:PrincipalOrg")
        if key in ("aws:UserAgent", "aws:userid") or (not unsigned and random.random() < 0.6):
            context[key] = random.choice(values)
    if "aws:SourceVpce" in context:
        context.pop("aws:SourceIp", None)
    return parse_request(
        {
            "principal": principal,
            "action": random.choice(("s3:GetObject", "s3:PutObject")),
            "resource": random.choice(("arn:aws:s3:::b/k", "arn:aws:s3:::c/k")),
            "context": context,
        }
    )
