"""Deny weakened: a request that the old document denied is no longer denied.

For documents whose Allow side is elsewhere (SCPs, RCPs, lists of Denies) this is what "new access"
means: such a document allows nothing by itself, so removing a Deny would pass unseen.
"""

from __future__ import annotations

from dataclasses import replace

from checker.policy.model import Effect, Policy
from checker.symbolic.question import Question


def ask(before: Policy, after: Policy) -> Question:
    """Return the question violated by exactly the requests denied before and not after.

    The Denies of both sides are taken as Allows: then "allowed by the one and not by the other" is
    what is asked. The responsible statements are therefore the old Denies that are gone.
    """
    return Question(_denied(before), _denied(after))


def denies(policy: Policy) -> bool:
    """Whether the policy denies anything at all."""
    return any(statement.effect is Effect.DENY for statement in policy.statements)


def allows_nothing(policy: Policy) -> bool:
    """Whether the policy has no Allow, so that what it lets through is decided elsewhere."""
    return not any(statement.effect is Effect.ALLOW for statement in policy.statements)


def _denied(policy: Policy) -> Policy:
    statements = tuple(
        replace(statement, effect=Effect.ALLOW)
        for statement in policy.statements
        if statement.effect is Effect.DENY
    )
    return replace(policy, statements=statements)
