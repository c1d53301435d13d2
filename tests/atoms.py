"""Formulas and their atoms on one concrete request, decided the plainest way there is."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from checker.policy.model import Request
from checker.policy.readings import Readings, Switch
from checker.policy.values import address, instant, lower, number
from checker.symbolic.atoms import (
    ActionIn,
    Atom,
    CallerIn,
    HasBoundary,
    Interval,
    Matcher,
    Present,
    ReadingIs,
    ResourceIn,
    Scale,
    SomeValue,
    Template,
    ValueIn,
)
from checker.symbolic.formula import And, Formula, Not, Or
from checker.symbolic.globs import Glob
from checker.symbolic.patterns import filled


@dataclass(frozen=True)
class Point:
    """A request as the engine sees it."""

    request: Request
    caller: str  # of a role session: the role's ARN, NUL and the session's name
    readings: Readings

    def satisfies(self, formula: Formula) -> bool:
        """Return whether the formula holds."""
        match formula:
            case bool():
                return formula
            case And():
                return all(self.satisfies(part) for part in formula.parts)
            case Or():
                return any(self.satisfies(part) for part in formula.parts)
            case Not():
                return not self.satisfies(formula.parts[0])
            case atom:
                return self._has(atom)

    def _has(self, atom: Atom) -> bool:
        match atom:
            case ActionIn(of):
                return of.matches(lower(self.request.action))
            case ResourceIn(of):
                return self._matches(of, self.request.resource)
            case CallerIn(kind, of):
                return self.request.caller.kind is kind and of.matches(self.caller)
            case HasBoundary():
                return self.request.caller.has_boundary
            case Present(key):
                return self.request.context.get(key, ()) != ()
            case ValueIn(key, of):
                value = self.request.context.get(key)
                assert not isinstance(value, tuple)
                return value is not None and self._matches(of, value)
            case SomeValue(key, of, negated):
                values = self.request.context.get(key, ())
                assert isinstance(values, tuple)
                return any(any(self._matches(m, v) for m in of) is not negated for v in values)
            case ReadingIs(switch, choice):
                return self._reading(switch) == choice

    def _reading(self, switch: Switch) -> str:
        return self.readings.get(switch, switch.ambiguity.default)

    def _matches(self, of: Matcher, text: str) -> bool:
        match of:
            case Glob():
                return of.matches(text)
            case Interval():
                place = _place(of.scale, text)
                return place is not None and of.has(place)
            case Template():
                values = {key: self.request.context.get(key) for key in of.keys}
                texts = {key: value for key, value in values.items() if isinstance(value, str)}
                return texts.keys() == values.keys() and filled(of, texts).matches(text)


def _place(scale: Scale, text: str) -> Fraction | None:
    match scale:
        case Scale.NUMBER:
            return number(text)
        case Scale.INSTANT:
            return instant(text)
        case Scale.ADDRESS:
            found = address(text)
            if found is None:
                return None
            return Fraction(int(found) + (0 if found.version == 4 else 2**32))
