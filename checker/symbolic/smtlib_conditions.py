"""Conditions, and patterns with policy variables, in SMT-LIB; written from iam-semantics 5 and 6."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from fractions import Fraction
from ipaddress import IPv4Network, IPv6Network

from checker.policy.model import (
    Comparison,
    Condition,
    ConditionValue,
    Part,
    Pattern,
    Quantifier,
    Variable,
    Wildcard,
)
from checker.symbolic.smtlib_keys import Key, Slot, compared_key
from checker.symbolic.smtlib_terms import (
    FALSE,
    InexpressibleError,
    Piece,
    Term,
    all_of,
    any_case,
    any_of,
    equal,
    inside,
    matches,
    negation,
    number,
    quoted,
)

_FIELDS = 6  # of an ARN


def condition(given: Condition, keys: Mapping[str, Key]) -> str:
    """Return whether a condition holds.

    Errors: `InexpressibleError`.
    """
    operator, key = given.operator, keys[compared_key(given)]
    if operator.comparison is Comparison.NULL:
        absent = negation(key.present)
        return any_of(absent if value.operand is True else key.present for value in given.values)
    absent_holds = operator.if_exists or (operator.negated and operator.quantifier is None)
    if not given.values and operator.quantifier is None and not absent_holds:
        return FALSE
    each = [(slot.taken, _satisfied(given, slot, key, keys)) for slot in key.slots]
    if operator.quantifier is Quantifier.FOR_ALL_VALUES:
        return all_of(any_of((negation(taken), met)) for taken, met in each)
    some = any_of(all_of((taken, met)) for taken, met in each)
    return any_of((negation(key.present), some)) if absent_holds else some


def _satisfied(given: Condition, slot: Slot, key: Key, keys: Mapping[str, Key]) -> str:
    matched = any_of(_matches(value, given, slot, key, keys) for value in given.values)
    return negation(matched) if given.operator.negated else matched


def _matches(
    value: ConditionValue, given: Condition, slot: Slot, key: Key, keys: Mapping[str, Key]
) -> str:
    comparison = given.operator.comparison
    match value.operand:
        case Pattern(parts=parts) if comparison is Comparison.ARN_LIKE:
            return _matches_arn(parts, slot, keys)
        case Pattern(parts=parts):
            return _matches_text(parts, comparison, slot, key, keys)
        case Fraction() as point:
            return _compared(comparison, slot.value, number(point))
        case IPv4Network() | IPv6Network() as block:
            return _in_block(slot, block)
        case bytes() as data:
            return equal(slot.value, quoted(base64.b64encode(data).decode("ascii")))
        case _:
            raise AssertionError("only Null has a truth value, and it compares nothing")


def _compared(comparison: Comparison, value: str, point: str) -> str:
    name = comparison.value.removeprefix("Numeric").removeprefix("Date")
    word = {
        "Equals": "=",
        "LessThan": "<",
        "LessThanEquals": "<=",
        "GreaterThan": ">",
        "GreaterThanEquals": ">=",
    }[name]
    return f"({word} {value} {point})"


def _in_block(slot: Slot, block: IPv4Network | IPv6Network) -> str:
    """Return whether an address starts with the fixed bits of a block."""
    is_ipv6 = block.version == 6
    family = slot.ipv6 if is_ipv6 else negation(slot.ipv6)
    fixed, size = block.prefixlen, block.max_prefixlen
    if fixed == 0:
        return family
    start = int(block.network_address) >> (size - fixed)
    bits = f"((_ extract {size - 1} {size - fixed}) {slot.value})"
    return all_of((family, equal(bits, f"(_ bv{start} {fixed})")))


def _matches_text(
    parts: Sequence[Part], comparison: Comparison, slot: Slot, key: Key, keys: Mapping[str, Key]
) -> str:
    found, resolved = pieces(parts, keys)
    if comparison not in (Comparison.BOOL, Comparison.STRING_EQUALS_IGNORE_CASE):
        return all_of((resolved, matches(found, slot.value)))
    if any(isinstance(piece, Term) for piece in found):
        raise InexpressibleError(f"`{comparison}` ignores the case of a policy variable's value")
    text = "".join(piece for piece in found if isinstance(piece, str))
    if comparison is Comparison.BOOL and key.holds_truth:
        return all_of((resolved, equal(slot.value, quoted(text.lower()))))
    return all_of((resolved, inside(slot.value, any_case(text))))


def _matches_arn(parts: Sequence[Part], slot: Slot, keys: Mapping[str, Key]) -> str:
    """Return whether a value, field by field, matches the pattern of an ARN operator."""
    found, resolved = pieces(parts, keys)
    fields = split(found)
    if any(isinstance(piece, Term) for field in fields[: _FIELDS - 1] for piece in field):
        raise InexpressibleError("a policy variable may bring the `:` that ends a field of an ARN")
    if len(fields) != _FIELDS:
        return FALSE
    matched = (matches(f, t) for f, t in zip(fields, ('"arn"', *slot.fields), strict=True))
    return all_of((slot.is_arn, resolved, *matched))


def pieces(parts: Sequence[Part], keys: Mapping[str, Key]) -> tuple[list[Piece], str]:
    """Return a pattern with terms for its variables, and whether all of these have a value."""
    found: list[Piece] = []
    resolved: list[str] = []
    for part in parts:
        if not isinstance(part, Variable):
            found.append(part)
            continue
        key = keys[part.key]
        if key.many:  # gives no value
            resolved.append(FALSE if part.default is None else "true")
            found.append(part.default or "")
        elif part.default is None:
            resolved.append(key.present)
            found.append(Term(key.slots[0].value))
        else:
            value, default = key.slots[0].value, quoted(part.default)
            found.append(Term(f"(ite {key.present} {value} {default})"))
    return found, all_of(resolved)


def split(pattern: Sequence[Piece]) -> list[list[Piece]]:
    """Return a pattern cut at the first five colons of its text."""
    fields: list[list[Piece]] = [[]]
    for piece in pattern:
        if isinstance(piece, Wildcard | Term):
            fields[-1].append(piece)
            continue
        first, *others = piece.split(":", _FIELDS - len(fields))
        fields[-1].append(first)
        fields.extend([other] for other in others)
    return fields
