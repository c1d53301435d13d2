"""No new access: every request that the new policy allows, the old one allowed too."""

from __future__ import annotations

from dataclasses import replace

from checker.policy.model import (
    Effect,
    Element,
    Pattern,
    Policy,
    PrincipalEntry,
    PrincipalKind,
    Principals,
    Statement,
    Wildcard,
)
from checker.symbolic.question import Question


def ask(existing: Policy, new: Policy) -> Question:
    """Return the question violated by exactly the requests allowed after and not before."""
    return Question(new, existing)


def nothing(like: Policy) -> Policy:
    """Return a policy of the same type that allows nothing: what a new document is compared with."""
    return replace(like, statements=())


def everything(like: Policy) -> Policy:
    """Return a policy of the same type that allows everything: what is left where none bounds."""
    return replace(like, statements=(all_allowed(like),))


def all_allowed(like: Policy) -> Statement:
    """Return the statement that allows everything, placed on the whole of a document."""
    everyone = PrincipalEntry(PrincipalKind.EVERYONE, "*", "*", like.span)
    star = Element((Pattern((Wildcard.ANY_RUN,), "*", like.span),), negated=False, span=like.span)
    return Statement(
        effect=Effect.ALLOW,
        principals=Principals((everyone,), negated=False, span=like.span)
        if like.type.has_principals
        else None,
        actions=star,
        resources=star,
        span=like.span,
    )
