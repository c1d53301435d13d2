"""Policies written as JSON text inside a template."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from checker.cloudformation.texts import from_pieces
from checker.cloudformation.trouble import NotFollowedError
from checker.errors import PolicySyntaxError
from checker.source.json_reader import read_json
from checker.source.tree import Mapping, Node, Scalar, Sequence
from checker.span import Span
from checker.template.value import (
    Absent,
    Choice,
    Items,
    Joined,
    Member,
    Record,
    Unknown,
    Value,
)

_PRIVATE: Final = range(0xE000, 0xF8FF)
Where = Callable[[Span], Span]


def document(value: Value) -> Value:
    """Return a document as an object, where it is one written as JSON text.

    Errors: `NotFollowedError` where text is no JSON.
    """
    match value:
        case Choice(premise, then, other, span):
            return Choice(premise, document(then), document(other), span)
        case Scalar(str(text), span):
            return _read(text, (), span)
        case Joined(pieces, span):
            return _joined(pieces, span)
        case _:
            return value


def _joined(pieces: tuple[str | Unknown, ...], span: Span) -> Value:
    """Return the object of a JSON text with unknown pieces inside its strings."""
    known = "".join(piece for piece in pieces if isinstance(piece, str))
    free = [chr(code) for code in _PRIVATE if chr(code) not in known]
    unknown: dict[str, Unknown] = {}
    text: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            text.append(piece)
            continue
        sign = next((s for s, each in unknown.items() if each.expression == piece.expression), "")
        if not sign:
            if not free:
                raise NotFollowedError("a JSON text holds too many unknown values")
            sign = free.pop(0)
            unknown[sign] = piece
        text.append(sign)
    return _read("".join(text), tuple(unknown.items()), span)


def _read(text: str, unknown: tuple[tuple[str, Unknown], ...], span: Span) -> Value:
    try:
        node = read_json(text, span.path)
    except PolicySyntaxError as error:
        raise NotFollowedError(f"its text is not JSON: {error.problem}", error.hint) from None
    return _Builder(dict(unknown), _places(text, span)).value(node)


def _places(text: str, span: Span) -> Where:
    """Return where a span inside a text stands, when the text itself stands at `span`."""
    del text
    return lambda _: span


@dataclass(frozen=True, slots=True)
class _Builder:
    """Nodes of a JSON text to values of the template that holds it."""

    unknown: dict[str, Unknown]
    where: Where

    def value(self, node: Node) -> Value:
        """Return the value of a node."""
        span = self.where(node.span)
        match node:
            case Scalar(str(text)):
                return self.text(text, span)
            case Scalar(None):
                return Absent(span)
            case Scalar():
                return replace(node, span=span)
            case Sequence(items):
                return Items(tuple([self.value(item) for item in items]), span)
            case Mapping(entries):
                members = [
                    Member(self.name(entry.key), self.value(entry.value)) for entry in entries
                ]
                return Record(tuple(members), span)

    def name(self, key: Scalar) -> Scalar | Joined | Unknown:
        """Return the name of a member."""
        span = self.where(key.span)
        name = self.text(str(key.value), span)
        return name if isinstance(name, Scalar | Joined | Unknown) else Scalar("", span)

    def text(self, text: str, span: Span) -> Value:
        """Return a string with its unknown pieces."""
        pieces: list[str | Unknown] = []
        for character in text:
            sign = self.unknown.get(character)
            if sign is not None:
                pieces.append(sign)
            elif pieces and isinstance(pieces[-1], str):
                pieces[-1] += character
            else:
                pieces.append(character)
        return from_pieces(pieces, span)
