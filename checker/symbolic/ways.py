"""The ways to make a formula true: one choice after the other, the least demanding first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from checker.symbolic.atoms import Atom, Present, ReadingIs, SomeValue, ValueIn
from checker.symbolic.entail import Known
from checker.symbolic.formula import And, Formula, Not, Or, all_of, any_of, literal_of

_MOST_CHOICES: Final = 4000
_MOST_LOOKS: Final = 100_000
_MOST_PARTS: Final = 24
_FEW: Final = 4  # options of a choice, each worth a look of its own


class TooManyWaysError(Exception):
    """There are too many choices to go through one after the other."""


@dataclass(frozen=True, slots=True)
class _Choices:
    """Choices that are still to be made; lists share their ends."""

    first: Or
    rest: _Choices | None


@dataclass(frozen=True, slots=True)
class _Way:
    """What is to be made true next, after what was chosen, and before which choices."""

    part: Formula
    chosen: dict[Atom, bool]
    choices: _Choices | None


def ways_to_hold(formula: Formula) -> Iterator[dict[Atom, bool]]:
    """Yield each way to make a formula true, as the literals that do it; choices come last.

    Left out are ways that fail by the look of two literals, and choices that are met by it.
    Errors: `TooManyWaysError`.
    """
    ways = [_Way(formula, {}, None)]
    tried = 0
    while ways:
        way = ways.pop()
        tried += 1
        if tried > _MOST_CHOICES:
            raise TooManyWaysError
        chosen = dict(way.chosen)
        found = _taken(way.part, chosen)
        if found is None:
            continue
        choices: _Choices | None = way.choices
        for choice in reversed(found):
            choices = _Choices(choice, choices)
        if choices is None:
            yield chosen
            continue
        known = Known(atom for atom, holds in chosen.items() if holds)
        options: Sequence[Formula] = ()
        while choices is not None and not (options := _options(choices.first, chosen, known)):
            choices = choices.rest
        if choices is None:
            yield chosen
            continue
        rest = choices.rest
        ways.extend(_Way(option, chosen, rest) for option in reversed(options))


def without_ruled_out(formula: Formula) -> Formula:
    """Return an equal formula whose choices leave out what the look of its parts rules out."""
    formula = _by_literals(formula)
    if not isinstance(formula, And) or len(formula.parts) > _MOST_PARTS:
        return formula
    parts: list[Formula] = list(formula.parts)
    for place, choice in enumerate(formula.parts):
        if isinstance(choice, Or) and len(choice.parts) <= _FEW:
            others = parts[:place] + parts[place + 1 :]
            kept = [o for o in choice.parts if _by_literals(all_of((o, *others))) is not False]
            parts[place] = any_of(kept)
    return _by_literals(all_of(parts))


def _by_literals(formula: Formula) -> Formula:
    """Return an equal formula, put in what follows from its literals.

    What is left of a choice may be a literal, from which more follows.
    """
    while isinstance(formula, And):
        literals = [part for part in formula.parts if literal_of(part) is not None]
        choices = [part for part in formula.parts if isinstance(part, Or)]
        if (
            not literals
            or not choices
            or len(literals) * sum(len(c.parts) for c in choices) > _MOST_LOOKS
        ):
            break
        known = Known(literals)
        left = all_of((*literals, *(known.simplified(choice) for choice in choices)))
        if left == formula:
            break
        formula = left
    return formula


def _options(choice: Or, chosen: dict[Atom, bool], known: Known) -> Sequence[Formula]:
    """Return what a choice still leaves open, the least demanding first; nothing if it is met.

    `(False,)`: none of it can be.
    """
    if _is_met(choice, chosen):
        return ()
    left = known.simplified(choice)
    if left is True:
        return ()
    return sorted(left.parts, key=cost) if isinstance(left, Or) else (left,)


def _taken(part: Formula, chosen: dict[Atom, bool]) -> list[Or] | None:
    """Add the literals of a formula to those chosen and return its choices; None if they clash."""
    choices: list[Or] = []
    stack = [part]
    while stack:
        part = stack.pop()
        match part:
            case bool():
                if not part:
                    return None
            case And():
                stack.extend(reversed(part.parts))
            case Or():
                choices.append(part)
            case _:
                atom, sign = plain_literal(part)
                if chosen.setdefault(atom, sign) is not sign:
                    return None
    return choices


def plain_literal(part: Formula) -> tuple[Atom, bool]:
    """Return the atom of a literal and whether it holds."""
    literal = literal_of(part)
    if literal is None:
        raise TypeError("a literal is an atom or its negation")
    return literal


def _is_met(choice: Or, chosen: dict[Atom, bool]) -> bool:
    for part in choice.parts:
        if isinstance(part, bool | And | Or):
            continue
        atom, sign = plain_literal(part)
        if chosen.get(atom) is sign:
            return True
    return False


def cost(part: Formula) -> int:
    """Return what an option asks of a request: absent keys make the smallest witness."""
    match part:
        case Not():
            return 0
        case Present() | ValueIn() | SomeValue():
            return 2
        case ReadingIs(switch=switch, choice=choice):
            return 0 if choice == switch.ambiguity.default else 3
        case And(parts=parts):
            return sum(cost(p) for p in parts)
        case Or(parts=parts):
            return min(cost(p) for p in parts)
        case _:
            return 1
