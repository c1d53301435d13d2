"""What a question restricts requests to, in SMT-LIB.

The restriction is no part of a policy: it is the question's own, and comes as a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from checker.symbolic.atoms import (
    ActionIn,
    Atom,
    CallerIn,
    HasBoundary,
    Present,
    ResourceIn,
    SomeValue,
    ValueIn,
)
from checker.symbolic.formula import And, Formula, Not, Or, atoms_of
from checker.symbolic.globs import CharClass, Glob, One, Token
from checker.symbolic.smtlib_callers import BOUNDARY, is_kind, text_of
from checker.symbolic.smtlib_keys import Key
from checker.symbolic.smtlib_terms import (
    FALSE,
    TRUE,
    InexpressibleError,
    all_of,
    any_of,
    equal,
    inside,
    negation,
    quoted,
)


def keys_within(restriction: Formula) -> Iterator[str]:
    """Yield the key whose text is compared for each comparison in the restriction."""
    for atom in atoms_of(restriction):
        if isinstance(atom, ValueIn | SomeValue):
            yield atom.key


def restricts_callers(restriction: Formula) -> bool:
    """Return whether the restriction speaks of callers."""
    return any(isinstance(atom, CallerIn | HasBoundary) for atom in atoms_of(restriction))


def within(restriction: Formula, keys: Mapping[str, Key]) -> str:
    """Return the restriction as a term.

    Errors: `InexpressibleError`.
    """
    match restriction:
        case bool():
            return TRUE if restriction else FALSE
        case And(parts=parts):
            return all_of(within(part, keys) for part in parts)
        case Or(parts=parts):
            return any_of(within(part, keys) for part in parts)
        case Not(parts=parts):
            return negation(within(parts[0], keys))
        case atom:
            return _atom(atom, keys)


def _atom(atom: Atom, keys: Mapping[str, Key]) -> str:
    match atom:
        case ActionIn(of=of):
            return _member("action", of)
        case ResourceIn(of=Glob() as of):
            return _member("resource", of)
        case CallerIn(kind=kind, of=of):
            return all_of((is_kind(kind), _member(text_of(kind), of)))
        case HasBoundary():
            return BOUNDARY
        case Present(key=key) if key in keys:
            return keys[key].present
        case ValueIn(key=key, of=Glob() as of) if not keys[key].many:
            return all_of((keys[key].present, _member(keys[key].slots[0].value, of)))
        case SomeValue(key=key, of=several, negated=negated) if keys[key].many:
            globs = [of for of in several if isinstance(of, Glob)]
            if len(globs) == len(several):
                return _some(keys[key], globs, negated=negated)
            raise InexpressibleError("the question compares values that are no text")
        case _:
            raise InexpressibleError(
                "the question restricts callers or values in a way that has no text"
            )


def _some(key: Key, several: Iterable[Glob], *, negated: bool) -> str:
    found: list[str] = []
    for slot in key.slots:
        matched = any_of(_member(slot.value, of) for of in several)
        found.append(all_of((slot.taken, negation(matched) if negated else matched)))
    return any_of(found)


def _member(term: str, of: Glob) -> str:
    if of.is_literal:
        return equal(term, quoted(of.prefix))
    pieces = [_expression(token) for token in of.tokens]
    return inside(term, pieces[0] if len(pieces) == 1 else f"(re.++ {' '.join(pieces)})")


def _expression(token: Token) -> str:
    if isinstance(token, str):
        return f"(str.to_re {quoted(token)})"
    one = _character(token.of)
    return one if isinstance(token, One) else f"(re.* {one})"


def _character(of: CharClass) -> str:
    singles = " ".join(f"(str.to_re {quoted(char)})" for char in sorted(of.chars))
    some = f"(re.union {singles})" if len(of.chars) > 1 else singles
    if not of.complement:
        return some
    return f"(re.diff re.allchar {some})" if of.chars else "re.allchar"
