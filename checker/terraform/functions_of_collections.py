"""Terraform's functions of lists, sets, maps and objects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from checker.source.tree import Scalar
from checker.span import Span
from checker.template.value import Items, Member, Premise, Record, Unknown, Value
from checker.terraform.access import entry, equals, is_any, is_many, items_of
from checker.terraform.function_types import (
    Function,
    NotKnownError,
    counted,
    is_nothing,
    listed,
    one,
    word,
)
from checker.terraform.lifting import choice
from checker.terraform.scope import key_text
from checker.terraform.values import (
    FailedError,
    Set,
    Texts,
    canonical,
    known_text,
    number,
    truth,
    whether,
)

MOST_ITEMS: Final = 1000


def _any(value: Value) -> Value:
    """Return an item that stands for any number of items."""
    if type(value) in (Unknown, Texts) and isinstance(value, Unknown):
        return replace(value, many=True)
    return value


def _concat(values: tuple[Value, ...], at: Span) -> Value:
    items: list[Value] = []
    for each in values:
        items += (_any(each),) if isinstance(each, Unknown) else listed(each)
    return Items(tuple(items), at)


def _flatten(values: tuple[Value, ...], at: Span) -> Value:
    def flat(value: Value) -> list[Value]:
        if isinstance(value, Items):
            return [inner for each in value.values for inner in flat(each)]
        return [value]

    whole_list = one(values, 0, at)
    if not isinstance(whole_list, Items):
        return _same_list(values, at)
    return Items(tuple(flat(whole_list)), at)


def _merge(values: tuple[Value, ...], at: Span) -> Value:
    members: dict[str, Member] = {}
    for each in values:
        if is_nothing(each):
            continue
        if isinstance(each, Unknown):
            raise NotKnownError
        if not isinstance(each, Record):
            raise FailedError("an object should be here", each.span)
        for member in each.members:
            members[canonical(member.name)] = member
    return Record(tuple(members.values()), at)


def _as_set(values: tuple[Value, ...], at: Span) -> Value:
    """Return the items in the order of a set, each once."""
    value = one(values, 0, at)
    if isinstance(value, Unknown) or is_nothing(value):
        return _any(value)
    found: dict[str, Value] = {}
    for each in listed(value):
        found.setdefault(canonical(each), each)
    return Set(tuple([found[key] for key in sorted(found)]), value.span)


def _same_list(values: tuple[Value, ...], at: Span) -> Value:
    value = one(values, 0, at)
    if isinstance(value, Set):
        return Items(value.values, value.span)
    if isinstance(value, Items | Unknown) or is_nothing(value):
        return _any(value)
    raise FailedError("a list should be here", at)


def _same_map(values: tuple[Value, ...], at: Span) -> Value:
    value = one(values, 0, at)
    if isinstance(value, Record | Unknown) or is_nothing(value):
        return _any(value)
    raise FailedError("an object should be here", at)


def _distinct(values: tuple[Value, ...], at: Span) -> Value:
    found: dict[str, Value] = {}
    for each in listed(one(values, 0, at)):
        found.setdefault(canonical(each), each)
    return Items(tuple(found.values()), at)


def _compact(values: tuple[Value, ...], at: Span) -> Value:
    kept = [
        each
        for each in listed(one(values, 0, at))
        if not is_nothing(each) and known_text(each) != ""
    ]
    return Items(tuple(kept), at)


def _lookup(values: tuple[Value, ...], at: Span) -> Value:
    of, key = one(values, 0, at), one(values, 1, at)
    if isinstance(of, Record) and isinstance(key, Scalar):
        found = of.get(str(key_text(key)))
        if found is None and len(values) > 2 and _names_known(of):
            return values[2]
    if isinstance(of, Record) and len(values) > 2 and not isinstance(key, Scalar):
        return _lookup_any(of, key, values[2], at)
    if isinstance(of, Unknown) and len(values) > 2:
        raise NotKnownError
    return entry(of, key, at)


def _lookup_any(of: Record, key: Value, default: Value, at: Span) -> Value:
    if not _names_known(of) or len(of.members) > 16:
        raise NotKnownError
    value = default
    for member in reversed(of.members):
        value = choice(equals(canonical(key), str(key_text(member.name))), member.value, value, at)
    return value


def _names_known(of: Record) -> bool:
    return all(isinstance(member.name, Scalar) for member in of.members)


def _coalesce(values: tuple[Value, ...], at: Span) -> Value:
    for index, each in enumerate(values):
        if is_nothing(each) or known_text(each) == "":
            continue
        if isinstance(each, Unknown) and index + 1 < len(values):
            premise = Premise(f'has({canonical(each)}, "")')
            return choice(premise, each, _coalesce(values[index + 1 :], at), at)
        return each
    raise FailedError("no argument of `coalesce` is a value", at)


def _coalescelist(values: tuple[Value, ...], at: Span) -> Value:
    for index, each in enumerate(values):
        if isinstance(each, Unknown) or any(is_many(item) for item in listed(each)):
            if index + 1 == len(values):
                return each
            premise = Premise(f"length({canonical(each)}) > 0")
            return choice(premise, each, _coalescelist(values[index + 1 :], at), at)
        if listed(each):
            return each
    raise FailedError("no argument of `coalescelist` is a list with items", at)


def _length(values: tuple[Value, ...], at: Span) -> Value:
    value = one(values, 0, at)
    match value:
        case Record(members):
            if any(is_any(member.name) for member in members):
                raise NotKnownError
            return number(len(members), at)
        case Items():
            return number(len(counted(value)), at)
        case _:
            return number(len(word(value)), at)


def _keys(values: tuple[Value, ...], at: Span) -> Value:
    return Items(tuple([key for key, _ in entries_of(values, at)]), at)


def _values(values: tuple[Value, ...], at: Span) -> Value:
    return Items(tuple([value for _, value in entries_of(values, at)]), at)


def entries_of(values: tuple[Value, ...], at: Span) -> list[tuple[Value, Value]]:
    """Return names and values of an argument that must be an object.

    Errors: `NotKnownError`, `FailedError`.
    """
    value = one(values, 0, at)
    if isinstance(value, Unknown):
        raise NotKnownError
    if not isinstance(value, Record):
        raise FailedError("an object should be here", at)
    if any(is_any(member.name) for member in value.members):
        raise NotKnownError
    return items_of(value, at)


def _contains(values: tuple[Value, ...], at: Span) -> Value:
    items, asked = listed(one(values, 0, at)), one(values, 1, at)
    shown = canonical(asked)
    if any(canonical(item) == shown for item in items):
        return truth(True, at)  # noqa: FBT003
    if known_text(asked) is not None and all(known_text(item) is not None for item in items):
        return truth(False, at)  # noqa: FBT003
    if any(known_text(item) is None for item in items) or len(items) > 16:
        return whether(f"contains({canonical(values[0])}, {shown})", at)
    found: Value = truth(False, at)  # noqa: FBT003
    for item in reversed(items):
        premise = equals(shown, str(known_text(item)))
        found = choice(premise, truth(True, at), found, at)  # noqa: FBT003
    return found


def _set_operation(keep: Callable[[str, list[set[str]]], bool]) -> Function:
    def make(values: tuple[Value, ...], at: Span) -> Value:
        lists = [counted(each) for each in values]
        if any(known_text(item) is None for each in lists for item in each):
            raise NotKnownError
        sets = [{canonical(item) for item in each} for each in lists]
        whole_set = _as_set((Items(tuple([i for each in lists for i in each]), at),), at)
        kept = [item for item in listed(whole_set) if keep(canonical(item), sets)]
        return Set(tuple(kept), at)

    return Function(make)


def _setunion(values: tuple[Value, ...], at: Span) -> Value:
    return _as_set((_concat(values, at),), at)


_SHALLOW: Final = {
    "concat": _concat,
    "merge": _merge,
    "tolist": _same_list,
    "tomap": _same_map,
    "lookup": _lookup,
    "coalesce": _coalesce,
}
_DEEP: Final = {
    "flatten": _flatten,
    "toset": _as_set,
    "distinct": _distinct,
    "compact": _compact,
    "coalescelist": _coalescelist,
    "length": _length,
    "keys": _keys,
    "values": _values,
    "contains": _contains,
    "setunion": _setunion,
}

COLLECTIONS: Final[dict[str, Function]] = {
    **{name: Function(make, deep=False) for name, make in _SHALLOW.items()},
    **{name: Function(make) for name, make in _DEEP.items()},
    "setintersection": _set_operation(lambda item, sets: all(item in each for each in sets)),
    "setsubtract": _set_operation(lambda item, sets: item in sets[0] and item not in sets[1]),
}
