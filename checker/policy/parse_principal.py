"""`Principal` and `NotPrincipal`."""

from __future__ import annotations

import re
from typing import Final

from checker.errors import PolicySyntaxError
from checker.policy.model import PolicyType, PrincipalEntry, PrincipalKind, Principals
from checker.policy.parse_node import did_you_mean, items, loose_text, quoted, text
from checker.source.symbols import holds_mark, is_mark, readable
from checker.source.tree import Entry, Mapping, Node, Scalar
from checker.span import Span

_KEYS: Final = ("AWS", "CanonicalUser", "Federated", "Service")
_UNIQUE_ID_PREFIXES: Final = ("ABIA", "ACCA", "AGPA", "AIDA", "AIPA", "ANPA", "AROA", "ASIA")
_PATTERNS: Final = {
    "AWS": (
        re.compile(r"iam::[^:/]+:root"),
        re.compile(r"iam::[^:/]+:(user|role)/.*[^/]"),
        re.compile(r"sts::[^:/]+:assumed-role/[^:/]+/[^:/]+"),
        re.compile(r"sts::[^:/]+:federated-user/[^:/]+"),
    ),
    "Federated": (re.compile(r"iam::[^:/]+:(oidc|saml)-provider/.+"),),
}
"""What follows the partition in the ARN patterns of references: the kind of caller is written out."""
_INSTEAD: Final = "allow `*` and compare `aws:PrincipalArn` with `ArnLike` instead"


def parse_principals(
    element: Entry, policy_type: PolicyType, *, reference: bool = False
) -> Principals:
    """Return the callers that `Principal` or `NotPrincipal` names; a reference also by pattern."""
    name, node = element.name, element.value
    negated = name == "NotPrincipal"
    patterns = reference and not negated
    if isinstance(node, Mapping):
        entries = tuple(
            _entry(entry.name, value, policy_type, patterns=patterns)
            for entry in node.entries
            for value in _values(entry.name, entry.key.span, entry.value, policy_type)
        )
    elif isinstance(node, Scalar):
        entries = (_bare(text(node, f"`{name}`"), node, policy_type, patterns=patterns),)
    else:
        hint = 'write {"AWS": [...]}'
        raise PolicySyntaxError(f"`{name}` must be `*` or an object", node.span, hint=hint)
    if negated and not entries:
        raise PolicySyntaxError("`NotPrincipal` names nobody", node.span)
    return Principals(entries, negated, node.span)


def _values(key: str, at: Span, value: Node, policy_type: PolicyType) -> tuple[Node, ...]:
    if key not in _KEYS:
        hint = did_you_mean(key, _KEYS)
        raise PolicySyntaxError(f"unknown kind of principal {quoted(key)}", at, hint=hint)
    if key == "Federated" and policy_type not in (PolicyType.TRUST, PolicyType.RESOURCE):
        raise PolicySyntaxError("`Federated` principals stand only in role trust policies", at)
    return items(value)


def _bare(value: str, node: Scalar, policy_type: PolicyType, *, patterns: bool) -> PrincipalEntry:
    """Return the entry of a principal that is a string: `*`, or as if it stood under `AWS`."""
    if value == "*" or is_mark(value) or _is_account(value) or value.startswith("arn:"):
        return _entry("AWS", node, policy_type, patterns=patterns)
    problem = f"the principal {quoted(value)} is neither `*` nor an object"
    raise PolicySyntaxError(problem, node.span, hint='write {"AWS": ...} or {"Service": ...}')


def _entry(key: str, node: Node, policy_type: PolicyType, *, patterns: bool) -> PrincipalEntry:
    written = loose_text(node, f"`{key}`") if key == "AWS" else text(node, f"`{key}`")
    at = node.span
    if not written:
        raise PolicySyntaxError("the principal is empty", at)
    if "${" in written:
        raise PolicySyntaxError(f"the principal {quoted(written)} holds a policy variable", at)
    if written != "*" and ("*" in written or "?" in written):
        if patterns and key in _PATTERNS:
            _check_pattern(key, written, at)
            return PrincipalEntry(PrincipalKind.ARN_PATTERN, written, written, at)
        problem = f"the principal {quoted(written)} holds a wildcard"
        raise PolicySyntaxError(problem, at, hint=_INSTEAD if key == "AWS" else "")
    match key:
        case "AWS":
            kind, value = aws_principal(written, at, policy_type)
        case "Service":
            kind, value = PrincipalKind.SERVICE, _host(written, at)
        case "Federated":
            kind, value = PrincipalKind.FEDERATED, written
        case _:
            kind, value = PrincipalKind.CANONICAL_USER, _canonical(written, at)
    return PrincipalEntry(kind, value, readable(written), at)


def _check_pattern(key: str, written: str, at: Span) -> None:
    """Refuse a pattern in which a wildcard hides what kind of caller is meant."""
    opening, _, rest = written.partition(":")
    partition, _, kind = rest.partition(":")
    if not (opening == "arn" and partition and any(f.fullmatch(kind) for f in _PATTERNS[key])):
        problem = f"the principal {quoted(written)} is not the pattern of an ARN"
        raise PolicySyntaxError(problem, at, hint="write it like `arn:aws:iam::*:role/ci-*`")


def _host(written: str, at: Span) -> str:
    if any(character.isspace() for character in written):
        raise PolicySyntaxError(f"the service {quoted(written)} holds a blank", at)
    return written


def _canonical(written: str, at: Span) -> str:
    if written == "*":
        problem = "the canonical user `*` is not one"
        raise PolicySyntaxError(problem, at, hint='write {"AWS": "*"} for everyone')
    return written


def aws_principal(written: str, at: Span, policy_type: PolicyType) -> tuple[PrincipalKind, str]:
    """Return whom a principal of `AWS` names: a kind of caller, and its account, ARN or id.

    Errors: `PolicySyntaxError`.
    """
    if written == "*":
        return PrincipalKind.EVERYONE, "*"
    if _is_account(written) or is_mark(written):
        return _account(written, policy_type)  # a symbol may be any: an account is the widest
    if written.startswith(_UNIQUE_ID_PREFIXES) and written.isalnum() and len(written) >= 16:
        return PrincipalKind.UNIQUE_ID, written
    fields = written.split(":", 5)
    if len(fields) != 6 or fields[0] != "arn" or not fields[1] or fields[3]:
        raise _wrong(written, at)
    return _of_arn(written, fields, at, policy_type)


def _of_arn(
    written: str, fields: list[str], at: Span, policy_type: PolicyType
) -> tuple[PrincipalKind, str]:
    _, _, service, _, account, rest = fields
    resource, _, name = rest.partition("/")
    if not (_is_account(account) or account.isalpha() or holds_mark(account)):
        raise _wrong(written, at)
    match service, resource:
        case "iam", "root" if rest == "root":
            return _account(account, policy_type)
        case "iam", "user" if name and not name.endswith("/"):
            return PrincipalKind.USER, written
        case "iam", "role" if name and not name.endswith("/"):
            return PrincipalKind.ROLE, written
        case "sts", "assumed-role" if _is_session(name):
            return PrincipalKind.ROLE_SESSION, written
        case "sts", "federated-user" if name:
            return PrincipalKind.FEDERATED_USER, written
        case "iam", ("group" | "instance-profile"):
            kind = resource.replace("-", " ")
            raise PolicySyntaxError(f"the {kind} {quoted(written)} cannot be a principal", at)
        case _:
            raise _wrong(written, at)


def _account(account: str, policy_type: PolicyType) -> tuple[PrincipalKind, str]:
    """Return an account; an endpoint policy means its root user alone (iam-semantics G8)."""
    if policy_type is PolicyType.VPC_ENDPOINT:
        return PrincipalKind.ROOT_USER, account
    return PrincipalKind.ACCOUNT, account


def _is_account(written: str) -> bool:
    return len(written) == 12 and written.isascii() and written.isdigit()


def _is_session(name: str) -> bool:
    role, slash, session = name.partition("/")
    return bool(role and slash and session) and "/" not in session


def _wrong(written: str, at: Span) -> PolicySyntaxError:
    hint = "an account, or the ARN of a user, a role, a role session or a federated user"
    return PolicySyntaxError(f"{quoted(written)} is no principal of `AWS`", at, hint=hint)
