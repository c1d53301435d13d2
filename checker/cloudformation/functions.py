"""CloudFormation's functions on values that are already resolved.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Final

from checker.cloudformation.texts import from_pieces, joined, lifted, plain, spelled, written
from checker.source.symbols import OWN_ACCOUNT, REGION
from checker.source.tree import Number, Scalar
from checker.span import Span
from checker.template.value import (
    Absent,
    Choice,
    Items,
    Joined,
    Record,
    Unknown,
    Value,
)

_UNCUT: Final = frozenset({OWN_ACCOUNT, REGION})  # lower-case letters, digits, and `-`
_MOST_ABSENT: Final = 8  # items of a list that is joined, each there or not
_CUTS_NOT: Final = re.compile(r"[^0-9a-z-]").search
LISTS: Final = frozenset({"Cidr", "GetAZs", "Split"})
"""The functions that return lists."""


def join(delimiter: Value, values: Value, span: Span) -> Value:
    """Return `Fn::Join`."""
    between = plain(delimiter)
    if isinstance(values, Choice):
        return lifted(values, lambda each: join(delimiter, each, span))
    if between is None or not isinstance(values, Items):
        return unknown("Join", (delimiter, values), span)
    if any(isinstance(each, Unknown) and each.many for each in values.values):
        return unknown("Join", (delimiter, values), span)
    if sum(map(may_be_absent, values.values)) > _MOST_ABSENT:
        return unknown("Join", (delimiter, values), span)
    separator = Scalar(between, span)
    return _join_present(values.values, separator, span)


def _join_present(row: tuple[Value, ...], separator: Scalar, span: Span) -> Value:
    """Join what is there; an item that may be absent takes its delimiter with it."""
    for index, item in enumerate(row):
        if isinstance(item, Choice) and may_be_absent(item):
            then = _join_present((*row[:index], item.then, *row[index + 1 :]), separator, span)
            other = _join_present((*row[:index], item.other, *row[index + 1 :]), separator, span)
            return Choice(item.premise, then, other, span)
    parts: list[Value] = []
    for item in row:
        if not isinstance(item, Absent):
            parts += [separator, item] if parts else [item]
    return joined(parts, span)


def may_be_absent(value: Value) -> bool:
    """Whether there is a way for a value not to be there."""
    if isinstance(value, Choice):
        return may_be_absent(value.then) or may_be_absent(value.other)
    return isinstance(value, Absent)


def split(delimiter: Value, text: Value, span: Span) -> Value:
    """Return `Fn::Split`; an unknown piece is only cut where it cannot hold the delimiter."""
    if isinstance(text, Choice):
        return lifted(text, lambda each: split(delimiter, each, span))
    by = plain(delimiter)
    pieces = text.pieces if isinstance(text, Joined) else (text,)
    if not by:
        return unknown("Split", (delimiter, text), span)
    rows: list[list[str | Unknown]] = [[]]
    for piece in pieces:
        if isinstance(piece, Scalar | str):
            first, *more = (piece if isinstance(piece, str) else written(piece)).split(by)
            rows[-1] += [first] if first else []
            rows += [[each] if each else [] for each in more]
        elif isinstance(piece, Unknown) and piece.expression in _UNCUT and _CUTS_NOT(by):
            rows[-1].append(piece)
        else:
            return unknown("Split", (delimiter, text), span)
    return Items(tuple(from_pieces(row, span) for row in rows), span)


def select(index: Value, values: Value, span: Span) -> Value:
    """Return `Fn::Select`."""
    if isinstance(values, Choice):
        return lifted(values, lambda each: select(index, each, span))
    number = plain(index)
    if number is None or not number.isdecimal() or not isinstance(values, Items):
        return unknown("Select", (index, values), span)
    row = [each for each in values.values if not isinstance(each, Absent)]
    at = int(number[:9])
    unsure = any(
        may_be_absent(each) or (isinstance(each, Unknown) and each.many) for each in row[: at + 1]
    )
    if unsure or at >= len(row):
        return unknown("Select", (index, values), span)
    return row[at]


def base64_of(value: Value, span: Span) -> Value:
    """Return `Fn::Base64`."""
    if isinstance(value, Choice):
        return lifted(value, lambda each: base64_of(each, span))
    text = plain(value)
    if text is None:
        return unknown("Base64", (value,), span)
    return Scalar(base64.b64encode(text.encode("utf-8", "replace")).decode("ascii"), span)


def length(value: Value, span: Span) -> Value:
    """Return `Fn::Length`."""
    if isinstance(value, Choice):
        return lifted(value, lambda each: length(each, span))
    if not isinstance(value, Items) or any(
        may_be_absent(each) or (isinstance(each, Unknown) and each.many) for each in value.values
    ):
        return unknown("Length", (value,), span)
    return Scalar(Number(str(len(value.values))), span)


def to_json(value: Value, span: Span) -> Value:
    """Return `Fn::ToJsonString`."""
    if isinstance(value, Choice):
        return lifted(value, lambda each: to_json(each, span))
    return joined(_json(value, span), span)


def _json(value: Value, span: Span) -> Iterator[Value]:
    """Yield the parts of a value's JSON text."""
    match value:
        case Scalar():
            known = value.value
            text = known.text if isinstance(known, Number) else json.dumps(known)
            yield Scalar(text, span)
        case Joined():
            yield Scalar('"', span)
            for piece in value.pieces:
                if isinstance(piece, str):
                    yield Scalar(json.dumps(piece)[1:-1], span)
                else:
                    yield piece
            yield Scalar('"', span)
        case Unknown():
            quote = "" if value.many else '"'
            yield from (Scalar(quote, span), value, Scalar(quote, span))
        case Choice():
            yield to_json(value, span)
        case Absent():
            yield Scalar("null", span)
        case Items() | Record():
            yield from _json_of_many(value, span)


def _json_of_many(value: Items | Record, span: Span) -> Iterator[Value]:
    """Yield the parts of a list's or an object's JSON text; what is absent is left out."""
    opening, closing = "[]" if isinstance(value, Items) else "{}"
    yield Scalar(opening, span)
    rows: list[tuple[Value, ...]]
    if isinstance(value, Items):
        rows = [(each,) for each in value.values if not isinstance(each, Absent)]
    else:
        there = [each for each in value.members if not isinstance(each.value, Absent)]
        rows = [(each.name, each.value) for each in there]
    for index, row in enumerate(rows):
        yield Scalar("," if index else "", span)
        for number, each in enumerate(row):
            yield Scalar(":" if number else "", span)
            yield from _json(each, span)
    yield Scalar(closing, span)


def unknown(name: str, arguments: tuple[Value, ...], span: Span) -> Unknown:
    """Return what a function gives that nobody can know."""
    given = ", ".join(spelled(each) for each in arguments)
    return Unknown(f"{name}({given})", span, many=name in LISTS)
