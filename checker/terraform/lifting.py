"""Choices: whatever is done to one is done to both of its sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from checker.source.tree import Scalar
from checker.span import Span
from checker.template.value import Absent, Choice, Items, Member, Premise, Record, Value
from checker.terraform.values import (
    Broken,
    Encoded,
    FailedError,
    Set,
    TooMuchError,
    canonical,
    named,
    unknown,
)

MOST_SIDES: Final = 64  # what a value may come to; more is not worked out
_Apply: TypeAlias = Callable[[tuple[Value, ...]], Value]


def lift(values: tuple[Value, ...], apply: _Apply, at: Span, *, deep: bool = False) -> Value:
    """Return what `apply` makes of the values, under each premise that they depend on.

    deep: also under those that only a part of a value depends on.
    """
    for each in values:  # most depend on none: no generator
        if first_premise(each, deep=deep):
            break
    else:
        return apply(values)
    left = [MOST_SIDES]

    def under(now: tuple[Value, ...]) -> Value:
        premise = next(filter(None, (first_premise(each, deep=deep) for each in now)), None)
        if premise is None:
            left[0] -= 1
            if left[0] < 0:
                raise TooManyError
            return _tried(apply, now, at) if now is not values else apply(now)
        sides = [
            under(tuple([assume(each, premise, truth=side) for each in now]))
            for side in (True, False)
        ]
        return choice(premise, sides[0], sides[1], at)

    try:
        return under(values)
    except TooManyError:
        return unknown(f"of({', '.join(map(canonical, values))})", at)


def _tried(apply: _Apply, values: tuple[Value, ...], at: Span) -> Value:
    """Return what `apply` makes of values that are so under a premise; a failure is a value too."""
    try:
        return apply(values)
    except TooMuchError:
        raise
    except FailedError as failed:
        return Broken(named(f"error({failed.problem})"), at, many=True)


class TooManyError(Exception):
    """A value depends on too many premises at once."""


def choice(premise: Premise, then: Value, other: Value, at: Span) -> Value:
    """Return one of two values; if they are the same, that one."""
    if then == other or (type(then) is type(other) and canonical(then) == canonical(other)):
        return then
    return Choice(premise, then, other, at)


def first_premise(value: Value, *, deep: bool) -> Premise | None:
    """Return a premise that a value depends on, if there is one."""
    if type(value) is Scalar:
        return None
    match value:
        case Choice(premise):
            return premise
        case Items(values) if deep:
            found = (first_premise(each, deep=True) for each in values)
            return next(filter(None, found), None)
        case Record(members) if deep:
            found = (first_premise(each.value, deep=True) for each in members)
            return next(filter(None, found), None)
        case Encoded(value=inner) if deep:
            return first_premise(inner, deep=True)
        case _:
            return None


def assume(value: Value, premise: Premise, *, truth: bool) -> Value:
    """Return a value where a premise is true, or where it is not."""
    match value:
        case Choice(own, then, other, span):
            side = _known(own, premise, truth=truth)
            if side is not None:
                return assume(then if side else other, premise, truth=truth)
            sides = [assume(each, premise, truth=truth) for each in (then, other)]
            return choice(own, sides[0], sides[1], span)
        case Items(values, span):
            kept = [assume(each, premise, truth=truth) for each in values]
            if all(new is old for new, old in zip(kept, values, strict=True)):
                return value
            there = tuple([each for each in kept if not isinstance(each, Absent)])
            return Set(there, span) if isinstance(value, Set) else Items(there, span)
        case Record(members, span):
            return _record(value, members, span, premise, truth=truth)
        case Encoded(pieces, span, inner):
            return Encoded(pieces, span, assume(inner, premise, truth=truth))
        case _:
            return value


def _record(
    record: Record, members: tuple[Member, ...], span: Span, premise: Premise, *, truth: bool
) -> Value:
    kept = [Member(each.name, assume(each.value, premise, truth=truth)) for each in members]
    if all(new.value is old.value for new, old in zip(kept, members, strict=True)):
        return record
    return Record(tuple([each for each in kept if not isinstance(each.value, Absent)]), span)


def _known(own: Premise, premise: Premise, *, truth: bool) -> bool | None:
    """Return whether a premise is true where another is; None if that does not tell."""
    if own == premise:
        return truth
    if truth and own.subject and own.subject == premise.subject and own.value != premise.value:
        return False
    return None


def where_present(item: Value, apply: Callable[[Value], Value]) -> Value:
    """Return what `apply` makes of an item, which stays absent where it is absent."""
    match item:
        case Absent():
            return item
        case Choice(premise, then, other, span) if may_be_absent(item):
            return choice(premise, where_present(then, apply), where_present(other, apply), span)
        case _:
            return apply(item)


def may_be_absent(value: Value) -> bool:
    """Whether a value is not there under some premise."""
    match value:
        case Absent():
            return True
        case Choice(_, then, other):
            return may_be_absent(then) or may_be_absent(other)
        case _:
            return False
