"""The words of SMT-LIB 2.6 that a question is written in: texts, truth values, patterns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from checker.policy.model import Wildcard

TRUE: Final = "true"
FALSE: Final = "false"
NO_COLONS: Final = '(re.* (re.diff re.allchar (str.to_re ":")))'
_FIELD: Final = f'{NO_COLONS} (str.to_re ":") '
ARN: Final = f'(re.++ (str.to_re "arn:") {_FIELD * 4}re.all)'
_LAST_CHARACTER: Final = 0x2FFFF  # of SMT-LIB's strings
_IN_SYMBOLS: Final = frozenset(map(chr, range(0x20, 0x7F))) - frozenset("|\\{}")


class InexpressibleError(ValueError):
    """The question cannot be written in SMT-LIB; the text says what cannot, and why."""


@dataclass(frozen=True, slots=True)
class Term:
    """A string term inside a pattern: what stands for a policy variable."""

    text: str


Piece: TypeAlias = str | Wildcard | Term


def quoted(value: str) -> str:
    """Return a text as a string literal."""
    if any(ord(char) > _LAST_CHARACTER for char in value):
        raise InexpressibleError("SMT-LIB has no characters beyond U+2FFFF")
    return f'"{"".join(map(_character, value))}"'


def _character(char: str) -> str:
    if char == '"':
        return '""'
    return char if " " <= char <= "~" and char != "\\" else f"\\u{{{ord(char):x}}}"


def symbol(name: str) -> str:
    """Return a name as a quoted symbol; different names are different symbols."""
    return "".join(("|", *(c if c in _IN_SYMBOLS else f"{{{ord(c):x}}}" for c in name), "|"))


def comment(text: str) -> str:
    """Return a text as one line of comment, whatever is in it."""
    return "; " + "".join(c if " " <= c <= "~" else "?" for c in text)


def all_of(terms: Iterable[str]) -> str:
    """Return the conjunction."""
    return _joined("and", terms, neutral=TRUE, absorbing=FALSE)


def any_of(terms: Iterable[str]) -> str:
    """Return the disjunction."""
    return _joined("or", terms, neutral=FALSE, absorbing=TRUE)


def _joined(word: str, terms: Iterable[str], *, neutral: str, absorbing: str) -> str:
    kept = [term for term in dict.fromkeys(terms) if term != neutral]
    if absorbing in kept:
        return absorbing
    if not kept:
        return neutral
    return kept[0] if len(kept) == 1 else f"({word} {' '.join(kept)})"


def negation(term: str) -> str:
    """Return the opposite."""
    return {TRUE: FALSE, FALSE: TRUE}.get(term, f"(not {term})")


def implies(condition: str, consequence: str) -> str:
    """Return the implication."""
    if TRUE in (condition, consequence):
        return consequence
    return TRUE if condition == FALSE else f"(=> {condition} {consequence})"


def equal(one: str, other: str) -> str:
    """Return the equation."""
    return TRUE if one == other else f"(= {one} {other})"


def number(value: Fraction) -> str:
    """Return an exact value as a term of sort Real."""
    size = f"{abs(value.numerator)}.0"
    size = size if value.denominator == 1 else f"(/ {size} {value.denominator}.0)"
    return f"(- {size})" if value < 0 else size


def concatenation(terms: Sequence[str]) -> str:
    """Return the texts one after the other."""
    joined: list[str] = []
    for term in terms:
        if term.startswith('"') and joined and joined[-1].startswith('"'):
            joined[-1] = joined[-1][:-1] + term[1:]
        elif term != '""':
            joined.append(term)
    if not joined:
        return '""'
    return joined[0] if len(joined) == 1 else f"(str.++ {' '.join(joined)})"


def characters(allowed: str, *, least: int) -> str:
    """Return the texts of these characters only; `a-z` and `0-9` stand for what they say."""
    ranges = [f'(re.range "{r[0]}" "{r[2]}")' for r in ("a-z", "0-9") if r in allowed]
    singles = [f"(str.to_re {quoted(c)})" for c in allowed.replace("a-z", "").replace("0-9", "")]
    return f"({'re.+' if least else 're.*'} (re.union {' '.join(ranges + singles)}))"


def characters_but(excluded: str, *, least: int) -> str:
    """Return the texts without these characters."""
    none = " ".join(f"(str.to_re {quoted(c)})" for c in excluded)
    return f"({'re.+' if least else 're.*'} (re.diff re.allchar (re.union {none})))"


def inside(term: str, language: str) -> str:
    """Return whether a text is a member of a regular expression."""
    return f"(str.in_re {term} {language})"


def any_case(value: str) -> str:
    """Return the texts that are this one if the case of A to Z does not count."""
    pieces = [
        f'(re.union (str.to_re "{c.lower()}") (str.to_re "{c.upper()}"))'
        if c.isascii() and c.isalpha()
        else f"(str.to_re {quoted(c)})"
        for c in value
    ]
    return _regular(pieces)


def _regular(pieces: Sequence[str]) -> str:
    if not pieces:
        return '(str.to_re "")'
    return pieces[0] if len(pieces) == 1 else f"(re.++ {' '.join(pieces)})"


def matches(pattern: Sequence[Piece], term: str) -> str:
    """Return whether a text matches a pattern; its wildcards go over any character.

    Errors: `InexpressibleError`.
    """
    match [piece for piece in pattern if piece != ""]:
        case [Wildcard.ANY_RUN]:
            return TRUE
        case [str(start), Wildcard.ANY_RUN]:
            return f"(str.prefixof {quoted(start)} {term})"
        case [Wildcard.ANY_RUN, str(end)]:
            return f"(str.suffixof {quoted(end)} {term})"
        case pieces if all(isinstance(piece, str) for piece in pieces):
            return equal(term, _words(pieces))
        case pieces if any(isinstance(piece, Term) for piece in pieces):
            return _matches_terms(pieces, term)
        case pieces:
            return inside(term, _regular([_expression(piece) for piece in pieces]))


def _expression(piece: Piece) -> str:
    if isinstance(piece, Wildcard):
        return "re.all" if piece is Wildcard.ANY_RUN else "re.allchar"
    return f"(str.to_re {_word(piece)})"


def _word(piece: str | Term) -> str:
    return piece.text if isinstance(piece, Term) else quoted(piece)


def _words(pieces: Sequence[Piece]) -> str:
    return concatenation([_word(piece) for piece in pieces if not isinstance(piece, Wildcard)])


def _matches_terms(pattern: Sequence[Piece], term: str) -> str:
    """Return whether a text matches a pattern that holds terms, which no regular expression may.

    The pieces between two `*` are each found as early as possible, which misses nothing: so no
    quantifier is needed, and the term may stand under a negation.
    """
    runs = _split(pattern)
    if Wildcard.ANY_ONE not in pattern and sum(map(bool, runs)) == 1:
        return _simply(runs, term)
    if len(runs) == 1:
        here, end = _at(runs[0], term, "0")
        return all_of((here, equal(end, f"(str.len {term})")))
    first, *middle, last = runs
    starts, place = _at(first, term, "0")
    places: list[str] = []
    found: list[str] = [starts]
    for run in middle:
        word = _middle(run)
        places.append(f"(str.indexof {term} {word} {place})")
        found.append(f"(>= {places[-1]} 0)")
        place = f"(+ {places[-1]} (str.len {word}))"
    length = _length(last)
    found.append(f"(<= (+ {place} {length}) (str.len {term}))")
    ends, _ = _at(last, term, f"(- (str.len {term}) {length})")
    return all_of((*found, ends))


def _simply(runs: Sequence[Sequence[Piece]], term: str) -> str:
    """Return whether a text is, starts with, ends with or holds what stands between the `*`."""
    word = _words([piece for run in runs for piece in run])
    if len(runs) == 1:
        return equal(term, word)
    if len(runs) == 2:
        return f"({'str.prefixof' if runs[0] else 'str.suffixof'} {word} {term})"
    return f"(str.contains {term} {word})"


def _split(pattern: Sequence[Piece]) -> list[list[Piece]]:
    runs: list[list[Piece]] = [[]]
    for piece in pattern:
        if piece is Wildcard.ANY_RUN:
            runs.append([])
        else:
            runs[-1].append(piece)
    return [run for i, run in enumerate(runs) if run or i in (0, len(runs) - 1)]


def _middle(run: Sequence[Piece]) -> str:
    if Wildcard.ANY_ONE in run:
        raise InexpressibleError("`?` stands beside a policy variable, between two `*`")
    return _words(run)


def _at(run: Sequence[Piece], term: str, place: str) -> tuple[str, str]:
    """Return whether a piece of a pattern stands at a place of a text, and where it ends."""
    conditions: list[str] = []
    for piece in run:
        if isinstance(piece, Wildcard):  # `?`: the pattern is cut at each `*`
            conditions.append(f"(< {place} (str.len {term}))")
            place = f"(+ {place} 1)"
            continue
        word = _word(piece)
        conditions.append(equal(f"(str.substr {term} {place} (str.len {word}))", word))
        place = f"(+ {place} (str.len {word}))"
    return all_of(conditions), place


def _length(run: Sequence[Piece]) -> str:
    sizes = ["1" if isinstance(p, Wildcard) else f"(str.len {_word(p)})" for p in run]
    return f"(+ 0 {' '.join(sizes)})" if sizes else "0"
