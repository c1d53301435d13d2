"""No public access: no stranger is allowed anything.

A stranger is a caller whom the policy does not name: of an account, an organisation, a network or a
tenant of which it says nothing. What it fixes by wildcard, by variable, or by a key that the caller
chooses, does not keep strangers out (iam-semantics B2). Services are no strangers.
"""

from __future__ import annotations

from typing import Final

from checker.checks import addresses, bounds, outsiders, providers, relevant
from checker.checks.bounds import Insiders, Keys, Kind
from checker.checks.no_new_access import nothing
from checker.checks.resource_types import RESOURCE_TYPES, ResourceType
from checker.errors import UsageError
from checker.policy.model import CallerKind, Policy, PolicyType, PrincipalEntry, PrincipalKind
from checker.policy.parse_node import did_you_mean, quoted
from checker.symbolic.atoms import CallerIn
from checker.symbolic.globs import literal
from checker.symbolic.question import Question

_MOUNTED: Final = "elasticfilesystem:accessedviamounttarget"
_ACCESS_POINT: Final = "s3:dataaccesspointarn"
_OWNER: Final = "111122223333"  # whom the examples of all other questions belong to


def resource_type(name: str) -> ResourceType:
    """Return the type of this name.

    Errors: `UsageError`.
    """
    if name not in RESOURCE_TYPES:
        hint = did_you_mean(name, RESOURCE_TYPES)
        raise UsageError(f"unknown resource type {quoted(name)}" + (f" ({hint})" if hint else ""))
    return RESOURCE_TYPES[name]


def ask(policy: Policy, resource: ResourceType | str) -> Question:
    """Return the question violated by exactly the allowed requests of strangers."""
    kind = resource if isinstance(resource, ResourceType) else resource_type(resource)
    named = tuple(a for statement in policy.statements for a in bounds.accounts_of(statement))
    open_to = relevant.by_principal(policy, _covers_stranger)
    keys, insiders = _insiders(open_to, kind, named)
    whole = _whole(kind)
    open_to = relevant.by_condition(open_to, insiders, outsiders.telling(policy, keys), whole=whole)
    within = outsiders.outside(open_to, insiders, keys, _known_callers(policy))
    signed = kind.policy_type is PolicyType.TRUST  # a role is not for those who sign nothing
    first = None if signed else CallerKind.ANONYMOUS
    return Question(open_to, nothing(policy), within, first=first)


def _covers_stranger(entry: PrincipalEntry) -> bool:
    match entry.kind:
        case PrincipalKind.EVERYONE:
            return True
        case PrincipalKind.FEDERATED:
            return entry.value == "*" or providers.is_shared(entry.value)
        case _:
            return False


def _known_callers(policy: Policy) -> tuple[CallerIn, ...]:
    """Return who is no stranger whatever the request; an id names one account, or nobody."""
    named = (
        entry.value
        for statement in policy.statements
        for entry in (statement.principals.entries if statement.principals else ())
        if entry.kind is PrincipalKind.FEDERATED and not _covers_stranger(entry)
    )
    nameless = (CallerKind.SERVICE, CallerKind.CANONICAL_USER, CallerKind.UNIQUE_ID)
    return (
        *outsiders.all_callers(*nameless),
        *outsiders.exactly(CallerKind.FEDERATED, dict.fromkeys(named)),
    )


def _whole(kind: ResourceType) -> tuple[str, ...]:
    return (_ACCESS_POINT,) if kind.names_access_points else ()


def _insiders(
    policy: Policy, kind: ResourceType, accounts: tuple[str, ...]
) -> tuple[Keys, Insiders]:
    """Return the keys that tell strangers from others, and whom the policy names in them."""
    if kind.policy_type is PolicyType.VPC_ENDPOINT:
        # Every request has come from its own network; the other end counts instead.
        keys = bounds.CALLER | bounds.RESOURCE
        ranges = Insiders()
    else:
        keys = bounds.CALLER | bounds.ON_BEHALF_OF | bounds.NETWORK | bounds.ACCESS_POINT
        ranges = Insiders(
            values=tuple((addresses.KEY, block) for block in addresses.narrow(policy))
        )
    service_keys, services = outsiders.no_service()
    fixed = bounds.fixed(policy, keys, whole=_whole(kind))
    tenants = {key: Kind.OTHER for key, _ in fixed.values if key not in keys}
    mounted = Insiders(values=((_MOUNTED, literal("true")),))
    every = bounds.joined((Insiders((_OWNER, *accounts)), fixed, ranges, services, mounted))
    return {**keys, **tenants, **service_keys, _MOUNTED: Kind.OTHER}, every
