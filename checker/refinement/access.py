"""How much a policy grants: the known actions of its Allow statements, by access level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from checker.policy import catalogue
from checker.policy.evaluate_pattern import glob
from checker.policy.model import Effect, Element, Policy, Statement
from checker.policy.readings import has_wildcard, is_star
from checker.policy.values import lower

LEVELS: Final = ("List", "Read", "Write", "Tagging", "Permissions management")


def granted(policy: Policy) -> frozenset[str]:
    """Return the known actions that the policy allows on something, as `service:Name`.

    A Deny counts where it refuses an action whatever the request; principals do not count.
    """
    allowed: set[str] = set()
    for statement in policy.statements:
        if statement.effect is Effect.ALLOW:
            allowed.update(_selected(statement.actions))
    for statement in policy.statements:
        if _is_final(statement):
            allowed.difference_update(_selected(statement.actions))
    return frozenset(allowed)


def by_level(actions: Iterable[str]) -> dict[str, int]:
    """Return how many of the actions are of each access level, in the order of `LEVELS`."""
    counts = Counter(catalogue.access_level(action) for action in actions)
    return {level: counts[level] for level in LEVELS}


def selected(statement: Statement) -> frozenset[str]:
    """Return the known actions of a statement, and those that it names whether known or not."""
    named = (p.text for p in statement.actions.patterns if not has_wildcard(p))
    known = frozenset(_selected(statement.actions))
    if statement.actions.negated:
        return known
    folded = {lower(action) for action in known}
    return known.union(name for name in named if lower(name) not in folded)


def _is_final(statement: Statement) -> bool:
    resources = statement.resources
    return (
        statement.effect is Effect.DENY
        and not statement.conditions
        and not statement.empty_condition
        and (resources is None or (not resources.negated and any(map(is_star, resources.patterns))))
        and statement.principals is None
    )


def _selected(element: Element) -> Iterator[str]:
    if not element.negated:
        for pattern in element.patterns:
            yield from catalogue.matching(pattern)
        return
    for service in catalogue.services():
        for name in catalogue.actions_of(service):
            action = f"{service}:{name}"
            if not any(glob(pattern.parts, lower(action)) for pattern in element.patterns):
                yield action
