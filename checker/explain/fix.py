"""An edit that makes the check pass, found by trying the likely ones and asking again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from checker.findings import Evidence
from checker.policy.model import Effect, Element, Pattern, Policy, Statement
from checker.symbolic import solver
from checker.symbolic.question import Budget, Holds, Question, Responsible, Violated

_BUDGET: Final = Budget(seconds=1.0)
_MOST_NAMED: Final = 6


def in_words(question: Question, violated: Violated, evidence: Evidence) -> str:
    """Return the smallest edit that was proved to make the whole check pass, or "".

    It is about all responsible statements together: an edit that leaves another of them open is
    no fix.
    """
    for words, statements in _edits(question, violated, evidence):
        edited = replace(question, new=replace(question.new, statements=statements))
        if isinstance(solver.answer(edited, _BUDGET), Holds):
            return words
    return ""


def _edits(
    question: Question, violated: Violated, evidence: Evidence
) -> Iterator[tuple[str, tuple[Statement, ...]]]:
    """Yield edits in words and the statements that they leave, the gentlest first."""
    new, old = question.new, question.old
    if evidence.stopped_by is not None:
        deny = next(s for s in old.statements if s.index == evidence.stopped_by.index)
        yield f"put {_name(deny)} back", (*new.statements, deny)
    if len(violated.responsible) != 1:
        return
    responsible = violated.responsible[0]
    yield from _restored(responsible, new, old)
    yield from _narrowed(responsible, new)


def _restored(
    responsible: Responsible, new: Policy, old: Policy
) -> Iterator[tuple[str, tuple[Statement, ...]]]:
    """Yield the statement with an element as the old policy had it."""
    statement = responsible.statement
    twin = _twin(statement, old)
    if twin is None:
        return
    if twin.conditions != statement.conditions:
        restored = replace(
            statement, conditions=twin.conditions, empty_condition=twin.empty_condition
        )
        yield f"restore the conditions of {_name(statement)}", _with(new, statement, restored)
    if twin.principals != statement.principals:
        restored = replace(statement, principals=twin.principals)
        yield f"restore the principals of {_name(statement)}", _with(new, statement, restored)


def _twin(statement: Statement, old: Policy) -> Statement | None:
    """Return the old statement that the new one was made from, as far as can be told."""
    alike = [s for s in old.statements if s.effect is statement.effect]
    if statement.sid:
        return next((s for s in alike if s.sid == statement.sid), None)
    same = [s for s in alike if s.actions == statement.actions]
    return same[0] if len(same) == 1 else None


def _narrowed(responsible: Responsible, new: Policy) -> Iterator[tuple[str, tuple[Statement, ...]]]:
    """Yield the statement without the entries through which new access flows."""
    statement = responsible.statement
    actions = tuple(dict.fromkeys(p for flow in responsible.flows for p in flow.actions))
    resources = tuple(dict.fromkeys(p for flow in responsible.flows for p in flow.resources))
    for name, element, gone in (
        ("Action", statement.actions, actions),
        ("Resource", statement.resources, resources),
    ):
        if element is None or element.negated or not gone:
            continue
        kept = tuple(p for p in element.patterns if p not in gone)
        if not kept:
            continue
        listed = _listed(gone)
        smaller = _element(statement, name, replace(element, patterns=kept))
        words = f"remove {listed} from `{name}` of {_name(statement)}"
        yield words, _with(new, statement, smaller)
    without = tuple(s for s in new.statements if s is not statement)
    yield f"remove {_name(statement)}", without


def _element(statement: Statement, name: str, element: Element) -> Statement:
    if name == "Action":
        return replace(statement, actions=element)
    return replace(statement, resources=element)


def _with(new: Policy, old: Statement, changed: Statement) -> tuple[Statement, ...]:
    return tuple(changed if statement is old else statement for statement in new.statements)


def _listed(patterns: tuple[Pattern, ...]) -> str:
    shown = ", ".join(f"`{p.text}`" for p in patterns[:_MOST_NAMED])
    more = len(patterns) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def _name(statement: Statement) -> str:
    what = "Deny statement" if statement.effect is Effect.DENY else "statement"
    if statement.sid:
        return f"the {what} `{statement.sid}`"
    return f"the {what} on line {statement.span.start.line}"
