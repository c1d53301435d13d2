"""What a pattern matches in one concrete request."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from checker.policy.keys import is_multivalued
from checker.policy.model import (
    ContextValue,
    Part,
    Pattern,
    PolicyType,
    Request,
    Variable,
    Wildcard,
)
from checker.policy.parse_pattern import parts as parts_of
from checker.policy.readings import (
    Ambiguity,
    Readings,
    chosen,
    has_early_variable,
    is_short_arn,
    is_star,
    is_star_like,
    pattern_construct,
    short_arn_ambiguity,
)

_ANY_RUN: Final = Wildcard.ANY_RUN
_FIELDS: Final = 6  # of an ARN; the last one may hold colons


def matches_resource(
    pattern: Pattern, request: Request, policy_type: PolicyType, readings: Readings
) -> bool:
    """Return whether an entry of `Resource` or `NotResource` matches the request's resource."""
    if is_star(pattern):
        return True
    if request.resource == "*":  # iam-semantics R7
        reading = _read(pattern, Ambiguity.STAR_LIKE_RESOURCE, readings)
        return is_star_like(pattern) and reading == "yes"
    first = pattern.parts[0] if pattern.parts else ""
    if isinstance(first, str) and not request.resource.startswith(first):
        return False  # true in each of the cases below, and most patterns end here
    place = _read(pattern, Ambiguity.VARIABLE_PLACE, readings)
    if place == "literal" and has_early_variable(pattern):
        return False  # `${` stands in a field where no ARN has it
    fields = _fields(pattern.parts)
    target = arn_fields(request.resource)
    if target is None:  # a service's own form (R8)
        return _matches(pattern.parts, request.resource, request, readings)
    if len(fields) < _FIELDS:
        short = short_arn_ambiguity(pattern, policy_type)
        if not is_short_arn(pattern) or (short and _read(pattern, short, readings) == "nothing"):
            return False
        fields += ((_ANY_RUN,),) * (_FIELDS - len(fields))
    return all(
        _matches(field, text, request, readings) for field, text in zip(fields, target, strict=True)
    )


def _read(pattern: Pattern, ambiguity: Ambiguity, readings: Readings) -> str:
    return chosen(readings, ambiguity, pattern_construct(pattern, ambiguity))


def _matches(parts: tuple[Part, ...], text: str, request: Request, readings: Readings) -> bool:
    found = resolved(parts, request, readings)
    return found is not None and glob(found, text)


def matches_arn(
    parts: tuple[Part, ...], arn: tuple[str, ...], request: Request, readings: Readings
) -> bool:
    """Return whether the pattern of an ARN condition matches the fields of `arn`.

    A variable may bring several fields, so it is resolved before the pattern is split.
    """
    found = resolved(parts, request, readings)
    if found is None:
        return False
    fields = _fields(found)
    return len(fields) == _FIELDS and all(
        glob(field, text) for field, text in zip(fields, arn, strict=True)
    )


def arn_fields(text: str) -> tuple[str, ...] | None:
    """Return the six fields of an ARN; None for a text that is none (iam-semantics C11)."""
    fields = text.split(":", _FIELDS - 1)
    return tuple(fields) if len(fields) == _FIELDS and fields[0] == "arn" else None


def resolved(
    parts: tuple[Part, ...], request: Request, readings: Readings, *, wildcards: bool = True
) -> tuple[Part, ...] | None:
    """Return the parts with the values of variables in place; None if one has no value (V3).

    `wildcards`: the comparison has wildcards at all, so that a value may bring some (V5).
    """
    found: list[Part] = []
    for part in parts:
        if not isinstance(part, Variable):
            found.append(part)
            continue
        value = _value(part, request.context.get(part.key))
        if value is None:
            return None
        if wildcards and chosen(readings, Ambiguity.VARIABLE_WILDCARD, part.key) == "wildcard":
            found.extend(parts_of(value, wildcards=True, variables=False))
        else:
            found.append(value)
    return tuple(found)


def _value(variable: Variable, value: ContextValue | None) -> str | None:
    """Return what stands for a variable; a key of many values has none to give (V6)."""
    if isinstance(value, str) and not is_multivalued(variable.key):
        return value
    return variable.default


@lru_cache(maxsize=16384)
def _fields(parts: tuple[Part, ...]) -> tuple[tuple[Part, ...], ...]:
    """Return the parts cut at the first five colons of their text."""
    fields: list[list[Part]] = [[]]
    for part in parts:
        if not isinstance(part, str):
            fields[-1].append(part)
            continue
        first, *others = part.split(":", _FIELDS - len(fields))
        fields[-1].append(first)
        fields.extend([other] for other in others)
    return tuple(tuple(part for part in field if part != "") for field in fields)


def glob(parts: tuple[Part, ...], text: str) -> bool:
    """Return whether the parts, one after the other, make up the whole text.

    A variable that is not resolved matches nothing.
    """
    if not parts:
        return not text
    first = parts[0]
    if isinstance(first, str):
        if len(parts) == 1:
            return first == text
        if not text.startswith(first):
            return False
    if parts[-1] is _ANY_RUN and len(parts) <= 2 and (len(parts) == 1 or isinstance(first, str)):
        return True
    return _search(parts, text)


def _search(parts: tuple[Part, ...], text: str) -> bool:
    """Return whether the parts match; only the latest `*` ever has to take more."""
    index = position = 0
    retry: tuple[int, int] | None = None  # the part after the latest `*`, and where it was tried
    while True:
        part = parts[index] if index < len(parts) else None
        if part is _ANY_RUN:
            index += 1
            retry = (index, position)
        elif part is Wildcard.ANY_ONE and position < len(text):
            index, position = index + 1, position + 1
        elif isinstance(part, str) and text.startswith(part, position):
            index, position = index + 1, position + len(part)
        elif part is None and position == len(text):
            return True
        elif retry is None or retry[1] >= len(text):
            return False
        else:
            index, position = retry[0], retry[1] + 1
            retry = (index, position)
