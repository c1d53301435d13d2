"""Terraform's functions of lists of which it is known how many items they have."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from checker.source.tree import Scalar
from checker.span import Span
from checker.template.value import Items, Member, Record, Value
from checker.terraform.function_types import (
    Function,
    NotKnownError,
    counted,
    one,
    whole,
    word,
)
from checker.terraform.functions_of_collections import entries_of
from checker.terraform.values import (
    FailedError,
    canonical,
    decimal_of,
    known_text,
    number,
    text,
    truth,
)

MOST_ITEMS: Final = 1000


def _element(values: tuple[Value, ...], at: Span) -> Value:
    items, index = counted(one(values, 0, at)), whole(one(values, 1, at))
    if not items:
        raise FailedError("an item of an empty list", at)
    return items[index % len(items)]


def _range(values: tuple[Value, ...], at: Span) -> Value:
    known = [whole(each) for each in values]
    start, end = (0, known[0]) if len(known) == 1 else (known[0], known[1])
    stride = known[2] if len(known) > 2 else (1 if end >= start else -1)
    if not stride or abs(end - start) // abs(stride) > MOST_ITEMS:
        raise NotKnownError
    return Items(tuple([number(each, at) for each in range(start, end, stride)]), at)


def _zipmap(values: tuple[Value, ...], at: Span) -> Value:
    names, items = counted(one(values, 0, at)), counted(one(values, 1, at))
    if len(names) != len(items):
        raise FailedError("`zipmap` of lists of different lengths", at)
    members = [Member(text(word(n), n.span), v) for n, v in zip(names, items, strict=True)]
    return Record(tuple(members), at)


def _one(values: tuple[Value, ...], at: Span) -> Value:
    items = counted(one(values, 0, at))
    if len(items) > 1:
        raise FailedError("`one` of a list of more than one item", at)
    return items[0] if items else Scalar(None, at)


def _sort(values: tuple[Value, ...], at: Span) -> Value:
    items = counted(one(values, 0, at))
    return Items(tuple(sorted(items, key=word)) if len(items) > 1 else items, at)


def _reverse(values: tuple[Value, ...], at: Span) -> Value:
    return Items(tuple(reversed(counted(one(values, 0, at)))), at)


def _slice(values: tuple[Value, ...], at: Span) -> Value:
    items = counted(one(values, 0, at))
    start, end = whole(one(values, 1, at)), whole(one(values, 2, at))
    if not 0 <= start <= end <= len(items):
        raise FailedError("`slice` outside its list", at)
    return Items(items[start:end], at)


def _chunklist(values: tuple[Value, ...], at: Span) -> Value:
    items, size = counted(one(values, 0, at)), whole(one(values, 1, at))
    if size < 0:
        raise FailedError("`chunklist` with a size below zero", at)
    size = size or len(items) or 1
    chunks = [items[start : start + size] for start in range(0, len(items), size)]
    return Items(tuple([Items(chunk, at) for chunk in chunks]), at)


def _setproduct(values: tuple[Value, ...], at: Span) -> Value:
    rows: list[tuple[Value, ...]] = [()]
    for each in values:
        items = counted(each)
        if len(rows) * len(items) > MOST_ITEMS:
            raise NotKnownError
        rows = [(*row, item) for row in rows for item in items]
    return Items(tuple([Items(row, at) for row in rows]), at)


def _index(values: tuple[Value, ...], at: Span) -> Value:
    items, asked = counted(one(values, 0, at)), one(values, 1, at)
    if known_text(asked) is None or any(known_text(item) is None for item in items):
        raise NotKnownError
    for position, item in enumerate(items):
        if canonical(item) == canonical(asked):
            return number(position, at)
    raise FailedError("`index` of an item that is not there", at)


def _truth_of(combine: Callable[[list[bool]], bool]) -> Function:
    def make(values: tuple[Value, ...], at: Span) -> Value:
        found = [word(each) == "true" for each in counted(one(values, 0, at))]
        return truth(combine(found), at)

    return Function(make)


def _extreme(choose: Callable[[list[Decimal]], Decimal]) -> Function:
    def make(values: tuple[Value, ...], at: Span) -> Value:
        found = [decimal_of(each) for each in values]
        known = [each for each in found if each is not None]
        if len(known) < len(values) or not known:
            raise NotKnownError
        return number(choose(known), at)

    return Function(make)


def _transpose(values: tuple[Value, ...], at: Span) -> Value:
    found: dict[str, list[Value]] = {}
    for key, value in entries_of(values, at):
        for item in counted(value):
            found.setdefault(word(item), []).append(key)
    members = [Member(text(key, at), Items(tuple(found[key]), at)) for key in sorted(found)]
    return Record(tuple(members), at)


def _matchkeys(values: tuple[Value, ...], at: Span) -> Value:
    items, keys = counted(one(values, 0, at)), counted(one(values, 1, at))
    wanted = counted(one(values, 2, at))
    if any(known_text(each) is None for each in (*keys, *wanted)):
        raise NotKnownError
    names = {canonical(each) for each in wanted}
    kept = [item for item, key in zip(items, keys, strict=False) if canonical(key) in names]
    return Items(tuple(kept), at)


_DEEP: Final = {
    "element": _element,
    "range": _range,
    "zipmap": _zipmap,
    "one": _one,
    "sort": _sort,
    "reverse": _reverse,
    "slice": _slice,
    "chunklist": _chunklist,
    "setproduct": _setproduct,
    "index": _index,
    "transpose": _transpose,
    "matchkeys": _matchkeys,
}

LISTS: Final[dict[str, Function]] = {
    **{name: Function(make) for name, make in _DEEP.items()},
    "alltrue": _truth_of(all),
    "anytrue": _truth_of(any),
    "max": _extreme(max),
    "min": _extreme(min),
}
