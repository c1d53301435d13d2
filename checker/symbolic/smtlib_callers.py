"""Callers in SMT-LIB: who there is, and whom `Principal` names; from iam-semantics 4."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from checker.policy.model import (
    CallerKind,
    Comparison,
    Effect,
    Pattern,
    Policy,
    PolicyType,
    PrincipalEntry,
    PrincipalKind,
    Principals,
    Statement,
    Variable,
)
from checker.policy.parse_pattern import parts
from checker.symbolic import assumptions
from checker.symbolic.globs import SEPARATOR
from checker.symbolic.smtlib_keys import NOT_IN_NAMES, Assumed, arn
from checker.symbolic.smtlib_terms import (
    NO_COLONS,
    TRUE,
    InexpressibleError,
    all_of,
    any_of,
    characters,
    characters_but,
    concatenation,
    equal,
    implies,
    inside,
    matches,
    negation,
    quoted,
)

PARTITION: Final = "caller.partition"
ACCOUNT: Final = "caller.account"
PATH: Final = "caller.path"
NAME: Final = "caller.name"
SESSION: Final = "caller.session"
TEXT: Final = "caller.text"
BOUNDARY: Final = "caller.has-boundary"
OF_ACCOUNTS: Final = {
    CallerKind.ROOT_USER: "Account",
    CallerKind.USER: "User",
    CallerKind.ROLE_SESSION: "AssumedRole",
    CallerKind.FEDERATED_USER: "FederatedUser",
}
OTHERS: Final = {
    PrincipalKind.SERVICE: CallerKind.SERVICE,
    PrincipalKind.FEDERATED: CallerKind.FEDERATED,
    PrincipalKind.CANONICAL_USER: CallerKind.CANONICAL_USER,
    PrincipalKind.UNIQUE_ID: CallerKind.UNIQUE_ID,
}
_RESTS: Final = {
    "user": (CallerKind.USER, "iam", (quoted("user/"), PATH, NAME)),
    "role": (CallerKind.ROLE_SESSION, "iam", (quoted("role/"), PATH, NAME)),
    "federated-user": (CallerKind.FEDERATED_USER, "sts", (quoted("federated-user/"), NAME)),
    "assumed-role": (
        CallerKind.ROLE_SESSION,
        "sts",
        (quoted("assumed-role/"), NAME, quoted("/"), SESSION),
    ),
}
# Whoever these name is a user or a role of some account, and asked for as that already.
_SECOND_NAMES: Final = (CallerKind.CANONICAL_USER, CallerKind.UNIQUE_ID)
_LINKS: Final = {
    CallerKind.ROOT_USER: (PrincipalKind.ACCOUNT,),
    CallerKind.USER: (PrincipalKind.ACCOUNT, PrincipalKind.USER),
    CallerKind.FEDERATED_USER: (PrincipalKind.ACCOUNT, PrincipalKind.FEDERATED_USER),
    CallerKind.ROLE_SESSION: (
        PrincipalKind.ACCOUNT,
        PrincipalKind.ROLE,
        PrincipalKind.ROLE_SESSION,
    ),
}
Paths: TypeAlias = Mapping[tuple[str, str], frozenset[str]]
"""Account and name of a role -> the paths that ARNs in the policies give it."""


def kinds(policy_type: PolicyType) -> tuple[CallerKind, ...]:
    """Return who sends requests that a policy of this type acts on (iam-semantics E3).

    An SCP may be taken for an identity policy.
    """
    if policy_type in (PolicyType.IDENTITY, PolicyType.SCP):
        return tuple(OF_ACCOUNTS)
    if policy_type.has_principals:
        return tuple(CallerKind)
    return CallerKind.USER, CallerKind.ROLE_SESSION, CallerKind.FEDERATED_USER


def is_kind(kind: CallerKind) -> str:
    """Return whether the caller is of a kind."""
    return equal("caller.kind", kind.value)


def text_of(kind: CallerKind) -> str:
    """Return what the engine's patterns of callers are patterns of.

    That is an ARN, a name or an id; for a session, the role's ARN and behind a NUL its own name.
    """
    rests = {
        CallerKind.ROOT_USER: (quoted("root"),),
        CallerKind.USER: _RESTS["user"][2],
        CallerKind.ROLE_SESSION: (*_RESTS["role"][2], quoted(SEPARATOR), SESSION),
        CallerKind.FEDERATED_USER: _RESTS["federated-user"][2],
    }
    if kind not in rests:
        return '"*"' if kind is CallerKind.ANONYMOUS else TEXT
    service = "sts" if kind is CallerKind.FEDERATED_USER else "iam"
    return arn((PARTITION, quoted(service), '""', ACCOUNT, rests[kind][0]), *rests[kind][1:])


def declared() -> Iterator[str]:
    """Yield the declarations of the caller."""
    yield f"(declare-datatype CallerKind ({' '.join(f'({kind.value})' for kind in CallerKind)}))"
    yield "(declare-const caller.kind CallerKind)"
    yield from (
        f"(declare-const {name} String)" for name in (PARTITION, ACCOUNT, PATH, NAME, SESSION, TEXT)
    )
    yield f"(declare-const {BOUNDARY} Bool)"


def shaped(policies: Sequence[Policy]) -> Iterator[Assumed]:
    """Yield what is taken for granted of callers."""
    yield assumptions.CALLER_KINDS, any_of(map(is_kind, kinds(policies[0].type)))
    for second in _SECOND_NAMES:
        kind = PrincipalKind(second.value)
        named = {
            e.value for p in policies for s in p.statements for e in _entries(s) if e.kind is kind
        }
        known = any_of(equal(TEXT, quoted(value)) for value in sorted(named))
        yield assumptions.CALLER_KINDS, implies(is_kind(second), known)
    name = characters_but(f"{NOT_IN_NAMES}/:", least=1)
    path = '(re.opt (re.++ re.all (str.to_re "/")))'
    may_have_boundary = any_of(map(is_kind, (CallerKind.USER, CallerKind.ROLE_SESSION)))
    for term in (
        inside(PARTITION, NO_COLONS),
        negation(equal(PARTITION, '""')),
        inside(ACCOUNT, characters("a-z0-9-", least=1)),
        inside(PATH, path),
        negation(equal(TEXT, '""')),
        implies(is_kind(CallerKind.SERVICE), inside(TEXT, characters_but(NOT_IN_NAMES, least=1))),
        implies(BOUNDARY, may_have_boundary),
    ):
        yield assumptions.CALLER_KINDS, term
    for term in (NAME, SESSION):
        yield assumptions.NAME_CHARACTERS, inside(term, name)


def roles(policies: Iterable[Policy]) -> Paths:
    """Return the paths of the roles that the policies name."""
    found: dict[tuple[str, str], set[str]] = {}
    for statement in (s for policy in policies for s in policy.statements):
        for text in _role_arns(statement):
            fields = text.split(":", 5)
            if len(fields) == 6 and fields[5].startswith("role/"):
                path, name = _path_and_name(fields[5].removeprefix("role/"))
                found.setdefault((fields[4], name), set()).add(path)
    return {role: frozenset(paths) for role, paths in found.items()}


def _entries(statement: Statement) -> tuple[PrincipalEntry, ...]:
    return statement.principals.entries if statement.principals else ()


def _role_arns(statement: Statement) -> Iterator[str]:
    for entry in _entries(statement):
        if entry.kind is PrincipalKind.ROLE:
            yield entry.value
    for condition in statement.conditions:
        if condition.key != "aws:principalarn" or condition.operator.comparison is Comparison.NULL:
            continue
        for value in condition.values:
            match value.operand:
                case Pattern(parts=(str() as text,)):
                    yield text
                case _:
                    pass


def _path_and_name(text: str) -> tuple[str, str]:
    path, slash, name = text.rpartition("/")
    return path + slash, name


def selects(principals: Principals, effect: Effect, paths: Paths) -> str:
    """Return whether `Principal` or `NotPrincipal` is about the caller (P1 to P9)."""
    if not principals.negated:
        return any_of(covers(entry, paths) for entry in principals.entries)
    apart = negation(_exempts(principals, paths))
    return any_of((BOUNDARY, apart)) if effect is Effect.DENY else apart


def _exempts(principals: Principals, paths: Paths) -> str:
    """Return whether each link of the caller's chain is listed: account, role or user, session."""

    def listed(*wanted: PrincipalKind) -> str:
        return any_of(covers(e, paths) for e in principals.entries if e.kind in wanted)

    chains = (
        all_of((is_kind(kind), *(listed(link) for link in links))) for kind, links in _LINKS.items()
    )
    whole = listed(PrincipalKind.EVERYONE, PrincipalKind.ROOT_USER, *OTHERS)
    return any_of((whole, *chains))


def covers(entry: PrincipalEntry, paths: Paths) -> str:
    """Return whether an entry of `Principal` names the caller."""
    match entry.kind:
        case PrincipalKind.EVERYONE:
            return TRUE
        case PrincipalKind.ACCOUNT:
            ours = any_of(is_kind(kind) for kind in OF_ACCOUNTS)
            return all_of((ours, equal(ACCOUNT, quoted(entry.value))))
        case PrincipalKind.ROOT_USER:
            return all_of((is_kind(CallerKind.ROOT_USER), equal(ACCOUNT, quoted(entry.value))))
        case PrincipalKind.USER | PrincipalKind.ROLE:
            is_user = entry.kind is PrincipalKind.USER
            kind = CallerKind.USER if is_user else CallerKind.ROLE_SESSION
            return _is_named(entry.value, kind, "user/" if is_user else "role/")
        case PrincipalKind.ROLE_SESSION:
            return _is_session(entry.value, paths)
        case PrincipalKind.FEDERATED_USER:
            return _is_federated_user(entry.value)
        case PrincipalKind.ARN_PATTERN:
            return _is_of_pattern(entry.value)
        case _:
            anyone = entry.value == "*"
            text = TRUE if anyone else equal(TEXT, quoted(entry.value))
            return all_of((is_kind(OTHERS[entry.kind]), text))


def _fields(text: str) -> tuple[str, str, str]:
    """Return partition, account and last field of a principal's ARN."""
    _, partition, _, _, account, rest = text.split(":", 5)
    return partition, account, rest


def _is_named(text: str, kind: CallerKind, start: str) -> str:
    partition, account, rest = _fields(text)
    path, name = _path_and_name(rest.removeprefix(start))
    wanted = zip((PARTITION, ACCOUNT, PATH, NAME), (partition, account, path, name), strict=True)
    return all_of((is_kind(kind), *(equal(term, quoted(value)) for term, value in wanted)))


def _is_session(text: str, paths: Paths) -> str:
    partition, account, rest = _fields(text)
    _, name, session = rest.split("/", 2)
    known = paths.get((account, name), frozenset())
    path = equal(PATH, quoted(next(iter(known)))) if len(known) == 1 else TRUE
    wanted = zip(
        (PARTITION, ACCOUNT, NAME, SESSION), (partition, account, name, session), strict=True
    )
    named = (equal(term, quoted(value)) for term, value in wanted)
    return all_of((is_kind(CallerKind.ROLE_SESSION), *named, path))


def _is_federated_user(text: str) -> str:
    partition, account, rest = _fields(text)
    wanted = ((PARTITION, partition), (ACCOUNT, account), (NAME, rest.partition("/")[2]))
    named = (equal(term, quoted(value)) for term, value in wanted)
    return all_of((is_kind(CallerKind.FEDERATED_USER), *named))


def _is_of_pattern(pattern: str) -> str:
    """Return whether the caller's ARN, or that of the session's role, matches (X7)."""
    found = [parts(field, wildcards=True, variables=False) for field in pattern.split(":", 5)]
    *heads, last = [[part for part in f if not isinstance(part, Variable)] for f in found]
    kind = pattern.split(":", 5)[5].partition("/")[0]
    if kind == "root":
        ours = any_of(is_kind(kind) for kind in OF_ACCOUNTS)
        return all_of((ours, matches(heads[4], ACCOUNT)))
    if kind not in _RESTS:
        raise InexpressibleError("a pattern of providers names callers")
    caller, service, rest = _RESTS[kind]
    fields = ('"arn"', PARTITION, quoted(service), '""', ACCOUNT)
    matched = (matches(f, term) for f, term in zip(heads, fields, strict=True))
    return all_of((is_kind(caller), *matched, matches(last, concatenation(rest))))
