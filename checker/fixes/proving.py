"""Whether an edit makes a check pass, and what else it does: questions to the engine, counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from math import inf
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
BUDGET: Final = Budget(seconds=1.0)  # for one question; most take a millisecond

Ask: TypeAlias = Callable[[PolicyChange], Asked]


@dataclass(slots=True)
class Allowance:
    """How many questions may still be asked, and until when on the clock of the processor."""

    left: int = MOST_QUESTIONS
    until: float = inf

    def spend(self) -> bool:
        """Tell whether there is one left, and take it."""
        self.left -= 1
        return self.left >= 0 and time.process_time() < self.until


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

    def keeps(self, operations: Collection[Operation]) -> bool:
        """Whether all that both versions allow is allowed after the edit too."""
        before = self.change.before
        edited = self.document.edited(operations)
        if before is None or edited is None:
            return edited is not None
        old, new = _ids(self.document), _ids(edited)
        changed = [s for node, s in self.document.statements if id(node) not in new]
        fresh = [s for node, s in edited.statements if id(node) not in old]
        allows = [s for s in changed if s.effect is Effect.ALLOW]
        denies = [s for s in fresh if s.effect is Effect.DENY]
        head = self.document.policy
        if len(allows) == len(changed) == len(fresh) == 1:
            allows = [_lost(allows[0], fresh[0])]
        return all(
            self.allowance.spend() and is_denied_before(each, before, head) for each in denies
        ) and all(
            self.allowance.spend() and is_kept(before, head, edited.policy, each) for each in allows
        )


def _ids(document: Document) -> frozenset[int]:
    return frozenset(id(node) for node, _ in document.statements)


def _lost(statement: Statement, now: Statement) -> Statement:
    """Return what alone of a statement an edit can take away: the entries that it no longer has."""
    now = replace(now, index=statement.index)
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
    return isinstance(solver.answer(asked, BUDGET), Holds)


def is_kept(before: Policy, head: Policy, after: Policy, statement: Statement) -> bool:
    """Whether what `before` allows and this statement of `head` too is still allowed `after`."""
    through = replace(head, statements=(statement, *_denies(head)))

    def within(vocabulary: Vocabulary) -> Formula:
        return compiled(through, vocabulary).formula

    # What is asked about speaks of the keys of these statements, so they have to be in it.
    spoken_of = tuple(_idle(each) for each in through.statements)
    old = replace(after, statements=(*after.statements, *spoken_of))
    return isinstance(solver.answer(Question(before, old, within), BUDGET), Holds)


def is_denied_before(deny: Statement, before: Policy, head: Policy) -> bool:
    """Whether all that a Deny adds to those of `head` was denied `before` as well."""
    if deny.principals is not None and deny.principals.negated:
        return any(each == deny for each in before.statements)  # in an Allow it would say less
    old = tuple(replace(s, effect=Effect.ALLOW) for s in _denies(before))
    new = (replace(deny, effect=Effect.ALLOW), *_denies(head))
    question = Question(replace(head, statements=new), replace(before, statements=old))
    return isinstance(solver.answer(question, BUDGET), Holds)


def _denies(policy: Policy) -> tuple[Statement, ...]:
    return tuple(s for s in policy.statements if s.effect is Effect.DENY)


def _idle(statement: Statement) -> Statement:
    """Return a statement that applies to nothing, with all that this one speaks of."""
    nothing = Element((), negated=False, span=statement.span)
    return replace(statement, effect=Effect.ALLOW, actions=nothing)


def gives_nothing(head: Policy, after: Policy) -> bool:
    """Whether an edit allows nothing that the document did not allow without it."""
    return isinstance(solver.answer(Question(after, head), BUDGET), Holds)


def broken_by(ask: Ask, change: PolicyChange) -> tuple[Statement, ...] | None:
    """Return the statements that break a check; None for a question without an answer."""
    asked = ask(change)
    if asked is None:
        return ()
    answer = solver.answer(asked, BUDGET) if isinstance(asked, Question) else None
    match answer:
        case Holds():
            return ()
        case Violated(responsible=responsible, unanswered=""):
            return tuple(each.statement for each in responsible)
        case _:
            return None
