"""Results as JSON and back: what a cache and a shard keep. Pure.

Not pickles: a cache may come from anyone, and what is read from it must be no more than data.
"""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum, StrEnum
from fractions import Fraction
from functools import cache
from ipaddress import IPv4Network, IPv6Network
from typing import TypeVar, Union, cast, get_args, get_origin, get_type_hints

_Value = TypeVar("_Value")
_Reader = Callable[[object], object]


class StoredError(ValueError):
    """What was stored is not of the form that this version writes."""


def digest(*values: object) -> str:
    """Return a hash that is the same for equal values in every process."""
    text = json.dumps([encoded(value) for value in values], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def encoded(value: object) -> object:
    """Return a frozen value as what JSON can hold; values that differ never look the same."""
    match value:
        case StrEnum():
            return value.value
        case Enum():  # a wildcard is not the literal that it is written with
            return [type(value).__name__, value.name]
        case None | str() | int() | float():
            return value
        case tuple() | list():
            return [encoded(each) for each in value]
        case Mapping():
            return {str(key): encoded(each) for key, each in sorted(value.items())}
        case set() | frozenset():
            return sorted((encoded(each) for each in value), key=json.dumps)
        case bytes() | Fraction() | IPv4Network() | IPv6Network():
            return [type(value).__name__, repr(value)]
        case _ if is_dataclass(value):
            parts = (encoded(getattr(value, each.name)) for each in fields(value))
            return [type(value).__name__, *parts]
        case _:
            raise TypeError(f"nothing is said on how to store a {type(value).__name__}")


def decoded(of: type[_Value], value: object) -> _Value:
    """Return what `encoded` was given, which was an `of`.

    Errors: `StoredError`.
    """
    try:
        kind: object = of
        return cast("_Value", _reader(kind)(value))
    except (TypeError, ValueError, KeyError) as error:
        raise StoredError(str(error)) from error


@cache
def _reader(hint: object) -> _Reader:
    """Return what reads values of a type; found once for each type, for there are many values."""
    origin, of = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _one_of(tuple(_reader(each) for each in of))
    if origin is tuple:
        return _row(of)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(_reader(of[1]))
    if isinstance(hint, type) and is_dataclass(hint):
        return _dataclass(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return lambda value: hint(str(_is(str, value)))
    return lambda value: _is(hint, value)


def _is(kind: object, value: object) -> object:
    if type(value) is not kind:
        raise StoredError(f"`{value!r}` is no {kind}")
    return value


def _one_of(readers: tuple[_Reader, ...]) -> _Reader:
    def read(value: object) -> object:
        for reader in readers:
            try:
                return reader(value)
            except (TypeError, ValueError):
                continue
        raise StoredError(f"`{value!r}` is none of what it may be")

    return read


def _row(of: tuple[object, ...]) -> _Reader:
    if of[-1] is Ellipsis:
        each = _reader(of[0])
        return lambda value: tuple(map(each, _list(value)))
    readers = tuple(_reader(hint) for hint in of)
    return lambda value: tuple(r(v) for r, v in zip(readers, _list(value), strict=True))


def _mapping(read: _Reader) -> _Reader:
    def whole(value: object) -> object:
        if not isinstance(value, dict):
            raise StoredError(f"`{value!r}` is no object")
        return {key: read(each) for key, each in value.items()}

    return whole


def _dataclass(of: type) -> _Reader:
    hints = get_type_hints(of)
    names = tuple(each.name for each in fields(of))
    readers: list[_Reader] = []

    def read(value: object) -> object:
        if not readers:  # not before: a type may hold itself
            readers.extend(_reader(hints[name]) for name in names)
        name, *parts = _list(value)
        if name != of.__name__:
            raise StoredError(f"`{name}` is no {of.__name__}")
        given = zip(names, readers, parts, strict=True)
        return of(**{name: reader(part) for name, reader, part in given})

    return read


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise StoredError(f"`{value!r}` is no list")
    return value
