"""Statements rewritten: elements exchanged, and a truth value asked for as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checker.source.documents import content
from checker.source.symbols import flag, holds_mark
from checker.source.tree import Entry, Mapping, Node, Scalar, Sequence
from checker.span import Span


@dataclass(frozen=True, slots=True)
class Grammar:
    """By what the text of a document is read, beyond the text: equal text then means the same."""

    has_variables: bool

    def flag(self, about: str, content: str = "") -> str:
        """Return the truth value of what an unknown text is about, under this reading."""
        return flag(about, repr((self.has_variables, content)))


def items(node: Node) -> tuple[Node, ...]:
    """Return the items of a list, or the only value."""
    return node.items if isinstance(node, Sequence) else (node,)


def text_of(node: Node) -> str:
    """Return a text, or "" for what is none."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else ""


def is_open(node: Node) -> bool:
    """Whether some text of a node is unknown."""
    match node:
        case Scalar():
            return holds_mark(text_of(node))
        case Sequence(several):
            return any(is_open(item) for item in several)
        case Mapping(entries):
            return any(holds_mark(entry.name) or is_open(entry.value) for entry in entries)


def split(
    node: Mapping, element: str, is_unknown: Callable[[str], bool]
) -> tuple[str, tuple[Node, ...], tuple[Scalar, ...]]:
    """Return the name of an element as it is there, its items that are known, and the others."""
    name = element if node.get(element) is not None else f"Not{element}"
    value = node.get(name)
    known: list[Node] = []
    unknown: list[Scalar] = []
    for item in items(value) if value is not None else ():
        if isinstance(item, Scalar) and is_unknown(text_of(item)):
            unknown.append(item)
        else:
            known.append(item)
    return name, tuple(known), tuple(unknown)


def with_items(node: Mapping, name: str, several: tuple[Node, ...]) -> Mapping:
    """Return an object with other items in one of its lists."""
    return _each(node, name, lambda e: Entry(e.key, Sequence(several, e.value.span)))


def renamed(node: Mapping, name: str, new: str, text: str) -> Mapping:
    """Return an object with one member of another name, that holds one text."""
    return _each(node, name, lambda e: Entry(Scalar(new, e.key.span), Scalar(text, e.value.span)))


def _each(node: Mapping, name: str, change: Callable[[Entry], Entry]) -> Mapping:
    return Mapping(tuple(change(e) if e.name == name else e for e in node.entries), node.span)


def without(node: Mapping, name: str) -> Mapping:
    """Return an object without the members of a name."""
    return Mapping(tuple(e for e in node.entries if e.name != name), node.span)


def added(node: Mapping, name: str, value: Node) -> Mapping:
    """Return an object with one member more."""
    return Mapping((*node.entries, Entry(Scalar(name, value.span), value)), node.span)


def under(node: Mapping, truth: str, at: Span, *, holds: bool = True) -> Mapping:
    """Return a statement that asks for a truth value as well."""
    wanted = Scalar(str(holds).lower(), at)
    asked = Entry(Scalar("Bool", at), Mapping((Entry(Scalar(truth, at), wanted),), at))
    block = node.get("Condition")
    conditions = block.entries if isinstance(block, Mapping) else ()
    whole = Mapping((*conditions, asked), block.span if block else at)
    return Mapping(
        (*without(node, "Condition").entries, Entry(Scalar("Condition", at), whole)), node.span
    )


def said(node: Node) -> str:
    """Return all that a node says, as text that is equal for nodes that say the same."""
    return repr(_sorted(content(node)))


def _sorted(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(repr(_sorted(item)) for item in value)
    if isinstance(value, tuple):
        return tuple(_sorted(item) for item in value)
    return value


def statements(document: Node) -> Iterator[Mapping]:
    """Yield the statements of a document that are objects."""
    body = document.get("Statement") if isinstance(document, Mapping) else None
    for statement in items(body) if body else ():
        if isinstance(statement, Mapping):
            yield statement
