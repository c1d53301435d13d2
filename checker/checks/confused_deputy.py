"""Confused deputy: a service that is trusted says for whom it comes.

A service acts for whoever uses it. A policy that trusts the service alone trusts all its users, in
any account, unless a condition fixes the source: `aws:SourceArn`, `aws:SourceAccount`,
`aws:SourceOrgID` or `aws:SourceOrgPaths` (iam-semantics B4).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from checker.checks import bounds, outsiders, relevant
from checker.checks.bounds import Keys, Kind
from checker.checks.no_new_access import nothing
from checker.policy.model import CallerKind, Effect, Policy, PolicyType, PrincipalKind, Statement
from checker.symbolic.question import Question

_ONLY_SERVICES: Final = frozenset(
    {"aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist"}
)
_CIPHER_CONTEXT: Final = "kms:encryptioncontext:"  # which a service fills in: often an ARN
_ALEXA: Final = "lambda:eventsourcetoken"


def applies(policy: Policy) -> bool:
    """Return whether the question is worth asking.

    Not of a role: a service gets a role from a caller who may pass it, and only within one account.
    """
    return policy.type is PolicyType.RESOURCE and any(map(_is_for_services, policy.statements))


def ask(policy: Policy) -> Question:
    """Return the question violated by exactly the allowed requests of services for strangers."""
    kept = (s for s in policy.statements if s.effect is Effect.DENY or _is_for_services(s))
    trusting = relevant.by_principal(
        replace(policy, statements=tuple(kept)),
        lambda entry: entry.kind in (PrincipalKind.SERVICE, PrincipalKind.EVERYONE),
    )
    keys: Keys = bounds.CALLER | bounds.ON_BEHALF_OF | _own_keys(trusting)
    insiders = bounds.fixed(trusting, keys)
    trusting = relevant.by_condition(trusting, insiders, keys)
    others = outsiders.all_callers(*(kind for kind in CallerKind if kind is not CallerKind.SERVICE))
    return Question(trusting, nothing(policy), outsiders.outside(trusting, insiders, keys, others))


def _is_for_services(statement: Statement) -> bool:
    """Whether an Allow names services, or everyone and demands to be a service."""
    if statement.effect is Effect.DENY or statement.principals is None:
        return False
    kinds = {entry.kind for entry in statement.principals.entries}
    if statement.principals.negated or PrincipalKind.EVERYONE in kinds:
        return any(given.key in _ONLY_SERVICES for given in statement.conditions)
    return PrincipalKind.SERVICE in kinds


def _own_keys(policy: Policy) -> Keys:
    """Return the keys by which single services tell whom they act for."""
    keys = {given.key for s in policy.statements for given in s.conditions}
    contexts = dict.fromkeys((k for k in keys if k.startswith(_CIPHER_CONTEXT)), Kind.ARN)
    return {**contexts, _ALEXA: Kind.OTHER}
