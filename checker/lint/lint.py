"""Every diagnostic about what a change touches."""

from __future__ import annotations

from collections.abc import Iterator

from checker.findings import PolicyChange
from checker.lint import names, shape
from checker.lint.diagnostic import Diagnostic
from checker.lint.redundant import redundant
from checker.policy.model import Policy, Statement
from checker.source.tree import Node


def diagnostics(change: PolicyChange, node: Node | None) -> Iterator[Diagnostic]:
    """Yield the likely mistakes of the statements that are not in the old document.

    `node`: the new document as it is written.
    """
    after = change.after
    if after is None:
        return
    touched = _touched(change.before, after)
    for statement in touched:
        yield from names.unknown_actions(statement)
        yield from names.unknown_keys(statement)
        yield from names.misplaced_actions(statement)
        yield from names.redundant_entries(statement)
        yield from shape.sids(statement, after)
        yield from shape.principals(statement)
        yield from shape.empty_sets(statement)
    yield from redundant(after, touched)
    if node is not None and touched:
        yield from shape.size(node, after)


def _touched(before: Policy | None, after: Policy) -> tuple[Statement, ...]:
    """Return the statements that the old document does not have; a Sid alone is not looked at."""
    old = set(before.statements) if before else set()
    return tuple(statement for statement in after.statements if statement not in old)
