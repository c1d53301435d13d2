"""`Condition`: operators, keys and typed values."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from checker.errors import PolicySyntaxError
from checker.policy.model import (
    Comparison,
    Condition,
    ConditionOperand,
    ConditionValue,
    Operator,
    Pattern,
    Quantifier,
    Variable,
)
from checker.policy.parse_node import did_you_mean, items, loose_text, mapping, quoted
from checker.policy.parse_pattern import pattern
from checker.policy.values import binary, boolean, instant, lower, network, number, other_instant
from checker.source.symbols import readable
from checker.source.tree import Entry, Node
from checker.span import Span

_NEGATED: Final = {
    "StringNotEquals": Comparison.STRING_EQUALS,
    "StringNotEqualsIgnoreCase": Comparison.STRING_EQUALS_IGNORE_CASE,
    "StringNotLike": Comparison.STRING_LIKE,
    "NumericNotEquals": Comparison.NUMERIC_EQUALS,
    "DateNotEquals": Comparison.DATE_EQUALS,
    "NotIpAddress": Comparison.IP_ADDRESS,
    "ArnNotEquals": Comparison.ARN_LIKE,
    "ArnNotLike": Comparison.ARN_LIKE,
}
_POSITIVE: Final = {comparison.value: comparison for comparison in Comparison} | {
    "ArnEquals": Comparison.ARN_LIKE
}
_DATE_FORMS: Final = "dates, an offset with each time, or epoch seconds"


def _operators() -> Iterator[Operator]:
    plain = [(name, comparison, False) for name, comparison in _POSITIVE.items()]
    plain += [(name, comparison, True) for name, comparison in _NEGATED.items()]
    for name, comparison, negated in plain:
        for quantifier in (None, *Quantifier):
            full = f"{quantifier}:{name}" if quantifier else name
            yield Operator(comparison, negated, quantifier=quantifier, name=full)
            if comparison is not Comparison.NULL:
                yield Operator(
                    comparison,
                    negated,
                    if_exists=True,
                    quantifier=quantifier,
                    name=f"{full}IfExists",
                )


_OPERATORS: Final = {operator.name: operator for operator in _operators()}


def parse_conditions(node: Node, *, variables: bool) -> tuple[tuple[Condition, ...], bool]:
    """Return the conditions, and whether something in the block is empty (iam-semantics G9)."""
    block = mapping(node, "`Condition`")
    conditions: list[Condition] = []
    has_empty = not block.entries
    for entry in block.entries:
        operator = _operator(entry)
        keys = mapping(entry.value, "the value of", entry.name).entries
        has_empty = has_empty or not keys
        seen: set[str] = set()
        for key in keys:
            condition = _condition(operator, key, variables=variables)
            if condition.key in seen:
                problem = f"the key {quoted(key.name)} stands twice under {quoted(entry.name)}"
                hint = "the case of a key does not count"
                raise PolicySyntaxError(problem, key.key.span, hint=hint)
            seen.add(condition.key)
            conditions.append(condition)
    return tuple(conditions), has_empty


def _operator(entry: Entry) -> Operator:
    found = _OPERATORS.get(entry.name)
    if found is not None:
        return found
    if entry.name.removesuffix("IfExists").endswith("Null"):
        hint = "`Null` itself asks whether the key is there"
    else:
        hint = did_you_mean(entry.name, _OPERATORS)
    raise PolicySyntaxError(
        f"unknown condition operator {quoted(entry.name)}", entry.key.span, hint=hint
    )


def _condition(operator: Operator, entry: Entry, *, variables: bool) -> Condition:
    if not entry.name:
        raise PolicySyntaxError("a condition key is empty", entry.key.span)
    values = tuple(
        _value(operator, loose_text(item, "a value of", entry.name), item.span, variables=variables)
        for item in items(entry.value)
    )
    span = Span(entry.key.span.path, entry.key.span.start, entry.value.span.end)
    return Condition(operator, lower(entry.name), values, span, readable(entry.name))


def _value(operator: Operator, text: str, at: Span, *, variables: bool) -> ConditionValue:
    operand: ConditionOperand | None
    alternative: Fraction | None = None
    match operator.comparison:
        case Comparison.STRING_EQUALS | Comparison.STRING_EQUALS_IGNORE_CASE:
            operand, expected = pattern(text, at, wildcards=False, variables=variables), "text"
        case Comparison.STRING_LIKE:
            operand, expected = pattern(text, at, wildcards=True, variables=variables), "text"
        case Comparison.ARN_LIKE:
            operand, expected = _arn(text, at, variables=variables), "an ARN of six fields"
        case Comparison.BOOL:
            operand, expected = _boolean(text, at, variables=variables), "`true` or `false`"
        case _:
            operand, expected, alternative = _typed(operator.comparison, text)
    if operand is None:
        problem = f"{quoted(text)} is no value for `{operator.name}`"
        raise PolicySyntaxError(problem, at, hint=f"it compares {expected}")
    return ConditionValue(operand, readable(text), at, alternative)


def _typed(
    comparison: Comparison, text: str
) -> tuple[ConditionOperand | None, str, Fraction | None]:
    match comparison:
        case Comparison.NULL:
            return boolean(text), "`true` or `false`", None
        case Comparison.IP_ADDRESS:
            return network(text), "an address or a CIDR block", None
        case Comparison.BINARY_EQUALS:
            return binary(text), "base-64 text", None
        case _ if comparison.startswith("Date"):
            year, epoch = instant(text), other_instant(text)
            if year is None:
                return epoch, _DATE_FORMS, None
            return year, _DATE_FORMS, epoch
        case _:
            return number(text), "a decimal number", None


def _arn(text: str, at: Span, *, variables: bool) -> Pattern | None:
    """Return an ARN's pattern; a variable may bring the fields that are missing."""
    found = pattern(text, at, wildcards=True, variables=variables)
    has_variables = any(isinstance(part, Variable) for part in found.parts)
    return found if has_variables or text.count(":") >= 5 else None


def _boolean(text: str, at: Span, *, variables: bool) -> Pattern | None:
    """Return `true`, `false`, or text with a variable whose value decides (iam-semantics V2)."""
    if boolean(text) is not None:
        return Pattern((lower(text),), text, at)
    found = pattern(text, at, wildcards=False, variables=variables)
    return found if any(isinstance(part, Variable) for part in found.parts) else None
