"""From a violated question to the evidence that a person needs: who, what, where, since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from checker.findings import AccessCell, Evidence, StatementRef
from checker.policy import catalogue, evaluate
from checker.policy.catalogue import key_spelled
from checker.policy.model import Effect, Pattern, Policy, Request, Statement
from checker.policy.readings import Switch
from checker.symbolic import solver
from checker.symbolic.question import NewAccess, Question, Responsible, Violated

MOST_CELLS: Final = 200
_MOST_NAMES: Final = 3000  # known actions behind the patterns of one statement that are looked at


def evidence(
    question: Question, violated: Violated, responsible: Responsible, *, compares: bool = True
) -> Evidence:
    """Return why one statement of the new policy makes the check fail.

    `compares`: the old policy is a document that was there, not a stand-in for "nothing".
    """
    witness = next((flow.witness for flow in responsible.flows if flow.witness), None)
    stopped = _stopping_deny(question.old, witness) if compares else None
    cells = _cells(question, responsible)
    return Evidence(
        witness=witness,
        statements=(reference(responsible.statement),),
        before=_before(question.old, witness, stopped) if compares else "",
        stopped_by=reference(stopped) if stopped else None,
        cells=cells,
        only_future_actions=_only_future(cells, witness),
        ambiguous=tuple(described(switch) for switch in violated.ambiguous),
    )


def reference(statement: Statement) -> StatementRef:
    """Return how a finding names a statement."""
    return StatementRef(statement.index, statement.sid, statement.span)


def described(switch: Switch) -> str:
    """Return an open construct in words: what is open, about which text."""
    about = f": `{switch.construct}`" if switch.construct else ""
    return f"AWS does not say {switch.ambiguity.question}{about}"


def _stopping_deny(old: Policy, witness: Request | None) -> Statement | None:
    if witness is None:
        return None
    decided = evaluate.decide(old, witness)
    denied = decided == "ExplicitDeny"
    return decided.statement if denied else None


def _before(old: Policy, witness: Request | None, stopped: Statement | None) -> str:
    if witness is None:
        return "under the usual reading it is refused still"
    if stopped:
        return f"{_name(stopped)} denied it"
    if not old.statements:
        return "there was no policy here"
    for statement in old.statements:
        missing = _unmet(statement, witness, old)
        if missing:
            return f"{_name(statement)} allowed it only if its condition on {missing} held"
    return "no statement allowed it"


def _unmet(statement: Statement, witness: Request, old: Policy) -> str:
    """Return the keys whose conditions alone kept an old statement from allowing the witness."""
    if statement.effect is not Effect.ALLOW or not statement.conditions:
        return ""
    bare = replace(statement, conditions=())
    if not evaluate.applies(bare, witness, old.type):
        return ""
    failing = [
        condition.key
        for condition in statement.conditions
        if not evaluate.applies(replace(statement, conditions=(condition,)), witness, old.type)
    ]
    return ", ".join(f"`{key_spelled(key)}`" for key in dict.fromkeys(failing))


def _name(statement: Statement) -> str:
    if statement.sid:
        return f"statement `{statement.sid}`"
    return f"statement {statement.index}"


def _cells(question: Question, responsible: Responsible) -> tuple[AccessCell, ...]:
    """Return the action patterns and resource patterns through which new access flows."""
    patterns = tuple(dict.fromkeys(p for flow in responsible.flows for p in flow.actions))
    known = _known_new(question, responsible.statement, patterns)
    cells: dict[AccessCell, None] = {}
    for flow in responsible.flows:
        for cell in _of_flow(flow, responsible.statement, known):
            cells[cell] = None
            if len(cells) >= MOST_CELLS:
                return tuple(cells)
    return tuple(cells)


def _of_flow(
    flow: NewAccess, statement: Statement, known: dict[Pattern, tuple[str, ...]]
) -> list[AccessCell]:
    resources = [p.text for p in flow.resources] or [_whole(statement, resources=True)]
    if not flow.actions:
        action = _whole(statement, resources=False)
        return [AccessCell(action, resource, (), statement.span) for resource in resources]
    return [
        AccessCell(
            pattern.text,
            resource,
            tuple((name, catalogue.access_level(name)) for name in known.get(pattern, ())),
            pattern.span,
        )
        for pattern in flow.actions
        for resource in resources
    ]


def _whole(statement: Statement, *, resources: bool) -> str:
    element = statement.resources if resources else statement.actions
    if element is None:
        return "*"
    listed = ", ".join(pattern.text for pattern in element.patterns)
    return f"all but {listed}" if element.negated and listed else "*"


def _known_new(
    question: Question, statement: Statement, patterns: Sequence[Pattern]
) -> dict[Pattern, tuple[str, ...]]:
    """Return today's actions behind each pattern that are newly allowed."""
    behind = {pattern: tuple(catalogue.matching(pattern)) for pattern in patterns}
    names = dict.fromkeys(name for found in behind.values() for name in found)
    if len(names) > _MOST_NAMES:
        return {}
    new = frozenset(solver.newly_allowed(question, statement, tuple(names)))
    return {
        pattern: tuple(name for name in found if name in new) for pattern, found in behind.items()
    }


def _only_future(cells: Sequence[AccessCell], witness: Request | None) -> bool:
    """Whether all that is new are names that AWS may add later."""
    if witness is None or catalogue.is_known(witness.action):
        return False
    return not any(cell.known for cell in cells)
