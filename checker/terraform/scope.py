"""What the names in an expression stand for, and how much work there may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from checker.source.places import quoted
from checker.source.tree import Number, Scalar
from checker.span import Span
from checker.template.value import Value
from checker.terraform.values import FailedError, TooMuchError

DEEPEST: Final = 40  # references inside each other
MOST_WORK: Final = 400_000  # expressions of one module and all that it calls


@dataclass(slots=True)
class Budget:
    """What is left of the work for one module."""

    left: int = MOST_WORK
    depth: int = 0

    @contextmanager
    def deeper(self, at: Span) -> Iterator[None]:
        """Follow a reference.

        Errors: `TooMuchError` for references too far inside each other.
        """
        if self.depth >= DEEPEST:
            raise TooMuchError(f"more than {DEEPEST} references inside each other", at)
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    def spend(self, at: Span) -> None:
        """Take one step."""
        self.left -= 1
        if self.left < 0:
            raise TooMuchError("more work than is done for one module", at)


class Resolver(Protocol):
    """A module, as an expression in it sees it."""

    def reference(self, root: str, steps: Sequence[Value], scope: Scope, at: Span) -> Found:
        """Return what a reference stands for, and how many of its steps that took."""
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

    def binding(self, names: Mapping[str, Value]) -> Scope:
        """Return a scope with more names."""
        return replace(self, names={**self.names, **names})


def key_text(key: Value) -> str | None:
    """Return the text of a known key."""
    match key:
        case Scalar(str(known)):
            return known
        case Scalar(Number(written)):
            return written
        case _:
            return None


def missing(what: str, at: Span) -> FailedError:
    """Return the failure of a name that is not there."""
    return FailedError(f"{quoted(what)} is not there", at)
