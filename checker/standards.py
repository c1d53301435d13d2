"""From the settings to the checks: every property that a team has asked for, and the usual ones."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Final

from checker.checks import (
    Ask,
    Asked,
    Check,
    Combined,
    access_not_granted,
    confused_deputy,
    critical_access,
    guardrails,
    never,
    no_public_access,
    reference_policy,
    trusted_access,
)
from checker.checks.resource_types import RESOURCE_TYPES, ResourceType
from checker.config import Config, Group, NewPolicy, Trusted
from checker.errors import PolicySyntaxError
from checker.findings import PolicyChange
from checker.packs import PACKS
from checker.packs.pack import Access, Combination, Pack
from checker.policy import catalogue
from checker.policy.deployments import own_account, with_constants
from checker.policy.model import Policy, PolicyType, Request
from checker.symbolic.question import Undecided

_GRANTED: Final = "access-not-granted"
_OPEN_TO_OTHERS: Final = (PolicyType.RESOURCE, PolicyType.TRUST, PolicyType.VPC_ENDPOINT)
_OF_TYPE: Final = {
    PolicyType.TRUST: RESOURCE_TYPES["AWS::IAM::AssumeRolePolicyDocument"],
    PolicyType.VPC_ENDPOINT: RESOURCE_TYPES["AWS::EC2::VPCEndpoint"],
}
_ANY_RESOURCE: Final = ResourceType("a resource", by_aws=False)
_ACCESS_POINT: Final = RESOURCE_TYPES["AWS::S3::AccessPoint"]


def checks(config: Config) -> Iterator[Check]:
    """Yield the checks to run. To add one: write its module, then yield it here."""
    yield from _of_changes(config)
    if config.critical_actions or config.critical_resources:
        group = Group("", "", config.critical_actions, config.critical_resources)
        ask, about = partial(_listed, group), partial(_names, group)
        yield Check(_GRANTED, "Critical access", ask, compares=False, about=about)
    for group in config.critical:
        yield _group(group)
    for name in config.packs:
        yield _pack(PACKS[name])
    if config.references:
        beyond = "Beyond the reference policy"
        ask = partial(_reference, config)
        yield Check("reference-policy", beyond, ask, compares=False)
    yield from _of_outsiders(config)


def combinations(config: Config) -> Iterator[Combined]:
    """Yield the combinations of the packs that are switched on."""
    for name in config.packs:
        for combination in PACKS[name].combinations:
            yield _combined(name, combination)


def _of_changes(config: Config) -> Iterator[Check]:
    mild = _is_new if config.new_policy is NewPolicy.REPORT else never
    yield Check("no-new-access", "New access", partial(_new_access, config), mild=mild)
    gone = "A guardrail is gone"
    yield Check("no-new-access", gone, guardrails.bound_gone, removes=True, implied=True)
    yield Check(
        "deny-weakened", "A Deny is weaker", guardrails.weaker_deny, removes=True, mild=_is_extra
    )


def _of_outsiders(config: Config) -> Iterator[Check]:
    ask = partial(_public, config)
    yield Check("no-public-access", "Public access", ask, compares=False)
    if config.trusted:
        trusted = partial(_trusted, config.trusted)
        yield Check("trusted-access", "Access for outsiders", trusted, compares=False)
    says = "A service may act here for strangers"
    yield Check("confused-deputy", says, _deputy, compares=False)


def _is_new(change: PolicyChange) -> bool:
    return change.before is None


def _is_extra(change: PolicyChange) -> bool:
    return not guardrails.grants_elsewhere(change)


def is_blocked_as_new(config: Config, change: PolicyChange) -> bool:
    """Whether the document is a finding because it was not there before."""
    return (
        config.new_policy is NewPolicy.BLOCK
        and change.before is None
        and config.severity("new-policy", change.path) is not None
    )


def _new_access(config: Config, change: PolicyChange) -> Asked:
    if change.before is None and change.after is not None:
        is_referred = config.new_policy is NewPolicy.REFERENCE and (
            config.severity("reference-policy", change.path) is not None
            and _reference(config, change) is not None
        )
        if is_referred or is_blocked_as_new(config, change):
            return None  # another check says what becomes of a new document
    return guardrails.new_access(change)


def _granting(change: PolicyChange) -> Policy | None:
    """Return the new document if it grants anything: a guardrail does not."""
    after = change.after
    return None if after is None or after.type.is_guardrail else after


def _listed(group: Group, change: PolicyChange) -> Asked:
    after = _granting(change)
    if after is None:
        return None
    return access_not_granted.ask(after, group.actions, group.resources)


def _group(group: Group) -> Check:
    def ask(change: PolicyChange) -> Asked:
        after = _granting(change)
        if after is None:
            return None
        return critical_access.ask_group(after, group.actions, group.resources, group.conditions)

    def why(_: Request) -> str:
        return group.why

    return Check(
        f"{_GRANTED}/{group.name}",
        f"Critical access ({group.name})",
        ask,
        compares=False,
        why=why,
        about=partial(_names, group),
    )


def _names(group: Group) -> frozenset[str] | None:
    """Return today's actions that a group is about; None where they are all."""
    if not group.actions:
        return None
    return frozenset(name for pattern in group.actions for name in catalogue.matching(pattern))


def _actions(accesses: tuple[Access, ...]) -> frozenset[str]:
    return frozenset(name for access in accesses for name in access.actions)


def _pack(pack: Pack) -> Check:
    return Check(
        f"{_GRANTED}/{pack.name}",
        f"May {pack.says}",
        partial(_of_pack, pack.accesses),
        compares=False,
        why=partial(_entry_of, pack.accesses),
        about=partial(_actions, pack.accesses),
    )


def _of_pack(accesses: tuple[Access, ...], change: PolicyChange) -> Asked:
    """Return the question; a trust policy is about its own role alone, and no pack is."""
    after = _granting(change)
    if after is None or after.type is PolicyType.TRUST:
        return None
    return critical_access.ask_pack(after, accesses)


def _entry_of(accesses: tuple[Access, ...], witness: Request) -> str:
    """Return why a witness is critical, and by what source."""
    action = witness.action.lower()
    found = (a for a in accesses if action in (name.lower() for name in a.actions))
    return next((f"whoever may do this {a.why} ({a.source})" for a in found), "")


def _combined(pack: str, of: Combination) -> Combined:
    def why(_: Request) -> str:
        return f"whoever may do both {of.why} ({of.source})"

    check = Check(
        f"{_GRANTED}/{pack}/{of.name}",
        "Critical together",
        _of_access(of.first),
        compares=False,
        why=why,
        about=partial(_actions, (of.first, of.second)),
    )
    return Combined(check, _of_access(of.second))


@lru_cache(maxsize=1024)
def _of_access(access: Access) -> Ask:
    """Return the question about one access, which is the same one in each combination that has it."""
    return partial(_of_pack, (access,))


def _reference(config: Config, change: PolicyChange) -> Asked:
    """Return whether the new document allows more than its reference.

    One reference for all is for those that are written alike; one for named paths must fit.
    """
    reference = config.reference(change.path)
    after = change.after
    if reference is None or after is None or reference.node is None:
        return None
    try:
        parsed = reference_policy.parse_reference(reference.node, after.type)
    except PolicySyntaxError as error:
        if reference.paths is None:
            return None
        return Undecided(f"the reference `{reference.file}` is none for this policy: {error}")
    return reference_policy.ask(parsed, after)


def not_asked(config: Config, change: PolicyChange) -> Iterator[str]:
    """Yield what a team may think is asked of a document, and is not."""
    reference = config.reference(change.path)
    if reference is None or reference.paths is not None or change.after is None:
        return
    if config.severity("reference-policy", change.path) and _reference(config, change) is None:
        kind = change.after.type
        yield f"is a policy of the type {kind}, for which the reference `{reference.file}` is none"


def _open_to_others(change: PolicyChange) -> Policy | None:
    """Return the new document if it can speak about strangers; what is unknown in it is fixed."""
    after = change.after
    if after is None or after.type not in _OPEN_TO_OTHERS:
        return None
    return with_constants(after, change.given) if change.owner else after


def _public(config: Config, change: PolicyChange) -> Asked:
    after = _open_to_others(change)
    if after is None:
        return None
    typed = config.typed(change.path)
    told = typed.resource if typed and typed.resource else change.resource_type
    kind = RESOURCE_TYPES.get(told) or _OF_TYPE.get(after.type) or _guessed(after)
    return no_public_access.ask(after, kind)


def _guessed(policy: Policy) -> ResourceType:
    """Return what a resource policy seems to be of; it matters for access points alone."""
    patterns = (p for s in policy.statements if s.resources for p in s.resources.patterns)
    is_access_point = any(":accesspoint/" in pattern.text for pattern in patterns)
    return _ACCESS_POINT if is_access_point else _ANY_RESOURCE


def _trusted(trusted: Trusted, change: PolicyChange) -> Asked:
    after = _open_to_others(change)
    if after is None:
        return None
    accounts = (*trusted.accounts, *_own_accounts(change))
    return trusted_access.ask(after, accounts, trusted.orgs, trusted.services, trusted.vpcs)


def _own_accounts(change: PolicyChange) -> tuple[str, ...]:
    """Return what a template's own account is taken for."""
    return (own_account(change.given),) if change.owner else ()


def _deputy(change: PolicyChange) -> Asked:
    after = _open_to_others(change)
    if after is None or not confused_deputy.applies(after):
        return None
    return confused_deputy.ask(after)
