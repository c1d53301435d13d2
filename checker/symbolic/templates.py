"""Policy variables: the one thing that ties a pattern to the value of a key.

What is asked is decided in this order, each step exact in what it says: the other literals alone
are impossible; a variable whose value is fixed is that value; a pattern with a variable lies inside
another one whatever the value is (the variable taken as a letter of its own); some values are
tried; and at last z3's theory of strings is asked, within the budget.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Final

from checker.symbolic import theory, universe
from checker.symbolic.atoms import (
    Atom,
    Hole,
    Matcher,
    Present,
    ResourceIn,
    SomeValue,
    Template,
    ValueIn,
)
from checker.symbolic.callers import TIED, callers, concerns_caller
from checker.symbolic.globs import ANY, CharClass, Glob, One, Run, Token, glob, member
from checker.symbolic.patterns import ARN_FIELDS, filled
from checker.symbolic.theory import Impossible, Literal, Possible, holds_template
from checker.symbolic.values import NotModelled, first_few
from checker.symbolic.vocabulary import Vocabulary

_MOST_TRIES: Final = 160
_FIRST_LETTER: Final = 0xE000  # private characters stand for variables while patterns are compared


def realised(
    literals: Sequence[Literal], vocabulary: Vocabulary, seconds: float
) -> Possible | Impossible:
    """Return a request for which every literal holds, or why there is none.

    Errors: `values.NotModelled` and `automaton.TooLarge` where there is no exact answer.
    """
    varying = [item for item in literals if holds_template(item[0])]
    if not varying:
        return theory.realised(literals, vocabulary)
    fixed = [item for item in literals if not holds_template(item[0])]
    plain = theory.realised(fixed, vocabulary)
    if isinstance(plain, Impossible):
        return plain
    pinned = _pinned(fixed)
    if pinned:
        told = theory.realised([*fixed, *_told(varying, pinned)], vocabulary)
        settled = all(set(_keys_of(atom)) <= set(pinned) for atom, _ in varying)
        if settled:
            return told if isinstance(told, Possible) else Impossible(tuple(literals))
    core = _covered(varying, fixed, vocabulary)
    if core:
        return Impossible(core)
    found = _tried(fixed, varying, pinned, vocabulary)
    if found:
        return found
    return _asked(literals, fixed, varying, vocabulary, seconds)


def _keys_of(atom: Atom) -> tuple[str, ...]:
    match atom:
        case ResourceIn(of=Template() as of) | ValueIn(of=Template() as of):
            return of.keys
        case SomeValue(of=several):
            return tuple(k for of in several if isinstance(of, Template) for k in of.keys)
        case _:
            return ()


def _pinned(fixed: Sequence[Literal]) -> dict[str, str]:
    """Return the keys whose value the literals leave no choice about."""
    return {
        atom.key: atom.of.prefix
        for atom, holds in fixed
        if holds and isinstance(atom, ValueIn) and isinstance(atom.of, Glob) and atom.of.is_literal
    }


def _told(varying: Sequence[Literal], values: dict[str, str]) -> Iterator[Literal]:
    """Yield the literals with the values put in; those with other variables are left out."""
    for atom, holds in varying:
        if set(_keys_of(atom)) <= set(values):
            yield _with(atom, values), holds


def _with(atom: Atom, values: dict[str, str]) -> Atom:
    def put(of: Matcher) -> Matcher:
        return filled(of, values) if isinstance(of, Template) else of

    match atom:
        case ResourceIn(of=Template() as of):
            return ResourceIn(filled(of, values))
        case ValueIn(key=key, of=of):
            return ValueIn(key, put(of))
        case SomeValue(key=key, of=several, negated=negated):
            return SomeValue(key, tuple(put(of) for of in several), negated)
        case _:
            return atom


def _dimension(atom: Atom) -> str:
    return "" if isinstance(atom, ResourceIn) else getattr(atom, "key", "")


def _covered(
    varying: Sequence[Literal], fixed: Sequence[Literal], vocabulary: Vocabulary
) -> tuple[Literal, ...]:
    """Return literals that clash whatever the variables' values are, or nothing.

    A wanted pattern, its variables read as letters, has no member outside the unwanted ones: then
    putting any values in for the letters leaves none either.
    """
    letters = _letters(varying)
    for atom, holds in varying:
        if not holds or isinstance(atom, SomeValue):
            continue
        name = _dimension(atom)
        rivals = [
            item
            for item in (*varying, *fixed)
            if not item[1] and type(item[0]) is type(atom) and _dimension(item[0]) == name
        ]
        outside = [g for item in rivals if (g := _lettered(item[0], letters)) is not None]
        wanted = _lettered(atom, letters)
        if wanted is not None and member((wanted,), outside) is None:
            return ((atom, True), *rivals)
    return ()


def _letters(varying: Sequence[Literal]) -> dict[Hole, str]:
    letters: dict[Hole, str] = {}
    for atom, _ in varying:
        of = getattr(atom, "of", None)
        for token in of.tokens if isinstance(of, Template) else ():
            if isinstance(token, Hole):
                letters.setdefault(token, chr(_FIRST_LETTER + len(letters)))
    return letters


def _lettered(atom: Atom, letters: dict[Hole, str]) -> Glob | None:
    """Return an atom's pattern with letters for variables; only a run of all characters takes one."""
    of = getattr(atom, "of", None)
    if not isinstance(of, Template | Glob) or (isinstance(of, Template) and of.by_field
                                               and _moves_fields(of)):
        return None
    signs = "".join(letters.values())
    tokens: list[Token] = []
    for token in of.tokens:
        if isinstance(token, Hole):
            tokens.append(letters[token])
        elif isinstance(token, str) or (isinstance(token, Run) and token.of == ANY):
            tokens.append(token)
        else:
            narrowed = _less(token.of, signs)
            tokens.append(Run(narrowed) if isinstance(token, Run) else One(narrowed))
    return glob(tuple(tokens))


def _moves_fields(template: Template) -> bool:
    """Whether a value with a colon could change which field a wildcard stands in."""
    colons = 0
    hole = False
    for token in template.tokens:
        if isinstance(token, Hole):
            hole = hole or colons < ARN_FIELDS - 1
        elif isinstance(token, str):
            colons += token.count(":")
        elif hole:
            return True
    return False


def _less(of: CharClass, signs: str) -> CharClass:
    return of.without(signs) if of.complement else of


def _tried(
    fixed: Sequence[Literal],
    varying: Sequence[Literal],
    pinned: dict[str, str],
    vocabulary: Vocabulary,
) -> Possible | None:
    """Return a request found by putting likely values in, or None if none of them fits."""
    keys = list(dict.fromkeys(key for atom, _ in varying for key in _keys_of(atom)))
    words = _words((*fixed, *varying))
    for values in islice(_assignments(keys, pinned, words, fixed, vocabulary), _MOST_TRIES):
        exact = [(ValueIn(key, glob((text,) if text else ())), True) for key, text in values.items()]
        told = [*fixed, *exact, *_told(varying, values)]
        found = theory.realised(told, vocabulary)
        if isinstance(found, Possible):
            return found
    return None


def _assignments(
    keys: Sequence[str],
    pinned: dict[str, str],
    words: Sequence[str],
    fixed: Sequence[Literal],
    vocabulary: Vocabulary,
) -> Iterator[dict[str, str]]:
    tied = [key for key in keys if key in TIED]
    others = [key for key in keys if key not in TIED]
    choices = [
        [pinned[key]] if key in pinned else _candidates(key, words, fixed, vocabulary)
        for key in others
    ]
    for known in _tied_values(tied, words, fixed, vocabulary):
        for texts in product(*choices):
            yield {**known, **dict(zip(others, texts, strict=True))}


def _tied_values(
    tied: Sequence[str], words: Sequence[str], fixed: Sequence[Literal], vocabulary: Vocabulary
) -> Iterator[dict[str, str]]:
    """Yield what the keys of a possible caller are, the words of the policies tried as names."""
    if not tied:
        yield {}
        return
    asked = [item for item in fixed if concerns_caller(item[0])]
    tries: list[list[Literal]] = [[]]
    tries += [[(ValueIn(key, glob((word,))), True)] for word in words if word for key in tied]
    present: list[Literal] = [(Present(key), True) for key in tied]
    for extra in tries:
        for found in callers([*asked, *present, *extra], vocabulary):
            known = {key: found.value_of(key) for key in tied}
            if all(text is not None for text in known.values()):
                yield {key: text for key, text in known.items() if text is not None}


def _candidates(
    key: str, words: Sequence[str], fixed: Sequence[Literal], vocabulary: Vocabulary
) -> list[str]:
    group = [item for item in fixed if getattr(item[0], "key", None) == key]
    possible: list[str] = []
    own = theory.value(key, [*group, (Present(key), True)], vocabulary)
    if isinstance(own, str):
        possible.append(own)
    for word in (*words, *universe.pleasant_values(key), "x", ""):
        exact: Literal = (ValueIn(key, glob((word,) if word else ())), True)
        if theory.value(key, [*group, exact], vocabulary) is not None:
            possible.append(word)
    return first_few(possible, 12)


def _words(literals: Sequence[Literal]) -> list[str]:
    """Return the pieces of literal text in the patterns, between separators: likely values."""
    words: dict[str, None] = {}
    for atom, _ in literals:
        of = getattr(atom, "of", None)
        for token in of.tokens if isinstance(of, Glob | Template) else ():
            if isinstance(token, str):
                words.update(dict.fromkeys((token, *token.replace(":", "/").split("/"))))
    return first_few(words, 24)


def _asked(
    literals: Sequence[Literal],
    fixed: Sequence[Literal],
    varying: Sequence[Literal],
    vocabulary: Vocabulary,
    seconds: float,
) -> Possible | Impossible:
    """Return what z3's theory of strings says.

    Errors: `values.NotModelled` if it does not say, or says more than the judge can follow.
    """
    if any(isinstance(atom, SomeValue) for atom, _ in varying):
        raise NotModelled("a policy variable inside a set operator")
    from checker.symbolic import strings  # noqa: PLC0415  loads z3, which few questions need

    answer = strings.values_of_variables(literals, vocabulary, seconds)
    if answer is None:
        return Impossible(tuple(literals))
    exact: list[Literal] = [(ValueIn(k, glob((v,) if v else ())), True) for k, v in answer.items()]
    told = [*fixed, *exact, *_told(varying, answer)]
    found = theory.realised(told, vocabulary)
    if isinstance(found, Impossible):
        raise NotModelled("a policy variable that is tied to the caller")
    return found
