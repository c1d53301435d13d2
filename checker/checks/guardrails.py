"""What a change of each type of policy can let through, as one or two questions that do not overlap.

Guardrails (SCPs, RCPs, boundaries, session policies, endpoint policies) grant nothing: they bound
what others grant, and one that is gone bounds nothing. So

- a boundary, a session policy or an endpoint policy that is gone lets everything through;
- an SCP adds to those attached beside it: one that has lost all its Allows, or is gone, lets through
  all that it does not deny, for AWS wants one that allows and `FullAWSAccess` is the default;
- an RCP only denies: `RCPFullAWSAccess` is attached everywhere;
- any other policy that is gone allows nothing, but a Deny that goes with it stops no other policy's
  Allow any more.
"""

from __future__ import annotations

from dataclasses import replace

from checker.checks import deny_weakened, no_new_access
from checker.checks.no_new_access import all_allowed, everything, nothing
from checker.findings import PolicyChange
from checker.policy.model import Effect, Policy, PolicyType, Statement
from checker.source.symbols import is_of_statement
from checker.symbolic.question import Question


def new_access(change: PolicyChange) -> Question | None:
    """Return what the new document allows and the old one did not; None where neither can grant."""
    after = change.after
    if after is None or after.type is PolicyType.RCP:
        return None
    if _has_lost_its_allows(change.before, after):
        after = replace(after, statements=(all_allowed(after), *after.statements))
    return no_new_access.ask(change.before or nothing(after), after)


def bound_gone(change: PolicyChange) -> Question | None:
    """Return what the old document kept out, where it is gone and was a bound by its Allows."""
    before = change.before
    if change.after is not None or before is None or not _bounds_by_allow(before):
        return None
    return no_new_access.ask(before, everything(before))


def weaker_deny(change: PolicyChange) -> Question | None:
    """Return what the old document denied and the new one lets through without allowing it."""
    before = change.before
    if before is None or not deny_weakened.denies(before) or bound_gone(change) is not None:
        return None
    return deny_weakened.ask(before, change.after or nothing(before))


def grants_elsewhere(change: PolicyChange) -> bool:
    """Whether what the old document denied was there to be allowed by others.

    Else its Denies bounded its own Allows first, and what else they stopped is not known here.
    """
    before = change.before
    return before is not None and (before.type.is_guardrail or deny_weakened.allows_nothing(before))


def _has_lost_its_allows(before: Policy | None, after: Policy) -> bool:
    return (
        after.type is PolicyType.SCP
        and before is not None
        and not deny_weakened.allows_nothing(before)
        and _may_have_no_allow(before, after)
    )


def _may_have_no_allow(before: Policy, after: Policy) -> bool:
    """Whether no statement of the new document is sure to allow, as one of the old one was.

    A list of statements that a template leaves open may hold none; if both have it, both do.
    """
    old, new = (
        [_unsure(s) for s in policy.statements if s.effect is Effect.ALLOW]
        for policy in (before, after)
    )
    if not all(new):
        return False
    return not all(old) or not frozenset().union(*old) <= frozenset().union(*new)


def _unsure(statement: Statement) -> frozenset[str]:
    """Return the truth values on which it depends if there is such a statement."""
    return frozenset(c.key for c in statement.conditions if is_of_statement(c.key))


def _bounds_by_allow(before: Policy) -> bool:
    match before.type:
        case PolicyType.BOUNDARY | PolicyType.SESSION | PolicyType.VPC_ENDPOINT:
            return True
        case PolicyType.SCP:
            return not deny_weakened.allows_nothing(before)
        case _:
            return False
