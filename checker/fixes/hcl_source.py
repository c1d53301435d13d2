"""A file of Terraform's language as text: its lists, objects and bodies, and where their parts are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final, TypeAlias

from checker.errors import PolicySyntaxError
from checker.refinement.text_edits import Text
from checker.span import Span
from checker.terraform.blocks import File, read_file
from checker.terraform.syntax import (
    Attribute,
    Block,
    Call,
    Condition,
    Expression,
    For,
    Index,
    Interpolation,
    Literal,
    Object,
    Operation,
    Part,
    Repetition,
    Splat,
    Template,
    Ternary,
    Tuple,
)

Syntax: TypeAlias = Expression | Block

_MARK: Final = "\ufeff"  # a byte-order mark counts as no column
_CLOSED: Final = re.compile(r'(?:\s*\)|\s*~?\}")*+').match
"""Matches what may stand behind a value and is part of it: `)` and the end of `"${…}"`."""


class Kind(Enum):
    """What holds parts, and how these are told apart."""

    LIST = "[]"
    OBJECT = "{}"
    BODY = "a block"


@dataclass(frozen=True, slots=True)
class Child:
    """One part, by offsets: an item, a member or argument with its name, or a block.

    value: where the value begins; of an item or a block, that is all of it.
    """

    start: int
    value: int
    end: int
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Group:
    """What stands between two brackets; `start` and `end` are inside of them."""

    kind: Kind
    start: int
    end: int
    children: tuple[Child, ...]

    def place(self, span: Span) -> int | None:
        """Return which part has its value at a span."""
        return next((n for n, each in enumerate(self.children) if each.span == span), None)

    def named(self, name: str) -> int | None:
        """Return which member or argument has a name."""
        return next((n for n, each in enumerate(self.children) if each.name == name), None)


class Source:
    """The text of one file, and what was read from it; nothing of a file in another language."""

    __slots__ = ("file", "path", "text")

    def __init__(self, text: str, path: str) -> None:
        self.text = Text(text)
        self.path = path
        is_ours = path.endswith((".tf", ".tofu", ".tfvars"))
        self.file: File | None = read_file(text, path) if is_ours else None

    def group(self, span: Span) -> Group | None:
        """Return the list, object or block that stands at a span."""
        found = (each for each in self._around(span) if each.span == span)
        groups = (made for each in found if (made := self._group(each)) is not None)
        return next(groups, None)

    def block(self, span: Span) -> Block | None:
        """Return the block that stands at a span."""
        blocks = (each for each in self._around(span) if isinstance(each, Block))
        return next((each for each in blocks if each.span == span), None)

    def block_around(self, span: Span, types: tuple[str, ...]) -> Block | None:
        """Return the innermost block of one of some types that a span is in."""
        blocks = [each for each in self._around(span) if isinstance(each, Block)]
        return next((each for each in reversed(blocks) if each.type in types), None)

    def holder(self, span: Span) -> tuple[Group, int] | None:
        """Return the innermost list, object or body with a value at a span, and which that is."""
        for each in reversed(list(self._around(span))):
            group = self._group(each)
            place = group.place(span) if group else None
            if group is not None and place is not None:
                return group, place
        return None

    def value(self, span: Span) -> Group | None:
        """Return the one value that stands at a span, wherever that is in an expression."""
        held = self.holder(span)
        if held is not None:
            return Group(held[0].kind, held[0].start, held[0].end, (held[0].children[held[1]],))
        if not any(each.span == span for each in self._around(span)):
            return None
        start, end = self.text.offset(span.start), self.text.offset(span.end)
        return Group(Kind.LIST, start, end, (Child(start, start, end, "", span),))

    def literal(self, span: Span) -> str | None:
        """Return what the string at a span says, if nothing in it is filled in."""
        for each in self._around(span):
            if isinstance(each, Literal) and each.span == span:
                return each.value.value if isinstance(each.value.value, str) else None
        return None

    def _around(self, span: Span) -> Iterator[Syntax]:
        """Yield what a span lies in, from the outside."""
        if self.file is None or span.path != self.path:
            return
        try:
            tops: list[Syntax] = [each.value for each in self.file.arguments]
            headers = (h for h in self.file.headers if _covers(self.file.span(h), span))
            tops += [self.file.block(header) for header in headers]
        except PolicySyntaxError:
            return
        found = next((each for each in tops if _covers(each.span, span)), None)
        while found is not None:
            yield found
            inner = _inside(found)
            found = next((each for each in inner if _covers(each.span, span)), None)

    def _group(self, node: Syntax) -> Group | None:
        match node:
            case Tuple(items, span):
                start, end = self._inner(span)
                return Group(Kind.LIST, start, end, tuple(self._items(items, start)))
            case Object(members, span):
                start, end = self._inner(span)
                return Group(Kind.OBJECT, start, end, tuple(self._members(members, start)))
            case Block():
                return self._body(node)
            case _:
                return None

    def _inner(self, span: Span) -> tuple[int, int]:
        return self.text.offset(span.start) + 1, self.text.offset(span.end) - 1

    def _items(self, items: tuple[Expression, ...], at: int) -> Iterator[Child]:
        for item in items:
            start = self._after_comma(at)
            at = self._end(item)
            yield Child(start, start, at, "", item.span)

    def _members(
        self, members: tuple[tuple[Expression, Expression], ...], at: int
    ) -> Iterator[Child]:
        for key, value in members:
            start = self._after_comma(at)
            equals = self._skip(self._end(key), lines=False)
            at = self._end(value)
            yield Child(start, self._skip(equals + 1, lines=False), at, _name(key), value.span)

    def _body(self, block: Block) -> Group | None:
        if self.file is None:
            return None
        start = self.text.offset(block.span.start)
        labels = self._skip(start + len(block.type), lines=False)
        header = self.file.reader.header(block.type, start, labels)
        children = [
            Child(start, self._value(start), self._end(each.value), each.name, each.value.span)
            for each in block.body.arguments
            for start in (self.text.offset(each.at.start),)
        ]
        children += [
            Child(start, start, self.text.offset(each.span.end), each.type, each.span)
            for each in block.body.blocks
            for start in (self.text.offset(each.span.start),)
        ]
        children.sort(key=lambda each: each.start)
        return Group(Kind.BODY, header.inside, header.end - 1, tuple(children))

    def _value(self, start: int) -> int:
        """Return where the value of an argument begins."""
        return self._skip(self.text.text.index("=", start) + 1, lines=False)

    def _end(self, value: Expression) -> int:
        end = self.text.offset(value.span.end)
        closed = _CLOSED(self.text.text, end)
        return closed.end() if closed else end

    def _after_comma(self, at: int) -> int:
        at = self._skip(at, lines=True)
        return self._skip(at + 1, lines=True) if self.text.text.startswith(",", at) else at

    def _skip(self, at: int, *, lines: bool) -> int:
        return self.file.reader.skip(at, lines=lines) if self.file else at


def _covers(outer: Span, inner: Span) -> bool:
    return outer.path == inner.path and outer.start <= inner.start and inner.end <= outer.end


def _name(key: Expression) -> str:
    is_text = isinstance(key, Literal) and isinstance(key.value.value, str)
    return str(key.value.value) if is_text and isinstance(key, Literal) else ""


def _inside(node: Syntax) -> Iterator[Syntax]:  # noqa: C901, PLR0912 - one case for each kind
    """Yield what is right below."""
    match node:
        case Block(body=body):
            yield from (each.value for each in body.arguments)
            yield from body.blocks
        case Tuple(items):
            yield from items
        case Object(members):
            for key, value in members:
                yield from (key, value)
        case Call(arguments=arguments):
            yield from arguments
        case For(collection=collection, member=member, value=value, condition=condition):
            yield from (each for each in (collection, member, value, condition) if each)
        case Ternary(condition, then, other):
            yield from (condition, then, other)
        case Operation(_, operands):
            yield from operands
        case Index(of, key):
            yield from (of, key)
        case Attribute(of):
            yield of
        case Splat(of, each):
            yield from (of, each)
        case Template(parts):
            yield from _in_parts(parts)
        case _:
            return


def _in_parts(parts: tuple[Part, ...]) -> Iterator[Syntax]:
    for part in parts:
        match part:
            case Interpolation(value):
                yield value
            case Condition(condition, then, other):
                yield condition
                yield from _in_parts((*then, *other))
            case Repetition(collection=collection, parts=inner):
                yield collection
                yield from _in_parts(inner)
            case _:
                pass


def source(data: bytes | None, path: str) -> Source | None:
    """Return a file; None if it is not there, or not UTF-8."""
    if data is None:
        return None
    try:
        return _source(data.decode("utf-8").removeprefix(_MARK), path)
    except UnicodeDecodeError:
        return None


@lru_cache(maxsize=64)
def _source(text: str, path: str) -> Source:
    return Source(text, path)
