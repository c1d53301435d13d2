"""What the names in an expression stand for, and how much work there may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, Self

from checker.source.places import quoted
from checker.source.tree import Number, Scalar
from checker.span import Span
from checker.template.value import Choice, Items, Joined, Record, Value
from checker.terraform.values import Encoded, FailedError, Repeated, TooMuchError

DEEPEST: Final = 40  # references inside each other
MOST_WORK: Final = 200_000  # expressions of one module and all that it calls
MOST_NODES: Final = 5_000_000  # in all values that are taken into others
LARGEST: Final = 50_000  # nodes of one value
UNKNOWN_PART: Final = "\0"
CHARACTERS: Final = 50  # of a text that weigh as much as a node


@dataclass(slots=True)
class Budget:
    """What is left of the work for one module."""

    left: int = MOST_WORK
    nodes: int = MOST_NODES
    depth: int = 0

    def deeper(self, at: Span) -> Self:
        """Follow a reference, within a `with`.

        Errors: `TooMuchError` for references too far inside each other.
        """
        if self.depth >= DEEPEST:
            raise TooMuchError(f"more than {DEEPEST} references inside each other", at)
        return self

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(self, *_: object) -> None:
        self.depth -= 1

    def take(self, size: int, at: Span) -> None:
        """Take a value of some size into another one."""
        self.nodes -= size
        if self.nodes < 0:
            raise TooMuchError("values larger than is worked out", at)

    def spend(self, at: Span) -> None:
        """Take one step."""
        self.left -= 1
        if self.left < 0:
            raise TooMuchError("more work than is done for one module", at)


def size_of(value: Value, at: Span) -> int:
    """Return how large a value is, written out.

    Errors: `TooMuchError` for one that is larger than any policy.
    """
    size = 0
    waiting: list[Value] = [value]
    while waiting:
        each = waiting.pop()
        size += 1
        match each:
            case Items(values):
                waiting += values
            case Record(members):
                waiting += (member.value for member in members)
            case Choice(_, then, other):
                waiting += (then, other)
            case Encoded(value=inner) | Repeated(value=inner):
                waiting.append(inner)
            case Scalar(str(text)):
                size += len(text) // CHARACTERS
            case Joined(pieces):
                size += sum(len(p) for p in pieces if isinstance(p, str)) // CHARACTERS
            case _:
                pass
        if size > LARGEST:
            raise TooMuchError("a value larger than is worked out", at)
    return size


class Resolver(Protocol):
    """A module, as an expression in it sees it."""

    def reference(self, root: str, steps: Sequence[Value], scope: Scope, at: Span) -> Found:
        """Return what a reference stands for, and how many of its steps that took."""
        ...

    def files_like(self, path: str) -> list[tuple[str, tuple[str, ...]]]:
        """Return the files whose path is like one with unknown parts, which are `UNKNOWN_PART`.

        Each with what stands in place of these parts.
        """
        ...

    def otherwise(self) -> Scope | None:
        """Return where what comes to nothing by a default may be something, if that is asked for."""
        ...

    def unset(self) -> Scope | None:
        """Return where the defaults of variables are not; None if none has been used."""
        ...

    def is_open(self) -> bool:
        """Note that a default decides something, and tell whether it is to be left open."""
        ...

    def read_beside(self, path: str) -> tuple[str, str] | None:
        """Return the path in the repository and the text of a file that a function names."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """The value of the first steps of a reference."""

    value: Value
    used: int


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands: its module, and the names that are bound around it."""

    module: Resolver
    budget: Budget
    names: Mapping[str, Value] = field(default_factory=dict)
    opens: bool = True  # what only a default decides, where that is asked for

    def binding(self, names: Mapping[str, Value]) -> Scope:
        """Return a scope with more names."""
        if not names:
            return self
        return Scope(self.module, self.budget, {**self.names, **names}, self.opens)

    def by_defaults(self) -> Scope:
        """Return the same scope, in which defaults decide."""
        return Scope(self.module, self.budget, self.names, opens=False)


def key_text(key: Value) -> str | None:
    """Return the text of a known key."""
    known = key.value if isinstance(key, Scalar) else None
    if isinstance(known, str):
        return known
    return known.text if isinstance(known, Number) else None


def missing(what: str, at: Span) -> FailedError:
    """Return the failure of a name that is not there."""
    return FailedError(f"{quoted(what)} is not there", at)
