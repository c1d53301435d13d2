"""Whether a condition holds for one concrete request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from operator import eq, ge, gt, le, lt
from typing import Final, TypeAlias

from checker.policy.evaluate_pattern import arn_fields, glob, matches_arn, resolved
from checker.policy.keys import is_multivalued
from checker.policy.model import (
    Comparison,
    Condition,
    ConditionValue,
    Part,
    Pattern,
    Quantifier,
    Request,
    Variable,
)
from checker.policy.readings import (
    Ambiguity,
    Readings,
    chosen,
    condition_ambiguity,
    condition_construct,
)
from checker.policy.values import (
    address,
    binary,
    boolean,
    instant,
    lower,
    number,
    other_instant,
)

_ORDER: Final[Mapping[Comparison, Callable[[Fraction, Fraction], bool]]] = {
    Comparison.NUMERIC_EQUALS: eq,
    Comparison.NUMERIC_LESS_THAN: lt,
    Comparison.NUMERIC_LESS_THAN_EQUALS: le,
    Comparison.NUMERIC_GREATER_THAN: gt,
    Comparison.NUMERIC_GREATER_THAN_EQUALS: ge,
    Comparison.DATE_EQUALS: eq,
    Comparison.DATE_LESS_THAN: lt,
    Comparison.DATE_LESS_THAN_EQUALS: le,
    Comparison.DATE_GREATER_THAN: gt,
    Comparison.DATE_GREATER_THAN_EQUALS: ge,
}

_Given: TypeAlias = str | tuple[str, ...] | bool | bytes | Fraction | IPv4Address | IPv6Address


def holds(condition: Condition, request: Request, readings: Readings) -> bool:
    """Return whether a condition holds; a key without values is absent (iam-semantics C1-C17)."""
    value = request.context.get(condition.key, ())
    texts = (value,) if isinstance(value, str) else value
    many = isinstance(value, tuple) or is_multivalued(condition.key) is True
    operator = condition.operator
    ambiguity = condition_ambiguity(condition, many=many)
    reading = _reading(condition, ambiguity, readings)
    if ambiguity is Ambiguity.EMPTY_VALUES:
        return reading == "always"
    if ambiguity is Ambiguity.SET_NULL and reading == "constant":
        return operator.quantifier is Quantifier.FOR_ALL_VALUES
    if operator.comparison is Comparison.NULL:
        return any(value.operand is (not texts) for value in condition.values)
    if not texts:
        return _holds_when_absent(condition, reading)
    satisfied = (_satisfies(condition, text, request, readings) for text in texts)
    match operator.quantifier:
        case Quantifier.FOR_ALL_VALUES:
            return all(satisfied)
        case Quantifier.FOR_ANY_VALUE:
            return any(satisfied)
        case None if ambiguity is Ambiguity.PLAIN_ON_MULTIVALUED:
            return reading != "never" and {"any": any, "all": all}[reading](satisfied)
        case None:
            return all(satisfied)


def _reading(condition: Condition, ambiguity: Ambiguity | None, readings: Readings) -> str:
    if ambiguity is None:
        return ""
    if not readings:
        return ambiguity.default
    return chosen(readings, ambiguity, condition_construct(condition))


def _holds_when_absent(condition: Condition, reading: str) -> bool:
    operator = condition.operator
    match operator.quantifier:
        case Quantifier.FOR_ALL_VALUES:
            return True
        case Quantifier.FOR_ANY_VALUE:
            return operator.if_exists and reading == "true"
        case None:
            return operator.negated or operator.if_exists


def _satisfies(condition: Condition, text: str, request: Request, readings: Readings) -> bool:
    """Return whether one value of the key matches some listed value; none, when negated."""
    operator = condition.operator
    given = _typed(operator.comparison, text, readings)
    if given is None:  # a value of the wrong type (C16)
        open_arn = operator.negated and operator.comparison is Comparison.ARN_LIKE
        return open_arn and chosen(readings, Ambiguity.BAD_ARN_VALUE) == "true"
    matched = any(
        _matches(operator.comparison, given, value, request, readings) for value in condition.values
    )
    return matched is not operator.negated


def _typed(comparison: Comparison, text: str, readings: Readings) -> _Given | None:
    """Return a value of a request as what the comparison compares."""
    match comparison:
        case Comparison.STRING_EQUALS | Comparison.STRING_LIKE:
            return text
        case Comparison.STRING_EQUALS_IGNORE_CASE:
            return _folded(text, readings)
        case Comparison.ARN_LIKE:
            return arn_fields(text)
        case Comparison.BOOL:
            return boolean(text)
        case Comparison.IP_ADDRESS:
            return address(text)
        case Comparison.BINARY_EQUALS:
            return binary(text)
        case _ if comparison.startswith("Date"):
            return _date(instant(text), other_instant(text), readings)
        case _:
            return number(text)


def _matches(
    comparison: Comparison,
    given: _Given,
    value: ConditionValue,
    request: Request,
    readings: Readings,
) -> bool:
    match value.operand, given:
        case Pattern(parts), str():
            return _matches_text(comparison, given, parts, request, readings)
        case Pattern(parts), tuple():
            return matches_arn(parts, given, request, readings)
        case Pattern(parts), bool():
            return _truth(parts, request, readings) is given
        case (IPv4Network() | IPv6Network()) as block, _:
            return given in block
        case Fraction() as operand, Fraction() if comparison.startswith("Date"):
            wanted = _date(operand, value.alternative, readings)
            return wanted is not None and _ORDER[comparison](given, wanted)
        case Fraction() as wanted, Fraction():
            return _ORDER[comparison](given, wanted)
        case operand, _:
            return operand == given


def _matches_text(
    comparison: Comparison,
    given: str,
    parts: tuple[Part, ...],
    request: Request,
    readings: Readings,
) -> bool:
    wildcards = comparison is Comparison.STRING_LIKE
    found = resolved(parts, request, readings, wildcards=wildcards)
    if found is None or wildcards:
        return found is not None and glob(found, given)
    wanted = "".join(part for part in found if isinstance(part, str))
    if comparison is Comparison.STRING_EQUALS_IGNORE_CASE:
        wanted = _folded(wanted, readings)
    return wanted == given


def _folded(text: str, readings: Readings) -> str:
    ascii_only = chosen(readings, Ambiguity.UNICODE_CASE) == "ascii"
    return lower(text) if ascii_only else text.casefold()


def _truth(parts: tuple[Part, ...], request: Request, readings: Readings) -> bool | None:
    """Return the truth value that a value of `Bool` stands for (V2)."""
    is_variable = any(isinstance(part, Variable) for part in parts)
    if is_variable and chosen(readings, Ambiguity.BOOL_VARIABLE) == "literal":
        return None
    found = resolved(parts, request, readings, wildcards=False)
    return boolean("".join(part for part in found if isinstance(part, str))) if found else None


def _date(
    instant: Fraction | None, alternative: Fraction | None, readings: Readings
) -> Fraction | None:
    """Return the instant that a date means; four digits mean one of two (C9)."""
    if alternative is None:
        return instant
    is_epoch = instant is None or chosen(readings, Ambiguity.DATE_YEAR) == "epoch"
    return alternative if is_epoch else instant
