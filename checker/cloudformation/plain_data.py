"""Templates as dicts and lists, for the library that knows the Serverless Application Model."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeAlias

from checker.cloudformation.calls import call
from checker.source.tree import Entry, Mapping, Node, Number, Scalar, Sequence
from checker.span import Span

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"


def plain(node: Node) -> Plain:
    """Return a node without its places; short forms of functions are written out."""
    match node:
        case Scalar(Number(text)):
            return int(text) if text.lstrip("-").isdecimal() else float(text)
        case Scalar(value):
            return None if isinstance(value, Number) else value
        case Sequence(items):
            return [plain(item) for item in items]
        case Mapping(entries):
            found = call(node)
            if found is None:
                return {entry.name: plain(entry.value) for entry in entries}
            name = found.name if found.name in ("Ref", "Condition") else f"Fn::{found.name}"
            given = plain(found.argument)
            if found.name == "GetAtt" and isinstance(given, str):
                return {name: [*given.split(".", 1)]}
            return {name: given}


def frozen(data: Plain) -> Hashable:
    """Return what data says, as something that can be looked up."""
    match data:
        case dict():
            return frozenset((name, frozen(value)) for name, value in data.items())
        case list():
            return tuple(frozen(item) for item in data)
        case _:
            return (type(data).__name__, data)


def node_of(data: Plain, at: Span) -> Node:
    """Return the node of data that is written nowhere; all of it stands at one place."""
    match data:
        case dict():
            return Mapping(
                tuple(Entry(Scalar(name, at), node_of(value, at)) for name, value in data.items()),
                at,
            )
        case list():
            return Sequence(tuple(node_of(item, at) for item in data), at)
        case bool() | None | str():
            return Scalar(data, at)
        case _:
            return Scalar(Number(repr(data)), at)
