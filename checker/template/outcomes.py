"""Every way in which values that depend on premises can be together, as far as it makes a difference.

A premise that is asked for under another one alone does not double the number of ways, and ways that
come to the same are one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from checker.template.value import Choice, Items, Member, Premise, Record, Value
from checker.template.worlds import MOST_WORLDS, TooManyWorldsError, World, meaning, premises

MOST_PREMISES: Final = 200  # with more, a single way through all of them takes too long
MOST_SPLITS: Final = 1000


@dataclass(frozen=True, slots=True)
class Outcome:
    """Values without choices, and the premises that are taken for true or false in them."""

    values: tuple[Value, ...]
    given: World

    def world(self, of: Sequence[Premise]) -> World:
        """Return all premises; those that make no difference are false."""
        return {premise: self._holds(premise) for premise in of}

    def _holds(self, premise: Premise) -> bool:
        told = (_told(premise, each, truth=holds) for each, holds in self.given.items())
        return next((holds for holds in told if holds is not None), False)


def outcomes(values: Sequence[Value]) -> tuple[Outcome, ...]:
    """Return every way that values can be together, those that come to the same as one.

    Errors: `TooManyWorldsError`.
    """
    asked = len(premises(values))
    if asked > MOST_PREMISES:
        raise TooManyWorldsError(asked)
    found: dict[object, Outcome] = {}
    waiting = [Outcome(tuple(values), {})]
    splits = 0
    while waiting:
        one = waiting.pop()
        premise = next((p for value in one.values if (p := _first(value))), None)
        if premise is None:
            found.setdefault(tuple([meaning(value) for value in one.values]), one)
        else:
            splits += 1
            waiting += (_under(one, premise, truth=False), _under(one, premise, truth=True))
        if len(found) > MOST_WORLDS or splits > MOST_SPLITS:
            raise TooManyWorldsError(asked)
    return tuple(found.values())


def _first(value: Value) -> Premise | None:
    match value:
        case Choice(premise):
            return premise
        case Items(values):
            return next((p for each in values if (p := _first(each))), None)
        case Record(members):
            return next((p for each in members if (p := _first(each.value))), None)
        case _:
            return None


def _under(one: Outcome, premise: Premise, *, truth: bool) -> Outcome:
    given: Mapping[Premise, bool] = {**one.given, premise: truth}
    return Outcome(tuple([_settled(each, premise, truth=truth) for each in one.values]), given)


def _settled(value: Value, premise: Premise, *, truth: bool) -> Value:
    """Return a value where a premise is true, or where it is not; as it is, if it has no say."""
    match value:
        case Choice(own, then, other, span):
            side = _told(own, premise, truth=truth)
            if side is not None:
                return _settled(then if side else other, premise, truth=truth)
            sides = [_settled(each, premise, truth=truth) for each in (then, other)]
            return Choice(own, sides[0], sides[1], span)
        case Items(values, span):
            kept = [_settled(each, premise, truth=truth) for each in values]
            if all(new is old for new, old in zip(kept, values, strict=True)):
                return value
            return Items(tuple(kept), span)
        case Record(members, span):
            inner = [_settled(each.value, premise, truth=truth) for each in members]
            if all(new is old.value for new, old in zip(inner, members, strict=True)):
                return value
            pairs = zip(members, inner, strict=True)
            return Record(tuple([Member(old.name, new) for old, new in pairs]), span)
        case _:
            return value


def _told(own: Premise, premise: Premise, *, truth: bool) -> bool | None:
    """Return whether a premise is true where another one is `truth`; None if that does not tell."""
    if own == premise:
        return truth
    if not own.subject or own.subject != premise.subject:
        return None
    if own.value == premise.value:
        return truth
    return False if truth else None
