"""The thin typed layer over z3, which has no types of its own. Nothing else imports z3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import z3

from checker.symbolic.globs import CharClass, Glob, One, Run, Token

_LAST_CHAR = 0x2FFFF  # the last character that z3 has


class Solver:
    """A solver over Boolean variables that are known by number, for one question."""

    def __init__(self) -> None:
        self._solver: Any = z3.SimpleSolver()
        self._solver.set(random_seed=0)
        self._bools: list[Any] = []

    def variable(self, number: int) -> Any:
        """Return the variable with this number."""
        while len(self._bools) <= number:
            self._bools.append(z3.Bool(f"a{len(self._bools)}"))
        return self._bools[number]

    def add(self, term: Any) -> None:
        """Assert a term."""
        self._solver.add(term)

    def add_clause(self, literals: Sequence[tuple[int, bool]]) -> None:
        """Assert that one of the literals holds."""
        terms = [self.variable(n) if sign else z3.Not(self.variable(n)) for n, sign in literals]
        self._solver.add(terms[0] if len(terms) == 1 else z3.Or(terms))

    def model(self, milliseconds: int) -> list[bool] | None:
        """Return a value for each variable, or None if there is no model.

        Errors: `OutOfTimeError`.
        """
        self._solver.set(timeout=max(1, milliseconds))
        result = self._solver.check()
        if result == z3.unsat:
            return None
        if result != z3.sat:
            raise OutOfTimeError(str(self._solver.reason_unknown()))
        found = self._solver.model()
        return [bool(z3.is_true(found.eval(b, model_completion=True))) for b in self._bools]


class OutOfTimeError(Exception):
    """z3 gave up: the budget ran out, or it does not know."""


def conjunction(terms: Sequence[Any]) -> Any:
    """Return the z3 conjunction."""
    return z3.And(list(terms))


def disjunction(terms: Sequence[Any]) -> Any:
    """Return the z3 disjunction."""
    return z3.Or(list(terms))


def opposite(term: Any) -> Any:
    """Return the z3 negation."""
    return z3.Not(term)


def escaped(text: str) -> str:
    r"""Return text as z3 reads it: everything beyond plain ASCII, and the backslash, as `\u{…}`.

    Errors: `ValueError` for characters that z3 does not have.
    """
    if any(ord(char) > _LAST_CHAR for char in text):
        raise ValueError("a character beyond U+2FFFF")
    return "".join(c if " " <= c <= "~" and c != "\\" else f"\\u{{{ord(c):x}}}" for c in text)


def string(text: str) -> Any:
    """Return the string as a z3 term."""
    return z3.StringVal(escaped(text))


def string_variable(name: str) -> Any:
    """Return a z3 string variable."""
    return z3.String(name)


def concatenation(parts: Sequence[Any]) -> Any:
    """Return the z3 concatenation."""
    return parts[0] if len(parts) == 1 else z3.Concat(*parts)


def equal(one: Any, other: Any) -> Any:
    """Return the z3 equation."""
    return one == other


def matches(term: Any, pattern: Glob) -> Any:
    """Return whether a string term is a member of a pattern."""
    if pattern.is_literal:
        return term == string(pattern.prefix)
    return z3.InRe(term, regular(pattern.tokens))


def regular(tokens: Sequence[Token]) -> Any:
    """Return the regular expression of a pattern."""
    parts = [_regular_token(token) for token in tokens]
    if not parts:
        return z3.Re("")
    return parts[0] if len(parts) == 1 else z3.Concat(*parts)


def _regular_token(token: Token) -> Any:
    match token:
        case str():
            return z3.Re(string(token))
        case One(of=of):
            return _char(of)
        case Run(of=of):
            return z3.Star(_char(of))


def _char(of: CharClass) -> Any:
    chars = sorted(of.chars)
    units = [z3.Re(string(char)) for char in chars]
    union = units[0] if len(units) == 1 else z3.Union(*units) if units else None
    if not of.complement:
        return union
    anything = z3.AllChar(z3.ReSort(z3.StringSort()))
    return anything if union is None else z3.Intersect(anything, z3.Complement(union))


def string_model(
    terms: Sequence[Any], wanted: Sequence[Any], milliseconds: int
) -> list[str] | None:
    """Return texts for the `wanted` variables that make all terms true, or None if none do.

    Errors: `OutOfTimeError`.
    """
    solver: Any = z3.Solver()
    solver.set(timeout=max(1, milliseconds), random_seed=0)
    for term in terms:
        solver.add(term)
    result = solver.check()
    if result == z3.unsat:
        return None
    if result != z3.sat:
        raise OutOfTimeError(str(solver.reason_unknown()))
    found = solver.model()
    return [unescaped(found.eval(w, model_completion=True).as_string()) for w in wanted]


def unescaped(text: str) -> str:
    """Return what z3 wrote as plain text."""
    pieces = text.split("\\u{")
    result = [pieces[0]]
    for piece in pieces[1:]:
        code, _, rest = piece.partition("}")
        result.append(chr(int(code, 16)) + rest)
    return "".join(result)


def prefix_of(start: Any, whole: Any) -> Any:
    """Return whether a string term starts with another."""
    return z3.PrefixOf(start, whole)
