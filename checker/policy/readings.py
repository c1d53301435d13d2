"""Constructs whose meaning AWS leaves open, and the reading that is chosen of each.

One `Switch` is one open question about one construct, shared by base and head: AWS reads the same
text the same way in both. The engine lets every switch float; the first choice of each ambiguity is
the default, by which witnesses are replayed and `evaluate` answers.
Source: iam-semantics 0.3 and the rules named beside each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias


class Ambiguity(Enum):
    """An open question: its name, its choices (the default first), and what it is about."""

    NP_MODE = (
        ("chain", "any", "exact"),
        "which callers an entry of NotPrincipal exempts",
    )  # P8, P9; global
    SHORT_ARN = (
        ("nothing", "completed"),
        "whether an ARN of fewer than six fields without a wildcard matches anything here",
    )  # R5; outside identity policies
    SHORT_ARN_WILD = (
        ("completed", "nothing"),
        "whether an ARN of fewer than six fields with a wildcard matches anything here",
    )  # R5; outside identity policies
    EMPTY_CONDITION = (
        ("no-restriction", "never"),
        "whether an empty Condition restricts nothing or makes the statement useless",
    )  # G9
    EMPTY_VALUES = (
        ("never", "always"),
        "what a condition on an empty list of values means",
    )  # G9; plain positive operators without IfExists only
    EMPTY_NOT_ELEMENT = (
        ("everything", "nothing"),
        "what an empty NotAction or NotResource matches",
    )  # G9
    SET_IF_EXISTS = (
        ("true", "false"),
        "whether ForAnyValue with IfExists holds when the key is absent",
    )  # C12
    SET_NULL = (
        ("plain", "constant"),
        "what a set operator in front of Null means",
    )  # C12; constant: ForAllValues:Null is true, ForAnyValue:Null is false
    PLAIN_ON_MULTIVALUED = (
        ("any", "never", "all"),
        "how an operator without ForAnyValue or ForAllValues reads a key of many values",
    )  # C15
    BAD_ARN_VALUE = (
        ("true", "false"),
        "whether a negated ARN operator holds for a value that is no ARN",
    )  # C16; global
    VARIABLE_WILDCARD = (
        ("literal", "wildcard"),
        "whether a `*` or `?` inside the value of a policy variable is a wildcard",
    )  # V5; by key
    BOOL_VARIABLE = (
        ("substituted", "literal"),
        "whether Bool substitutes policy variables",
    )  # V2; global
    UNRESOLVED_VARIABLE = (
        ("value", "statement"),
        "whether a variable without value voids the one entry or the whole statement",
    )  # V3; global
    VARIABLE_PLACE = (
        ("literal", "substituted"),
        "whether a policy variable before the sixth field of a resource ARN is one",
    )  # V2; by pattern
    SERVICE_WILDCARD = (
        ("glob", "nothing"),
        "whether a wildcard in the service part of an action matches",
    )  # A2; by pattern
    ACTION_WITHOUT_COLON = (
        ("nothing", "glob"),
        "whether an action without a colon matches anything",
    )  # A2; by pattern
    STAR_LIKE_RESOURCE = (
        ("no", "yes"),
        "whether a resource made only of wildcards, other than `*`, covers actions that take no "
        "resource",
    )  # R7; by pattern
    UNICODE_CASE = (
        ("ascii", "unicode"),
        "whether ignoring case goes beyond the letters A to Z",
    )  # C7; global
    DATE_YEAR = (
        ("year", "epoch"),
        "whether a date of four digits is a year or seconds since 1970",
    )  # C9; global

    @property
    def choices(self) -> tuple[str, ...]:
        """The readings, the default first."""
        return self.value[0]

    @property
    def default(self) -> str:
        """The reading by which witnesses are replayed."""
        return self.value[0][0]

    @property
    def question(self) -> str:
        """What is open, as half a sentence that starts with `whether`, `what`, `how` or `which`."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Switch:
    """An open question about one construct; `construct` is "" where AWS has one behaviour."""

    ambiguity: Ambiguity
    construct: str = ""


Readings: TypeAlias = Mapping[Switch, str]
"""The chosen reading of each switch; a switch that is not there has its default."""

DEFAULT_READINGS: Final[Readings] = {}


def chosen(readings: Readings, ambiguity: Ambiguity, construct: str = "") -> str:
    """Return the reading of a construct."""
    return readings.get(Switch(ambiguity, construct), ambiguity.default)
