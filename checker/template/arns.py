"""Resources of a policy that are ARNs nobody can know offline."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from checker.source.tree import Scalar
from checker.template.value import (
    Choice,
    Items,
    Joined,
    Member,
    Record,
    Unknown,
    Value,
)

_Change: TypeAlias = Callable[[Value], Value]


def as_arn(of: Unknown) -> Joined:
    """Return an unknown ARN with the shape that every ARN has.

    So it lies inside `*` and inside `arn:aws:*`, and may lie inside any other pattern.
    """
    service, region, account, resource = (
        Unknown(f"{of.expression}#{part}", of.span)
        for part in ("service", "region", "account", "resource")
    )
    return Joined(("arn:aws:", service, ":", region, ":", account, ":", resource), of.span)


def with_arns(document: Value) -> Value:
    """Return a policy whose `Resource` items that begin with an unknown value are ARNs."""
    return _inside(document, "Statement", _statements)


def _inside(value: Value, name: str, change: _Change) -> Value:
    """Return an object with one member changed, under whichever premise."""
    match value:
        case Choice(premise, then, other, span):
            sides = (_inside(then, name, change), _inside(other, name, change))
            return Choice(premise, *sides, span)
        case Record(members, span):
            return Record(
                tuple(
                    Member(each.name, change(each.value)) if _is(each, name) else each
                    for each in members
                ),
                span,
            )
        case _:
            return value


def _statements(value: Value) -> Value:
    match value:
        case Choice(premise, then, other, span):
            return Choice(premise, _statements(then), _statements(other), span)
        case Items(values, span):
            return Items(tuple(_statements(each) for each in values), span)
        case _:
            return _inside(_inside(value, "Resource", _resources), "NotResource", _resources)


def _resources(value: Value) -> Value:
    match value:
        case Choice(premise, then, other, span):
            return Choice(premise, _resources(then), _resources(other), span)
        case Items(values, span):
            return Items(tuple(_resources(each) for each in values), span)
        case Unknown(many=False):
            return as_arn(value)
        case Joined((Unknown() as first, *rest), span):
            return Joined((*as_arn(first).pieces, *rest), span)
        case _:
            return value


def _is(member: Member, name: str) -> bool:
    return isinstance(member.name, Scalar) and member.name.value == name
