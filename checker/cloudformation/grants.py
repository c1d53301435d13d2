"""Grants that are properties of a resource instead of a document: the policy they amount to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from checker.cloudformation.carriers import Grant
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

_Change: TypeAlias = Callable[[Value], Value]
_FIELD: Final = re.compile(r"\{(\w+)\}")
_SERVICE: Final = re.compile(r"[\w.-]+\.amazonaws\.com(?:\.cn)?").fullmatch


def policy_of(grant: Grant, resource: Resource, to: Resolver) -> Value:
    """Return the policy with one statement that a resource's properties amount to."""
    at = resource.properties.span if resource.properties is not None else resource.span
    members = [Member(Scalar("Effect", at), Scalar("Allow", at))]
    members += _property(grant.principal, "Principal", _principal, resource, to)
    members += _property(grant.action, "Action", lambda each: each, resource, to)

    def arn(value: Value) -> Value:
        return _arn(value, grant, to)

    named = list(_property(grant.resource, "Resource", arn, resource, to))
    if not named and grant.default:
        named = [Member(Scalar("Resource", at), _arn(Scalar(grant.default, at), grant, to))]
    members += named
    conditions = tuple(_conditions(grant, resource, to))
    if conditions:
        members.append(Member(Scalar("Condition", at), Record(conditions, at)))
    return policy_with(Record(tuple(members), at))


def policy_with(statement: Value) -> Value:
    """Return the policy that a statement stands for which is written without one around it."""
    at = statement.span
    version = Member(Scalar("Version", at), Scalar("2012-10-17", at))
    return Record((version, Member(Scalar("Statement", at), Items((statement,), at))), at)


def _property(
    name: str, element: str, change: _Change, resource: Resource, to: Resolver
) -> Iterator[Member]:
    """Yield an element of the statement, if its property is there."""
    node = resource.get(name)
    if node is not None:
        yield Member(Scalar(element, node.span), lifted(to.value(node), change))


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


def _conditions(grant: Grant, resource: Resource, to: Resolver) -> Iterator[Member]:
    """Yield the operators of the statement's condition, each once."""
    keys: dict[str, list[Member]] = {}
    spans: dict[str, Span] = {}
    for name, (operator, key) in grant.conditions.items():
        node = resource.get(name)
        if node is not None:
            keys.setdefault(operator, []).append(Member(Scalar(key, node.span), to.value(node)))
            spans.setdefault(operator, node.span)
    written = resource.get("Condition")
    if written is not None:  # of an event bus: one key, one operator, one value
        value = to.value(written)
        said = (
            [value.get(name) for name in ("Type", "Key", "Value")]
            if isinstance(value, Record)
            else []
        )
        if len(said) == 3 and said[0] and said[1] and said[2]:
            operator = plain(said[0]) or "Unknown"
            name_ = Scalar(plain(said[1]) or "unknown", said[1].span)
            keys.setdefault(operator, []).append(Member(name_, said[2]))
            spans.setdefault(operator, written.span)
    for operator, members in keys.items():
        yield Member(Scalar(operator, spans[operator]), Record(tuple(members), spans[operator]))
