"""From the patterns of a policy to globs and templates."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, TypeAlias

from checker.policy.model import Part, Variable, Wildcard
from checker.symbolic.atoms import Hole, Template
from checker.symbolic.globs import (
    ANY,
    EVERYTHING,
    NOT_COLON,
    CharClass,
    Glob,
    One,
    Run,
    Token,
    glob,
)

Parts: TypeAlias = tuple[Part, ...]
_Tokens: TypeAlias = tuple[Token | Hole, ...]

ARN_FIELDS: Final = 6
ARN_SHAPE: Final = glob(("arn:", *(Run(NOT_COLON), ":") * 4, Run(ANY)))
_NOT_SLASH: Final = ANY.without("/:")


def _wildcard(part: Wildcard, of: CharClass) -> Token:
    return Run(of) if part is Wildcard.ANY_RUN else One(of)


def _joined(tokens: _Tokens) -> Glob | Template:
    if any(isinstance(token, Hole) for token in tokens):
        return Template(tokens)
    return glob(tuple(token for token in tokens if not isinstance(token, Hole)))


@lru_cache(maxsize=65536)
def action_glob(parts: Parts) -> Glob | None:
    """Return the actions a pattern matches; None for text without a colon, other than `*`.

    The half before the colon cannot reach over it.
    """
    if parts == (Wildcard.ANY_RUN,):
        return EVERYTHING
    tokens: list[Token] = []
    past = False
    for part in parts:
        if isinstance(part, str):
            past = past or ":" in part
            tokens.append(part)
        elif isinstance(part, Wildcard):
            tokens.append(_wildcard(part, ANY if past else NOT_COLON))
    return glob(tuple(tokens)) if past else None


@lru_cache(maxsize=65536)
def arn_matcher(parts: Parts, *, completed: bool = False) -> Glob | Template:
    """Return the ARNs a pattern matches, field by field: only in the sixth a wildcard runs on.

    `completed`: missing fields at the end are taken as `*`.
    """
    tokens: list[Token | Hole] = []
    colons = 0
    for part in parts:
        match part:
            case str():
                tokens.append(part)
                colons += part.count(":")
            case Wildcard():
                tokens.append(_wildcard(part, ANY if colons >= ARN_FIELDS - 1 else NOT_COLON))
            case Variable():
                tokens.append(Hole(part.key))
    while completed and colons < ARN_FIELDS - 1:
        colons += 1
        tokens += [":", Run(ANY if colons == ARN_FIELDS - 1 else NOT_COLON)]
    found = _joined(tuple(tokens))
    return found if isinstance(found, Glob) else Template(found.tokens, by_field=True)


@lru_cache(maxsize=65536)
def text_matcher(parts: Parts, *, folded: bool = False) -> Glob | Template:
    """Return the texts a pattern matches as a whole; `folded` ignores the case of A to Z."""
    tokens: list[Token | Hole] = []
    for part in parts:
        match part:
            case str():
                tokens.extend(folded_tokens(part) if folded else (part,))
            case Wildcard():
                tokens.append(_wildcard(part, ANY))
            case Variable():
                tokens.append(Hole(part.key, folded))
    return _joined(tuple(tokens))


def folded_tokens(text: str) -> tuple[Token, ...]:
    """Return tokens for `text` in any case of its ASCII letters."""
    return tuple(
        One(CharClass(frozenset({c.lower(), c.upper()}))) if c.isascii() and c.isalpha() else c
        for c in text
    )


@lru_cache(maxsize=4096)
def folded_glob(text: str) -> Glob:
    """Return the glob of `text` in any case of its ASCII letters."""
    return glob(folded_tokens(text))


def confined(pattern: Glob, to: CharClass) -> Glob:
    """Return the pattern with each wildcard kept within `to`."""
    return glob(tuple(_within(token, to) for token in pattern.tokens))


def _within(token: Token, to: CharClass) -> Token:
    if isinstance(token, str):
        return token
    if token.of.complement:
        of = to if token.of.chars <= to.chars and to.complement else _meet(token.of, to)
    else:
        of = CharClass(frozenset(c for c in token.of.chars if to.has(c)))
    return Run(of) if isinstance(token, Run) else One(of)


def _meet(one: CharClass, other: CharClass) -> CharClass:
    if other.complement:
        return CharClass(one.chars | other.chars, complement=True)
    return CharClass(frozenset(c for c in other.chars if one.has(c)))


def spliced(*pieces: Glob | str | Token) -> Glob:
    """Return the pieces one after the other, as one pattern."""
    tokens: list[Token] = []
    for piece in pieces:
        tokens.extend(piece.tokens if isinstance(piece, Glob) else (piece,))
    return glob(tuple(tokens))


def filled(template: Template, values: dict[str, str]) -> Glob:
    """Return the template with the keys' values in its holes."""
    if template.by_field:
        return _filled_arn(template, values)
    tokens: list[Token] = []
    for token in template.tokens:
        if not isinstance(token, Hole):
            tokens.append(token)
        elif token.wild:
            tokens.extend(_expanded(values[token.key], folded=token.folded))
        else:
            value = values[token.key]
            tokens.extend(folded_tokens(value) if token.folded else (value,))
    return glob(tuple(tokens))


def _filled_arn(template: Template, values: dict[str, str]) -> Glob:
    """Return an ARN's template filled; a colon in a value moves the fields behind it on."""
    tokens: list[Token] = []
    colons = 0
    for token in template.tokens:
        if isinstance(token, Hole):
            value = values[token.key]
            pieces = _expanded(value, folded=False) if token.wild else [value]
        else:
            pieces = [token]
        for piece in pieces:
            if isinstance(piece, str):
                tokens.append(piece)
                colons += piece.count(":")
            else:
                of = ANY if colons >= ARN_FIELDS - 1 else NOT_COLON
                tokens.append(Run(of) if isinstance(piece, Run) else One(of))
    return glob(tuple(tokens))


def wild(template: Template) -> Template:
    """Return the template read so that `*` and `?` in the keys' values are wildcards."""
    return Template(
        tuple(
            Hole(token.key, token.folded, wild=True) if isinstance(token, Hole) else token
            for token in template.tokens
        ),
        template.by_field,
    )


def _expanded(value: str, *, folded: bool) -> list[Token]:
    tokens: list[Token] = []
    for char in value:
        if char in "*?":
            tokens.append(Run(ANY) if char == "*" else One(ANY))
        else:
            tokens.extend(folded_tokens(char) if folded else (char,))
    return tokens
