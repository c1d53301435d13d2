"""Grants that are properties of a resource instead of a document: the policy they amount to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from checker.cloudformation.carriers import Grant
from checker.cloudformation.functions import may_be_absent
from checker.cloudformation.resolve import Resolver
from checker.cloudformation.template import Resource
from checker.cloudformation.texts import joined, lifted, plain
from checker.source.symbols import OWN_ACCOUNT, REGION
from checker.source.tree import Scalar
from checker.span import Span
from checker.template.value import (
    Absent,
    Choice,
    Items,
    Joined,
    Member,
    Record,
    Unknown,
    Value,
)

_CONDITION: Final = "Condition"
_PARTS: Final = ("Type", "Key", "Value")
_FIELD: Final = re.compile(r"\{(\w+)\}")
_SERVICE: Final = re.compile(r"[\w.-]+\.amazonaws\.com(?:\.cn)?").fullmatch


def policy_of(grant: Grant, resource: Resource, to: Resolver) -> Value:
    """Return the policy with one statement that a resource's properties amount to."""
    at = resource.properties.span if resource.properties is not None else resource.span
    names = (grant.principal, grant.action, grant.resource, *grant.conditions, _CONDITION)
    written = ((name, resource.get(name)) for name in names)
    values = {name: to.value(node) for name, node in written if node is not None}
    return _chosen(values, lambda known: _policy(grant, known, at, to))


def _chosen(values: Mapping[str, Value], build: Callable[[Mapping[str, Value]], Value]) -> Value:
    """Return what is built of values that are there; a choice where it depends on a premise."""
    for name, value in values.items():
        if isinstance(value, Choice) and (name == _CONDITION or may_be_absent(value)):
            then, other = (
                _chosen({**values, name: side}, build) for side in (value.then, value.other)
            )
            return Choice(value.premise, then, other, value.span)
    return build({name: each for name, each in values.items() if not isinstance(each, Absent)})


def _policy(grant: Grant, values: Mapping[str, Value], at: Span, to: Resolver) -> Value:
    """Return the policy of properties that are there."""
    members = [Member(Scalar("Effect", at), Scalar("Allow", at))]
    elements: list[tuple[str, Value | None]] = [
        ("Principal", _lifted(values.get(grant.principal), _principal)),
        ("Action", values.get(grant.action)),
        ("Resource", _lifted(_resource(grant, values, at), lambda each: _arn(each, grant, to))),
        ("Condition", _condition(grant, values, at)),
    ]
    members += [Member(Scalar(name, each.span), each) for name, each in elements if each]
    return policy_with(Record(tuple(members), at))


def _resource(grant: Grant, values: Mapping[str, Value], at: Span) -> Value | None:
    default = Scalar(grant.default, at) if grant.default else None
    return values.get(grant.resource, default)


def _lifted(value: Value | None, change: Callable[[Value], Value]) -> Value | None:
    return lifted(value, change) if value is not None else None


def policy_with(statement: Value) -> Value:
    """Return the policy that a statement stands for which is written without one around it."""
    at = statement.span
    version = Member(Scalar("Version", at), Scalar("2012-10-17", at))
    return Record((version, Member(Scalar("Statement", at), Items((statement,), at))), at)


def _principal(value: Value) -> Value:
    """Return a principal as a statement names it: a service, an account, an ARN or everyone."""
    text = plain(value)
    if text == "*" or isinstance(value, Absent):
        return value
    kind = "Service" if text and _SERVICE(text) else "AWS"
    return Record((Member(Scalar(kind, value.span), value),), value.span)


def _arn(value: Value, grant: Grant, to: Resolver) -> Value:
    """Return a resource as a statement names it; what is no ARN is a name."""
    if isinstance(value, Choice):
        return lifted(value, lambda each: _arn(each, grant, to))
    if not grant.arn or isinstance(value, Absent):
        return value
    first = value.pieces[0] if isinstance(value, Joined) else plain(value)
    if isinstance(first, str):
        is_name = not first.startswith("arn:")
    else:  # of what nobody knows, only a resource's own name is surely no ARN
        is_name = isinstance(value, Unknown) and value.expression in to.template.resources
    if not is_name:
        return value
    return joined(
        (_part(piece, index, value) for index, piece in enumerate(_FIELD.split(grant.arn))),
        value.span,
    )


def _part(piece: str, index: int, value: Value) -> Value:
    if index % 2 == 0:
        return Scalar(piece, value.span)
    if piece == "value":
        return value
    return Unknown(REGION if piece == "region" else OWN_ACCOUNT, value.span)


def _condition(grant: Grant, values: Mapping[str, Value], at: Span) -> Value | None:
    """Return the statement's condition, each operator once."""
    keys: dict[str, list[Member]] = {}
    for name, (operator, key) in grant.conditions.items():
        if name in values:
            member = Member(Scalar(key, values[name].span), values[name])
            keys.setdefault(operator, []).append(member)
    written = values.get(_CONDITION)
    if written is not None:  # of an event bus: one key, one operator, one value
        said = [written.get(name) for name in _PARTS] if isinstance(written, Record) else []
        known = [plain(each) for each in said[:2] if each is not None]
        if len(known) != 2 or known[0] is None or known[1] is None or said[2] is None:
            return written
        member = Member(Scalar(known[1], written.span), said[2])
        keys.setdefault(known[0], []).append(member)
    if not keys:
        return None
    operators = (
        Member(Scalar(operator, at), Record(tuple(members), members[0].value.span))
        for operator, members in keys.items()
    )
    return Record(tuple(operators), at)
