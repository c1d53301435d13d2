"""Entries and items of values, as far as they are known."""

from __future__ import annotations

import re
from typing import Final

from checker.source.places import quoted
from checker.source.tree import Scalar
from checker.span import Span
from checker.template.value import Absent, Choice, Items, Joined, Premise, Record, Unknown, Value
from checker.terraform.asked import unasked
from checker.terraform.lifting import choice, lift, may_be_absent
from checker.terraform.scope import key_text
from checker.terraform.values import (
    Broken,
    FailedError,
    Reference,
    Repeated,
    Set,
    Texts,
    canonical,
    named,
    number,
    unknown,
)

MOST_KEYS: Final = 16  # of a map of which nobody knows the key that is asked for
_WORD: Final = re.compile(r"[^\W\d][\w-]*").fullmatch
_ONE_TEXT: Final = re.compile(
    r"arn|id|name|url|bucket|key|path|prefix|account|partition|region|email|description|domain"
    r"|.*_(?:arn|id|name|url|domain|path|endpoint|account|region|prefix)"
).fullmatch


def is_one_text(name: str) -> bool:
    """Whether an attribute of this name holds one text in every provider."""
    return _ONE_TEXT(name) is not None


def entry(of: Value, key: Value, at: Span) -> Value:
    """Return an attribute, a member or an item.

    Errors: `FailedError` if there is none.
    """
    deep = isinstance(of, Items) and any(may_be_absent(each) for each in of.values)
    return lift((of, key), lambda known: _entry(known[0], known[1], at), at, deep=deep)


def _entry(of: Value, key: Value, at: Span) -> Value:
    match of:
        case Record():
            return _member(of, key, at)
        case Items():
            return _item(of, key, at)
        case Broken():
            return of
        case Reference(of=owner) if (name := key_text(key)) is not None:
            return owner.attribute(name, at)
        case Unknown(expression):
            if _is_text(key):
                return unknown(step(unasked(expression), key), at, many=False)
            return unknown(step(expression, key), at, many=not isinstance(of, Texts))
        case Scalar(None) | Absent():
            raise FailedError("null has no attributes", at)
        case _:
            raise FailedError("a text or number has no attributes", at)


def step(expression: str, key: Value) -> str:
    """Return the expression of an entry."""
    known = key_text(key)
    if known is not None and _WORD(known):
        return f"{expression}.{known}"
    return f"{expression}[{canonical(key)}]"


def _is_text(key: Value) -> bool:
    known = key_text(key)
    return known is not None and is_one_text(known)


def _member(record: Record, key: Value, at: Span) -> Value:
    known = key_text(key)
    if known is None:
        return _any_member(record, key, at)
    found = record.get(known)
    if found is None:
        if any(not isinstance(each.name, Scalar) for each in record.members):
            return unknown(step(canonical(record), key), at)
        raise FailedError(f"there is no {quoted(known)}", at)
    return found


def _any_member(record: Record, key: Value, at: Span) -> Value:
    """Return the member whose name is not known: each one where the key is its name."""
    asked = canonical(key)
    for each in record.members:
        if not isinstance(each.name, Scalar) and canonical(each.name) == asked:
            return each.value
    if not isinstance(key, Unknown | Joined) or len(record.members) > MOST_KEYS:
        return unknown(step(canonical(record), key), at)
    value: Value = unknown(f"none[{asked}]", at)
    for each in reversed(record.members):
        if not isinstance(each.name, Scalar):
            return unknown(step(canonical(record), key), at)
        value = choice(equals(asked, str(each.name.value)), each.value, value, at)
    return value


def equals(asked: str, known: str) -> Premise:
    """Return the premise that an unknown text is a known one."""
    return Premise(named(f'{asked} == "{known}"'), named(asked), known)


def _item(items: Items, key: Value, at: Span) -> Value:
    if isinstance(key, Unknown | Joined):
        return unknown(step(canonical(items), key), at)
    known = key_text(key)
    if known is None or not known.removeprefix("-").isdecimal():
        raise FailedError("the items of a list have numbers", at)
    index = int(known) if len(known) < 10 else -1
    if any(is_many(each) for each in items.values[: index + 1]):
        return unknown(step(canonical(items), key), at)
    if not 0 <= index < len(items.values):
        if any(is_many(each) for each in items.values):
            return unknown(step(canonical(items), key), at)
        raise FailedError(f"there is no item {index}", at)
    return items.values[index]


def is_any(key: Value | None) -> bool:
    """Whether a key stands for any number of keys."""
    return isinstance(key, Unknown) and key.many


def one_of_many(key: Value, value: Value, at: Span) -> tuple[Value, Value] | None:
    """Return key and value of one entry of those that an entry stands for; None if it is one."""
    if isinstance(key, Unknown) and key.many:
        return Unknown(key.expression, at), value
    if isinstance(value, Repeated):
        return unknown(f"{value.expression}[key]", at, many=False), value.value
    if isinstance(value, Unknown) and is_many(value):
        of = value.expression
        item = unknown(f"{of}[each]", at, many=not isinstance(value, Texts))
        return unknown(f"{of}[key]", at, many=False), item
    return None


def items_of(collection: Value, at: Span) -> list[tuple[Value, Value]]:
    """Return keys and values of a list or object, in the order in which Terraform takes them."""
    match collection:
        case Set(values):
            return [(_key_of_set(value, at), value) for value in values]
        case Items(values):
            return [(number(index, at), value) for index, value in enumerate(values)]
        case Record(members):
            pairs = [(member.name, member.value) for member in members]
            return sorted(pairs, key=lambda pair: str(key_text(pair[0]) or ""))
        case _:
            raise FailedError("neither a list nor an object", at)


def _key_of_set(value: Value, at: Span) -> Value:
    """Return what an item of a set goes by; where it may be many things, nobody knows that."""
    if isinstance(value, Choice | Repeated) or is_many(value):
        return unknown(f"{canonical(value)}[key]", at, many=False)
    return value


def is_many(value: Value) -> bool:
    """Whether an item stands for any number of items."""
    match value:
        case Reference():
            return False
        case Unknown(many=many):
            return many
        case Choice(_, then, other):
            return is_many(then) or is_many(other)
        case _:
            return False
