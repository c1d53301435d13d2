"""What follows from literals that are known to hold, without asking a solver.

Sound and not complete: a formula is only ever replaced by `True` or `False` when that is certain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checker.symbolic.atoms import (
    ActionIn,
    Atom,
    CallerIn,
    Hole,
    Interval,
    Matcher,
    Present,
    ResourceIn,
    SomeValue,
    Template,
    ValueIn,
)
from checker.symbolic.formula import (
    And,
    Formula,
    Not,
    Or,
    all_of,
    any_of,
    literal_of,
    negation,
)
from checker.symbolic.globs import ANY, NOT_COLON, Glob, One, Run, contains, disjoint, glob
from checker.symbolic.patterns import ARN_FIELDS


class Known:
    """Formulas taken as true together: the conjuncts of a cell."""

    __slots__ = ("_choices", "_facts", "formulas")

    def __init__(self, formulas: Iterable[Formula]) -> None:
        whole = all_of(formulas)
        parts = whole.parts if isinstance(whole, And) else (whole,)
        self.formulas = frozenset(part for part in parts if not isinstance(part, bool))
        self._facts: dict[object, list[tuple[Atom, bool]]] = {}
        self._choices: list[Or] = []
        for part in parts:
            if isinstance(part, Or):
                self._choices.append(part)
            elif (literal := literal_of(part)) is not None:
                self._facts.setdefault(_dimension(literal[0]), []).append(literal)

    def simplified(self, formula: Formula) -> Formula:
        """Return the formula with all that follows from what is known put in."""
        match formula:
            case bool():
                return formula
            case _ if formula in self.formulas:
                return True
            case And():
                return all_of(self.simplified(part) for part in formula.parts)
            case Or():
                if self._is_wider_choice(formula):
                    return True
                return any_of(self.simplified(part) for part in formula.parts)
            case Not():
                return negation(self._atom(formula.parts[0]))
            case atom:
                return self._atom(atom)

    def _atom(self, atom: Formula) -> Formula:
        if isinstance(atom, bool | And | Or | Not):
            return self.simplified(atom)
        for fact, holds in self._facts.get(_dimension(atom), ()):
            told = follows(fact, atom) if holds else _follows_from_not(fact, atom)
            if told is not None:
                return told
        return atom

    def _is_wider_choice(self, formula: Or) -> bool:
        """Whether each alternative of some known choice is one of the formula's."""
        return any(
            all(_is_among(option, formula.parts) for option in choice.parts)
            for choice in self._choices
        )


def _is_among(option: Formula, parts: Sequence[Formula]) -> bool:
    if option in parts:
        return True
    if isinstance(option, bool | And | Or | Not):
        return False
    return any(
        not isinstance(part, bool | And | Or | Not)
        and _dimension(option) == _dimension(part)
        and follows(option, part) is True
        for part in parts
    )


def _dimension(atom: Atom) -> object:
    match atom:
        case Present(key=key) | ValueIn(key=key) | SomeValue(key=key):
            return key
        case _:
            return type(atom)


def follows(fact: Atom, atom: Atom) -> bool | None:
    """Return whether `atom` must hold, must fail (False), or may do either, given `fact`.

    Both are about the same dimension.
    """
    if fact == atom:
        return True
    match fact, atom:
        case (ActionIn(of=one), ActionIn(of=other)) | (ResourceIn(of=one), ResourceIn(of=other)):
            return _within(one, other)
        case ValueIn(of=one), ValueIn(of=other):
            return _within(one, other)
        case CallerIn(kind=kind, of=one), CallerIn(kind=other_kind, of=other):
            return _within(one, other) if kind is other_kind else False
        case (ValueIn() | SomeValue(), Present()):
            return True
        case SomeValue(of=one, negated=False), SomeValue(of=other, negated=False):
            return True if all(any(_within(m, n) for n in other) for m in one) else None
        case _:
            return None


def _follows_from_not(fact: Atom, atom: Atom) -> bool | None:
    """Return what is certain of `atom`, of the same dimension, when `fact` does not hold."""
    if fact == atom:
        return False
    match fact, atom:
        case Present(), (ValueIn() | SomeValue()):
            return False
        case CallerIn(kind=kind, of=one), CallerIn(kind=other_kind, of=other):
            return False if kind is other_kind and _within(other, one) else None
        case SomeValue(of=one, negated=True), SomeValue(of=other, negated=True):
            # All values are among `one`: none is outside a wider list.
            return False if all(any(_within(m, n) for n in other) for m in one) else None
        case SomeValue(of=one, negated=False), SomeValue(of=other, negated=False):
            return False if all(any(_within(m, n) for n in one) for m in other) else None
        case (
            (ActionIn(of=one), ActionIn(of=other))
            | (ResourceIn(of=one), ResourceIn(of=other))
            | (ValueIn(of=one), ValueIn(of=other))
        ):
            return False if _within(other, one) else None
        case _:
            return None


def _within(one: Matcher, other: Matcher) -> bool | None:
    """Return True if all of `one` is in `other`, False if they never meet, else None."""
    if one == other:
        return True
    match one, other:
        case Glob(), Glob():
            if contains(other, one):
                return True
            return False if disjoint(one, other) else None
        case Interval(), Interval():
            return True if other.covers(one) else None
        case Template(), Glob():
            if contains(other, star(one)):
                return True
            return False if disjoint(star(one), other) else None
        case Glob(), Template():
            return False if disjoint(one, star(other)) else None
        case _:
            return None


def star(template: Template) -> Glob:
    """Return a pattern that holds all that the template can match, whatever the keys' values."""
    tokens: list[str | One | Run] = []
    colons = 0
    moved = False
    for token in template.tokens:
        if isinstance(token, Hole):
            moved = moved or (template.by_field and colons < ARN_FIELDS - 1)
            tokens.append(Run(NOT_COLON if token.confined else ANY))
            continue
        if isinstance(token, str):
            colons += token.count(":")
        elif moved:
            tokens.append(Run(ANY) if isinstance(token, Run) else One(ANY))
            continue
        tokens.append(token)
    return glob(tuple(tokens))
