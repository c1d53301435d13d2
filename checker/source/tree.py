"""What JSON and YAML text is made of: nodes that know where they stand."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from math import isfinite
from typing import TypeAlias

from checker.source.symbols import RESERVED, is_reserved
from checker.span import Span, whole_file


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, number, Boolean or null.

    `value` is `str` for a string, `bool` or `None` for these, and `Number` for a number, whose
    text is kept: `1.10` and `111122223333` must not be altered by arithmetic.
    """

    value: str | bool | Number | None
    span: Span


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written."""

    text: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list; `span` runs from bracket to bracket, or over the items of a YAML block."""

    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Entry:
    """One member of a mapping. `key.value` is always a `str`."""

    key: Scalar
    value: Node

    @property
    def name(self) -> str:
        """The key's text."""
        return str(self.key.value)


@dataclass(frozen=True, slots=True)
class Mapping:
    """An object; no two entries have the same name (readers reject that)."""

    entries: tuple[Entry, ...]
    span: Span

    def get(self, name: str) -> Node | None:
        """Return the value of the entry `name`, in exactly this spelling, if there is one."""
        return next((entry.value for entry in self.entries if entry.name == name), None)


Node: TypeAlias = Scalar | Sequence | Mapping


def from_python(value: object, at: Span | None = None) -> Node:
    """Return the node of a value made of dicts, lists and scalars; every span is `at`.

    Errors: `TypeError` for anything that JSON cannot hold, NaN and infinities included.
    """
    where = at or whole_file("policy")
    match value:
        case str():
            return Scalar(_written(value), where)
        case bool() | None:
            return Scalar(value, where)
        case int():
            return Scalar(Number(str(value)), where)
        case float() if isfinite(value):
            return Scalar(Number(repr(value)), where)
        case list() | tuple():
            return Sequence(tuple([from_python(item, where) for item in value]), where)
        case AbstractMapping():
            return Mapping(tuple([_entry(k, v, where) for k, v in value.items()]), where)
        case _:
            raise TypeError(f"a policy cannot hold a {type(value).__name__}")


def _written(text: str) -> str:
    if is_reserved(text):
        raise TypeError(RESERVED)
    return text


def _entry(key: object, value: object, where: Span) -> Entry:
    if not isinstance(key, str):
        raise TypeError(f"the name of a policy element is a string, not a {type(key).__name__}")
    return Entry(Scalar(_written(key), where), from_python(value, where))
