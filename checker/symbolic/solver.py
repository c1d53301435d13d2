"""A question in, an answer out: the only door into the engine.

Every answer is exact, or it is `Undecided`. A violation leaves this module only after the concrete
evaluator, which shares nothing with the compiler, has confirmed its witness.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from checker.policy.model import Statement
from checker.policy.readings import Switch
from checker.source.symbols import is_flag, is_mark
from checker.symbolic import assumptions, witness
from checker.symbolic.cells import Comparison, Flow
from checker.symbolic.compile import CompiledStatement, compiled
from checker.symbolic.discharge import Rest, undischarged
from checker.symbolic.patterns import ARN_SHAPE
from checker.symbolic.question import (
    Answer,
    Budget,
    Holds,
    NewAccess,
    Question,
    Responsible,
    Undecided,
    Violated,
)
from checker.symbolic.search import Deadline, exact
from checker.symbolic.universe import is_typed_by_use, value_universe
from checker.symbolic.values import NoAnswerError
from checker.symbolic.vocabulary import Vocabulary, vocabulary
from checker.symbolic.witness import Judge

DEFAULT_BUDGET: Final = Budget()
_LATEST: Final[list[tuple[Question, Comparison]]] = []  # of the latest answer: explained next


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A question and what is left of it once unchanged text is discharged."""

    question: Question
    rests: tuple[Rest, ...]
    deadline: Deadline
    judge: Judge


class _NotConfirmedError(Exception):
    """The judge did not confirm a witness: a bug of ours, never a verdict."""


def answer(question: Question, budget: Budget = DEFAULT_BUDGET) -> Answer:
    """Decide whether any request `within` is allowed by the new policy and not by the old one.

    Errors: a hard question is an `Undecided` answer, not an exception.
    """
    rests = undischarged(question.new, question.old)
    if not rests:
        return Holds()
    deadline = Deadline(time.monotonic() + budget.seconds)
    try:
        with exact():
            asked = _Asked(question, rests, deadline, Judge(question))
            return _answer(asked, _setting(question))
    except NoAnswerError as error:
        return Undecided(str(error))
    except _NotConfirmedError:
        return Undecided("the witness was not confirmed by the evaluator: please report this")


def _answer(asked: _Asked, setting: Vocabulary) -> Answer:
    violated, unanswered = _violated(asked, setting)
    if violated:
        try:
            depends = _depends_on(asked, setting)
        except NoAnswerError:
            depends = ()  # the verdict stands; what it depends on is only told
        return Violated(violated[0].flows[0].witness, violated, depends, unanswered)
    if setting.open:
        ambiguous = _ambiguous(asked, replace(setting, floating=True))
        if ambiguous:
            return ambiguous
    return Holds(_needed(asked, setting))


def _depends_on(asked: _Asked, setting: Vocabulary) -> tuple[Switch, ...]:
    """Return the open constructs of which another reading would make the property hold."""
    found: list[Switch] = []
    for switch in sorted(setting.open, key=lambda s: (s.ambiguity.name, s.construct)):
        for choice in switch.ambiguity.choices[1:]:
            other = replace(setting, pinned={switch: choice}, open=set())
            comparison = _comparison_of(asked, other)
            if not any(next(comparison.flows(s), None) for s in comparison.new.allows):
                found.append(switch)
                break
    return tuple(found)


def _violated(asked: _Asked, setting: Vocabulary) -> tuple[tuple[Responsible, ...], str]:
    """Return the statements that give new access, and why others were not decided.

    One that is not decided in time does not hide another that is.
    """
    comparison = _comparison_of(asked, setting)
    _LATEST[:] = [(asked.question, comparison)]
    found: list[Responsible] = []
    doubt: NoAnswerError | None = None
    for statement in comparison.new.allows:
        try:
            with exact():
                flows = tuple(
                    _shown(flow, statement.statement, asked.judge, setting)
                    for flow in comparison.flows(statement)
                )
        except NoAnswerError as error:
            doubt = error
            continue
        if flows:
            found.append(Responsible(statement.statement, flows))
    if doubt and not found:
        raise doubt
    return tuple(found), str(doubt or "")


def _comparison_of(asked: _Asked, setting: Vocabulary) -> Comparison:
    """Return both policies compiled and indexed."""
    question = asked.question
    with exact():
        new = compiled(question.new, setting, asked.rests)
        old = compiled(question.old, setting)
        return Comparison(new, old, question.within(setting), setting, asked.deadline)


def newly_allowed(
    question: Question,
    wanted: Sequence[tuple[Statement, Sequence[str]]],
    budget: Budget = DEFAULT_BUDGET,
) -> tuple[frozenset[str] | None, ...]:
    """Return which of the actions each of these statements of the new policy newly allows.

    None where there is no answer in time: this explains a verdict, it is none.
    """
    deadline = Deadline(time.monotonic() + budget.seconds)
    found: list[frozenset[str] | None] = []
    try:
        comparison = _comparison_again(question, deadline)
        compiled_of = {id(each.statement): each for each in comparison.new.allows}
        for statement, actions in wanted:
            one = compiled_of.get(id(statement))
            new = comparison.new_among(one, actions) if one else ()
            found.append(frozenset(new))
    except NoAnswerError:
        pass
    return (*found, *(None for _ in wanted[len(found) :]))


def _comparison_again(question: Question, deadline: Deadline) -> Comparison:
    """Return the comparison that the answer came from, if it was the latest, with all it knows."""
    for asked, comparison in _LATEST:
        if asked is question:
            return comparison.until(deadline)
    rests = undischarged(question.new, question.old)
    return _comparison_of(_Asked(question, rests, deadline, Judge(question)), _setting(question))


def _setting(question: Question) -> Vocabulary:
    setting = vocabulary(question.new.type, (question.new, question.old))
    if not question.keys and question.first is setting.first:
        return setting
    keys = tuple(dict.fromkeys((*setting.keys, *question.keys)))
    return replace(setting, keys=keys, first=question.first)


def _shown(flow: Flow, by: Statement, judge: Judge, setting: Vocabulary) -> NewAccess:
    request = witness.shown(flow.example, judge, by, setting)
    if request is None:
        raise _NotConfirmedError
    return NewAccess(
        tuple(entry.pattern for entry in flow.actions if entry.pattern),
        tuple(entry.pattern for entry in flow.resources if entry.pattern),
        request,
    )


def _ambiguous(asked: _Asked, floating: Vocabulary) -> Violated | None:
    """Return the violation that exists only if AWS reads some construct in another way."""
    comparison = _comparison_of(asked, floating)
    found: list[Responsible] = []
    switches: dict[Switch, None] = {}
    for statement in comparison.new.allows:
        for flow in comparison.flows(statement):
            switches.update(dict.fromkeys(_odd(flow, statement.statement, asked.judge, floating)))
            found.append(_responsible(statement, flow))
            break
    return Violated(None, tuple(found), tuple(switches)) if found else None


def _odd(flow: Flow, by: Statement, judge: Judge, setting: Vocabulary) -> list[Switch]:
    """Return the switches that are not at their default in the example."""
    readings = flow.example.readings
    if not judge.confirms(witness.complete(flow.example, setting), readings, by):
        raise _NotConfirmedError
    return [switch for switch, choice in readings.items() if choice != switch.ambiguity.default]


def _responsible(statement: CompiledStatement, flow: Flow) -> Responsible:
    access = NewAccess(
        tuple(entry.pattern for entry in flow.actions if entry.pattern),
        tuple(entry.pattern for entry in flow.resources if entry.pattern),
        None,
    )
    return Responsible(statement.statement, (access,))


@dataclass(frozen=True, slots=True)
class _Relevance:
    assumption: str
    keys: frozenset[str]


_RELEVANT: Final = (
    _Relevance(
        assumptions.SERVICE_NAME,
        frozenset({"aws:principalservicename", "aws:principalisawsservice"}),
    ),
)


def _needed(asked: _Asked, setting: Vocabulary) -> tuple[str, ...]:
    """Return the assumptions beyond grade A without which the answer would be another."""
    candidates = [r.assumption for r in _RELEVANT if r.keys & set(setting.keys)]
    if "aws:principalarn" in setting.keys or "aws:principalaccount" in setting.keys:
        candidates.append(assumptions.OWN_ACCOUNT)
    if setting.names_roles and setting.role_paths:
        candidates.append(assumptions.ROLE_PATH)
    if any(universe_has_arns(key, setting) for key in setting.keys):
        candidates.append(assumptions.ARN_KEYS)
    if any(is_typed_by_use(key, setting) for key in setting.keys):
        candidates.append(assumptions.TYPED_VALUES)
    if any(is_mark(key) and not is_flag(key) for key in setting.keys):
        candidates.append(assumptions.REFERENCES)
    needed: list[str] = []
    for assumption in candidates:
        weaker = replace(setting, assumptions=setting.assumptions - {assumption})
        comparison = _comparison_of(asked, weaker)
        try:
            fails = any(next(comparison.flows(s), None) for s in comparison.new.allows)
        except NoAnswerError:
            fails = True  # it is not known to hold without the assumption
        if fails:
            needed.append(assumption)
    return tuple(needed)


def universe_has_arns(key: str, setting: Vocabulary) -> bool:
    """Whether the values of a key are taken to be ARNs."""
    return ARN_SHAPE in value_universe(key, setting)
