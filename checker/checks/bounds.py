"""Context keys that tell strangers from others, and which of their values a policy fixes.

A key is here because its value is not the caller's to choose (iam-semantics B2, B5, B8). A value is
fixed if it is written out: without wildcard and variable, or, where what comes first already
settles whose it is (the account of an ARN, the organisation of a path, the tenant of a subject),
up to there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

from checker.checks import providers
from checker.policy.model import (
    Comparison,
    Condition,
    ConditionValue,
    Pattern,
    Policy,
    PrincipalEntry,
    PrincipalKind,
    Statement,
    Variable,
    Wildcard,
)
from checker.symbolic.atoms import Matcher
from checker.symbolic.globs import ANY, NOT_COLON, Glob, Run, literal
from checker.symbolic.patterns import folded_glob, spliced


class Kind(Enum):
    """What the value of a key says."""

    ACCOUNT = auto()
    ARN = auto()
    ORGANISATION = auto()
    ORGANISATION_PATH = auto()
    OTHER = auto()


CALLER: Final = {
    "aws:principalaccount": Kind.ACCOUNT,
    "aws:principalarn": Kind.ARN,
    "aws:principalorgid": Kind.ORGANISATION,
    "aws:principalorgpaths": Kind.ORGANISATION_PATH,
    "aws:userid": Kind.OTHER,
    "kms:calleraccount": Kind.ACCOUNT,
}
ON_BEHALF_OF: Final = {
    "aws:sourceaccount": Kind.ACCOUNT,
    "aws:sourcearn": Kind.ARN,
    "aws:sourceorgid": Kind.ORGANISATION,
    "aws:sourceorgpaths": Kind.ORGANISATION_PATH,
    "aws:sourceowner": Kind.ACCOUNT,
}
NETWORK: Final = {
    "aws:ec2instancesourcevpc": Kind.OTHER,
    "aws:sourceip": Kind.OTHER,
    "aws:sourcevpc": Kind.OTHER,
    "aws:sourcevpcarn": Kind.ARN,
    "aws:sourcevpce": Kind.OTHER,
    "aws:vpceaccount": Kind.ACCOUNT,
    "aws:vpceorgid": Kind.ORGANISATION,
    "aws:vpceorgpaths": Kind.ORGANISATION_PATH,
}
ACCESS_POINT: Final = {
    "s3:dataaccesspointaccount": Kind.ACCOUNT,
    "s3:dataaccesspointarn": Kind.ARN,
}
RESOURCE: Final = {
    "aws:resourceaccount": Kind.ACCOUNT,
    "aws:resourceorgid": Kind.ORGANISATION,
    "aws:resourceorgpaths": Kind.ORGANISATION_PATH,
}

_TEXT: Final = (
    Comparison.STRING_EQUALS,
    Comparison.STRING_EQUALS_IGNORE_CASE,
    Comparison.STRING_LIKE,
    Comparison.ARN_LIKE,
)
_NOBODY: Final = "anonymous"  # what AWS sends as account and id of those who sign nothing
_ACCOUNT_FIELD: Final = 4
_is_account: Final = re.compile(r"[0-9]{12}").fullmatch
_OF_ACCOUNT: Final = (
    PrincipalKind.USER,
    PrincipalKind.ROLE,
    PrincipalKind.ROLE_SESSION,
    PrincipalKind.FEDERATED_USER,
)

Keys: TypeAlias = dict[str, Kind]


@dataclass(frozen=True, slots=True)
class Insiders:
    """Who is no stranger: accounts, organisations, and values of single keys."""

    accounts: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    values: tuple[tuple[str, Matcher], ...] = ()

    def of(self, key: str, kind: Kind) -> tuple[Matcher, ...]:
        """Return the values of a key that are an insider's."""
        whole: Iterable[Matcher]
        match kind:
            case Kind.ACCOUNT:
                whole = map(literal, self.accounts)
            case Kind.ARN:
                whole = map(arns_of, self.accounts)
            case Kind.ORGANISATION:
                whole = map(literal, self.organisations)
            case Kind.ORGANISATION_PATH:
                whole = (spliced(f"{name}/", Run(ANY)) for name in self.organisations)
            case Kind.OTHER:
                whole = ()
        return (*whole, *(value for name, value in self.values if name == key))


def joined(several: Iterable[Insiders]) -> Insiders:
    """Return the insiders of all, each once."""
    parts = tuple(several)
    return Insiders(
        tuple(dict.fromkeys(a for part in parts for a in part.accounts)),
        tuple(dict.fromkeys(o for part in parts for o in part.organisations)),
        tuple(dict.fromkeys(v for part in parts for v in part.values)),
    )


def arns_of(account: str) -> Glob:
    """Return the ARNs of an account."""
    return spliced("arn:", *(Run(NOT_COLON), ":") * 3, account, ":", Run(ANY))


def fixed(policy: Policy, keys: Keys, *, whole: Collection[str] = ()) -> Insiders:
    """Return what the conditions of a policy fix of these keys, and of the claims of tenants.

    `whole`: the keys of which an account is not enough.
    """
    return joined(
        fixed_by(given, value, keys, whole=whole)
        for statement in policy.statements
        for given in statement.conditions
        for value in given.values
    )


def fixed_by(
    given: Condition, value: ConditionValue, keys: Keys, *, whole: Collection[str] = ()
) -> Insiders:
    """Return whose all the texts are that one value of a condition matches; nobody's if open."""
    if given.operator.comparison not in _TEXT or not isinstance(value.operand, Pattern):
        return Insiders()
    kind = keys.get(given.key)
    return _fixed(given, value.operand, kind, whole=given.key in whole)


def _fixed(given: Condition, pattern: Pattern, kind: Kind | None, *, whole: bool) -> Insiders:
    comparison = given.operator.comparison
    text = _written_out(pattern)
    if kind is None:
        return Insiders(values=tuple((given.key, of) for of in _tenant(given, pattern)))
    if kind is Kind.ARN and not whole:
        account = _account(pattern, comparison)
        if account:
            return Insiders(accounts=(account,))
    if kind is Kind.ORGANISATION_PATH:
        path = _of_organisation(given, pattern)
        if path:
            return path
    if text is None or text == _NOBODY:
        return Insiders()
    if comparison is Comparison.STRING_EQUALS_IGNORE_CASE:
        return Insiders(values=((given.key, folded_glob(text)),))
    if kind is Kind.ACCOUNT:
        return Insiders(accounts=(text,))
    if kind is Kind.ORGANISATION:
        return Insiders(organisations=(text,))
    return Insiders(values=((given.key, literal(text)),))


def _of_organisation(given: Condition, pattern: Pattern) -> Insiders | None:
    """Return the organisation that a pattern of paths is confined to."""
    name, slash, _ = _start(pattern).partition("/")
    if not name or not slash:
        return None
    if given.operator.comparison is Comparison.STRING_EQUALS_IGNORE_CASE:
        return Insiders(values=((given.key, spliced(folded_glob(f"{name}/"), Run(ANY))),))
    return Insiders(organisations=(name,))


def _tenant(given: Condition, pattern: Pattern) -> Iterator[Glob]:
    """Yield the values of a claim that belong to the tenant that a pattern names, if it does."""
    forms = providers.tenant_forms(given.key)
    if forms is None:
        return
    text = _written_out(pattern)
    start = next((t for form in forms if (t := form.tenant(_start(pattern)))), None)
    if start is None and text and (not forms or any(form.begins(text) for form in forms)):
        start = text
    if start is None:
        return  # such as `environment:prod`, which each tenant may have
    folded = given.operator.comparison is Comparison.STRING_EQUALS_IGNORE_CASE
    named = folded_glob(start) if folded else literal(start)
    yield named if start == text else spliced(named, Run(ANY))


def _written_out(pattern: Pattern) -> str | None:
    """Return the text of a pattern without wildcard and variable."""
    texts = [part for part in pattern.parts if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(pattern.parts) else None


def _start(pattern: Pattern) -> str:
    first = pattern.parts[0] if pattern.parts else ""
    return first if isinstance(first, str) else ""


def _account(pattern: Pattern, comparison: Comparison) -> str | None:
    """Return the account that a pattern of ARNs is confined to.

    Only where the comparison goes field by field can the account stand behind a wildcard.
    """
    fields = [""]
    for part in pattern.parts:
        if len(fields) > _ACCOUNT_FIELD + 1:
            break
        runs_on = isinstance(part, Wildcard) and comparison is not Comparison.ARN_LIKE
        if isinstance(part, Variable) or runs_on:
            return None
        head, *rest = (part if isinstance(part, str) else "*").split(":")
        fields[-1] += head
        fields.extend(rest)
    is_arn = fields[0] == "arn" or comparison is Comparison.ARN_LIKE
    account = fields[_ACCOUNT_FIELD] if is_arn and len(fields) > _ACCOUNT_FIELD + 1 else ""
    return account if _is_account(account) else None  # `aws` and `cloudfront` are everybody's


def accounts_of(statement: Statement) -> tuple[str, ...]:
    """Return the accounts that the principals of a statement belong to."""
    element = statement.principals
    entries = element.entries if element else ()
    return tuple(dict.fromkeys(found for entry in entries if (found := account_of(entry))))


def account_of(entry: PrincipalEntry) -> str | None:
    """Return the account that a principal belongs to; None where the entry does not say."""
    if entry.kind in (PrincipalKind.ACCOUNT, PrincipalKind.ROOT_USER):
        return entry.value
    if entry.kind in _OF_ACCOUNT:
        return entry.value.split(":")[_ACCOUNT_FIELD]
    return None
