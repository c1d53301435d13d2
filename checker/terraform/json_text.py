"""JSON in a text of which some is not known, each part with its place in the file."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from checker.errors import PolicySyntaxError
from checker.source.json_reader import read_json
from checker.source.tree import Mapping, Node, Number, Scalar, Sequence
from checker.span import Position, Span
from checker.template.value import Choice, Items, Joined, Member, Record, Unknown, Value
from checker.terraform.values import Piece, Written, joined, number_text

_IN_STRING: Final = re.compile(r'(?:[^"\\]++|\\.)*+(")?', re.DOTALL).match
_OUTSIDE: Final = re.compile(r'[^"]*+(")?', re.DOTALL).match


def read_json_text(pieces: tuple[Piece, ...], whole: Value) -> Value:
    """Return the value that a JSON text is; `pieces` is the text of `whole`.

    An unknown inside a string is a piece of it; one outside stands for any value, or any number.

    Errors: `PolicySyntaxError` where it is not JSON, at its place in the file.
    """
    places = whole.places if isinstance(whole, Written) else ((whole.span, False),) * len(pieces)
    sign = _sign(pieces)
    laid = _Laid(places, whole.span)
    bare: set[int] = set()
    shown: list[str] = []
    inside = False
    for index, piece in enumerate(pieces):
        if isinstance(piece, str):
            inside = _state(piece, inside=inside)
            shown.append(piece)
        else:
            mark = f"{sign}{index};"
            shown.append(mark if inside else f'"{mark}"')
            if not inside:
                bare.add(index)
    laid.measure(shown)
    try:
        node = read_json("".join(shown), whole.span.path)
    except PolicySyntaxError as error:
        hint = error.hint
        raise PolicySyntaxError(error.problem, laid.span(error.at), hint=hint) from None
    return _Names(pieces, sign, frozenset(bare), laid).value(node)


def encoded(value: Value) -> Value:
    """Return a value with its numbers as JSON has them: `1.50` is written as `1.5`."""
    match value:
        case Scalar(Number(written), span) if not written.isdecimal():
            return Scalar(Number(number_text(written)), span)
        case Choice(premise, then, other, span):
            return Choice(premise, encoded(then), encoded(other), span)
        case Items(values, span):
            return Items(tuple([encoded(each) for each in values]), span)
        case Record(members, span):
            return Record(tuple([Member(m.name, encoded(m.value)) for m in members]), span)
        case _:
            return value


def _sign(pieces: tuple[Piece, ...]) -> str:
    """Return a word that is nowhere in the text."""
    known = "".join(piece for piece in pieces if isinstance(piece, str))
    sign = "unknown"
    while sign in known:
        sign += "x"
    return sign


def _state(text: str, *, inside: bool) -> bool:
    """Return whether a text that begins inside or outside a JSON string ends inside one."""
    at = 0
    while True:
        found = (_IN_STRING if inside else _OUTSIDE)(text, at)
        if found is None or found[1] is None:
            return inside
        inside = not inside
        at = found.end()


class _Laid:
    """Where each character of a text stands in the file."""

    __slots__ = ("lines", "places", "starts", "whole")

    def __init__(self, places: tuple[tuple[Span, bool], ...], whole: Span) -> None:
        self.places = places
        self.whole = whole
        self.starts: list[int] = []
        self.lines: list[int] = [0]

    def measure(self, shown: list[str]) -> None:
        """Take in the lengths of the pieces."""
        at = 0
        for piece in shown:
            self.starts.append(at)
            at += len(piece)
        self.lines += [match.end() for match in re.finditer("\n", "".join(shown))]

    def span(self, at: Span) -> Span:
        """Return the place in the file of a place in the text."""
        if not any(exact for _, exact in self.places):
            return self.places[0][0] if len(self.places) == 1 else self.whole
        start, _ = self.position(at.start, is_end=False)
        end, path = self.position(at.end, is_end=True)
        return Span(path, start, max(start, end))

    def position(self, position: Position, *, is_end: bool) -> tuple[Position, str]:
        """Return the place in the file of a point in the text, and the file."""
        offset = self.lines[position.line - 1] + position.column - 1
        index = bisect_right(self.starts, offset - is_end) - 1
        if index < 0:
            return self.whole.start, self.whole.path
        place, exact = self.places[index]
        if not exact:
            return (place.end if is_end else place.start), place.path
        start = place.start
        return Position(start.line, start.column + offset - self.starts[index]), place.path


@dataclass(frozen=True, slots=True)
class _Names:
    """Puts the unknown pieces back where their signs stand."""

    pieces: tuple[Piece, ...]
    sign: str
    bare: frozenset[int]
    laid: _Laid

    def value(self, node: Node) -> Value:
        """Return the value of a node."""
        match node:
            case Scalar():
                return self.scalar(node)
            case Sequence(items, span):
                return Items(tuple([self.value(each) for each in items]), self.laid.span(span))
            case Mapping(entries, span):
                members = [Member(self.scalar(e.key), self.value(e.value)) for e in entries]
                return Record(tuple(members), self.laid.span(span))

    def scalar(self, node: Scalar) -> Scalar | Joined | Unknown:
        """Return a text with its unknown pieces."""
        at = self.laid.span(node.span)
        if not isinstance(node.value, str) or self.sign not in node.value:
            return Scalar(node.value, at)
        found: list[Piece] = []
        for part in re.split(rf"({self.sign}\d+;)", node.value):
            number = part.removeprefix(self.sign).removesuffix(";")
            if part == f"{self.sign}{number};" and number.isdecimal():
                found.append(self.piece(int(number), at))
            else:
                found.append(part)
        pieces = joined(found)
        if len(pieces) == 1 and isinstance(only := pieces[0], Unknown):
            return only
        return Joined(pieces, at)

    def piece(self, index: int, at: Span) -> Unknown:
        """Return one unknown piece."""
        piece = self.pieces[index]
        assert isinstance(piece, Unknown)  # noqa: S101 - only unknown ones have a sign
        is_bare = index in self.bare
        expression = _decoded(piece.expression) if is_bare else piece.expression
        return Unknown(expression, at, many=is_bare)


def _decoded(expression: str) -> str:
    """Return what an encoded value is; of `jsonencode(x)` it is `x`."""
    inner = expression.removeprefix("jsonencode(").removesuffix(")")
    if len(inner) + len("jsonencode()") != len(expression):
        return f"jsondecode({expression})"
    depth = 0
    for character in inner:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return f"jsondecode({expression})"
    return inner
