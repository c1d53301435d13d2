"""Patterns whose variables are read as letters: clashes that no value of a variable can undo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice
from typing import Final

from checker.source.symbols import is_mark
from checker.symbolic.atoms import Atom, Hole, Matcher, ResourceIn, SomeValue, Template
from checker.symbolic.dimensions import Literal
from checker.symbolic.globs import ANY, NOT_COLON, CharClass, Glob, One, Run, Token, glob, member
from checker.symbolic.patterns import keeps_fields
from checker.symbolic.values import single_values

_MOST_CHOICES: Final = 256
_FIRST_LETTER: Final = 0xE000  # private characters stand for variables while patterns are compared


def clash_of_letters(varying: Sequence[Literal], fixed: Sequence[Literal]) -> tuple[Literal, ...]:
    """Return literals that clash whatever the variables' values are, or nothing.

    A wanted pattern, its variables read as letters, has no member outside the unwanted ones: then
    putting any values in for the letters leaves none either.
    """
    return _of_one(varying, fixed) or _of_many(varying, fixed)


def _of_one(varying: Sequence[Literal], fixed: Sequence[Literal]) -> tuple[Literal, ...]:
    """Return such literals on a resource or a key of one value."""
    letters = _letters((*varying, *fixed))
    for atom, holds in varying:
        if not holds or isinstance(atom, SomeValue):
            continue
        name = _dimension(atom)
        rivals = [
            item
            for item in (*varying, *fixed)
            if not item[1] and type(item[0]) is type(atom) and _dimension(item[0]) == name
        ]
        outside = [getattr(item[0], "of", None) for item in rivals]
        if _is_within(getattr(atom, "of", None), outside, letters):
            return ((atom, True), *rivals)
    return ()


def _of_many(varying: Sequence[Literal], fixed: Sequence[Literal]) -> tuple[Literal, ...]:
    """Return such literals on the values of one key of many."""
    letters = _letters((*varying, *fixed))
    for key in dict.fromkeys(atom.key for atom, _ in varying if isinstance(atom, SomeValue)):
        asked = [item for item in (*varying, *fixed) if getattr(item[0], "key", None) == key]
        some = [a for a, holds in asked if isinstance(a, SomeValue) and holds]
        none = [a for a, holds in asked if isinstance(a, SomeValue) and not holds]
        for need in some:
            choices = islice(single_values(need, none), _MOST_CHOICES + 1)
            kinds = list(choices)
            if len(kinds) <= _MOST_CHOICES and all(
                any(_is_within(one, wanted.outside, letters) for one in wanted.inside)
                for wanted in kinds
            ):
                return ((need, True), *((atom, False) for atom in none))
    return ()


def _dimension(atom: Atom) -> str:
    return "" if isinstance(atom, ResourceIn) else getattr(atom, "key", "")


def _is_within(
    wanted: Matcher | None, outside: Iterable[Matcher | None], letters: dict[Hole, str]
) -> bool:
    """Whether a pattern has no member outside the others, its variables read as letters."""
    pattern = _lettered(wanted, letters)
    others = [g for of in outside if (g := _lettered(of, letters)) is not None]
    return pattern is not None and member((pattern,), others) is None


def _letters(literals: Sequence[Literal]) -> dict[Hole, str]:
    """Return a letter of its own for each variable; no pattern holds one of these."""
    patterns = [of for atom, _ in literals for of in _patterns(atom)]
    taken = {
        char
        for of in patterns
        for token in of.tokens
        if not isinstance(token, Hole)
        for char in (token if isinstance(token, str) else token.of.chars)
    }
    free = (c for number in count(_FIRST_LETTER) if (c := chr(number)) not in taken)
    holes = dict.fromkeys(t for of in patterns for t in of.tokens if isinstance(t, Hole))
    return dict(zip(holes, free, strict=False))


def _patterns(atom: Atom) -> Iterator[Glob | Template]:
    of = getattr(atom, "of", ())
    for one in of if isinstance(of, tuple) else (of,):
        if isinstance(one, Glob | Template):
            yield one


def _lettered(of: Matcher | None, letters: dict[Hole, str]) -> Glob | None:
    """Return a pattern with letters for variables; only a run of all characters takes one."""
    if not isinstance(of, Template | Glob):
        return None
    if isinstance(of, Template) and of.by_field and not keeps_fields(of):
        return None
    signs = "".join(letters.values())
    with_colons = "".join(sign for hole, sign in letters.items() if not _is_confined(hole))
    tokens: list[Token] = []
    for token in of.tokens:
        if isinstance(token, Hole):
            tokens.append(letters[token])
        elif isinstance(token, str) or (isinstance(token, Run) and token.of == ANY):
            tokens.append(token)
        else:
            narrowed = _less(token.of, with_colons if token.of == NOT_COLON else signs)
            tokens.append(Run(narrowed) if isinstance(token, Run) else One(narrowed))
    return glob(tuple(tokens))


def _is_confined(hole: Hole) -> bool:
    """Whether no value of a hole has a colon: that of a symbol in a field of an ARN."""
    return hole.confined and is_mark(hole.key)


def _less(of: CharClass, signs: str) -> CharClass:
    return of.without(signs) if of.complement else of
