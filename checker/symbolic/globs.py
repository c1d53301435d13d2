"""The exact theory of wildcard patterns: does one hold the other, do they meet, a member, please.

A `Glob` is a sequence of literal text, `One` character of a class and a `Run` of them. Every
question is decided on the patterns' own positions (a product of small automata over the characters
that occur, plus one for all the others), so an answer is never an approximation. Text with `*`,
and ARNs with `*` in their fields, are nearly all there is in policies; for them the answer shows on
the tokens.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from checker.symbolic import automaton
from checker.symbolic import tokens as shapes
from checker.symbolic.tokens import (
    ANY,
    ANY_RUN,
    NOT_COLON,
    SEPARATOR,
    CharClass,
    One,
    Run,
    Token,
    Tokens,
)

__all__ = [
    "ANY",
    "EVERYTHING",
    "NOT_COLON",
    "SEPARATOR",
    "CharClass",
    "Glob",
    "One",
    "Run",
    "Token",
    "after_colons",
    "contains",
    "disjoint",
    "glob",
    "literal",
    "member",
    "show",
]


class Glob:
    """A pattern. Equal when its normalised tokens are; made by `glob` and `literal`."""

    __slots__ = (
        "_fields",
        "_hash",
        "is_literal",
        "is_open",
        "is_prefix",
        "pieces",
        "prefix",
        "suffix",
        "tokens",
        "uniform",
    )

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self._hash = hash(tokens)
        first = tokens[0] if tokens else ""
        last = tokens[-1] if tokens else ""
        self.prefix: str = first if isinstance(first, str) else ""
        self.suffix: str = last if isinstance(last, str) else ""
        self.is_literal = not tokens or (len(tokens) == 1 and isinstance(first, str))
        self.is_prefix = len(tokens) == (2 if self.prefix else 1) and last == ANY_RUN
        self.is_open = shapes.is_open(tokens)
        self.pieces = shapes.pieces_of(tokens)
        self.uniform = shapes.uniform(tokens)
        self._fields: tuple[Glob, ...] | None = None

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Glob) and self.tokens == other.tokens)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Glob({show(self)!r})"

    def matches(self, text: str) -> bool:
        """Whether `text` is a member."""
        if self.is_literal:
            return text == self.prefix
        if not text.startswith(self.prefix) or not text.endswith(self.suffix):
            return False
        if self.is_prefix:
            return SEPARATOR not in text[len(self.prefix) :]
        if self.pieces is not None:
            return SEPARATOR not in text and shapes.plainly_accepts(self.pieces, text)
        if self.uniform is not None:
            return shapes.uniformly_accepts(*self.uniform, text)
        if len(self.fields) > 1:
            texts = text.split(":", len(self.fields) - 1)
            return len(texts) == len(self.fields) and all(
                field.matches(part) for field, part in zip(self.fields, texts, strict=True)
            )
        return automaton.accepts(self.tokens, text)

    @property
    def fields(self) -> tuple[Glob, ...]:
        """The pattern cut at its colons as `tokens.cut` does; ARNs are compared field by field."""
        if self._fields is None:
            self._fields = tuple(glob(field) for field in shapes.cut(self.tokens))
        return self._fields


@lru_cache(maxsize=65536)
def after_colons(pattern: Glob, count: int) -> Glob:
    """Return what follows so many literal colons of a pattern."""
    return glob(shapes.after_colons(pattern.tokens, count))


def _split_alike(one: Glob, other: Glob) -> list[tuple[Glob, Glob]]:
    """Return both patterns' fields side by side, the last pair being all that is left."""
    shared = min(len(one.fields), len(other.fields)) - 1
    if not shared:
        return []
    pairs = list(zip(one.fields[:shared], other.fields[:shared], strict=True))
    return [*pairs, (after_colons(one, shared), after_colons(other, shared))]


def show(pattern: Glob) -> str:
    """Return the pattern as a person writes it: `*` for a run, `?` for one character."""
    return "".join(
        token if isinstance(token, str) else "?" if isinstance(token, One) else "*"
        for token in pattern.tokens
    )


@lru_cache(maxsize=65536)
def glob(tokens: Tokens) -> Glob:
    """Return the pattern made of `tokens`, normalised so that equal spellings are equal values."""
    merged: list[Token] = []
    for token in tokens:
        _append(merged, token)
    return Glob(tuple(merged))


def _append(merged: list[Token], token: Token) -> None:
    last = merged[-1] if merged else None
    match token:
        case "":
            return
        case str() if isinstance(last, str):
            merged[-1] = last + token
        case Run() if isinstance(last, Run) and _inside(token.of, last.of):
            return
        case Run() if isinstance(last, Run) and _inside(last.of, token.of):
            merged[-1] = token
        case One() if isinstance(last, Run) and last.of == token.of:
            merged[-1:] = [token, last]  # `*?` is `?*`
        case _:
            merged.append(token)


def _inside(inner: CharClass, outer: CharClass) -> bool:
    if inner.complement:
        return outer.complement and outer.chars <= inner.chars
    return all(outer.has(char) for char in inner.chars)


@lru_cache(maxsize=65536)
def literal(text: str) -> Glob:
    """Return the pattern that only `text` matches."""
    return Glob((text,) if text else ())


EVERYTHING: Final = glob((Run(ANY),))


@lru_cache(maxsize=131072)
def contains(outer: Glob, inner: Glob) -> bool:
    """Whether every member of `inner` is one of `outer`."""
    if outer is inner or outer == inner:
        return True
    if inner.is_literal:
        return outer.matches(inner.prefix)
    if outer.is_literal:
        return False  # a class has two characters, a run two lengths
    if outer.is_prefix:
        # Past its literal start `inner` goes on with a wildcard, which can always leave the text.
        return _starts_with(outer, inner)
    if outer.pieces is not None:
        told = shapes.plainly_contains(outer.pieces, inner.tokens)
        if told is not None:
            return told
    pairs = _split_alike(outer, inner)
    if pairs:
        return all(contains(wide, narrow) for wide, narrow in pairs)
    return member((inner,), (outer,)) is None


def _starts_with(outer: Glob, inner: Glob) -> bool:
    """Whether the literal start of `inner` is that of `outer`, with no separator behind it."""
    if not inner.prefix.startswith(outer.prefix) or SEPARATOR in inner.prefix[len(outer.prefix) :]:
        return False
    rest = inner.tokens[1:] if inner.prefix else inner.tokens
    return not any(isinstance(token, str) and SEPARATOR in token for token in rest)


@lru_cache(maxsize=131072)
def disjoint(one: Glob, other: Glob) -> bool:
    """Whether no text is a member of both."""
    if one.is_literal:
        return not other.matches(one.prefix)
    if other.is_literal:
        return not one.matches(other.prefix)
    if _apart(one, other):
        return True
    if one.is_prefix and other.is_prefix:
        short, long = sorted((one.prefix, other.prefix), key=len)
        return SEPARATOR in long[len(short) :]
    if _surely_meet(one, other):
        return False
    pairs = _split_alike(one, other)
    if pairs:
        return any(disjoint(mine, yours) for mine, yours in pairs)
    return member((one, other), ()) is None


def _surely_meet(one: Glob, other: Glob) -> bool:
    """Whether two patterns whose literal ends agree are of kinds that then always meet.

    An open pattern has members of any length, so it also meets one that asks for no more than that.
    """
    return (one.is_open and (other.is_open or _is_length(other))) or (
        other.is_open and _is_length(one)
    )


def _is_length(pattern: Glob) -> bool:
    return pattern.uniform is not None and pattern.uniform[0] == ANY


def _apart(one: Glob, other: Glob) -> bool:
    """Whether the literal ends alone show that the two never meet."""
    a, b = one.prefix, other.prefix
    if not (a.startswith(b) or b.startswith(a)):
        return True
    a, b = one.suffix, other.suffix
    return not (a.endswith(b) or b.endswith(a))


def member(inside: Iterable[Glob], outside: Iterable[Glob]) -> str | None:
    """Return a shortest text that matches all of `inside` and none of `outside`, or None.

    The same arguments give the same text.
    Errors: `automaton.TooLargeError` when the search outgrows its budget; never a wrong None.
    """
    wanted = sorted(set(inside), key=_narrowest_first)
    if not wanted:
        wanted = [EVERYTHING]
    first = wanted[0]
    if first.is_literal:
        text = first.prefix
        good = all(g.matches(text) for g in wanted[1:])
        return text if good and not any(g.matches(text) for g in outside) else None
    if any(_apart(g, h) for i, g in enumerate(wanted) for h in wanted[i + 1 :]):
        return None
    unwanted = [g for g in dict.fromkeys(outside) if not any(_apart(g, w) for w in wanted)]
    if any(_covers_plainly(g, w) for g in unwanted for w in wanted):
        return None
    return automaton.shortest(tuple(g.tokens for g in wanted), tuple(g.tokens for g in unwanted))


def _narrowest_first(pattern: Glob) -> tuple[bool, int, str]:
    return (not pattern.is_literal, -len(pattern.prefix), show(pattern))


def _covers_plainly(outer: Glob, inner: Glob) -> bool:
    if outer == inner:
        return True
    return outer.is_prefix and _starts_with(outer, inner)
