"""The elementary facts about a request that a policy can ask for.

Each atom constrains one dimension of a request: the action, the resource, the caller, or one
context key. What is jointly possible among the atoms of a dimension is decided in `theory`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from checker.policy.model import CallerKind
from checker.policy.readings import Switch
from checker.symbolic.globs import Glob, Token


class Scale(StrEnum):
    """What an interval is an interval of."""

    NUMBER = "number"
    INSTANT = "instant"  # seconds since 1970, UTC
    ADDRESS = "address"  # IPv4 as 0 to 2^32-1; IPv6 from 2^32 on


@dataclass(frozen=True, slots=True)
class Interval:
    """The points between `low` and `high`; None is no bound on that side."""

    scale: Scale
    low: Fraction | None
    high: Fraction | None
    low_open: bool = False
    high_open: bool = False

    def has(self, point: Fraction) -> bool:
        """Whether `point` lies in the interval."""
        if self.low is not None and (point < self.low or (self.low_open and point == self.low)):
            return False
        return self.high is None or not (
            point > self.high or (self.high_open and point == self.high)
        )

    def covers(self, other: Interval) -> bool:
        """Whether every point of `other` lies in this interval."""
        if self.scale is not other.scale:
            return False
        low = self.low is None or (
            other.low is not None
            and (self.low, self.low_open) <= (other.low, other.low_open or self.low < other.low)
        )
        high = self.high is None or (
            other.high is not None
            and (
                self.high > other.high
                or (self.high == other.high and (other.high_open or not self.high_open))
            )
        )
        return low and high


@dataclass(frozen=True, slots=True)
class Hole:
    """The value of the context key `key`, inside a template.

    `folded`: case is ignored; `wild`: `*` and `?` in the value are wildcards; `confined`: it
    stands in a field of an ARN that holds no colon.
    """

    key: str
    folded: bool = False
    wild: bool = False
    confined: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A pattern with holes in it: it becomes a `Glob` once the keys have values.

    `by_field`: it is that of an ARN operator, cut into fields when the values are in.
    """

    tokens: tuple[Token | Hole, ...]
    by_field: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys whose values it takes, each once."""
        return tuple(dict.fromkeys(t.key for t in self.tokens if isinstance(t, Hole)))


Matcher: TypeAlias = Glob | Interval | Template


@dataclass(frozen=True, slots=True)
class ActionIn:
    """The action, in lower case, is a member."""

    of: Glob


@dataclass(frozen=True, slots=True)
class ResourceIn:
    """The resource is a member; a template's keys are present whenever this is asked."""

    of: Glob | Template


@dataclass(frozen=True, slots=True)
class CallerIn:
    """The caller is of this kind and its text (`callers.text_of`) is a member."""

    kind: CallerKind
    of: Glob


@dataclass(frozen=True, slots=True)
class HasBoundary:
    """The caller carries a permissions boundary."""


@dataclass(frozen=True, slots=True)
class Present:
    """The context key is in the request (with at least one value, if it holds many)."""

    key: str


@dataclass(frozen=True, slots=True)
class ValueIn:
    """The key is present and its one value is a member."""

    key: str
    of: Matcher


@dataclass(frozen=True, slots=True)
class SomeValue:
    """The key is present and some of its values matches some of `of` (none of them if `negated`)."""

    key: str
    of: tuple[Matcher, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class ReadingIs:
    """AWS reads an open construct in this way; the readings of a switch exclude each other."""

    switch: Switch
    choice: str


Atom: TypeAlias = (
    ActionIn | ResourceIn | CallerIn | HasBoundary | Present | ValueIn | SomeValue | ReadingIs
)
