"""What a function is, and how one takes its arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from checker.source.tree import Scalar
from checker.span import Span
from checker.template.value import Absent, Items, Unknown, Value
from checker.terraform.access import is_many
from checker.terraform.scope import Scope
from checker.terraform.syntax import Expression
from checker.terraform.values import FailedError, decimal_of, known_text, pieces_of

Evaluate: TypeAlias = Callable[[Expression, Scope], Value]
Make: TypeAlias = Callable[[tuple[Value, ...], Span], Value]


class NotKnownError(Exception):
    """The arguments are not known well enough; the result is an expression of them."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function.

    deep: its arguments must not hold choices anywhere, and not only not be choices.
    is_text: it gives one text, whatever it is given.
    """

    make: Make
    deep: bool = True
    is_text: bool = False


def one(values: tuple[Value, ...], index: int, at: Span) -> Value:
    """Return an argument.

    Errors: `FailedError` if it is missing.
    """
    if index >= len(values):
        raise FailedError("a function needs more arguments", at)
    return values[index]


def word(value: Value) -> str:
    """Return an argument that must be a text.

    Errors: `NotKnownError`, `FailedError`.
    """
    known = known_text(value)
    if known is None:
        if pieces_of(value) is None:
            raise FailedError("a text should be here", value.span)
        raise NotKnownError
    return known


def whole(value: Value) -> int:
    """Return an argument that must be a whole number."""
    if pieces_of(value) is not None and known_text(value) is None:
        raise NotKnownError
    found = decimal_of(value)
    if found is None or found != int(found) or abs(found) > 10**9:
        raise FailedError("a whole number should be here", value.span)
    return int(found)


def listed(value: Value) -> tuple[Value, ...]:
    """Return the items of an argument that must be a list."""
    match value:
        case Items(values):
            return values
        case Unknown():
            raise NotKnownError
        case _:
            raise FailedError("a list should be here", value.span)


def counted(value: Value) -> tuple[Value, ...]:
    """Return the items of a list of which it is known how many there are."""
    values = listed(value)
    if any(is_many(each) for each in values):
        raise NotKnownError
    return values


def is_nothing(value: Value) -> bool:
    """Whether a value is null."""
    return isinstance(value, Absent) or (isinstance(value, Scalar) and value.value is None)
