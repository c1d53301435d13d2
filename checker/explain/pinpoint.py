"""From a violated question to the evidence that a person needs: who, what, where, since when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from checker.findings import AccessCell, Evidence, StatementRef
from checker.policy import catalogue, evaluate
from checker.policy.catalogue import key_spelled
from checker.policy.model import Effect, Pattern, Policy, Request, Statement
from checker.policy.readings import Switch
from checker.source.symbols import is_flag
from checker.span import Span
from checker.symbolic import solver
from checker.symbolic.question import NewAccess, Question, Responsible, Violated

MOST_CELLS: Final = 200
_MOST_NAMES: Final = 60_000  # known actions that are asked about one by one for one document
_MOST_LISTED: Final = 300  # of them in one cell; more are counted

# The names behind a pattern, and whether they were asked about; behind `None` those of a statement
# without patterns of its own.
_Known: TypeAlias = dict[Pattern | None, tuple[tuple[str, ...], bool]]


def evidence(
    question: Question,
    violated: Violated,
    responsible: Sequence[Responsible],
    *,
    compares: bool = True,
    about: Collection[str] | None = None,
) -> tuple[Evidence, ...]:
    """Return why each of these statements of the new policy makes the check fail.

    `compares`: the old policy is a document that was there, not a stand-in for "nothing".
    `about`: today's actions that the question is about, if not all.
    """
    known = _known_new(question, responsible, about)
    return tuple(
        _of_one(question, violated, each, behind, compares=compares)
        for each, behind in zip(responsible, known, strict=True)
    )


def _of_one(
    question: Question,
    violated: Violated,
    responsible: Responsible,
    known: _Known,
    *,
    compares: bool,
) -> Evidence:
    witness = next((flow.witness for flow in responsible.flows if flow.witness), None)
    stopped = _stopping_deny(question.old, witness) if compares else None
    cells = _cells(responsible, known)
    return Evidence(
        witness=witness,
        statements=(reference(responsible.statement),),
        before=_before(question.old, witness, stopped) if compares else "",
        is_example=not question.new.type.has_principals,
        stopped_by=reference(stopped) if stopped else None,
        cells=cells,
        only_future_actions=_only_future(cells, witness),
        ambiguous=tuple(described(switch) for switch in violated.ambiguous),
    )


def reference(statement: Statement) -> StatementRef:
    """Return how a finding names a statement."""
    callers = statement.principals.entries if statement.principals else ()
    spans = tuple(dict.fromkeys(entry.span for entry in callers))
    return StatementRef(statement.index, statement.sid, statement.span, spans)


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
        return f"{named(stopped)} denied it"
    if not old.statements:
        return "there was no policy here"
    for statement in old.statements:
        missing = _unmet(statement, witness, old)
        if missing:
            return f"{named(statement)} allowed it only if its condition on {missing} held"
    return "no statement allowed it"


def _unmet(statement: Statement, witness: Request, old: Policy) -> str:
    """Return the keys whose conditions alone kept an old statement from allowing the witness."""
    if statement.effect is not Effect.ALLOW or not statement.conditions:
        return ""
    if any(is_flag(condition.key) for condition in statement.conditions):
        return ""  # the template leaves open what it asks for
    bare = replace(statement, conditions=())
    if not evaluate.applies(bare, witness, old.type):
        return ""
    failing = [
        condition.key
        for condition in statement.conditions
        if not evaluate.applies(replace(statement, conditions=(condition,)), witness, old.type)
    ]
    return ", ".join(f"`{key_spelled(key)}`" for key in dict.fromkeys(failing))


def named(statement: Statement) -> str:
    """Return what to call a statement of the old policy."""
    if statement.sid:
        return f"statement `{statement.sid}`"
    return f"the statement on line {statement.span.start.line}, as it was,"


def _cells(responsible: Responsible, known: _Known) -> tuple[AccessCell, ...]:
    """Return the action patterns and resource patterns through which new access flows."""
    cells: dict[AccessCell, None] = {}
    for flow in responsible.flows:
        for cell in _of_flow(flow, responsible.statement, known):
            cells[cell] = None
            if len(cells) >= MOST_CELLS:
                return tuple(cells)
    return tuple(cells)


def _of_flow(flow: NewAccess, statement: Statement, known: _Known) -> list[AccessCell]:
    resources: list[tuple[str, Span | None]] = [(p.text, p.span) for p in flow.resources]
    if not resources:
        resources = [(_whole(statement, resources=True), None)]
    whole = _whole(statement, resources=False)
    return [
        replace(
            _counted(*known[pattern]),
            action=pattern.text if pattern else whole,
            resource=resource,
            span=pattern.span if pattern else statement.span,
            resource_span=at,
        )
        for pattern in flow.actions or (None,)
        for resource, at in resources
    ]


def _counted(names: tuple[str, ...], asked: bool) -> AccessCell:  # noqa: FBT001  a pair
    """Return the cell of some names, nowhere yet: listed, counted by level, or just counted."""
    if not asked:
        return AccessCell("", "", unasked=len(names))
    known = tuple((name, catalogue.access_level(name)) for name in names)
    if len(known) <= _MOST_LISTED:
        return AccessCell("", "", known)
    return AccessCell("", "", counts=tuple(Counter(level for _, level in known).items()))


def _whole(statement: Statement, *, resources: bool) -> str:
    element = statement.resources if resources else statement.actions
    if element is None:
        return "*"
    listed = ", ".join(pattern.text for pattern in element.patterns)
    return f"all but {listed}" if element.negated and listed else "*"


def _known_new(
    question: Question, responsible: Sequence[Responsible], about: Collection[str] | None
) -> list[_Known]:
    """Return, for each statement, today's actions behind its patterns that are newly allowed."""
    every = [_behind(each) for each in responsible]
    if about is not None:
        every = [
            {pattern: tuple(n for n in names if n in about) for pattern, names in behind.items()}
            for behind in every
        ]
    wanted: list[tuple[Statement, tuple[str, ...]]] = []
    left = _MOST_NAMES
    for each, behind in zip(responsible, every, strict=True):
        names = tuple(dict.fromkeys(name for found in behind.values() for name in found))
        left -= len(names)
        wanted.append((each.statement, names if left >= 0 else ()))
    news = solver.newly_allowed(question, wanted)
    return [
        {pattern: _among(found, new if names else None) for pattern, found in behind.items()}
        for behind, new, (_, names) in zip(every, news, wanted, strict=True)
    ]


def _among(found: tuple[str, ...], new: frozenset[str] | None) -> tuple[tuple[str, ...], bool]:
    return (found, not found) if new is None else (tuple(n for n in found if n in new), True)


def _behind(responsible: Responsible) -> dict[Pattern | None, tuple[str, ...]]:
    """Return today's actions behind each pattern through which new access flows."""
    patterns = dict.fromkeys(p for flow in responsible.flows for p in flow.actions or (None,))
    return {p: tuple(catalogue.matching(p) if p else _all(responsible)) for p in patterns}


def _all(responsible: Responsible) -> Iterator[str]:
    """Yield today's actions that a statement without action patterns of its own is about."""
    element = responsible.statement.actions
    listed = element.patterns if element.negated else ()
    without = frozenset(name for pattern in listed for name in catalogue.matching(pattern))
    for service in sorted(catalogue.services()):
        for name in catalogue.actions_of(service):
            if f"{service}:{name}" not in without:
                yield f"{service}:{name}"


def _only_future(cells: Sequence[AccessCell], witness: Request | None) -> bool:
    """Whether all that is new are names that AWS may add later."""
    if witness is None or catalogue.is_known(witness.action):
        return False
    return not any(cell.known or cell.counts or cell.unasked for cell in cells)
