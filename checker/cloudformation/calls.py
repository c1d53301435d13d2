"""Calls of CloudFormation's functions, as they are written: `Fn::Sub`, or `!Sub` for short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from checker.source.tree import Mapping, Node, Number, Scalar, Sequence

_BARE: Final = frozenset({"Ref", "Condition"})


@dataclass(frozen=True, slots=True)
class Call:
    """A function's name without `Fn::`, and what it is given."""

    name: str
    argument: Node


def call(node: Node) -> Call | None:
    """Return the call that an object is, if it is one."""
    if not isinstance(node, Mapping) or len(node.entries) != 1:
        return None
    entry = node.entries[0]
    name = entry.name
    if name.startswith("Fn::") and not name.startswith("Fn::ForEach::"):
        return Call(name[4:], entry.value)
    if name.startswith("!") and not name.startswith(("!!", "!<")):
        return Call(name[1:], entry.value)
    return Call(name, entry.value) if name == "Ref" else None


def condition_call(node: Node) -> Call | None:
    """Return the call that a condition is: `{"Condition": name}` is one here and nowhere else."""
    if isinstance(node, Mapping) and len(node.entries) == 1:
        entry = node.entries[0]
        if entry.name == "Condition":
            return Call("Condition", entry.value)
    return call(node)


def text_of(node: Node | None) -> str | None:
    """Return the text of a string that is written out."""
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return node.value
    return None


def items_of(node: Node | None) -> tuple[Node, ...]:
    """Return the items of a list that is written out; of anything else, it alone."""
    if isinstance(node, Sequence):
        return node.items
    return (node,) if node is not None else ()


def written_as(node: Node) -> str:
    """Return what is written at a node, in one spelling, short forms and long ones alike."""
    parts: list[str] = []
    _write(node, parts)
    return "".join(parts)


def _write(node: Node, parts: list[str]) -> None:
    match node:
        case Scalar(str(text)):
            parts.append(repr(text))
        case Scalar(Number(text)):
            parts.append(text)
        case Scalar(value):
            parts.append(str(value))
        case Sequence(items):
            parts.append("[")
            for item in items:
                _write(item, parts)
                parts.append(", ")
            parts.append("]")
        case Mapping(entries):
            found = call(node)
            parts.append("{")
            for entry in sorted(entries, key=lambda each: each.name):
                parts.append(f"{_long(found.name) if found else entry.name}: ")
                _write(entry.value, parts)
                parts.append(", ")
            parts.append("}")


def _long(name: str) -> str:
    return name if name in _BARE else f"Fn::{name}"
