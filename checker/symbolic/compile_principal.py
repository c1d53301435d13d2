"""Principal elements as formulas over the caller.

A caller is one of the kinds of `CallerKind` with a text: the ARN of a user, root user or federated
user; for a role session the role's ARN, `SEPARATOR` and the session's name; for all others the name
alone. In that form every way of naming a caller is a pattern.
"""

from __future__ import annotations

from typing import Final

from checker.policy.model import (
    CallerKind,
    Effect,
    PolicyType,
    PrincipalEntry,
    PrincipalKind,
    Statement,
)
from checker.policy.parse_pattern import parts
from checker.policy.readings import Ambiguity
from checker.symbolic.assumptions import ROLE_PATH
from checker.symbolic.atoms import CallerIn, HasBoundary
from checker.symbolic.compile_choice import choose
from checker.symbolic.formula import Formula, all_of, any_of, negation
from checker.symbolic.globs import (
    ANY,
    EVERYTHING,
    NOT_COLON,
    SEPARATOR,
    Glob,
    Run,
    Token,
    literal,
)
from checker.symbolic.patterns import confined, spliced, text_matcher
from checker.symbolic.vocabulary import RoleName, Vocabulary, role_place

_NO_SLASH: Final = ANY.without("/:")
_BY_PATTERN: Final = {
    "user": CallerKind.USER,
    "federated-user": CallerKind.FEDERATED_USER,
    "oidc-provider": CallerKind.FEDERATED,
    "saml-provider": CallerKind.FEDERATED,
}
ALL_KINDS: Final = tuple(CallerKind)
OF_ACCOUNT: Final = (
    CallerKind.USER,
    CallerKind.ROLE_SESSION,
    CallerKind.ROOT_USER,
    CallerKind.FEDERATED_USER,
)
_BY_NAME: Final = {
    PrincipalKind.SERVICE: CallerKind.SERVICE,
    PrincipalKind.FEDERATED: CallerKind.FEDERATED,
    PrincipalKind.CANONICAL_USER: CallerKind.CANONICAL_USER,
    PrincipalKind.UNIQUE_ID: CallerKind.UNIQUE_ID,
}


def caller_kinds(policy_type: PolicyType) -> tuple[CallerKind, ...]:
    """Return who a policy of this type can speak about.

    A document that is called an identity policy may be an SCP: these look alike, and the check of
    AWS that this one mirrors has no type of its own for SCPs. So it speaks about root users too.
    """
    match policy_type:
        case PolicyType.BOUNDARY | PolicyType.SESSION:
            return (CallerKind.USER, CallerKind.ROLE_SESSION, CallerKind.FEDERATED_USER)
        case PolicyType.IDENTITY | PolicyType.SCP:
            return OF_ACCOUNT
        case _:
            return ALL_KINDS


def principals(statement: Statement, vocabulary: Vocabulary) -> tuple[Formula, ...]:
    """Return the entries of `Principal`; one entry for `NotPrincipal`, or where there is none."""
    element = statement.principals
    if element is None:
        return (True,)
    if not element.negated:
        return tuple(covers(entry, vocabulary) for entry in element.entries)
    entries = element.entries
    choices = {
        "chain": _exempt_by_chain(entries, vocabulary),
        "any": any_of(covers(entry, vocabulary) for entry in entries),
        "exact": any_of(_exempt_exactly(entry, vocabulary) for entry in entries),
    }
    exempt = choose(vocabulary, Ambiguity.NP_MODE, "", choices)
    if statement.effect is Effect.DENY:
        return (any_of((negation(exempt), HasBoundary())),)
    return (negation(exempt),)


def covers(entry: PrincipalEntry, vocabulary: Vocabulary) -> Formula:
    """Return whether an entry of `Principal` covers the caller."""
    match entry.kind:
        case PrincipalKind.EVERYONE:
            return True
        case PrincipalKind.ACCOUNT:
            return any_of(of_account(kind, entry.value) for kind in OF_ACCOUNT)
        case PrincipalKind.ROOT_USER:
            return of_account(CallerKind.ROOT_USER, entry.value)
        case PrincipalKind.USER:
            return CallerIn(CallerKind.USER, literal(entry.value))
        case PrincipalKind.FEDERATED_USER:
            return CallerIn(CallerKind.FEDERATED_USER, literal(entry.value))
        case PrincipalKind.ROLE:
            sessions = spliced(entry.value, SEPARATOR, Run(ANY))
            return CallerIn(CallerKind.ROLE_SESSION, sessions)
        case PrincipalKind.ROLE_SESSION:
            return _session(entry.value, vocabulary)
        case PrincipalKind.ARN_PATTERN:
            return _of_pattern(entry.value)
        case _:
            whole = EVERYTHING if entry.value == "*" else literal(entry.value)
            return CallerIn(_BY_NAME[entry.kind], whole)


def _of_pattern(pattern: str) -> Formula:
    """Return whether the caller's ARN, or the ARN of the session's role, is of the pattern."""
    *heads, last = pattern.split(":", 5)
    _, partition, service, region, account = (confined(_field(f), NOT_COLON) for f in heads)
    kind = last.partition("/")[0]
    if kind == "root":
        return any_of(of_account(member, account) for member in OF_ACCOUNT)
    if kind == "assumed-role":
        _, name, session = (_field(piece) for piece in last.split("/"))
        head = ("arn:", partition, ":iam::", account, ":role/")
        tail = (confined(name, _NO_SLASH), SEPARATOR, confined(session, _NO_SLASH))
        paths: tuple[tuple[Token, ...], ...] = ((), (Run(ANY), "/"))
        return any_of(
            CallerIn(CallerKind.ROLE_SESSION, spliced(*head, *path, *tail)) for path in paths
        )
    arn = spliced("arn:", partition, ":", service, ":", region, ":", account, ":", _field(last))
    if kind == "role":
        return CallerIn(CallerKind.ROLE_SESSION, spliced(arn, SEPARATOR, Run(ANY)))
    return CallerIn(_BY_PATTERN[kind], arn)


def _field(text: str) -> Glob:
    """Return what a field of an ARN's pattern matches."""
    found = text_matcher(parts(text, wildcards=True, variables=False))
    if not isinstance(found, Glob):
        raise TypeError("a principal holds no variables")
    return found


def of_account(kind: CallerKind, account: str | Glob) -> CallerIn:
    """Return whether the caller is of this kind and belongs to the account (or such an account)."""
    fields = ("arn:", Run(NOT_COLON), ":", Run(NOT_COLON), "::", account, ":", Run(ANY))
    session = (SEPARATOR, Run(ANY)) if kind is CallerKind.ROLE_SESSION else ()
    return CallerIn(kind, spliced(*fields, *session))


def _session(arn: str, vocabulary: Vocabulary) -> Formula:
    """Return whether the caller is the session; its ARN does not say the role's path."""
    partition, account, name, session = _session_parts(arn)
    role = f"arn:{partition}:iam::{account}:role"
    paths = vocabulary.role_paths.get((partition, account, name), frozenset())
    if len(paths) == 1 and vocabulary.assumes(ROLE_PATH):
        return _session_of(f"{role}{next(iter(paths))}{name}", session)
    anywhere = spliced(f"{role}/", Run(ANY), f"/{name}{SEPARATOR}{session}")
    return any_of(
        (_session_of(f"{role}/{name}", session), CallerIn(CallerKind.ROLE_SESSION, anywhere))
    )


def _session_of(role: str, session: str) -> Formula:
    return CallerIn(CallerKind.ROLE_SESSION, literal(f"{role}{SEPARATOR}{session}"))


def _session_parts(arn: str) -> tuple[str, str, str, str]:
    _, partition, _, _, account, rest = arn.split(":", 5)
    _, name, session = rest.split("/", 2)
    return partition, account, name, session


def _exempt_exactly(entry: PrincipalEntry, vocabulary: Vocabulary) -> Formula:
    """Return whom an entry exempts if only the caller's own ARN or role counts."""
    if entry.kind is PrincipalKind.ACCOUNT:
        return of_account(CallerKind.ROOT_USER, entry.value)
    return covers(entry, vocabulary)


def _exempt_by_chain(entries: tuple[PrincipalEntry, ...], vocabulary: Vocabulary) -> Formula:
    """Return whom the entries exempt if every link is asked for: account, role or user, session."""
    accounts = {e.value for e in entries if e.kind is PrincipalKind.ACCOUNT}
    roles = {place[0] for e in entries if (place := _role_of(e)) is not None}
    exempt: list[Formula] = []
    for entry in entries:
        match entry.kind:
            case PrincipalKind.ACCOUNT:
                exempt.append(of_account(CallerKind.ROOT_USER, entry.value))
            case PrincipalKind.USER | PrincipalKind.FEDERATED_USER:
                if entry.value.split(":")[4] in accounts:
                    exempt.append(covers(entry, vocabulary))
            case PrincipalKind.ROLE:
                continue  # a link only: its sessions have to be listed themselves
            case PrincipalKind.ROLE_SESSION:
                partition, account, name, _ = _session_parts(entry.value)
                if account in accounts and (partition, account, name) in roles:
                    exempt.append(_chained_session(entry, entries, vocabulary))
            case _:
                exempt.append(covers(entry, vocabulary))
    return any_of(exempt)


def _chained_session(
    session: PrincipalEntry, entries: tuple[PrincipalEntry, ...], vocabulary: Vocabulary
) -> Formula:
    """Return whether the caller is the session and the role it belongs to is listed too."""
    roles = any_of(covers(e, vocabulary) for e in entries if e.kind is PrincipalKind.ROLE)
    return all_of((covers(session, vocabulary), roles))


def _role_of(entry: PrincipalEntry) -> tuple[RoleName, str] | None:
    return role_place(entry.value) if entry.kind is PrincipalKind.ROLE else None
