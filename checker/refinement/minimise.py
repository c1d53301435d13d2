"""A policy without what is redundant in it: the same access, in fewer words, proved.

An entry goes if another of its list covers it, or if the other statements allow (or deny) all that
it does. Each step is proved before the next, and the whole at the end. What a Deny refuses must stay
the same by itself, because it also stops what other policies of the caller allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from checker.checks import no_new_access
from checker.policy.model import Effect, Element, Pattern, Policy, Statement, Variable
from checker.policy.readings import action_ambiguity
from checker.refinement.edits import Edit, ElementEdit, Outcome, Removal
from checker.refinement.proofs import prove_same
from checker.refinement.refinement import Refinement, refinement_of
from checker.source.tree import Mapping
from checker.symbolic.globs import Glob, contains
from checker.symbolic.patterns import action_glob, resource_matcher
from checker.symbolic.question import Budget, Holds
from checker.symbolic.solver import DEFAULT_BUDGET, answer


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of each statement (by index): the entries of its two lists, by position."""

    actions: dict[int, tuple[int, ...]]
    resources: dict[int, tuple[int, ...]]


def minimise_document(node: Mapping, policy: Policy, budget: Budget = DEFAULT_BUDGET) -> Refinement:
    """Return the policy without redundant entries and statements, with the proof done.

    Errors: `NotProvedError`.
    """
    left = _Left(
        {s.index: _needed(s.actions, _action, s) for s in policy.statements},
        {s.index: _needed(s.resources, _resource, s) for s in policy.statements},
    )
    _drop_statements(policy, left, budget)
    _drop_actions(policy, left, budget)
    edits = tuple(_edits(policy, left))
    if edits:
        new = _reduced(policy, left)
        prove_same(policy, new, budget)
        prove_same(_denied(policy), _denied(new), budget)
    return refinement_of(node, policy, edits)


def _needed(
    element: Element | None, matcher: Callable[[Pattern], Glob | None], statement: Statement
) -> tuple[int, ...]:
    """Return the positions of the patterns that no other of the list covers."""
    patterns = () if element is None else element.patterns
    if not _is_clear(statement):
        return tuple(range(len(patterns)))
    globs = [matcher(pattern) for pattern in patterns]
    kept: list[int] = []
    for index, inner in enumerate(globs):
        others = (
            outer
            for position, outer in enumerate(globs)
            # Of two that cover each other the first stays.
            if position != index
            and outer is not None
            and inner is not None
            and contains(outer, inner)
            and (position < index or not contains(inner, outer))
        )
        if next(others, None) is None:
            kept.append(index)
    return tuple(kept)


def _action(pattern: Pattern) -> Glob | None:
    return None if action_ambiguity(pattern) else action_glob(pattern.parts)


def _resource(pattern: Pattern) -> Glob | None:
    """Return what an ARN covers; None for what depends on the request or is not an ARN."""
    is_whole = pattern.text.startswith("arn:") and pattern.text.count(":") >= 5
    if not is_whole or any(isinstance(part, Variable) for part in pattern.parts):
        return None
    found = resource_matcher(pattern.parts)
    return found if isinstance(found, Glob) else None


def _reduced(policy: Policy, left: _Left, without: int = -1) -> Policy:
    """Return the policy with what is left, but for the statement `without`."""
    return replace(
        policy,
        statements=tuple(
            _statement(s, left)
            for s in policy.statements
            if s.index in left.actions and s.index != without
        ),
    )


def _statement(statement: Statement, left: _Left) -> Statement:
    resources = statement.resources
    return replace(
        statement,
        actions=_chosen(statement.actions, left.actions[statement.index]),
        resources=resources and _chosen(resources, left.resources[statement.index]),
    )


def _chosen(element: Element, positions: tuple[int, ...]) -> Element:
    return replace(element, patterns=tuple(element.patterns[position] for position in positions))


def _drop_statements(policy: Policy, left: _Left, budget: Budget) -> None:
    """Take out, one after the other, the statements that change nothing; the last first."""
    for statement in reversed(policy.statements):
        if not _is_clear(statement):
            continue
        rest = _reduced(policy, left, statement.index)
        alone = replace(policy, statements=(_statement(statement, left),))
        if statement.effect is Effect.ALLOW:
            question = no_new_access.ask(rest, _with_denies(rest, alone.statements[0]))
        else:
            question = no_new_access.ask(_denied(rest), _denied(alone))
        if isinstance(answer(question, budget), Holds):
            del left.actions[statement.index]


def _drop_actions(policy: Policy, left: _Left, budget: Budget) -> None:
    """Take out the actions of an Allow statement that the other statements allow as well."""
    for statement in policy.statements:
        if statement.index not in left.actions or not _may_lose_actions(statement):
            continue
        rest = _reduced(policy, left, statement.index)
        for position in left.actions[statement.index]:
            kept = left.actions[statement.index]
            if len(kept) == 1:
                break
            reduced = _statement(statement, left)
            one = replace(reduced, actions=_chosen(statement.actions, (position,)))
            if isinstance(answer(no_new_access.ask(rest, _with_denies(rest, one)), budget), Holds):
                left.actions[statement.index] = tuple(p for p in kept if p != position)


def _may_lose_actions(statement: Statement) -> bool:
    is_list = not statement.actions.negated and _is_clear(statement)
    return statement.effect is Effect.ALLOW and is_list


def _is_clear(statement: Statement) -> bool:
    """Return whether a statement means the same with the other effect (iam-semantics P8)."""
    return statement.principals is None or not statement.principals.negated


def _denied(policy: Policy) -> Policy:
    """Return a policy that allows what this one's Deny statements refuse."""
    denies = (s for s in policy.statements if s.effect is Effect.DENY and _is_clear(s))
    return replace(policy, statements=tuple(replace(s, effect=Effect.ALLOW) for s in denies))


def _with_denies(policy: Policy, allow: Statement) -> Policy:
    denies = (s for s in policy.statements if s.effect is Effect.DENY)
    return replace(policy, statements=(allow, *denies))


def _edits(policy: Policy, left: _Left) -> Iterator[Edit]:
    for statement in policy.statements:
        index = statement.index
        if index not in left.actions:
            yield Removal(index)
            continue
        yield from _element_edit(statement, "Action", statement.actions, left.actions[index])
        if statement.resources is not None:
            listed = left.resources[index]
            yield from _element_edit(statement, "Resource", statement.resources, listed)


def _element_edit(
    statement: Statement, name: str, element: Element, kept: tuple[int, ...]
) -> Iterator[ElementEdit]:
    if len(kept) == len(element.patterns):
        return
    written = f"Not{name}" if element.negated else name
    outcomes: tuple[Outcome, ...] = tuple(
        None if position in kept else () for position in range(len(element.patterns))
    )
    yield ElementEdit(statement.index, written, written, outcomes)
