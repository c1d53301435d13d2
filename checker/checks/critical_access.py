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


def ask_pack(policy: Policy, accesses: Sequence[Access]) -> Question:
    """Return the question violated by exactly the allowed requests that are some of the access."""
    names = tuple(name.lower() for access in accesses for name in access.actions)
    about = tuple(s for s in policy.statements if _may_be_about(s, names))
    listed = any_of(_requests(access) for access in accesses)

    def within(_: Vocabulary) -> Formula:
        return listed

    return Question(replace(policy, statements=about), nothing(policy), within)


def _may_be_about(statement: Statement, actions: Sequence[str]) -> bool:
    """Whether a Deny, or an Allow with one of some actions: the others cannot matter."""
    if statement.effect is Effect.DENY or statement.actions.negated:
        return True
    globs = (action_glob(pattern.parts) for pattern in statement.actions.patterns)
    return any(glob is None or any(map(glob.matches, actions)) for glob in globs)


def _element(patterns: Sequence[Pattern], everything: Element) -> Element:
    return replace(everything, patterns=tuple(patterns)) if patterns else everything


@lru_cache(maxsize=1024)
def _requests(access: Access) -> Formula:
    """Return the requests for some of the access."""
    return any_of(
        all_of((ActionIn(glob), any_of(map(_of_service, access.services_of(name)))))
        for name in access.actions
        if (glob := action_glob(listed_action(name).parts)) is not None
    )


@lru_cache(maxsize=1024)
def _of_service(name: str) -> Formula:
    """Return the requests about a service's ARNs, and those about no resource, which is `*`."""
    arns = resource_matcher(listed_resource(f"arn:*:{name}:*:*:*").parts)
    return any_of((ResourceIn(literal("*")), ResourceIn(arns)))
