"""Is there a request for which a formula holds? First a few guesses, then the solver.

A guess is a way to make the formula true, put to the exact theories of `theory`. Most formulas are
settled by the first. What is left goes to z3 as a Boolean formula over the atoms: each model is put
to the theories, and what they find impossible becomes a clause, until one or the other ends it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from checker.symbolic import templates
from checker.symbolic.atoms import Atom, CallerIn
from checker.symbolic.automaton import TooLargeError
from checker.symbolic.dimensions import Literal
from checker.symbolic.formula import And, Formula, Not, Or, atoms_of
from checker.symbolic.theory import Impossible, Possible
from checker.symbolic.values import NoAnswerError, NotModelledError
from checker.symbolic.vocabulary import Vocabulary
from checker.symbolic.ways import (
    TooManyWaysError,
    cost,
    plain_literal,
    ways_to_hold,
    without_ruled_out,
)

if TYPE_CHECKING:
    from checker.symbolic.terms import Solver

_MOST_GUESSES: Final = 12
_OUT_OF_TIME: Final = "the time for this question ran out"


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment, on the monotonic clock, at which a question has had its time."""

    at: float

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.at - time.monotonic()


@contextmanager
def exact() -> Iterator[None]:
    """Turn what the theories have no exact answer to into `NoAnswerError`."""
    try:
        yield
    except NotModelledError as error:
        raise NoAnswerError(str(error)) from error
    except TooLargeError as error:
        raise NoAnswerError("the patterns of this question are too large to compare") from error


def found(formula: Formula, vocabulary: Vocabulary, deadline: Deadline) -> Possible | None:
    """Return a request for which the formula holds, or None if there is none at all.

    Errors: `NoAnswerError`.
    """
    if formula is False:
        return None
    if vocabulary.other_names:
        asked = {atom.kind for atom in atoms_of(formula) if isinstance(atom, CallerIn)}
        vocabulary = replace(vocabulary, other_names=vocabulary.other_names & asked)
    formula = without_ruled_out(formula)
    doubt: NoAnswerError | None = None
    try:
        for number, literals in enumerate(ways_to_hold(formula)):
            if number >= _MOST_GUESSES or deadline.left <= 0:
                return _solved(formula, vocabulary, deadline)
            try:
                result = _realised(tuple(literals.items()), vocabulary, deadline)
            except NoAnswerError as error:
                doubt = error  # another way to make the formula true may well be decided
                continue
            if isinstance(result, Possible):
                return result
    except TooManyWaysError:
        return _solved(formula, vocabulary, deadline)
    if doubt:
        raise doubt
    return None  # every way to make the formula true was tried


def _realised(
    literals: tuple[Literal, ...], vocabulary: Vocabulary, deadline: Deadline
) -> Possible | Impossible:
    """Return what the theories say.

    Errors: `NoAnswerError` where they have no exact answer, or no time.
    """
    if deadline.left <= 0:
        raise NoAnswerError(_OUT_OF_TIME)
    with exact():
        return templates.realised(literals, vocabulary, deadline.left)


def _solved(formula: Formula, vocabulary: Vocabulary, deadline: Deadline) -> Possible | None:
    from checker.symbolic import terms  # noqa: PLC0415  z3 takes longer to load than most answers

    numbers = {atom: number for number, atom in enumerate(atoms_of(formula))}
    solver = terms.Solver()
    solver.add(_term(formula, numbers, solver))
    doubt: NoAnswerError | None = None
    while True:
        try:
            model = solver.model(int(deadline.left * 1000))
        except terms.OutOfTimeError as error:
            raise NoAnswerError(_OUT_OF_TIME) from error
        if model is None and doubt:
            raise doubt
        if model is None:
            return None
        values = {atom: model[number] for atom, number in numbers.items()}
        literals = tuple(_support(formula, values).items())
        try:
            result = _realised(literals, vocabulary, deadline)
        except NoAnswerError as error:
            if deadline.left <= 0:
                raise
            doubt = error
            result = Impossible(literals)  # not known to be: set aside, for others to be tried
        if isinstance(result, Possible):
            return result
        solver.add_clause(_opposite(result, numbers))


def _opposite(result: Impossible, numbers: dict[Atom, int]) -> Sequence[tuple[int, bool]]:
    return [(numbers[atom], not holds) for atom, holds in result.core]


def _term(formula: Formula, numbers: dict[Atom, int], solver: Solver) -> object:
    from checker.symbolic import terms  # noqa: PLC0415  see above

    match formula:
        case And(parts=parts):
            return terms.conjunction([_term(part, numbers, solver) for part in parts])
        case Or(parts=parts):
            return terms.disjunction([_term(part, numbers, solver) for part in parts])
        case Not(parts=parts):
            return terms.opposite(_term(parts[0], numbers, solver))
        case bool():
            return formula
        case _:
            return solver.variable(numbers[formula])


def _support(formula: Formula, values: dict[Atom, bool]) -> dict[Atom, bool]:
    """Return the literals of a model that are enough to make the formula true."""
    needed: dict[Atom, bool] = {}
    stack = [formula]
    while stack:
        part = stack.pop()
        match part:
            case And(parts=parts):
                stack.extend(parts)
            case Or(parts=parts):
                true = [option for option in parts if _holds(option, values)]
                stack.append(min(true, key=cost))
            case bool():
                continue
            case _:
                atom, sign = plain_literal(part)
                needed[atom] = sign
    return needed


def _holds(formula: Formula, values: dict[Atom, bool]) -> bool:
    match formula:
        case bool():
            return formula
        case And(parts=parts):
            return all(_holds(part, values) for part in parts)
        case Or(parts=parts):
            return any(_holds(part, values) for part in parts)
        case _:
            atom, sign = plain_literal(formula)
            return values[atom] is sign
