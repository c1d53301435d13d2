"""Statements that change nothing, which is proved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from checker.checks import deny_weakened
from checker.findings import Severity
from checker.lint.diagnostic import Diagnostic
from checker.policy.canonical import statement_text
from checker.policy.model import Effect, Policy, Statement
from checker.symbolic import solver
from checker.symbolic.question import Budget, Holds, Question

_BUDGET: Final = Budget(seconds=0.5)
_MOST: Final = 20  # statements that are tried


def redundant(policy: Policy, touched: Sequence[Statement]) -> Iterator[Diagnostic]:
    """Yield the statements without which the document says the same."""
    for statement in touched[:_MOST]:
        others = tuple(s for s in policy.statements if s is not statement)
        same = [s for s in others if s.effect is statement.effect]
        if same and isinstance(solver.answer(_question(policy, others, statement), _BUDGET), Holds):
            name = f"`{statement.sid}`" if statement.sid else str(statement.index)
            verb = "allows" if statement.effect is Effect.ALLOW else "denies"
            says = f"statement {name} {verb} nothing that the others do not"
            text = statement_text(statement)
            hint = "it can go: this is proved"
            yield Diagnostic("redundant", says, statement.span, text, hint, Severity.NOTE)


def _question(policy: Policy, others: tuple[Statement, ...], statement: Statement) -> Question:
    """Return what is lost without a statement; of a Deny also where nothing here allows it."""
    without = replace(policy, statements=others)
    if statement.effect is Effect.DENY:
        denied = tuple(s for s in others if s.effect is Effect.DENY)
        alone = replace(policy, statements=(statement,))
        return deny_weakened.ask(alone, replace(policy, statements=denied))
    return Question(policy, without)
