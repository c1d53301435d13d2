"""Constructs whose meaning AWS leaves open, and the reading that is chosen of each.

One `Switch` is one open question about one construct, shared by base and head: AWS reads the same
text the same way in both. The engine lets every switch float; the first choice of each ambiguity is
the default, by which witnesses are replayed and `evaluate` answers.
Source: iam-semantics 0.3 and the rules named beside each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, TypeAlias

from checker.policy.canonical import pattern_text
from checker.policy.model import (
    Comparison,
    Condition,
    Part,
    Pattern,
    PolicyType,
    Quantifier,
    Variable,
    Wildcard,
)


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
    )  # G9; global
    EMPTY_VALUES = (
        ("never", "always"),
        "what a condition on an empty list of values means",
    )  # G9; by key; plain positive operators without IfExists only
    EMPTY_NOT_ELEMENT = (
        ("everything", "nothing"),
        "what an empty NotAction or NotResource matches",
    )  # G9; by element: `NotAction`, `NotResource`
    SET_IF_EXISTS = (
        ("true", "false"),
        "whether ForAnyValue with IfExists holds when the key is absent",
    )  # C12; by key
    SET_NULL = (
        ("plain", "constant"),
        "what a set operator in front of Null means",
    )  # C12; by key; constant: ForAllValues:Null is true, ForAnyValue:Null is false
    PLAIN_ON_MULTIVALUED = (
        ("any", "never", "all"),
        "how an operator without ForAnyValue or ForAllValues reads a key of many values",
    )  # C15; by key
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
    )  # V2; by what stands before the sixth field
    SERVICE_WILDCARD = (
        ("glob", "nothing"),
        "whether a wildcard in the service part of an action matches",
    )  # A2; global
    ACTION_WITHOUT_COLON = (
        ("nothing", "glob"),
        "whether an action without a colon matches anything",
    )  # A2; global
    STAR_LIKE_RESOURCE = (
        ("no", "yes"),
        "whether a resource of nothing but wildcards covers actions that take no resource",
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
        choices: tuple[str, ...] = self.value[0]
        return choices

    @property
    def default(self) -> str:
        """The reading by which witnesses are replayed."""
        return self.choices[0]

    @property
    def question(self) -> str:
        """What is open, as half a sentence that starts with `whether`, `what`, `how` or `which`."""
        question: str = self.value[1]
        return question


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
    if not readings:
        return ambiguity.default
    return readings.get(Switch(ambiguity, construct), ambiguity.default)


# Which constructs are open, and what they are called. Both meanings, `evaluate` and `symbolic`, ask
# here, so that a switch is about the same text in both.


def resource_ambiguities(pattern: Pattern, policy_type: PolicyType) -> tuple[Ambiguity, ...]:
    """Return the open questions about a resource pattern, each with `pattern_construct`."""
    short = short_arn_ambiguity(pattern, policy_type)
    found = (
        (Ambiguity.VARIABLE_PLACE, has_early_variable(pattern)),
        (Ambiguity.STAR_LIKE_RESOURCE, is_star_like(pattern)),
    )
    return (*((short,) if short else ()), *(ambiguity for ambiguity, is_open in found if is_open))


def action_ambiguity(pattern: Pattern) -> Ambiguity | None:
    """Return the open question about an action pattern, if there is one."""
    if is_star(pattern) or not has_wildcard(pattern):
        return None
    for part in pattern.parts:
        if isinstance(part, Wildcard):
            break
        if isinstance(part, str) and ":" in part:
            return None
    has_colon = field_count(pattern) > 1
    return Ambiguity.SERVICE_WILDCARD if has_colon else Ambiguity.ACTION_WITHOUT_COLON


def short_arn_ambiguity(pattern: Pattern, policy_type: PolicyType) -> Ambiguity | None:
    """Return the open question about an ARN of too few fields; identity policies complete it."""
    if policy_type in (PolicyType.IDENTITY, PolicyType.BOUNDARY) or not is_short_arn(pattern):
        return None
    return Ambiguity.SHORT_ARN_WILD if has_wildcard(pattern) else Ambiguity.SHORT_ARN


def condition_ambiguity(condition: Condition, *, many: bool) -> Ambiguity | None:
    """Return the open question about a condition, with `condition_construct`.

    `many`: the key holds many values. The questions about single values are not among these.
    """
    operator = condition.operator
    if operator.quantifier is not None:
        if operator.comparison is Comparison.NULL:
            return Ambiguity.SET_NULL
        for_any = operator.quantifier is Quantifier.FOR_ANY_VALUE
        return Ambiguity.SET_IF_EXISTS if for_any and operator.if_exists else None
    if not condition.values and not operator.negated and not operator.if_exists:
        return Ambiguity.EMPTY_VALUES
    if many and operator.comparison is not Comparison.NULL:
        return Ambiguity.PLAIN_ON_MULTIVALUED
    return None


def is_star(pattern: Pattern) -> bool:
    """Return whether a pattern is the bare `*`."""
    return pattern.parts == (Wildcard.ANY_RUN,)


def is_star_like(pattern: Pattern) -> bool:
    """Return whether a resource pattern, not `*`, leaves everything open: `**`, `?*`, `arn:*`."""
    if is_star(pattern) or not has_wildcard(pattern):
        return False
    if any(isinstance(part, Variable) for part in pattern.parts):
        return False
    literal = "".join(part for part in pattern.parts if isinstance(part, str))
    return literal.removeprefix("arn").strip(":") == ""


def is_short_arn(pattern: Pattern) -> bool:
    """Return whether a resource pattern is an ARN of fewer than six fields, or all wildcards."""
    if is_star(pattern) or field_count(pattern) >= 6:
        return False
    first = pattern.parts[0] if pattern.parts else ""
    return (isinstance(first, str) and first.startswith("arn:")) or is_star_like(pattern)


def is_opaque_resource(pattern: Pattern) -> bool:
    """Return whether a resource is written in a service's own form, neither `*` nor an ARN."""
    return not is_star(pattern) and field_count(pattern) < 6 and not is_short_arn(pattern)


def is_arn_pattern(pattern: Pattern) -> bool:
    """Return whether a resource pattern is `*` or starts as an ARN, whatever its variables are."""
    first = pattern.parts[0] if pattern.parts else ""
    return is_star(pattern) or (isinstance(first, str) and first.startswith("arn:"))


def has_wildcard(pattern: Pattern) -> bool:
    """Return whether `*` or `?` stands in a pattern as a wildcard."""
    return any(isinstance(part, Wildcard) for part in pattern.parts)


def has_early_variable(pattern: Pattern) -> bool:
    """Return whether a variable stands before the sixth field of an ARN; a symbol is none."""
    colons = 0
    for part in pattern.parts:
        if isinstance(part, str):
            colons += part.count(":")
        elif isinstance(part, Variable) and colons < 5 and not part.is_symbol:
            return True
    return False


def field_count(pattern: Pattern) -> int:
    """Return the number of fields between colons; a colon inside a variable separates nothing."""
    return 1 + sum(part.count(":") for part in pattern.parts if isinstance(part, str))


def pattern_construct(pattern: Pattern, ambiguity: Ambiguity) -> str:
    """Return what a switch about a pattern is about: no more of it than the question is about.

    What else differs between two patterns, as where one is narrowed, is not read in two ways.
    """
    match ambiguity:
        case Ambiguity.SERVICE_WILDCARD | Ambiguity.ACTION_WITHOUT_COLON:
            return ""
        case Ambiguity.VARIABLE_PLACE:
            return pattern_text(replace(pattern, parts=tuple(_early_parts(pattern))))
        case _:
            return pattern_text(pattern)


def _early_parts(pattern: Pattern) -> Iterator[Part]:
    """Yield what stands before the sixth field of an ARN."""
    left = 5
    for part in pattern.parts:
        if isinstance(part, str):
            fields = part.split(":", left)
            left -= len(fields) - 1
            if not left:
                yield ":".join(fields[:-1])
                return
        yield part


def condition_construct(condition: Condition) -> str:
    """Return what a switch about a condition is about: the key, whatever it is compared with."""
    return condition.key
