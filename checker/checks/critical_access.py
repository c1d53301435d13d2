"""Critical access: what a team, or a pack, says that no policy may grant.

A group is asked in AWS's own idiom: whatever the policy allows must be allowed by "allow everything,
deny the group". So a group may have conditions, and the evaluator judges it like any policy. A pack
knows of each action which ARNs it takes: `*` on a bucket lets nobody create a role.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from checker.checks.no_new_access import all_allowed, nothing
from checker.packs.pack import Access
from checker.policy.model import Condition, Effect, Element, Pattern, Policy, Statement
from checker.policy.parse_listed import listed_action, listed_resource
from checker.policy.readings import action_ambiguity
from checker.symbolic.atoms import ActionIn, ResourceIn
from checker.symbolic.formula import Formula, all_of, any_of
from checker.symbolic.globs import literal
from checker.symbolic.patterns import action_glob, resource_matcher
from checker.symbolic.question import Question
from checker.symbolic.vocabulary import Vocabulary


def ask_group(
    policy: Policy,
    actions: Sequence[Pattern],
    resources: Sequence[Pattern],
    conditions: Sequence[Condition] = (),
) -> Question:
    """Return the question violated by exactly the allowed requests that a group is about.

    No actions stand for any action, no resources for any resource.
    """
    allowed = all_allowed(policy)
    group = replace(
        allowed,
        effect=Effect.DENY,
        actions=_element(actions, allowed.actions),
        resources=_element(resources, allowed.actions) if resources else None,
        conditions=tuple(conditions),
    )
    allowed = replace(allowed, resources=None)
    return Question(policy, replace(policy, statements=(allowed, group)))


def ask_pack(policy: Policy, accesses: tuple[Access, ...]) -> Question:
    """Return the question violated by exactly the allowed requests that are some of the access.

    It is about the actions that some Allow names: of a pack's hundreds, most policies have few. An
    Allow without any of them cannot matter.
    """
    names = _names(accesses)
    granted: set[str] = set()
    about: list[Statement] = []
    for statement in policy.statements:
        its = _granted(statement.actions, names) if statement.effect is Effect.ALLOW else names
        if statement.effect is Effect.ALLOW:
            granted |= its
        if its:
            about.append(statement)
    listed = any_of(
        requests(name, access.services_of(name), access.arns)
        for access in accesses
        for name in access.actions
        if name.lower() in granted
    )

    def within(_: Vocabulary) -> Formula:
        return listed

    return Question(replace(policy, statements=tuple(about)), nothing(policy), within)


@lru_cache(maxsize=1024)
def _names(accesses: tuple[Access, ...]) -> frozenset[str]:
    return frozenset(name.lower() for access in accesses for name in access.actions)


def _granted(actions: Element, names: frozenset[str]) -> frozenset[str]:
    """Return which of some actions an element may match, however AWS reads what it leaves open."""
    if not actions.negated:
        return frozenset().union(*(_matched(pattern, names) for pattern in actions.patterns))
    certain = (pattern for pattern in actions.patterns if action_ambiguity(pattern) is None)
    return names.difference(*(_matched(pattern, names) for pattern in certain))


@lru_cache(maxsize=65536)
def _matched(pattern: Pattern, names: frozenset[str]) -> frozenset[str]:
    found = action_glob(pattern.parts)
    if found is None:
        return frozenset() if action_ambiguity(pattern) is None else names
    if found.is_literal:
        return names & {found.prefix}
    return frozenset(filter(found.matches, names))


def _element(patterns: Sequence[Pattern], everything: Element) -> Element:
    return replace(everything, patterns=tuple(patterns)) if patterns else everything


@lru_cache(maxsize=4096)
def requests(action: str, services: tuple[str, ...], arns: tuple[str, ...] = ()) -> Formula:
    """Return the requests for an action on what it takes, or on some ARNs of that alone."""
    glob = action_glob(listed_action(action).parts)
    some = map(_on, arns) if arns else map(_of_service, services)
    return glob is not None and all_of((ActionIn(glob), any_of(some)))


def _on(arn: str) -> Formula:
    return ResourceIn(resource_matcher(listed_resource(arn).parts))


@lru_cache(maxsize=1024)
def _of_service(name: str) -> Formula:
    """Return the requests about a service's ARNs, and those about no resource, which is `*`."""
    return any_of((ResourceIn(literal("*")), _on(f"arn:*:{name}:*:*:*")))
