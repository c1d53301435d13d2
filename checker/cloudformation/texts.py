"""Values as text: joined from pieces, spelled for a reader, and taken apart by premises."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from math import prod
from typing import Final

from checker.source.tree import Number, Scalar
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

_MOST_WAYS: Final = 512  # that a text may turn out; one of more is unknown
_LONGEST: Final = 300  # characters of an expression that are shown; the rest is a fingerprint


def plain(value: Value) -> str | None:
    """Return the text of a wholly known scalar, as CloudFormation writes it into a string."""
    return written(value) if isinstance(value, Scalar) else None


def written(scalar: Scalar) -> str:
    """Return a scalar's text."""
    match scalar.value:
        case bool(truth):
            return "true" if truth else "false"
        case Number(text):
            return text
        case None:
            return ""
        case str(text):
            return text


def joined(parts: Iterable[Value], span: Span) -> Value:
    """Return the text that parts make in a row; a choice in a part becomes a choice of texts."""
    row = list(parts)
    if prod(_ways(part) for part in row if isinstance(part, Choice)) > _MOST_WAYS:
        return Unknown("Join(" + ", ".join(map(spelled, row)) + ")", span)
    for index, part in enumerate(row):
        if isinstance(part, Choice):
            return Choice(
                part.premise,
                joined(_assumed(row, index, part.premise, truth=True), span),
                joined(_assumed(row, index, part.premise, truth=False), span),
                span,
            )
    pieces: list[str | Unknown] = []
    for part in row:
        for piece in _pieces(part, span):
            if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
                pieces[-1] += piece
            elif piece:
                pieces.append(piece)
    return from_pieces(pieces, span)


def from_pieces(pieces: Sequence[str | Unknown], span: Span) -> Value:
    """Return the simplest value of a text of pieces, of which no two strings are neighbours."""
    match pieces:
        case []:
            return Scalar("", span)
        case [str(text)]:
            return Scalar(text, span)
        case [Unknown() as only]:
            return only
        case _:
            return Joined(tuple(pieces), span)


def _ways(value: Value) -> int:
    return _ways(value.then) + _ways(value.other) if isinstance(value, Choice) else 1


def _pieces(part: Value, span: Span) -> tuple[str | Unknown, ...]:
    match part:
        case Scalar():
            return (written(part),)
        case Joined():
            return part.pieces
        case Unknown():
            return (Unknown(part.expression, part.span),)
        case Absent():
            return ()
        case _:
            return (Unknown(spelled(part), span),)


def _assumed(row: Sequence[Value], start: int, premise: Premise, *, truth: bool) -> list[Value]:
    return [
        part if index < start else assume(part, premise, truth=truth)
        for index, part in enumerate(row)
    ]


def assume(value: Value, premise: Premise, *, truth: bool) -> Value:
    """Return a value as it is if a premise is true or false, at its top."""
    while (
        isinstance(value, Choice) and (known := decides(premise, truth, value.premise)) is not None
    ):
        value = value.then if known else value.other
    if not isinstance(value, Choice):
        return value
    then = assume(value.then, premise, truth=truth)
    other = assume(value.other, premise, truth=truth)
    return Choice(value.premise, then, other, value.span)


def decides(premise: Premise, truth: bool, other: Premise) -> bool | None:  # noqa: FBT001
    """Return what one premise being true or false makes of another; None for nothing."""
    if premise == other:
        return truth
    if truth and premise.subject and premise.subject == other.subject:
        return False if premise.value != other.value else None
    return None


def lifted(value: Value, change: Callable[[Value], Value]) -> Value:
    """Return `change` of a value, of both sides where it is a choice."""
    if not isinstance(value, Choice):
        return change(value)
    then, other = lifted(value.then, change), lifted(value.other, change)
    return then if same(then, other) else Choice(value.premise, then, other, value.span)


def same(one: Value, other: Value) -> bool:
    """Whether two values say the same, wherever they stand."""
    return spelled(one, whole=True) == spelled(other, whole=True)


def spelled(value: Value, *, whole: bool = False) -> str:
    """Return one spelling for all ways to write a value; long ones end in a fingerprint."""
    text = _spelled(value)
    return text if whole else short(text)


def short(text: str) -> str:
    """Return a text that stands for itself; a long one ends in a fingerprint of all of it."""
    if len(text) <= _LONGEST:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    return f"{text[:_LONGEST]}…{digest[:16]}"


def shown(value: Value) -> str:
    """Return a value as a reader knows it: `arn:aws:iam::${AWS::AccountId}:policy/x`."""
    match value:
        case Scalar():
            return written(value)
        case Unknown():
            return f"${{{value.expression}}}"
        case Joined():
            return "".join(
                p if isinstance(p, str) else f"${{{p.expression}}}" for p in value.pieces
            )
        case _:
            return spelled(value)


def _spelled(value: Value) -> str:
    match value:
        case Unknown():
            return f"{value.expression}…" if value.many else value.expression
        case Scalar():
            return json.dumps(written(value), ensure_ascii=False)
        case Joined():
            pieces = (p if isinstance(p, str) else f"${{{p.expression}}}" for p in value.pieces)
            return "Sub(" + json.dumps("".join(pieces), ensure_ascii=False) + ")"
        case Absent():
            return "AWS::NoValue"
        case Choice():
            test = value.premise.expression
            return f"If({test}, {_spelled(value.then)}, {_spelled(value.other)})"
        case Items():
            return "[" + ", ".join(map(_spelled, value.values)) + "]"
        case Record():
            return "{" + ", ".join(map(_member, value.members)) + "}"


def _member(member: Member) -> str:
    return f"{_spelled(member.name)}: {_spelled(member.value)}"
