"""Terraform's operators."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Final

from checker.source.tree import Scalar
from checker.span import Span
from checker.template.value import Choice, Items, Joined, Premise, Record, Unknown, Value
from checker.terraform.access import equals
from checker.terraform.lifting import choice, lift
from checker.terraform.values import (
    Encoded,
    FailedError,
    canonical,
    decimal_of,
    first_broken,
    known_text,
    named,
    number,
    pieces_of,
    truth,
    unknown,
    whether,
)

_ARITHMETIC: Final[dict[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}
_ORDER: Final[dict[str, Callable[[Decimal, Decimal], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def boolean(value: Value) -> Value:
    """Return a value as a Boolean: a known one, or a choice of known ones."""
    match value:
        case Scalar(bool()):
            return value
        case Scalar("true" | "false" as word, span):
            return truth(word == "true", span)
        case Choice(premise, then, other, span):
            return choice(premise, boolean(then), boolean(other), span)
        case Unknown(expression, span):
            return whether(expression, span)
        case Joined(span=span):
            return whether(canonical(value), span)
        case _:
            raise FailedError("a Boolean should be here", value.span)


def operate(sign: str, values: tuple[Value, ...], at: Span) -> Value:
    """Return what an operator makes of its operands.

    Errors: `FailedError` for operands that it does not take.
    """
    if sign in ("&&", "||", "!"):
        booleans = tuple([boolean(each) for each in values])
        return lift(booleans, lambda known: _logic(sign, known, at), at)
    if sign in ("==", "!="):
        return lift(values, lambda known: _equal(known, at, negated=sign == "!="), at, deep=True)
    return lift(values, lambda known: _arithmetic(sign, known, at), at)


def _logic(sign: str, values: tuple[Value, ...], at: Span) -> Value:
    known = [isinstance(each, Scalar) and each.value is True for each in values]
    match sign:
        case "!":
            return truth(not known[0], at)
        case "&&":
            return truth(all(known), at)
        case _:
            return truth(any(known), at)


def _equal(values: tuple[Value, ...], at: Span, *, negated: bool) -> Value:
    left, right = values
    if broken := first_broken(values):
        return broken
    if canonical(left) == canonical(right):
        return truth(not negated, at)
    if _is_known(left) and _is_known(right):
        return truth(negated, at)
    if _is_known(left):
        left, right = right, left
    if _differ(left, right):
        return truth(negated, at)
    found = _premise(left, right)
    yes, no = truth(not negated, at), truth(negated, at)
    return choice(found, yes, no, at)


def _differ(left: Value, right: Value) -> bool:
    """Whether a text of which some is known is surely not another value: nothing, or other text."""
    if not isinstance(left, Joined):
        return False
    if isinstance(right, Items | Record) or (isinstance(right, Scalar) and right.value is None):
        return True
    pieces, other = pieces_of(left), known_text(right)
    if not pieces or other is None:
        return False
    known = ["" if isinstance(each, Unknown) else each for each in pieces]
    begins, ends = other.startswith(known[0]), other.endswith(known[-1])
    return not (begins and ends) or len(other) < sum(map(len, known))


def _premise(left: Value, right: Value) -> Premise:
    """Return the premise that two values are equal, of which the left one is not known."""
    asked = canonical(left)
    if isinstance(right, Scalar):
        if isinstance(right.value, bool):
            return Premise(named(f"{asked} == {str(right.value).lower()}"))
        if isinstance(right.value, str) and isinstance(left, Unknown | Joined):
            return equals(asked, right.value)
        return Premise(named(f"{asked} == {canonical(right)}"))
    first, second = sorted((asked, canonical(right)))
    return Premise(named(f"{first} == {second}"))


def _is_known(value: Value) -> bool:
    match value:
        case Scalar():
            return True
        case Items(values):
            return all(_is_known(each) for each in values)
        case Record(members):
            return all(_is_known(each.name) and _is_known(each.value) for each in members)
        case Encoded(value=inner):
            return _is_known(inner)
        case _:
            return known_text(value) is not None


def _arithmetic(sign: str, values: tuple[Value, ...], at: Span) -> Value:
    if broken := first_broken(values):
        return broken
    shown = [canonical(each) for each in values]
    expression = f"{sign}{shown[0]}" if len(shown) == 1 else f"{shown[0]} {sign} {shown[1]}"
    if any(isinstance(each, Unknown | Joined) and known_text(each) is None for each in values):
        if sign in _ORDER:
            return whether(expression, at)
        return unknown(expression, at, many=False)
    numbers = [decimal_of(each) for each in values]
    known = [each for each in numbers if each is not None]
    if len(known) < len(values):
        raise FailedError("a number should be here", at)
    try:
        return _number(sign, known, at)
    except DecimalException:
        raise FailedError(f"`{sign}` has no result here", at) from None


def _number(sign: str, known: list[Decimal], at: Span) -> Value:
    if len(known) == 1:
        return number(-known[0], at)
    if sign in _ORDER:
        return truth(_ORDER[sign](known[0], known[1]), at)
    return number(_ARITHMETIC[sign](known[0], known[1]), at)
