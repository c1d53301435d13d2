"""From the patterns of a policy to globs and templates."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import lru_cache
from typing import Final, TypeAlias

from checker.policy.model import Part, Variable, Wildcard
from checker.symbolic import automaton
from checker.symbolic.atoms import Hole, Template
from checker.symbolic.globs import (
    ANY,
    EVERYTHING,
    NOT_COLON,
    SEPARATOR,
    CharClass,
    Glob,
    One,
    Run,
    Token,
    glob,
    literal,
)

Parts: TypeAlias = tuple[Part, ...]
_Tokens: TypeAlias = tuple[Token | Hole, ...]

ARN_FIELDS: Final = 6
_MOST_SPELLINGS: Final = 64
_BLOCK: Final = 256  # characters to fold at once: most blocks hold none that changes
ARN_SHAPE: Final = glob(("arn:", *(Run(NOT_COLON), ":") * 4, Run(ANY)))
NOTHING: Final = literal(SEPARATOR)
"""Matched by no value, as no value holds the separator."""
NO_ARN: Final = (
    *(literal("arn"[:size]) for size in range(4)),
    *(glob(("arn:"[:size], One(ANY.without("arn:"[size])), Run(ANY))) for size in range(4)),
    *(glob(("arn", *(":", Run(NOT_COLON)) * colons)) for colons in range(1, ARN_FIELDS - 1)),
)
"""Together: every text that is no ARN of six fields."""


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


def has_all_fields(parts: Parts) -> bool:
    """Whether the fields of an ARN are there in the text itself, whatever stands for variables."""
    text = [part for part in parts if isinstance(part, str)]
    starts = bool(parts) and isinstance(parts[0], str) and parts[0].startswith("arn:")
    return starts and sum(part.count(":") for part in text) >= ARN_FIELDS - 1


@lru_cache(maxsize=65536)
def arn_matcher(parts: Parts) -> Glob | Template:
    """Return what the pattern of an ARN operator matches: only in the sixth field a wildcard runs on.

    Values are put in before the pattern is cut into fields. A symbol fills a part of one early
    field, unless the fields are only there because of it.
    """
    tokens: list[Token | Hole] = []
    colons = 0
    is_whole = has_all_fields(parts)
    for part in parts:
        match part:
            case str():
                tokens.append(part)
                colons += part.count(":")
            case Wildcard():
                tokens.append(_wildcard(part, ANY))
            case Variable():
                early = is_whole and colons < ARN_FIELDS - 1
                tokens.append(Hole(part.key, confined=part.is_symbol and early))
    return _joined_arn(tokens)


@lru_cache(maxsize=65536)
def resource_matcher(parts: Parts) -> Glob | Template:
    """Return the ARNs that a resource pattern matches; missing fields at the end are taken as `*`.

    It is cut into fields before values are put in: a value fills no more than its field.
    """
    tokens: list[Token | Hole] = []
    colons = 0
    for part in parts:
        early = colons < ARN_FIELDS - 1
        match part:
            case str():
                tokens.append(part)
                colons += part.count(":")
            case Wildcard():
                tokens.append(_wildcard(part, NOT_COLON if early else ANY))
            case Variable():
                tokens.append(Hole(part.key, confined=early))
    while colons < ARN_FIELDS - 1:
        colons += 1
        tokens += [":", Run(ANY if colons == ARN_FIELDS - 1 else NOT_COLON)]
    found = _joined(tuple(tokens))
    return _starting_as_arn(found) if isinstance(found, Glob) else found


def _joined_arn(tokens: Sequence[Token | Hole]) -> Glob | Template:
    """Return the pattern of an ARN whose wildcards are not yet kept within their fields."""
    kept: list[Token | Hole] = []
    colons = 0
    for token in tokens:
        if isinstance(token, str):
            colons += token.count(":")
        elif not isinstance(token, Hole):
            of = ANY if colons >= ARN_FIELDS - 1 else NOT_COLON
            kept.append(Run(of) if isinstance(token, Run) else One(of))
            continue
        kept.append(token)
    found = _joined(tuple(kept))
    if isinstance(found, Template):
        return Template(found.tokens, by_field=True)
    return _starting_as_arn(found) if colons >= ARN_FIELDS - 1 else NOTHING


def _starting_as_arn(pattern: Glob) -> Glob:
    """Return the pattern with `arn` for what its first field says; nothing if it cannot be that."""
    if pattern.prefix.startswith("arn:"):
        return pattern
    first: list[Token] = []
    rest = list(pattern.tokens)
    while rest:
        token = rest.pop(0)
        if isinstance(token, str) and ":" in token:
            head, _, tail = token.partition(":")
            is_arn = glob((*first, head)).matches("arn")
            return glob((f"arn:{tail}", *rest)) if is_arn else NOTHING
        first.append(token)
    return NOTHING


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


def cased_globs(text: str) -> tuple[Glob, ...]:
    """Return globs of all that is `text` when case is ignored as Unicode has it."""
    spellings: list[tuple[Token, ...]] = [()]
    rest = text.casefold()
    ends: dict[int, list[tuple[Token, ...]]] = {0: spellings}
    for start in range(len(rest)):
        for folded, chars in _unfolded(rest[start]):
            if rest.startswith(folded, start):
                token: Token = One(CharClass(chars)) if len(chars) > 1 else next(iter(chars))
                longer = [(*tokens, token) for tokens in ends.get(start, ())]
                ends.setdefault(start + len(folded), []).extend(longer)
                if len(ends[start + len(folded)]) > _MOST_SPELLINGS:
                    raise automaton.TooLargeError
    return tuple(glob(tokens) for tokens in ends.get(len(rest), ()))


def _unfolded(first: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return what starts with a character and is some characters folded, with those characters."""
    changed = _changed_by_folding().get(first, {})
    alone = frozenset(first) if first.casefold() == first else frozenset()
    plain = changed.get(first, frozenset()) | alone
    others = tuple((folded, chars) for folded, chars in changed.items() if folded != first)
    return ((first, plain), *others) if plain else others


@lru_cache(maxsize=1)
def _changed_by_folding() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Return the characters that folding changes, by what they become and how that starts."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for start in range(0, sys.maxunicode + 1, _BLOCK):
        block = "".join(map(chr, range(start, start + _BLOCK)))
        for char in block if block.casefold() != block else "":
            folded = char.casefold()
            if folded != char:
                becoming = found.setdefault(folded[0], {})
                becoming[folded] = becoming.get(folded, frozenset()) | {char}
    return found


def confined(pattern: Glob, to: CharClass) -> Glob:
    """Return the pattern kept within `to`: its wildcards, and nothing if its text is not."""
    if any(isinstance(t, str) and not all(map(to.has, t)) for t in pattern.tokens):
        return NOTHING
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


def filled(template: Template, values: Mapping[str, str]) -> Glob:
    """Return the template with the keys' values in its holes."""
    tokens: list[Token | Hole] = []
    for token in template.tokens:
        tokens.extend(_put(token, values[token.key]) if isinstance(token, Hole) else (token,))
    found = _joined_arn(tokens) if template.by_field else _joined(tuple(tokens))
    assert isinstance(found, Glob)  # all holes are filled
    return found


def _put(hole: Hole, value: str) -> Sequence[Token]:
    """Return what a value becomes in a hole."""
    if hole.wild:
        return _expanded(value, folded=hole.folded, of=NOT_COLON if hole.confined else ANY)
    return folded_tokens(value) if hole.folded else (value,)


def keeps_fields(template: Template) -> bool:
    """Whether an ARN's template has six fields, and its wildcards theirs, whatever the values."""
    first = template.tokens[0] if template.tokens else ""
    colons = 0
    early = False
    for token in template.tokens:
        if isinstance(token, Hole):
            early = early or (colons < ARN_FIELDS - 1 and not token.confined)
        elif isinstance(token, str):
            colons += token.count(":")
        elif early:
            return False
    return colons >= ARN_FIELDS - 1 and isinstance(first, str) and first.startswith("arn:")


def settled(
    template: Template,
    variables: Sequence[Variable],
    there: Mapping[str, bool],
    wild: AbstractSet[str],
) -> Glob | Template | None:
    """Return the template with defaults for absent keys; None if one of these has no default.

    `variables` are those of the pattern, in order; `wild`: keys whose text brings wildcards.
    """
    tokens: list[Token | Hole] = []
    order = iter(variables)
    for token in template.tokens:
        if not isinstance(token, Hole):
            tokens.append(token)
            continue
        default = next(order).default
        hole = replace(token, wild=token.key in wild)
        if there[token.key]:
            tokens.append(hole)
        elif default is None:
            return None
        else:
            tokens.extend(_put(hole, default))
    return _joined_arn(tokens) if template.by_field else _joined(tuple(tokens))


def _expanded(value: str, *, folded: bool, of: CharClass) -> list[Token]:
    tokens: list[Token] = []
    for char in value:
        if char in "*?":
            tokens.append(Run(of) if char == "*" else One(of))
        else:
            tokens.extend(folded_tokens(char) if folded else (char,))
    return tokens
