"""Whether an edit makes a check pass, and what else it does: questions to the engine, counted."""

from __future__ import annotations

from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from checker.checks import Asked
from checker.findings import PolicyChange
from checker.fixes.document import Document
from checker.fixes.operations import Operation
from checker.policy.model import Effect, Element, Policy, Statement
from checker.symbolic import solver
from checker.symbolic.compile import compiled
from checker.symbolic.formula import Formula
from checker.symbolic.question import Budget, Holds, Question, Violated
from checker.symbolic.vocabulary import Vocabulary

MOST_QUESTIONS: Final = 40  # about one finding
_BUDGET: Final = Budget(seconds=1.0)  # for one question; most take a millisecond

Ask: TypeAlias = Callable[[PolicyChange], Asked]


@dataclass(slots=True)
class Allowance:
    """How many questions may still be asked."""

    left: int = MOST_QUESTIONS

    def spend(self) -> bool:
        """Tell whether there is one left, and take it."""
        self.left -= 1
        return self.left >= 0


@dataclass(frozen=True, slots=True)
class Goal:
    """What an edit is to achieve: that a check holds, so far as one statement is concerned.

    others: nodes of the document, by identity, whose statements break the check as well.
    old: what the old document is to be taken for, if not for what it is.
    """

    ask: Ask
    change: PolicyChange
    document: Document
    others: AbstractSet[int] = frozenset()
    old: Policy | None = None
    allowance: Allowance = field(default_factory=Allowance)

    def is_reached(self, operations: Collection[Operation]) -> bool:
        """Whether the edit answers the finding."""
        edited = self.document.edited(operations)
        if edited is None or not self.allowance.spend():
            return False
        after = edited.without(self.others)
        before = self.old or self.change.before
        return holds(self.ask, replace(self.change, before=before, after=after))

    def keeps(self, operations: Collection[Operation], statement: Statement | None) -> bool:
        """Whether all that both versions allow, by this statement, is allowed after the edit too."""
        before = self.change.before
        edited = self.document.edited(operations)
        if before is None:
            return True
        if edited is None or statement is None or not self.allowance.spend():
            return False
        lost = _lost(statement, edited, self.document)
        return is_kept(before, self.document.policy, edited.policy, lost)


def _lost(statement: Statement, edited: Document, document: Document) -> Statement:
    """Return what alone of a statement an edit can take away: the entries that it no longer has."""
    index = document.index_of(statement)
    known = {id(node) for node, _ in document.statements}
    fresh = [each for node, each in edited.statements if id(node) not in known]
    if index is None or len(fresh) != 1 or len(edited.statements) != len(document.statements):
        return statement
    (now,) = fresh
    if replace(statement, actions=now.actions) == now:
        return replace(statement, actions=_less(statement.actions, now.actions))
    there, left = statement.resources, now.resources
    if there and left and replace(statement, resources=left) == now:
        return replace(statement, resources=_less(there, left))
    return statement


def _less(element: Element, now: Element) -> Element:
    """Return the entries of an element that another one does not have, if it lists what it means."""
    if element.negated or now.negated:
        return element
    there = frozenset(now.patterns)
    return replace(element, patterns=tuple(p for p in element.patterns if p not in there))


def holds(ask: Ask, change: PolicyChange) -> bool:
    """Whether a check holds for a change; an open question is no yes."""
    asked = ask(change)
    if not isinstance(asked, Question):
        return asked is None
    return isinstance(solver.answer(asked, _BUDGET), Holds)


def is_kept(before: Policy, head: Policy, after: Policy, statement: Statement) -> bool:
    """Whether what `before` allows and this statement of `head` too is still allowed `after`."""
    denies = tuple(s for s in head.statements if s.effect is Effect.DENY)
    through = replace(head, statements=(statement, *denies))

    def within(vocabulary: Vocabulary) -> Formula:
        return compiled(through, vocabulary).formula

    # What is asked about speaks of the keys of these statements, so they have to be in it.
    spoken_of = tuple(_idle(each) for each in through.statements)
    old = replace(after, statements=(*after.statements, *spoken_of))
    return isinstance(solver.answer(Question(before, old, within), _BUDGET), Holds)


def _idle(statement: Statement) -> Statement:
    """Return a statement that applies to nothing, with all that this one speaks of."""
    nothing = Element((), negated=False, span=statement.span)
    return replace(statement, effect=Effect.ALLOW, actions=nothing)


def gives_nothing(head: Policy, after: Policy) -> bool:
    """Whether an edit allows nothing that the document did not allow without it."""
    return isinstance(solver.answer(Question(after, head), _BUDGET), Holds)


def broken_by(ask: Ask, change: PolicyChange) -> tuple[Statement, ...] | None:
    """Return the statements that break a check; None for a question without an answer."""
    asked = ask(change)
    if asked is None:
        return ()
    answer = solver.answer(asked, _BUDGET) if isinstance(asked, Question) else None
    match answer:
        case Holds():
            return ()
        case Violated(responsible=responsible, unanswered=""):
            return tuple(each.statement for each in responsible)
        case _:
            return None
