"""Policy variables: the one thing that ties a pattern to the value of a key.

What is asked is decided in this order, each step exact in what it says: the other literals alone
are impossible; a variable whose value is fixed is that value; a pattern with a variable lies inside
another one whatever the value is (the variable taken as a letter of its own); some values are
tried (`guessing`); and at last z3's theory of strings is asked, within the budget.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checker.symbolic import theory
from checker.symbolic.atoms import (
    Atom,
    Matcher,
    Present,
    ResourceIn,
    SomeValue,
    Template,
    ValueIn,
)
from checker.symbolic.dimensions import Literal
from checker.symbolic.entail import star
from checker.symbolic.globs import Glob, glob, literal
from checker.symbolic.guessing import Words, assignments, likely_values
from checker.symbolic.lettered import clash_of_letters
from checker.symbolic.patterns import filled
from checker.symbolic.theory import Impossible, Possible, holds_template
from checker.symbolic.values import NotModelledError
from checker.symbolic.vocabulary import Vocabulary


def realised(
    literals: Sequence[Literal], vocabulary: Vocabulary, seconds: float
) -> Possible | Impossible:
    """Return a request for which every literal holds, or why there is none.

    Errors: `values.NotModelledError` and `automaton.TooLargeError` where there is no exact answer.
    """
    varying = [item for item in literals if holds_template(item[0])]
    if not varying:
        return theory.realised(literals, vocabulary)
    fixed = [item for item in literals if not holds_template(item[0])]
    plain = theory.realised(fixed, vocabulary)
    if isinstance(plain, Impossible):
        return plain
    open_key = next((key for key in _all_keys(varying) if _says_nothing(key, fixed)), None)
    if open_key is not None:
        return _either(open_key, literals, vocabulary, seconds)
    varying, clash = _with_values(varying, fixed)
    if clash:
        return Impossible(clash)
    return _of_present(fixed, varying, vocabulary, seconds) if varying else plain


def _either(
    key: str, literals: Sequence[Literal], vocabulary: Vocabulary, seconds: float
) -> Possible | Impossible:
    """Return what is found with the key absent, or else with the key present."""
    core: dict[Literal, None] = {}
    for there in (False, True):
        found = realised([*literals, (Present(key), there)], vocabulary, seconds)
        if isinstance(found, Possible):
            return found
        core |= dict.fromkeys(item for item in found.core if item != (Present(key), there))
    return Impossible(tuple(core))


def _all_keys(varying: Sequence[Literal]) -> list[str]:
    return list(dict.fromkeys(key for atom, _ in varying for key in _keys_of(atom)))


def _says_nothing(key: str, fixed: Sequence[Literal]) -> bool:
    """Whether the literals leave open if the key is there."""
    return not any(
        getattr(atom, "key", None) == key and (holds or isinstance(atom, Present))
        for atom, holds in fixed
    )


def _with_values(
    varying: Sequence[Literal], fixed: Sequence[Literal]
) -> tuple[list[Literal], tuple[Literal, ...]]:
    """Return the literals whose keys are there, and a clash if one is asked for without its key.

    A pattern that lacks a value is only ever asked beside the presence of its keys, so that what
    it says without them does not matter.
    """
    absent = {a.key: (a, h) for a, h in fixed if isinstance(a, Present) and not h}
    kept: list[Literal] = []
    for atom, holds in varying:
        lacking = next((key for key in _keys_of(atom) if key in absent), None)
        if lacking is None:
            kept.append((atom, holds))
        elif holds:
            return [], ((atom, holds), absent[lacking])
    return kept, ()


def _of_present(
    fixed: Sequence[Literal], varying: Sequence[Literal], vocabulary: Vocabulary, seconds: float
) -> Possible | Impossible:
    """Return what is found where each variable has a value."""
    literals = (*fixed, *varying)
    pinned = _pinned(fixed)
    if pinned:
        told = theory.realised([*fixed, *_told(varying, pinned)], vocabulary)
        settled = all(set(_keys_of(atom)) <= set(pinned) for atom, _ in varying)
        if settled:
            return told if isinstance(told, Possible) else _unfilled(told, fixed, varying, pinned)
    loose = _loosened(varying, fixed, vocabulary)
    if isinstance(loose, Impossible):
        return loose
    core = clash_of_letters(varying, fixed)
    if core:
        return Impossible(core)
    found = _tried(fixed, varying, pinned, likely_values(loose, varying), vocabulary)
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


def _unfilled(
    told: Impossible, fixed: Sequence[Literal], varying: Sequence[Literal], values: dict[str, str]
) -> Impossible:
    """Return the clash as one of the literals that were asked for: a pattern with its values."""
    core = [item for item in fixed if item in told.core]
    for atom, holds in varying:
        if (_with(atom, values), holds) in told.core:
            core.append((atom, holds))
            core += [(ValueIn(key, literal(values[key])), True) for key in _keys_of(atom)]
    return Impossible(tuple(dict.fromkeys(core)))


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


def _loosened(
    varying: Sequence[Literal], fixed: Sequence[Literal], vocabulary: Vocabulary
) -> Possible | Impossible:
    """Return what is found if each variable may be any text in each place where it stands."""
    wider = {item: _widened(*item) for item in varying}
    found = theory.realised([*fixed, *(w for w in wider.values() if w)], vocabulary)
    if isinstance(found, Possible):
        return found
    asked = {w: item for item, w in wider.items() if w}
    return Impossible(tuple(dict.fromkeys(asked.get(item, item) for item in found.core)))


def _widened(atom: Atom, holds: bool) -> Literal | None:  # noqa: FBT001
    """Return what follows from a literal whatever the variables' values are, or None."""
    match atom:
        case ResourceIn(of=Template() as of) if holds:
            return ResourceIn(star(of)), True
        case ValueIn(key=key, of=Template() as of) if holds:
            return ValueIn(key, star(of)), True
        case SomeValue(key=key, of=several, negated=negated) if holds is not negated:
            starred = tuple(star(of) if isinstance(of, Template) else of for of in several)
            return SomeValue(key, starred, negated), holds
        case SomeValue(key=key, of=several, negated=negated):
            fixed = tuple(of for of in several if not isinstance(of, Template))
            return SomeValue(key, fixed, negated), holds
        case _:
            return None


def _tried(
    fixed: Sequence[Literal],
    varying: Sequence[Literal],
    pinned: dict[str, str],
    likely: Words,
    vocabulary: Vocabulary,
) -> Possible | None:
    """Return a request found by putting likely values in, or None if none of them fits."""
    literals = (*fixed, *varying)
    for values in assignments(_all_keys(varying), pinned, likely, literals, vocabulary):
        exact = [
            (ValueIn(key, glob((text,) if text else ())), True) for key, text in values.items()
        ]
        found = theory.realised([*fixed, *exact, *_told(varying, values)], vocabulary)
        if isinstance(found, Possible):
            return found
    return None


def _asked(
    literals: Sequence[Literal],
    fixed: Sequence[Literal],
    varying: Sequence[Literal],
    vocabulary: Vocabulary,
    seconds: float,
) -> Possible | Impossible:
    """Return what z3's theory of strings says.

    Errors: `values.NotModelledError` if it does not say, or says more than the judge can follow.
    """
    if any(isinstance(atom, SomeValue) for atom, _ in varying):
        raise NotModelledError("a policy variable inside a set operator")
    from checker.symbolic import strings  # noqa: PLC0415  loads z3, which few questions need

    answer = strings.values_of_variables(literals, vocabulary, seconds)
    if answer is None:
        return Impossible(tuple(literals))
    exact: list[Literal] = [(ValueIn(k, glob((v,) if v else ())), True) for k, v in answer.items()]
    told = [*fixed, *exact, *_told(varying, answer)]
    found = theory.realised(told, vocabulary)
    if isinstance(found, Impossible):
        raise NotModelledError("a policy variable that is tied to the caller")
    return found
