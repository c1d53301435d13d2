"""Terraform's `replace`: one text in place of another, also around what nobody knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from string import ascii_lowercase, digits
from typing import Final

from checker.source.symbols import OWN_ACCOUNT, REGION
from checker.span import Span
from checker.template.value import Unknown, Value
from checker.terraform.function_types import NotKnownError, one, word
from checker.terraform.values import (
    LONGEST_TEXT,
    FailedError,
    Piece,
    Written,
    pieces_of,
    text,
    text_of,
)

_SIMPLE_PATTERN: Final = re.compile(
    r"\^?(?:(?:[\w :/,@=-]|\\[.\-/_*+?|$^]|\\[dws]|\.|\[\^?[\w .:/,@=-]+\])[*+?]?|\|)*\$?"
).fullmatch
_LETTERS: Final[Mapping[str, frozenset[str]]] = {  # of what is at least one character long
    OWN_ACCOUNT: frozenset(digits),
    REGION: frozenset(f"{ascii_lowercase}{digits}-"),
}


def replaced(values: tuple[Value, ...], at: Span) -> Value:
    """Return what `replace` makes of a text; lines of a file keep their places.

    Errors: `NotKnownError`, `FailedError`.
    """
    string, old, new = one(values, 0, at), word(one(values, 1, at)), _pieces(one(values, 2, at))
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return text(_by_pattern(word(string), old[1:-1], word(values[2])), at)
    pieces = _pieces(string)
    if not old or any(_may_be_part_of(old, each) for each in pieces):
        raise NotKnownError
    if not isinstance(string, Written) or "\n" in old:
        whole = text_of(pieces, at)
        return text_of([made for each in _pieces(whole) for made in _put(each, old, new)], at)
    if _is_across(pieces, old):
        raise NotKnownError
    found: list[Piece] = []
    places: list[tuple[Span, bool]] = []
    for piece, (place, exact) in zip(pieces, string.places, strict=True):
        made = _put(piece, old, new)
        found += made
        places += [(place, exact and len(made) == 1)] * len(made)
    return Written(tuple(found), string.span, tuple(places))


def _pieces(value: Value) -> tuple[Piece, ...]:
    found = pieces_of(value)
    if found is None:
        raise FailedError("a text should be here", value.span)
    return found


def _may_be_part_of(old: str, piece: Piece) -> bool:
    """Whether what is looked for may be in an unknown piece, or begin or end in one."""
    if not isinstance(piece, Unknown):
        return False
    letters = _LETTERS.get(piece.expression)
    return letters is None or not letters.isdisjoint(old)


def _is_across(pieces: tuple[Piece, ...], old: str) -> bool:
    """Whether what is looked for is in two neighbouring pieces together."""
    within = sum(piece.count(old) for piece in pieces if isinstance(piece, str))
    return sum(run.count(old) for run in _runs(pieces)) != within


def _runs(pieces: tuple[Piece, ...]) -> Iterator[str]:
    run: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            run.append(piece)
        else:
            yield "".join(run)
            run = []
    yield "".join(run)


def _put(piece: Piece, old: str, new: tuple[Piece, ...]) -> list[Piece]:
    """Return a text with one word in place of another."""
    if isinstance(piece, Unknown):
        return [piece]
    length = sum(len(each) for each in new if isinstance(each, str))
    if piece.count(old) * length > LONGEST_TEXT:
        raise NotKnownError
    pieces: list[Piece] = []
    for index, part in enumerate(piece.split(old)):
        if index:
            pieces += new
        pieces.append(part)
    return pieces


def _by_pattern(string: str, pattern: str, new: str) -> str:
    """Return a text with what a pattern matches replaced, for patterns that RE2 takes the same way.

    No groups, so that it takes no more than polynomial time; and no matches of nothing, after
    which the two go on differently, unless nothing is put there.
    """
    simple = _SIMPLE_PATTERN(pattern) is not None and len(re.findall(r"[*+?]", pattern)) <= 3
    if not simple or "$" in new or "\\" in new or len(string) > 10_000:
        raise NotKnownError
    try:
        compiled = re.compile(pattern, re.ASCII)
    except re.error:
        raise NotKnownError from None
    if new and compiled.search(""):
        raise NotKnownError
    return compiled.sub(new, string)
