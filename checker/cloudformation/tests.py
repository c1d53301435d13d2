"""Conditions: what is decided about them, and what only a premise decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from checker.cloudformation.texts import decides, spelled
from checker.cloudformation.trouble import Budget
from checker.source.tree import Scalar
from checker.span import Span
from checker.template.value import Choice, Premise, Unknown, Value

MOST_PREMISES: Final = 64  # in a row of one condition


@dataclass(frozen=True, slots=True)
class Decision:
    """A condition that is one condition if a premise is true, and another one if not."""

    premise: Premise
    then: Test
    other: Test


Test: TypeAlias = bool | Decision
_YES: Final = (True, False)


def either(premise: Premise, then: Test, other: Test) -> Test:
    """Return a decision, or what both of its sides are."""
    return then if then == other else Decision(premise, then, other)


def outcomes(test: Test) -> int:
    """Return in how many ways a condition is decided."""
    return 1 if isinstance(test, bool) else outcomes(test.then) + outcomes(test.other)


def negated(test: Test) -> Test:
    """Return the opposite of a condition."""
    if isinstance(test, bool):
        return not test
    return Decision(test.premise, negated(test.then), negated(test.other))


def both(one: Test, other: Test, budget: Budget) -> Test:
    """Return the condition that two conditions are together."""
    budget.spend()
    if isinstance(one, bool):
        return other if one else False
    then = both(one.then, assumed(other, one.premise, truth=True), budget)
    sure = assumed(other, one.premise, truth=False)
    return either(one.premise, then, both(one.other, sure, budget))


def any_of(one: Test, other: Test, budget: Budget) -> Test:
    """Return the condition that at least one of two conditions is."""
    return negated(both(negated(one), negated(other), budget))


def assumed(test: Test, premise: Premise, *, truth: bool) -> Test:
    """Return a condition as it is if a premise is true, or false."""
    if isinstance(test, bool):
        return test
    known = decides(premise, truth, test.premise)
    if known is not None:
        return assumed(test.then if known else test.other, premise, truth=truth)
    then = assumed(test.then, premise, truth=truth)
    return either(test.premise, then, assumed(test.other, premise, truth=truth))


def chosen(test: Test, then: Value, other: Value, span: Span) -> Value:
    """Return one value if a condition is true, another one if not."""
    if isinstance(test, bool):
        return then if test else other
    return Choice(
        test.premise,
        chosen(test.then, then, other, span),
        chosen(test.other, then, other, span),
        span,
    )


def equal(
    one: Value, other: Value, allowed: Callable[[str], tuple[Scalar, ...]], budget: Budget
) -> Test:
    """Return whether two values are the same text; `allowed` lists what an unknown one can be."""
    budget.spend()
    for first, second in ((one, other), (other, one)):
        if isinstance(first, Choice):
            then, no = (equal(side, second, allowed, budget) for side in (first.then, first.other))
            return either(first.premise, *_sides(first, then, no))
    texts = sorted((spelled(one), spelled(other)))
    if texts[0] == texts[1]:
        return True
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return False
    for first, second in ((one, other), (other, one)):
        if isinstance(first, Unknown) and isinstance(second, Scalar):
            subject = first.expression
            decided = _one_of(subject, allowed(subject), spelled(second))
            return Decision(is_text(subject, second), *_YES) if decided is None else decided
    return Decision(Premise(" = ".join(texts)), *_YES)


def _sides(choice: Choice, then: Test, other: Test) -> tuple[Test, Test]:
    return (
        assumed(then, choice.premise, truth=True),
        assumed(other, choice.premise, truth=False),
    )


def is_text(subject: str, text: Scalar) -> Premise:
    """Return the premise that an unknown value is a known text."""
    known = spelled(text)
    return Premise(f"{subject} = {known}", subject, known)


def _one_of(subject: str, allowed: tuple[Scalar, ...], wanted: str) -> Test | None:
    """Return whether a value out of a list is a text; None if the list decides nothing.

    The last one is what is left when it is none of the others, as in a search of a mapping.
    """
    if not 0 < len(allowed) <= MOST_PREMISES:
        return None
    ordered = sorted(allowed, key=spelled)
    found = next((each for each in ordered if spelled(each) == wanted), None)
    if found is None:
        return False
    if found is not ordered[-1]:
        return Decision(is_text(subject, found), *_YES)
    test: Test = True
    for each in reversed(ordered[:-1]):
        test = Decision(is_text(subject, each), then=False, other=test)
    return test
