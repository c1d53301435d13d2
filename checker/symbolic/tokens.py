"""What patterns are made of, and what shows on their tokens without an automaton.

Each shortcut here is exact where it answers, and its docstring says why it is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

SEPARATOR: Final = "\x00"
"""Stands between the parts of a composed text; no wildcard matches it, no value holds it."""


@dataclass(frozen=True, slots=True)
class CharClass:
    """A set of at least two characters: `chars`, or all others when `complement`."""

    chars: frozenset[str]
    complement: bool = False

    def has(self, char: str) -> bool:
        """Whether `char` belongs to the class."""
        return (char in self.chars) is not self.complement

    def without(self, chars: str) -> CharClass:
        """Return the class less `chars`."""
        if self.complement:
            return CharClass(self.chars | frozenset(chars), complement=True)
        return CharClass(self.chars - frozenset(chars))


ANY: Final = CharClass(frozenset(SEPARATOR), complement=True)
NOT_COLON: Final = ANY.without(":")


@dataclass(frozen=True, slots=True)
class One:
    """Exactly one character of the class."""

    of: CharClass


@dataclass(frozen=True, slots=True)
class Run:
    """Zero or more characters of the class."""

    of: CharClass


Token: TypeAlias = str | One | Run
Tokens: TypeAlias = tuple[Token, ...]

ANY_RUN: Final = Run(ANY)
_STRANGER: Final = "\uffff"  # a character that stands for one that occurs nowhere


def pieces_of(tokens: Tokens) -> tuple[str, ...] | None:
    """Return the texts before, between and behind the `*` of a plain pattern: text and `*` alone.

    None: the pattern has other wildcards, or a separator, which no `*` takes.
    """
    pieces = [""]
    for token in tokens:
        if isinstance(token, str):
            if SEPARATOR in token:
                return None
            pieces[-1] = token
        elif token == ANY_RUN:
            pieces.append("")
        else:
            return None
    return tuple(pieces)


def plainly_accepts(pieces: tuple[str, ...], text: str) -> bool:
    """Whether a plain pattern takes a text without separator; the leftmost place will always do."""
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return text == first
    position, end = len(first), len(text) - len(last)
    if position > end or not text.startswith(first) or not text.endswith(last):
        return False
    for piece in pieces[1:-1]:
        found = text.find(piece, position, end)
        if found == -1:
            return False
        position = found + len(piece)
    return True


def plainly_contains(outer: tuple[str, ...], inner: Tokens) -> bool | None:
    """Whether a plain pattern holds all of another; None where this does not tell.

    A stranger is put in for each wildcard of the inner one. What takes it can only be a `*`, and
    that takes anything else in its place as well, also nothing.
    """
    if any(_STRANGER in piece for piece in outer):
        return None
    texts: list[str] = []
    for token in inner:
        if isinstance(token, str):
            texts.append(token)
        elif token.of.has(_STRANGER) and not token.of.has(SEPARATOR):
            texts.append(_STRANGER)
        else:
            return None
    text = "".join(texts)
    return None if SEPARATOR in text else plainly_accepts(outer, text)


def is_open(tokens: Tokens) -> bool:
    """Whether the first and the last wildcard of a pattern are `*`, and no separator is in it.

    Two such patterns meet unless their literal ends show that they do not: between the ends, the
    `*` of the one takes all that the other has.
    """
    first = 1 if tokens and isinstance(tokens[0], str) else 0
    last = len(tokens) - (2 if tokens and isinstance(tokens[-1], str) else 1)
    if first > last or tokens[first] != ANY_RUN or tokens[last] != ANY_RUN:
        return False
    return not any(isinstance(token, str) and SEPARATOR in token for token in tokens)


def uniform(tokens: Tokens) -> tuple[CharClass, int] | None:
    """Return the class and the number of characters at least of a pattern such as `?*`.

    None: the pattern asks for more than so many characters of one class.
    """
    last = tokens[-1] if tokens else ""
    if not isinstance(last, Run) or any(token != One(last.of) for token in tokens[:-1]):
        return None
    return last.of, len(tokens) - 1


def uniformly_accepts(of: CharClass, least: int, text: str) -> bool:
    """Whether a text has so many characters, all of the class."""
    if len(text) < least:
        return False
    return of.chars.isdisjoint(text) if of.complement else of.chars.issuperset(text)


def cut(tokens: Tokens) -> tuple[Tokens, ...]:
    """Return the fields between literal colons, up to the first wildcard that takes a colon.

    A text matches when its own fields do, one by one, the last field being all that is left.
    """
    fields: list[Tokens] = []
    field: list[Token] = []
    for place, token in enumerate(tokens):
        if isinstance(token, str):
            *ended, rest = token.split(":")
            for text in ended:
                fields.append(tuple(_with_colon(t) for t in (*field, text)))
                field = []
            field.append(rest)
        elif token.of.has(":"):
            field.extend(tokens[place:])
            break
        else:
            field.append(token)
    return (*fields, tuple(field))


def _with_colon(token: Token) -> Token:
    """Return a wildcard that also takes a colon, if it takes all but a few characters.

    Within a field no text has a colon, so this changes nothing there but how plain the pattern is.
    It changes no comparison of fields either: any colon in a text could be a character that
    occurs in no pattern, as the fields hold no literal colon.
    """
    if isinstance(token, str) or not token.of.complement:
        return token
    wider = CharClass(token.of.chars - {":"}, complement=True)
    return Run(wider) if isinstance(token, Run) else One(wider)


def after_colons(tokens: Tokens, count: int) -> Tokens:
    """Return what follows so many literal colons, of which there must be as many."""
    for place, token in enumerate(tokens):
        if isinstance(token, str):
            if token.count(":") >= count:
                return (token.split(":", count)[count], *tokens[place + 1 :])
            count -= token.count(":")
    raise ValueError("the pattern has fewer colons")
