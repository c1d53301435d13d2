"""Values while an expression is worked out, and what they are as text.

Two kinds of text know more than their characters: what `jsonencode` made still knows its value,
and a heredoc still knows on which line each piece of it stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Final, Protocol, TypeAlias

from checker.source.tree import Mapping, Node, Number, Scalar, Sequence
from checker.span import Span
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
from checker.terraform.asked import one_text

LONGEST: Final = 400  # characters of an expression that is its own name; longer ones are hashed
LONGEST_TEXT: Final = 2_000_000  # characters
Piece: TypeAlias = str | Unknown
_quoted: Final = json.JSONEncoder(ensure_ascii=False).encode  # `json.dumps` makes one each time


@dataclass(frozen=True, slots=True)
class Encoded(Joined):
    """The JSON text of a value; `pieces` is empty, `pieces_of` has them."""

    value: Value


@dataclass(frozen=True, slots=True)
class Set(Items):
    """A list in the order of a set: the key of an item is the item, and no number."""


@dataclass(frozen=True, slots=True)
class Written(Joined):
    """Text of several lines; each piece with its place, and whether it stands there as it is."""

    places: tuple[tuple[Span, bool], ...]


@dataclass(frozen=True, slots=True)
class Broken(Unknown):
    """What an expression is under a premise where Terraform would refuse it."""


class Object(Protocol):
    """A resource, data source or module call, which is asked for one attribute at a time."""

    @property
    def content(self) -> str:
        """What tells it from another one at the same address, if its attributes are policies."""
        ...

    def attribute(self, name: str, at: Span) -> Value:
        """Return the value of an attribute."""
        ...


@dataclass(frozen=True, slots=True)
class Reference(Unknown):
    """A resource, data source or module call as a value; `expression` is its address."""

    of: Object = field(kw_only=True, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Texts(Unknown):
    """A list, set or map that nobody knows but for its type: its items are texts or numbers."""


@dataclass(frozen=True, slots=True)
class Repeated(Unknown):
    """An item that stands for any number of items, of which each is made in the same way.

    `expression` is the list; `value` is one item of it, made of one that nobody knows. `some` is
    the expression that is true if there are any.
    """

    value: Value = field(kw_only=True, repr=False)
    some: str = field(kw_only=True, repr=False)


class FailedError(Exception):
    """An expression that Terraform would refuse: a name that is not there, a wrong type."""

    def __init__(self, problem: str, at: Span) -> None:
        super().__init__(problem)
        self.problem = problem
        self.at = at


class TooMuchError(FailedError):
    """A module asks for more work than is done for one."""


def text(value: str, at: Span) -> Scalar:
    """Return a known text."""
    return Scalar(value, at)


def truth(value: bool, at: Span) -> Scalar:  # noqa: FBT001
    """Return a known Boolean."""
    return Scalar(value, at)


def number(value: Decimal | int, at: Span) -> Scalar:
    """Return a known number."""
    return Scalar(Number(number_text(str(value))), at)


def number_text(written: str) -> str:
    """Return a number as Terraform writes it into a text."""
    if written.isdecimal():
        return written.lstrip("0") or "0"
    try:
        value = Decimal(written)
    except InvalidOperation:
        return written
    if not value.is_finite() or abs(value.adjusted()) > 100:
        return written
    shown = format(value, "f")
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return "0" if shown in ("-0", "") else shown


def decimal_of(value: Value) -> Decimal | None:
    """Return the number that a known value is or can be taken for."""
    match value:
        case Scalar(Number(written)) | Scalar(str(written)):
            try:
                return Decimal(written)
            except InvalidOperation:
                return None
        case _:
            return None


def pieces_of(value: Value) -> tuple[Piece, ...] | None:
    """Return the text that a value is in a template; None for lists, objects, null and choices."""
    if type(value) is Scalar and isinstance(value.value, str):  # by far the most
        return (value.value,)
    match value:
        case Encoded(value=inner):
            return joined(json_pieces(inner))
        case Joined(pieces):
            return pieces
        case Unknown():
            return (value,)
        case Scalar(str(known)):
            return (known,)
        case Scalar(bool(known)):
            return ("true" if known else "false",)
        case Scalar(Number(written)):
            return (number_text(written),)
        case _:
            return None


def known_text(value: Value) -> str | None:
    """Return the text of a value that is wholly known."""
    if type(value) is Scalar and isinstance(value.value, str):
        return value.value
    pieces = pieces_of(value)
    if pieces is None:
        return None
    known = [piece for piece in pieces if isinstance(piece, str)]
    return "".join(known) if len(known) == len(pieces) else None


def joined(pieces: Iterator[Piece] | tuple[Piece, ...] | list[Piece]) -> tuple[Piece, ...]:
    """Return pieces with neighbouring known ones made one, and empty ones gone."""
    if isinstance(pieces, tuple) and len(pieces) == 1:
        return pieces if pieces[0] != "" else ()
    found: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and found and isinstance(last := found[-1], str):
            found[-1] = last + piece
        elif piece != "":
            found.append(piece)
    return tuple(found)


def text_of(pieces: tuple[Piece, ...] | list[Piece], at: Span) -> Value:
    """Return a text of pieces."""
    whole = joined(pieces)
    match whole:
        case ():
            return Scalar("", at)
        case (str(known),):
            return Scalar(known, at)
        case (Unknown(expression),):
            return Unknown(expression, at)
        case _:
            return Joined(whole, at)


def json_pieces(value: Value) -> Iterator[Piece]:  # noqa: C901 - one case for each kind
    """Yield the JSON text of a value; a choice or an unknown is an unknown JSON text."""
    match value:
        case Encoded() | Joined():
            yield '"'
            for piece in pieces_of(value) or ():
                yield _json_text(piece)[1:-1] if isinstance(piece, str) else piece
            yield '"'
        case Scalar(Number(written)):
            yield number_text(written)
        case Scalar(known):
            yield _json_text(known)
        case Unknown(expression, span, many):
            if many:
                yield Unknown(f"jsonencode({expression})", span)
            else:
                yield from ('"', value, '"')
        case Choice(span=span):
            yield Unknown(f"jsonencode({canonical(value)})", span)
        case Absent():
            yield "null"
        case Items(values):
            yield from _listed("[", [list(json_pieces(each)) for each in values], "]")
        case Record(members):
            ordered = sorted(members, key=lambda m: known_text(m.name) or "")
            shown = [[*json_pieces(m.name), ":", *json_pieces(m.value)] for m in ordered]
            yield from _listed("{", shown, "}")


def _json_text(value: object) -> str:
    """Return the JSON of a text, Boolean or null, with the escapes that Terraform writes."""
    shown = _quoted(value)
    return shown.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _listed(opening: str, shown: list[list[Piece]], closing: str) -> Iterator[Piece]:
    yield opening
    for index, each in enumerate(shown):
        if index:
            yield ","
        yield from each
    yield closing


def canonical(value: Value) -> str:
    """Return the one spelling of a value: equal values have equal ones."""
    if type(value) is Scalar and isinstance(value.value, str):
        return named(_quoted(value.value))
    return named("".join(_spelled(value)))


def named(expression: str) -> str:
    """Return an expression; a very long one by its hash."""
    if len(expression) <= LONGEST:
        return expression
    return f"{expression[:40]}…{sha256(expression.encode(errors='replace')).hexdigest()[:24]}"


def _spelled(value: Value) -> Iterator[str]:  # noqa: C901 - one case for each kind
    match value:
        case Encoded(value=inner):
            yield "jsonencode("
            yield from _spelled(inner)
            yield ")"
        case Joined(pieces):
            yield _spelled_text(pieces)
        case Scalar(Number(written)):
            yield number_text(written)
        case Scalar(known):
            yield _quoted(known)
        case Reference(expression, of=owner):
            yield f"{expression}{owner.content}"
        case Unknown(expression):
            yield expression
        case Absent():
            yield "null"
        case Choice(premise, then, other):
            yield f"({premise.expression} ? "
            yield from _spelled(then)
            yield " : "
            yield from _spelled(other)
            yield ")"
        case Items(values):
            yield "["
            for each in values:
                yield from _spelled(each)
                yield ","
            yield "]"
        case Record(members):
            yield "{"
            for member in sorted(members, key=lambda m: canonical(m.name)):
                yield from _spelled(member.name)
                yield "="
                yield from _spelled(member.value)
                yield ","
            yield "}"


def _spelled_text(pieces: tuple[Piece, ...]) -> str:
    """Return the spelling of a text; one unknown alone is that unknown."""
    whole = joined(pieces)
    if len(whole) == 1 and isinstance(only := whole[0], Unknown):
        return only.expression
    shown = [
        _quoted(piece)[1:-1] if isinstance(piece, str) else f"${{{piece.expression}}}"
        for piece in whole
    ]
    return f'"{"".join(shown)}"'


def plain(value: Value) -> Value:
    """Return a value as the judge takes it, without what only the working out needs."""
    if type(value) is Scalar:
        return value
    match value:
        case Joined(span=span):
            pieces = pieces_of(value) or ()
            if len(pieces) == 1:
                return text_of(pieces, span)
            return text_of([p if isinstance(p, str) else one_text(p) for p in pieces], span)
        case Choice(premise, then, other, span):
            return Choice(premise, plain(then), plain(other), span)
        case Items(values, span):
            return Items(tuple([_plain_item(each) for each in values]), span)
        case Reference(span=span, many=many) | Texts(span=span, many=many):
            return Unknown(canonical(value), span, many)
        case Unknown(many=False) if type(value) is Unknown:
            return one_text(value)
        case Record(members, span):
            return Record(tuple([_plain_member(each) for each in members]), span)
        case _:
            return value


def _plain_item(item: Value) -> Value:
    """Return an item; one that is made for each of a list is there if the list has any."""
    if type(item) is Scalar:
        return item
    match item:
        case Repeated(span=span, value=value, some=some):
            return Choice(Premise(some), plain(value), Absent(span), span)
        case Choice(premise, then, other, span):
            return Choice(premise, _plain_item(then), _plain_item(other), span)
        case _:
            return plain(item)


def _plain_member(member: Member) -> Member:
    if type(member.name) is Scalar:
        same = type(member.value) is Scalar
        return member if same else Member(member.name, plain(member.value))
    name = plain(member.name)
    kept = name if isinstance(name, Scalar | Joined | Unknown) else member.name
    return Member(kept, plain(member.value))


def unknown(expression: str, at: Span, *, many: bool = True) -> Unknown:
    """Return a value that nobody can know offline."""
    return Unknown(named(expression), at, many)


def whether(expression: str, at: Span, *, subject: str = "", value: str = "") -> Value:
    """Return a Boolean that nobody can know offline."""
    premise = Premise(named(expression), named(subject), value)
    return Choice(premise, Scalar(True, at), Scalar(False, at), at)  # noqa: FBT003


def first_broken(values: tuple[Value, ...]) -> Broken | None:
    """Return the first value that is a failure; what is made of it is one too."""
    return next((each for each in values if isinstance(each, Broken)), None)


def from_node(node: Node, at: Span | None = None) -> Value:
    """Return the value of a node, at its own place or at another one."""
    match node:
        case Scalar(value, span):
            return Scalar(value, at or span)
        case Sequence(items, span):
            return Items(tuple([from_node(each, at) for each in items]), at or span)
        case Mapping(entries, span):
            members = [
                Member(Scalar(each.key.value, at or each.key.span), from_node(each.value, at))
                for each in entries
            ]
            return Record(tuple(members), at or span)
