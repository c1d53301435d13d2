"""Policies written as JSON text inside a template."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from checker.cloudformation.alignment import Where, where
from checker.cloudformation.calls import call, items_of, text_of
from checker.cloudformation.resolve import Resolver
from checker.cloudformation.tests import chosen
from checker.cloudformation.texts import from_pieces, written
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


def document(node: Node, to: Resolver) -> Value:
    """Return the document that a node stands for, as an object where it is JSON text.

    What is made JSON text of, and JSON text with references in it, keep the places of their parts.
    Errors: `NotFollowedError` where text is no JSON.
    """
    found = call(node)
    if found and found.name == "ToJsonString":
        return to.value(found.argument)
    items = items_of(found.argument) if found else ()
    if found and found.name == "If" and len(items) == 3 and (name := text_of(items[0])) is not None:
        test = to.condition(name)
        if isinstance(test, bool):
            return document(items[1 if test else 2], to)
        return chosen(test, document(items[1], to), document(items[2], to), node.span)
    if found and found.name == "Sub" and (value := _with_references(items, to)) is not None:
        return value
    return _read_inside(to.value(node), to)


def _read_inside(value: Value, to: Resolver) -> Value:
    """Return an object where a value is one written as JSON text."""
    match value:
        case Choice(premise, then, other, span):
            return Choice(premise, _read_inside(then, to), _read_inside(other, to), span)
        case Scalar(str(text), span):
            return _read(text, {}, _places(text, span, to), span)
        case Joined(pieces, span):
            return _joined(pieces, span)
        case _:
            return value


def _with_references(items: tuple[Node, ...], to: Resolver) -> Value | None:
    """Return the object of a JSON text that `Fn::Sub` completes, each string for itself.

    None where a reference stands outside a string, or stands for more than the inside of one.
    """
    if not items or len(items) > 2 or (text := text_of(items[0])) is None:
        return None
    variables: dict[str, Value] = {}
    if len(items) == 2:
        if not isinstance(items[1], Mapping):
            return None
        variables = {entry.name: to.value(entry.value) for entry in items[1].entries}
    span = items[0].span
    try:
        node = read_json(text, span.path)
    except PolicySyntaxError:
        return None
    if _breaks_out(to.text(text, variables, span), text):
        return None
    place = _places(text, span, to)
    return _Builder(lambda string, at: to.text(string, variables, at), place).value(node)


def _breaks_out(value: Value, text: str) -> bool:
    """Whether a known value brings in what ends or escapes a string of JSON."""
    if isinstance(value, Choice):
        return _breaks_out(value.then, text) or _breaks_out(value.other, text)
    pieces = value.pieces if isinstance(value, Joined) else (value,)
    known = "".join(
        piece if isinstance(piece, str) else written(piece)
        for piece in pieces
        if isinstance(piece, str | Scalar)
    )
    return any(known.count(sign) != text.count(sign) for sign in ('"', "\\"))


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
    return _read("".join(text), unknown, lambda _: span, span)


def _read(text: str, unknown: dict[str, Unknown], place: Where, span: Span) -> Value:
    try:
        node = read_json(text, span.path)
    except PolicySyntaxError as error:
        raise NotFollowedError(f"its text is not JSON: {error.problem}", error.hint) from None
    return _Builder(lambda string, at: _pieces(string, unknown, at), place).value(node)


def _places(text: str, span: Span, to: Resolver) -> Where:
    """Return where a span inside a text stands, when the text itself stands at `span`."""
    return where(text, to.written(span), span)


def _pieces(text: str, unknown: dict[str, Unknown], span: Span) -> Value:
    """Return a string with its unknown pieces."""
    pieces: list[str | Unknown] = []
    for character in text:
        sign = unknown.get(character)
        if sign is not None:
            pieces.append(sign)
        elif pieces and isinstance(pieces[-1], str):
            pieces[-1] += character
        else:
            pieces.append(character)
    return from_pieces(pieces, span)


@dataclass(frozen=True, slots=True)
class _Builder:
    """Nodes of a JSON text to values of the template that holds it."""

    text: Callable[[str, Span], Value]
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
        if not isinstance(name, Scalar | Joined | Unknown):
            raise NotFollowedError("the name of a member depends on a condition")
        return name
