"""Trusted access: nobody is allowed anything but who is trusted.

Trusted are accounts, organisations, services and networks that a team names. Others are outsiders:
callers of other accounts, those who sign nothing, federated callers of others' providers, and
tenants of shared providers that the policy does not fix. Whether an account belongs to an
organisation is not known here, so an organisation is trusted only where a condition demands it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from checker.checks import bounds, outsiders, providers, relevant
from checker.checks.bounds import Insiders, Kind
from checker.checks.no_new_access import nothing
from checker.policy.model import CallerKind, Policy, PolicyType, PrincipalEntry, PrincipalKind
from checker.symbolic.atoms import CallerIn
from checker.symbolic.globs import literal
from checker.symbolic.question import Question

_NETWORK_KEYS: Final = ("aws:ec2instancesourcevpc", "aws:sourcevpc", "aws:sourcevpce")


def ask(
    policy: Policy,
    accounts: Sequence[str] = (),
    orgs: Sequence[str] = (),
    services: Sequence[str] = (),
    networks: Sequence[str] = (),
) -> Question:
    """Return the question violated by exactly the allowed requests of outsiders.

    accounts: by number, or by canonical id. services: other services are outsiders if any is
    given; if none is, a service is an outsider nowhere (`confused_deputy` asks for its guard).
    networks: ids of VPCs and of VPC endpoints.
    """

    def covers_outsider(entry: PrincipalEntry) -> bool:
        return _covers_outsider(entry, accounts, services)

    open_to = relevant.by_principal(policy, covers_outsider)
    service_keys, no_service = outsiders.no_service()
    trusted = Insiders(
        tuple(accounts),
        tuple(orgs),
        tuple((key, literal(name)) for key in _NETWORK_KEYS for name in networks),
    )
    insiders = [trusted, _tenants(open_to, accounts), *([] if services else [no_service])]
    keys = bounds.CALLER | bounds.ON_BEHALF_OF | bounds.NETWORK | bounds.ACCESS_POINT
    if policy.type is PolicyType.VPC_ENDPOINT:
        keys = bounds.CALLER | bounds.RESOURCE
    joined = bounds.joined(insiders)
    tenants = {key: Kind.OTHER for key, _ in joined.values if key not in keys}
    every = {**keys, **tenants, **service_keys}
    open_to = relevant.by_condition(open_to, joined, outsiders.telling(policy, every))
    within = outsiders.outside(open_to, joined, every, _callers(policy, accounts, services))
    return Question(open_to, nothing(policy), within)


def _covers_outsider(
    entry: PrincipalEntry, accounts: Sequence[str], services: Sequence[str]
) -> bool:
    match entry.kind:
        case PrincipalKind.SERVICE:
            return bool(services) and entry.value not in services
        case PrincipalKind.FEDERATED:
            return not _is_own_provider(entry.value, accounts)
        case PrincipalKind.CANONICAL_USER:
            return entry.value not in accounts
        case _:
            return bounds.account_of(entry) not in accounts


def _is_own_provider(provider: str, accounts: Sequence[str]) -> bool:
    return not providers.is_shared(provider) and _account(provider) in accounts


def _account(provider: str) -> str:
    fields = provider.split(":")
    return fields[4] if len(fields) > 5 else ""


def _federated(policy: Policy) -> dict[str, None]:
    return {
        entry.value: None
        for statement in policy.statements
        for entry in (statement.principals.entries if statement.principals else ())
        if entry.kind is PrincipalKind.FEDERATED
    }


def _tenants(policy: Policy, accounts: Sequence[str]) -> Insiders:
    """Return the tenants that the policy fixes, unless it names a provider of another account."""
    foreign = any(_account(name) not in ("", *accounts) for name in _federated(policy))
    return Insiders() if foreign else bounds.fixed(policy, {})


def _callers(
    policy: Policy, accounts: Sequence[str], services: Sequence[str]
) -> tuple[CallerIn, ...]:
    """Return the trusted callers besides those of accounts."""
    own = [name for name in _federated(policy) if _is_own_provider(name, accounts)]
    return (
        *outsiders.exactly(CallerKind.SERVICE, services),
        *(() if services else outsiders.all_callers(CallerKind.SERVICE)),
        *outsiders.exactly(CallerKind.CANONICAL_USER, accounts),
        *outsiders.exactly(CallerKind.FEDERATED, own),
    )
