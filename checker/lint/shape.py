"""Mistakes that show in how a statement or a document is written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from checker.findings import Severity
from checker.lint.diagnostic import Diagnostic
from checker.policy.model import (
    Comparison,
    Condition,
    Effect,
    Policy,
    PolicyType,
    PrincipalKind,
    Quantifier,
    Statement,
)
from checker.policy.parse_node import quoted
from checker.source.tree import Mapping, Node, Number, Scalar, Sequence

_SID: Final = re.compile("[A-Za-z0-9]*")
_ACCOUNT: Final = re.compile(r"\d{12}")

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html and
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
_QUOTAS: Final = {
    PolicyType.IDENTITY: (6144, "a managed policy"),
    PolicyType.BOUNDARY: (6144, "a permissions boundary"),
    PolicyType.TRUST: (2048, "a role trust policy, unless the quota is raised"),
    PolicyType.SCP: (5120, "a service control policy"),
    PolicyType.RCP: (5120, "a resource control policy"),
    PolicyType.SESSION: (2048, "a session policy"),
    PolicyType.RESOURCE: (20480, "a bucket policy; other resources take less"),
    PolicyType.VPC_ENDPOINT: (20480, "an endpoint policy"),
}


def sids(statement: Statement, policy: Policy) -> Iterator[Diagnostic]:
    """Yield what is wrong with the name of a statement."""
    sid = statement.sid
    if sid is None:
        return
    if not policy.type.has_principals and not _SID.fullmatch(sid):
        says = f"the Sid {quoted(sid)} has other characters than letters and digits"
        hint = "IAM refuses it"
        yield Diagnostic("sid", says, statement.span, sid, hint)
    if Counter(other.sid for other in policy.statements)[sid] > 1:
        says = f"two statements have the Sid {quoted(sid)}"
        yield Diagnostic("sid", says, statement.span, sid, "some services refuse it")


def principals(statement: Statement) -> Iterator[Diagnostic]:
    """Yield what a principal means that is easily taken for less."""
    element = statement.principals
    if element is None or statement.effect is Effect.DENY:
        return
    if element.negated:
        says = "an Allow with `NotPrincipal` is for everyone who is not listed, strangers included"
        hint = "list who is meant under `Principal`"
        yield Diagnostic("not-principal", says, element.span, "not-principal", hint)
        return
    for entry in element.entries:
        if entry.kind is PrincipalKind.ACCOUNT and _ACCOUNT.fullmatch(entry.text):
            says = f"{quoted(entry.text)} is the whole account: it decides who of it is allowed"
            hint = f"name roles, or write `arn:aws:iam::{entry.value}:root` as AWS stores it"
            yield Diagnostic(
                "bare-account", says, entry.span, entry.text, hint, severity=Severity.NOTE
            )


def empty_sets(statement: Statement) -> Iterator[Diagnostic]:
    """Yield the conditions of an Allow that hold when their key is not there at all."""
    if statement.effect is Effect.DENY:
        return
    for condition in statement.conditions:
        operator = condition.operator
        if operator.quantifier is not Quantifier.FOR_ALL_VALUES:
            continue
        if not any(_demands(other, condition.key) for other in statement.conditions):
            key = condition.key_text
            says = f"`ForAllValues` also holds of a request without {quoted(key)}"
            hint = f'add `"Null": {{"{key}": "false"}}`'
            yield Diagnostic("for-all-values", says, condition.span, condition.key, hint)


def _demands(condition: Condition, key: str) -> bool:
    """Whether a condition holds of no request without the key."""
    operator = condition.operator
    if condition.key != key or operator.if_exists:
        return False
    if operator.comparison is Comparison.NULL:
        return all(value.operand is False for value in condition.values)
    if operator.quantifier is None:
        return not operator.negated
    return operator.quantifier is Quantifier.FOR_ANY_VALUE


def size(node: Node, policy: Policy) -> Iterator[Diagnostic]:
    """Yield that a document is larger than AWS takes, blanks aside."""
    most, what = _QUOTAS[policy.type]
    length = _length(node)
    if length > most:
        says = f"the policy has {length} characters without blanks"
        hint = f"{most} is the most for {what}"
        yield Diagnostic("size", says, policy.span, "size", hint)


def _length(node: Node) -> int:
    """Return the length of a document as JSON without blanks between its parts."""
    match node:
        case Mapping(entries):
            return 1 + sum(_length(e.key) + _length(e.value) + 2 for e in entries) + (not entries)
        case Sequence(items):
            return 1 + sum(_length(item) + 1 for item in items) + (not items)
        case Scalar(str() as text):
            return 2 + len(text) + text.count('"') + text.count("\\")
        case Scalar(Number(text)):
            return len(text)
        case Scalar(value):
            return len("false") if value is False else len("true")  # as long as `null`
