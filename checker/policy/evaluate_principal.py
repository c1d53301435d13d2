"""Which callers `Principal` covers and `NotPrincipal` exempts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from checker.policy.evaluate_pattern import glob
from checker.policy.model import (
    Caller,
    CallerKind,
    ContextValue,
    Effect,
    PrincipalEntry,
    PrincipalKind,
    Principals,
    Request,
)
from checker.policy.parse_pattern import parts
from checker.policy.readings import Ambiguity, Readings, chosen

# What must be listed to exempt a caller whose account, role and session are asked one after the
# other, and what names the caller itself. Callers without an account have one name (P8).
_CHAIN: Final = {
    CallerKind.ROOT_USER: {PrincipalKind.ACCOUNT},
    CallerKind.USER: {PrincipalKind.ACCOUNT, PrincipalKind.USER},
    CallerKind.FEDERATED_USER: {PrincipalKind.ACCOUNT, PrincipalKind.FEDERATED_USER},
    CallerKind.ROLE_SESSION: {
        PrincipalKind.ACCOUNT,
        PrincipalKind.ROLE,
        PrincipalKind.ROLE_SESSION,
    },
}
_BY_PATTERN: Final = {
    "user": CallerKind.USER,
    "federated-user": CallerKind.FEDERATED_USER,
    "role": CallerKind.ROLE_SESSION,
    "assumed-role": CallerKind.ROLE_SESSION,
    "oidc-provider": CallerKind.FEDERATED,
    "saml-provider": CallerKind.FEDERATED,
}
_OWN_NAMES: Final = {
    CallerKind.ROOT_USER: {PrincipalKind.ACCOUNT, PrincipalKind.ROOT_USER},
    CallerKind.USER: {PrincipalKind.USER},
    CallerKind.FEDERATED_USER: {PrincipalKind.FEDERATED_USER},
    CallerKind.ROLE_SESSION: {PrincipalKind.ROLE, PrincipalKind.ROLE_SESSION},
}


def selects_caller(
    principals: Principals, effect: Effect, request: Request, readings: Readings
) -> bool:
    """Return whether a statement's principals are about the caller."""
    if not principals.negated:
        return any(covers(entry, request) for entry in principals.entries)
    if effect is Effect.DENY and request.caller.has_boundary:
        return True
    return not _exempts(principals, request, chosen(readings, Ambiguity.NP_MODE))


def _exempts(principals: Principals, request: Request, mode: str) -> bool:
    listed = {entry.kind for entry in principals.entries if covers(entry, request)}
    kind = request.caller.kind
    if PrincipalKind.EVERYONE in listed or mode == "any" or kind not in _CHAIN:
        return bool(listed)
    if mode == "chain":
        return listed >= _CHAIN[kind] or PrincipalKind.ROOT_USER in listed
    return not listed.isdisjoint(_OWN_NAMES[kind])


def covers(entry: PrincipalEntry, request: Request) -> bool:
    """Return whether one entry covers the caller (iam-semantics P1 to P5)."""
    caller = request.caller
    match entry.kind:
        case PrincipalKind.EVERYONE:
            return True
        case PrincipalKind.ACCOUNT:
            return caller.kind in _CHAIN and _account(caller) == entry.value
        case PrincipalKind.ROOT_USER:
            return caller.kind is CallerKind.ROOT_USER and _account(caller) == entry.value
        case PrincipalKind.ROLE:
            return caller.kind is CallerKind.ROLE_SESSION and _is_session_of(entry.value, request)
        case PrincipalKind.ARN_PATTERN:
            return _is_of_pattern(entry.value, request)
        case PrincipalKind.SERVICE | PrincipalKind.FEDERATED:
            same_kind = caller.kind.value == entry.kind.value
            return same_kind and entry.value in ("*", caller.value)
        case _:
            return caller.kind.value == entry.kind.value and caller.value == entry.value


def _account(caller: Caller) -> str:
    return caller.value.split(":")[4]


def _is_of_pattern(pattern: str, request: Request) -> bool:
    """Return whether the ARN of the caller, or of the session's role, is of the pattern (X7)."""
    caller = request.caller
    wanted = [parts(field, wildcards=True, variables=False) for field in pattern.split(":", 5)]
    kind = pattern.split(":", 5)[5].partition("/")[0]
    if kind == "root":
        return caller.kind in _CHAIN and glob(wanted[4], _account(caller))
    if caller.kind is not _BY_PATTERN[kind]:
        return False
    fields = (_role_arn(request) if kind == "role" else caller.value).split(":", 5)
    return len(fields) == 6 and all(map(glob, wanted, fields))


def _role_arn(request: Request) -> str:
    """Return the ARN of the role of a session; the context tells its path, if it has one."""
    role, told = _role(request.caller.value), request.context.get("aws:principalarn")
    if role is None:
        return ""
    if isinstance(told, str) and (known := _role(told)) and _identity(known) == _identity(role):
        return told
    name = f"{role.path}/{role.name}" if role.path else role.name
    return f"arn:{role.partition}:iam::{role.account}:role/{name}"


@dataclass(frozen=True, slots=True)
class _Role:
    """A role as far as an ARN tells: a session's ARN does not hold the role's path."""

    partition: str
    account: str
    name: str
    path: str | None


def _is_session_of(role_arn: str, request: Request) -> bool:
    """Return whether the caller is a session of a role.

    Names of roles are unique in an account, so a path that is not known does not matter; where
    `aws:PrincipalArn` tells the path, it has to be the same (iam-semantics P4).
    """
    role, session = _role(role_arn), _role(request.caller.value)
    if role is None or session is None or _identity(role) != _identity(session):
        return False
    path = session.path if session.path is not None else _path_in_context(session, request)
    return path is None or path == role.path


def _path_in_context(session: _Role, request: Request) -> str | None:
    value: ContextValue | None = request.context.get("aws:principalarn")
    told = _role(value) if isinstance(value, str) else None
    return told.path if told and _identity(told) == _identity(session) else None


def _identity(role: _Role) -> tuple[str, str, str]:
    return role.partition, role.account, role.name


def _role(arn: str) -> _Role | None:
    fields = arn.split(":", 5)
    if len(fields) != 6:
        return None
    _, partition, service, _, account, rest = fields
    kind, _, name = rest.partition("/")
    match service, kind:
        case "iam", "role":
            path, _, name = name.rpartition("/")
            return _Role(partition, account, name, path)
        case "sts", "assumed-role":
            return _Role(partition, account, name.partition("/")[0], None)
        case _:
            return None
