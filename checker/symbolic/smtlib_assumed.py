"""What is taken for granted of the values of keys, in SMT-LIB, whoever calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from checker.symbolic import assumptions
from checker.symbolic.smtlib_keys import CLOCK, NOT_IN_NAMES, Assumed, Key
from checker.symbolic.smtlib_terms import (
    ARN,
    all_of,
    any_of,
    characters_but,
    equal,
    inside,
    negation,
    quoted,
)


def assumed(keys: Mapping[str, Key]) -> Iterator[Assumed]:
    """Yield what is taken for granted of the keys, whoever calls."""
    for key in keys.values():
        if key.by_field:
            yield from _assumed_by_field(key)
        for slot in key.slots if key.whole else ():
            if key.holds_truth:
                domain = any_of(equal(slot.value, quoted(text)) for text in ("true", "false"))
                yield assumptions.BOOL_DOMAIN, domain
            elif key.holds_names:
                is_user = key.name == "aws:username"
                never = f"{NOT_IN_NAMES}/:" if is_user else NOT_IN_NAMES
                names = characters_but(never, least=int(is_user))
                yield assumptions.NAME_CHARACTERS, inside(slot.value, names)
            elif key.holds_arns and not key.by_field:
                yield assumptions.ARN_KEYS, inside(slot.value, ARN)
    clock = keys.get(CLOCK)
    if clock and clock.scale:
        yield from ((assumptions.ONE_CLOCK, f"(>= {slot.value} 0.0)") for slot in clock.slots)
    endpoint, address = keys.get("aws:sourcevpce"), keys.get("aws:sourceip")
    if endpoint and address:
        clash = all_of((endpoint.present, address.present))
        yield assumptions.ENDPOINT_HIDES_IP, negation(clash)


def _assumed_by_field(key: Key) -> Iterator[Assumed]:
    """Yield the same of a value that is taken for an ARN."""
    for slot in key.slots:
        if key.holds_truth:
            yield assumptions.BOOL_DOMAIN, negation(slot.is_arn)
        elif key.name == "aws:username":
            yield assumptions.NAME_CHARACTERS, negation(slot.is_arn)
        elif key.holds_names:
            names = characters_but(NOT_IN_NAMES, least=0)
            yield from ((assumptions.NAME_CHARACTERS, inside(f, names)) for f in slot.fields)
