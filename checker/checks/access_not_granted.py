"""Access not granted: none of the listed actions on any of the listed resources is allowed."""

from __future__ import annotations

from collections.abc import Sequence

from checker.checks.no_new_access import nothing
from checker.policy.model import Pattern, Policy
from checker.symbolic.atoms import ActionIn, ResourceIn
from checker.symbolic.formula import Formula, all_of, any_of
from checker.symbolic.globs import EVERYTHING
from checker.symbolic.patterns import action_glob, resource_matcher
from checker.symbolic.question import Question
from checker.symbolic.vocabulary import Vocabulary


def ask(policy: Policy, actions: Sequence[Pattern], resources: Sequence[Pattern]) -> Question:
    """Return the question violated by exactly the allowed requests for what is listed.

    An empty list stands for any action, or any resource.
    """
    listed = all_of((_any_action(actions), _any_resource(resources)))

    def within(_: Vocabulary) -> Formula:
        return listed

    return Question(policy, nothing(policy), within)


def _any_action(patterns: Sequence[Pattern]) -> Formula:
    globs = [action_glob(pattern.parts) for pattern in patterns]
    return not globs or any_of(
        True if found == EVERYTHING else ActionIn(found) for found in globs if found
    )


def _any_resource(patterns: Sequence[Pattern]) -> Formula:
    return not patterns or any_of(_resource(pattern) for pattern in patterns)


def _resource(pattern: Pattern) -> Formula:
    found = resource_matcher(pattern.parts)
    return True if pattern.text == "*" else ResourceIn(found)
