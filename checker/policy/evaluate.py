"""The judge: what one policy decides about one concrete request.

Written from iam-semantics rule by rule and sharing nothing with `symbolic`, whose every witness it
replays. Nothing is filled in: a context key that is not there is absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from checker.policy.evaluate_condition import holds
from checker.policy.evaluate_pattern import glob, matches_resource, resolved
from checker.policy.evaluate_principal import selects_caller
from checker.policy.model import (
    Comparison,
    Effect,
    Element,
    Pattern,
    Policy,
    PolicyType,
    Request,
    Statement,
)
from checker.policy.readings import (
    DEFAULT_READINGS,
    Ambiguity,
    Readings,
    action_ambiguity,
    chosen,
    has_early_variable,
    pattern_construct,
)
from checker.policy.values import lower


class Outcome(StrEnum):
    """What becomes of a request."""

    ALLOW = "Allow"
    EXPLICIT_DENY = "ExplicitDeny"
    IMPLICIT_DENY = "ImplicitDeny"


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """An outcome and the statement that decided it: the first of those that did.

    Equal to the outcome's text: `decide(...) == "Allow"`.
    """

    outcome: Outcome
    statement: Statement | None = field(default=None)

    def __eq__(self, other: object) -> bool:
        """Return whether the outcome is the same."""
        return self.outcome == (other.outcome if isinstance(other, Decision) else other)

    def __hash__(self) -> int:
        """Return the hash of the outcome's text, which this equals."""
        return hash(self.outcome.value)

    def __str__(self) -> str:
        """Return the outcome's text."""
        return self.outcome.value


def decide(policy: Policy, request: Request, readings: Readings = DEFAULT_READINGS) -> Decision:
    """Return what the policy alone decides: a Deny wins, and nothing said is a refusal (E1)."""
    allowed_by: Statement | None = None
    for statement in policy.statements:
        if allowed_by and statement.effect is Effect.ALLOW:
            continue
        if applies(statement, request, policy.type, readings):
            if statement.effect is Effect.DENY:
                return Decision(Outcome.EXPLICIT_DENY, statement)
            allowed_by = statement
    return Decision(Outcome.ALLOW if allowed_by else Outcome.IMPLICIT_DENY, allowed_by)


def allows(policy: Policy, request: Request, readings: Readings = DEFAULT_READINGS) -> bool:
    """Return whether the policy allows the request."""
    return decide(policy, request, readings).outcome is Outcome.ALLOW


def applies(
    statement: Statement,
    request: Request,
    policy_type: PolicyType,
    readings: Readings = DEFAULT_READINGS,
) -> bool:
    """Return whether a statement is about the request, whatever its effect."""
    principals, resources = statement.principals, statement.resources
    return (
        _selects_action(statement.actions, lower(request.action), readings)
        and (resources is None or _selects_resource(resources, request, policy_type, readings))
        and (principals is None or selects_caller(principals, statement.effect, request, readings))
        and all(holds(condition, request, readings) for condition in statement.conditions)
        and not _is_void(statement, request, readings)
    )


def _selects_action(element: Element, action: str, readings: Readings) -> bool:
    if element.negated and not element.patterns:
        return _empty_matches("NotAction", readings)
    return element.negated is not any(
        _matches_action(pattern, action, readings) for pattern in element.patterns
    )


def _matches_action(pattern: Pattern, action: str, readings: Readings) -> bool:
    if not glob(pattern.parts, action):
        return False
    ambiguity = action_ambiguity(pattern)
    if ambiguity is None:
        return True
    return chosen(readings, ambiguity, pattern_construct(pattern, ambiguity)) == "glob"


def _selects_resource(
    element: Element, request: Request, policy_type: PolicyType, readings: Readings
) -> bool:
    if element.negated and not element.patterns:
        return _empty_matches("NotResource", readings)
    return element.negated is not any(
        matches_resource(pattern, request, policy_type, readings) for pattern in element.patterns
    )


def _empty_matches(element: str, readings: Readings) -> bool:
    return chosen(readings, Ambiguity.EMPTY_NOT_ELEMENT, element) == "everything"


def _is_void(statement: Statement, request: Request, readings: Readings) -> bool:
    """Return whether a reading takes all effect from the statement (G9, V3)."""
    if not readings:
        return False
    if statement.empty_condition and chosen(readings, Ambiguity.EMPTY_CONDITION) == "never":
        return True
    if chosen(readings, Ambiguity.UNRESOLVED_VARIABLE) == "value":
        return False
    return any(
        resolved(pattern.parts, request, readings) is None
        for pattern in _substituted(statement, readings)
    )


def _substituted(statement: Statement, readings: Readings) -> Iterator[Pattern]:
    """Yield the patterns in which the readings let variables stand for their values."""
    for pattern in statement.resources.patterns if statement.resources else ():
        construct = pattern_construct(pattern, Ambiguity.VARIABLE_PLACE)
        place = chosen(readings, Ambiguity.VARIABLE_PLACE, construct)
        if place == "substituted" or not has_early_variable(pattern):
            yield pattern
    bool_is_literal = chosen(readings, Ambiguity.BOOL_VARIABLE) == "literal"
    for condition in statement.conditions:
        if condition.operator.comparison is Comparison.BOOL and bool_is_literal:
            continue
        for value in condition.values:
            if isinstance(value.operand, Pattern):
                yield value.operand
