"""Deny weakened: a request that the old document denied is no longer denied.

Most of what a Deny stops is allowed by another policy: that of an SCP or an RCP always, that of any
other policy often. Such a document allows nothing new by itself, so losing a Deny would pass unseen.
"""

from __future__ import annotations

from dataclasses import replace

from checker.checks.no_new_access import all_allowed
from checker.policy.model import Effect, Policy, PolicyType, Statement
from checker.symbolic.question import Question


def ask(before: Policy, after: Policy) -> Question:
    """Return the question violated by the requests denied before, and after neither denied nor allowed.

    What the new document allows and the old one denied is new access, which says all of it. The
    Denies of both sides are taken as Allows: then the responsible statements are old Denies.
    """
    if any(_exempts(s) for policy in (before, after) for s in _denies(policy)):
        return _as_denies(before, after)
    denied_before = tuple(_as_allow(s) for s in _denies(before))
    denied_after = tuple(_as_allow(s) for s in _denies(after))
    return Question(
        replace(before, statements=denied_before),
        replace(after, statements=(*denied_after, *_allows(after))),
    )


def _as_denies(before: Policy, after: Policy) -> Question:
    """Return the same question with every Deny left one.

    `NotPrincipal` exempts others in a Deny than in an Allow: one who carries a boundary is
    exempt from no Deny. The responsible statement is then one that allows everything.
    """
    allowed = (replace(s, effect=Effect.DENY) for s in _allows(after) if not _exempts(s))
    everything = all_allowed(before)
    return Question(
        replace(after, statements=(everything, *_denies(after), *allowed)),
        replace(before, statements=(everything, *_denies(before))),
    )


def denies(policy: Policy) -> bool:
    """Whether the policy denies anything at all."""
    return bool(_denies(policy))


def allows_nothing(policy: Policy) -> bool:
    """Whether the policy has no Allow, so that what it lets through is decided elsewhere."""
    return not _allows(policy)


def _denies(policy: Policy) -> tuple[Statement, ...]:
    return tuple(s for s in policy.statements if s.effect is Effect.DENY)


def _allows(policy: Policy) -> tuple[Statement, ...]:
    """Return what a document allows; the one Allow of an RCP is always there and says nothing."""
    if policy.type is PolicyType.RCP:
        return ()
    return tuple(s for s in policy.statements if s.effect is Effect.ALLOW)


def _exempts(statement: Statement) -> bool:
    return statement.principals is not None and statement.principals.negated


def _as_allow(statement: Statement) -> Statement:
    return replace(statement, effect=Effect.ALLOW)
