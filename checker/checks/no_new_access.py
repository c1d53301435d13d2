"""No new access: every request that the new policy allows, the old one allowed too."""

from __future__ import annotations

from dataclasses import replace

from checker.policy.model import Policy
from checker.symbolic.question import Question


def ask(existing: Policy, new: Policy) -> Question:
    """Return the question violated by exactly the requests allowed after and not before."""
    return Question(new, existing)


def nothing(like: Policy) -> Policy:
    """Return a policy of the same type that allows nothing: what a new document is compared with."""
    return replace(like, statements=())
