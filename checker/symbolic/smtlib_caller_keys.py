"""The keys that say who calls, tied to the caller in SMT-LIB; from iam-semantics K1 and K2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from checker.policy.model import CallerKind, Pattern, Policy, PolicyType, Statement
from checker.symbolic import assumptions
from checker.symbolic.smtlib_callers import (
    ACCOUNT,
    NAME,
    OF_ACCOUNTS,
    PARTITION,
    PATH,
    TEXT,
    is_kind,
)
from checker.symbolic.smtlib_keys import Assumed, Key, Slot, arn
from checker.symbolic.smtlib_terms import (
    TRUE,
    InexpressibleError,
    all_of,
    any_of,
    concatenation,
    equal,
    implies,
    negation,
    quoted,
)

_TIED: Final = (
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltype",
    "aws:username",
    "aws:principalisawsservice",
    "aws:principalservicename",
)
_SIGNED: Final = ("aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:username")


def asks_for_caller(policies: Iterable[Policy], keys: Iterable[str]) -> bool:
    """Whether anything at all depends on who calls."""
    named = any(s.principals is not None for policy in policies for s in policy.statements)
    return named or any(
        key in (*_TIED, *_SIGNED) or key.startswith("aws:principaltag/") for key in keys
    )


def tied(keys: Mapping[str, Key], policies: Sequence[Policy]) -> Iterator[Assumed]:
    """Yield what the keys that say who calls have to do with the caller (K1, K2)."""
    for name, key in keys.items():
        if name in _SIGNED or name.startswith("aws:principaltag/"):
            yield assumptions.SIGNED_KEYS, implies(_anonymous(), negation(key.present))
        if name in _TIED:
            if key.scale:
                raise InexpressibleError(f"`{name}` is compared as {key.scale.value}")
            yield from _tied(key, key.slots[0])
    named = {account for policy in policies for s in policy.statements for account in _accounts(s)}
    of_role = any(policy.type is PolicyType.TRUST for policy in policies)
    kinds = (CallerKind.SERVICE,) if of_role else (CallerKind.SERVICE, CallerKind.FEDERATED)
    outsider = any_of(map(is_kind, kinds))
    for term in _account_terms(keys):
        ours = any_of(equal(term, quoted(account)) for account in sorted(named))
        yield assumptions.OWN_ACCOUNT, implies(outsider, negation(ours))


def _anonymous() -> str:
    return is_kind(CallerKind.ANONYMOUS)


def _tied(key: Key, slot: Slot) -> Iterator[Assumed]:
    service, member = is_kind(CallerKind.SERVICE), any_of(map(is_kind, OF_ACCOUNTS))
    keys, services = assumptions.PRINCIPAL_KEYS, assumptions.SERVICE_NAME
    match key.name:
        case "aws:principalarn":
            yield keys, implies(member, key.present)
            for kind in OF_ACCOUNTS:
                yield from ((keys, implies(is_kind(kind), t)) for t in _has_arn(key, slot, kind))
        case "aws:principalaccount":
            yield keys, implies(member, _is(key, slot, ACCOUNT))
            yield keys, implies(_anonymous(), _is(key, slot, quoted("anonymous")))
        case "aws:principaltype":
            for kind, text in (*OF_ACCOUNTS.items(), (CallerKind.ANONYMOUS, "Anonymous")):
                yield keys, implies(is_kind(kind), _is(key, slot, quoted(text)))
        case "aws:username":
            user = is_kind(CallerKind.USER)
            yield keys, implies(user, all_of((key.present, _is(key, slot, NAME))))
            yield keys, implies(all_of((member, negation(user))), negation(key.present))
        case "aws:principalservicename":
            yield services, equal(key.present, service)
            yield services, implies(service, _is(key, slot, TEXT))
        case _:
            yield services, implies(service, all_of((key.present, _is(key, slot, '"true"'))))
            yield services, implies(member, all_of((key.present, _is(key, slot, '"false"'))))
            yield services, implies(_anonymous(), negation(key.present))


def _is(key: Key, slot: Slot, term: str) -> str:
    """Return whether a key has a value, which is no ARN."""
    whole = equal(slot.value, term) if key.whole else TRUE
    return all_of((whole, negation(slot.is_arn))) if key.by_field else whole


def _has_arn(key: Key, slot: Slot, kind: CallerKind) -> Iterator[str]:
    """Yield what makes a value the ARN of the caller; of a session, that of its role."""
    rests = {
        CallerKind.ROOT_USER: [quoted("root")],
        CallerKind.USER: [quoted("user/"), PATH, NAME],
        CallerKind.ROLE_SESSION: [quoted("role/"), PATH, NAME],
        CallerKind.FEDERATED_USER: [quoted("federated-user/"), NAME],
    }
    service = quoted("sts" if kind is CallerKind.FEDERATED_USER else "iam")
    fields = (PARTITION, service, '""', ACCOUNT, concatenation(rests[kind]))
    if key.by_field:
        yield from (equal(a, b) for a, b in zip(slot.fields, fields, strict=True))
    if key.whole:
        yield equal(slot.value, arn((*fields[:4], rests[kind][0]), *rests[kind][1:]))


def _accounts(statement: Statement) -> Iterator[str]:
    """Yield the accounts that conditions name as the caller's."""
    for condition in statement.conditions:
        for value in condition.values:
            match condition.key, value.operand:
                case "aws:principalaccount", Pattern(parts=(str() as text,)):
                    yield text
                case "aws:principalarn", Pattern(parts=(str() as text, *_)):
                    fields = text.split(":")
                    if len(fields) > 5 and fields[4]:
                        yield fields[4]
                case _:
                    pass


def _account_terms(keys: Mapping[str, Key]) -> Iterator[str]:
    account, principal = keys.get("aws:principalaccount"), keys.get("aws:principalarn")
    if account and account.whole:
        yield account.slots[0].value
    if principal and (principal.whole or principal.by_field):
        slot = principal.slots[0]
        yield slot.fields[3] if principal.by_field else _field_of_whole(slot.value)


def _field_of_whole(value: str) -> str:
    """Return the account in the text of an ARN: what stands between its fourth and fifth colon."""
    place = "0"
    for _ in range(4):
        place = f'(+ (str.indexof {value} ":" {place}) 1)'
    return f'(str.substr {value} {place} (- (str.indexof {value} ":" {place}) {place}))'
