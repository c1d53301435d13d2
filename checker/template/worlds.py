"""From values that depend on premises to plain nodes: one tree for each way the premises can be.

Both versions of a template live in one world: a premise that both name is true in both or in
neither. What is unknown stays in the text as a mark (`source.symbols`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from checker.source.documents import content
from checker.source.symbols import mark
from checker.source.tree import Entry, Node, Scalar, Sequence
from checker.source.tree import Mapping as ObjectNode
from checker.template.value import (
    Absent,
    Choice,
    Items,
    Joined,
    Member,
    Premise,
    Record,
    Unknown,
    Value,
)

World: TypeAlias = Mapping[Premise, bool]

MOST_WORLDS: Final = 64


class TooManyWorldsError(Exception):
    """More premises than can be looked at one by one; the argument is how many there are."""


def premises(values: Iterable[Value]) -> tuple[Premise, ...]:
    """Return the premises that values depend on, each once, in order."""
    return tuple(dict.fromkeys(found for value in values for found in _premises(value)))


def settled(value: Value, world: World) -> Node | None:
    """Return what a value is in a world; None: it is not there."""
    match value:
        case Scalar():
            return value
        case Absent():
            return None
        case Unknown():
            return Scalar(_marked(value), value.span)
        case Joined(pieces, span):
            return Scalar("".join(p if isinstance(p, str) else _in_text(p) for p in pieces), span)
        case Choice(premise, then, other):
            return settled(then if world[premise] else other, world)
        case Items(values, span):
            return Sequence(tuple(n for v in values if (n := settled(v, world)) is not None), span)
        case Record(members, span):
            return ObjectNode(tuple(_entries(members, world)), span)


def meaning(value: Value) -> object:
    """Return what a value says, without where; equal for values that say the same."""
    match value:
        case Scalar():
            return content(value)
        case Absent():
            return ()
        case Unknown(expression, _, many):
            return ("unknown", expression, many)
        case Joined(pieces):
            return ("text", *(p if isinstance(p, str) else meaning(p) for p in pieces))
        case Choice(premise, then, other):
            return (premise, meaning(then), meaning(other))
        case Items(values):
            return ("list", *(meaning(item) for item in values))
        case Record(members):
            said = ((meaning(m.name), meaning(m.value)) for m in members)
            return ("object", *sorted(said, key=repr))


def is_alike(one: Value, other: Value) -> bool:
    """Whether two values say the same in the same order, so that nobody need sort them."""
    if one is other:  # as where both were read from one text
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return one.value == other.value and type(one.value) is type(other.value)
    if isinstance(one, Items) and isinstance(other, Items):
        return len(one.values) == len(other.values) and all(map(is_alike, one.values, other.values))
    if isinstance(one, Record) and isinstance(other, Record):
        return len(one.members) == len(other.members) and all(
            map(_is_member_alike, one.members, other.members)
        )
    if isinstance(one, Unknown) and isinstance(other, Unknown):
        return one.expression == other.expression and one.many == other.many
    return meaning(one) == meaning(other)


def _is_member_alike(one: Member, other: Member) -> bool:
    return is_alike(one.name, other.name) and is_alike(one.value, other.value)


def known(node: Node) -> Value:
    """Return the value of a node of which everything is known."""
    match node:
        case Scalar():
            return node
        case Sequence(items, span):
            return Items(tuple(known(item) for item in items), span)
        case ObjectNode(entries, span):
            return Record(tuple(Member(e.key, known(e.value)) for e in entries), span)


def _entries(members: Iterable[Member], world: World) -> Iterator[Entry]:
    for member in members:
        node = settled(member.value, world)
        name = settled(member.name, world)
        if node is not None and isinstance(name, Scalar):
            yield Entry(name, node)


def _marked(of: Unknown) -> str:
    return mark(of.expression, many=of.many)


def _in_text(of: Unknown) -> str:
    """Return the mark of an unknown inside a text, where no list can stand."""
    return mark(of.expression)


def _premises(value: Value) -> Iterator[Premise]:
    match value:
        case Choice(premise, then, other):
            yield premise
            yield from _premises(then)
            yield from _premises(other)
        case Items(values):
            for item in values:
                yield from _premises(item)
        case Record(members):
            for member in members:
                yield from _premises(member.value)
        case Scalar() | Unknown() | Joined() | Absent():
            return
