"""Requests as people and programs write them, and as a witness is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from checker.errors import UsageError
from checker.policy.keys import is_multivalued
from checker.policy.model import Caller, CallerKind, ContextValue, Request
from checker.policy.parse_node import did_you_mean, quoted
from checker.policy.values import lower

_MEMBERS: Final = ("principal", "action", "resource", "context", "principalHasBoundary")
_KINDS: Final = {
    "Service": CallerKind.SERVICE,
    "Federated": CallerKind.FEDERATED,
    "CanonicalUser": CallerKind.CANONICAL_USER,
}
_ARN_KINDS: Final = {
    ("iam", "user"): CallerKind.USER,
    ("iam", "role"): CallerKind.ROLE_SESSION,  # some session of it
    ("sts", "assumed-role"): CallerKind.ROLE_SESSION,
    ("sts", "federated-user"): CallerKind.FEDERATED_USER,
    ("iam", "oidc-provider"): CallerKind.FEDERATED,
    ("iam", "saml-provider"): CallerKind.FEDERATED,
}
_PRINCIPAL_HINT: Final = (
    'a principal is an ARN, `*`, {"Service": ...}, {"Federated": ...} or {"CanonicalUser": ...}'
)


def parse_request(value: Mapping[str, object]) -> Request:
    """Return the request that an object describes.

    Without a principal it is anonymous, without a resource it is about none (`*`).
    Errors: `UsageError`.
    """
    for name in value:
        if name not in _MEMBERS:
            hint = did_you_mean(str(name), _MEMBERS)
            raise _error(f"unknown member {quoted(str(name))}", hint)
    boundary = value.get("principalHasBoundary", False)
    if not isinstance(boundary, bool):
        raise _error("`principalHasBoundary` must be true or false")
    context = value.get("context", {})
    if not isinstance(context, Mapping):
        raise _error("`context` must be an object")
    return Request(
        caller=_caller(value.get("principal", "*"), has_boundary=boundary),
        action=_action(value.get("action")),
        resource=_resource(value.get("resource", "*")),
        context=dict(_context(context)),
    )


def to_dict(request: Request, spelling: Mapping[str, str] | None = None) -> dict[str, object]:
    """Return the object that `parse_request` makes this request of.

    `spelling`: how to write a key, by the key in lower case, which is what a request keeps.
    """
    names = spelling or {}
    caller = request.caller
    shown: dict[str, object] = {
        "principal": _shown(caller),
        "action": request.action,
        "resource": request.resource,
        "context": {
            names.get(key, key): value if isinstance(value, str) else list(value)
            for key, value in request.context.items()
        },
    }
    if caller.has_boundary:
        shown["principalHasBoundary"] = True
    return shown


def _error(problem: str, hint: str = "") -> UsageError:
    return UsageError(f"request: {problem}" + (f" ({hint})" if hint else ""))


def _action(value: object) -> str:
    if not isinstance(value, str):
        raise _error("`action` must be a string like `s3:GetObject`")
    service, _, name = value.partition(":")
    if not service or not name or ":" in name:
        raise _error(f"{quoted(value)} is no action", "write `service:Name`")
    return value


def _resource(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _error("`resource` must be an ARN or `*`")
    if value.startswith("arn:") and value.count(":") < 5:
        raise _error(f"the resource {quoted(value)} has fewer than the six fields of an ARN")
    return value


def _caller(value: object, *, has_boundary: bool) -> Caller:
    if isinstance(value, Mapping) and len(value) == 1:
        name, inside = next(iter(value.items()))
        if name == "AWS":
            return _caller(inside, has_boundary=has_boundary)
        if name in _KINDS and isinstance(inside, str) and inside:
            return Caller(_KINDS[name], inside, has_boundary)
    if isinstance(value, str):
        kind = _kind(value)
        if kind is not None:
            return Caller(kind, value, has_boundary)
    raise _error("cannot tell who the principal is", _PRINCIPAL_HINT)


def _shown(caller: Caller) -> str | dict[str, str]:
    """Return a caller's name, with its kind where the name alone does not tell it."""
    if _kind(caller.value) is caller.kind:
        return caller.value
    names = {kind: name for name, kind in _KINDS.items()}
    return {names[caller.kind]: caller.value}


def _kind(value: str) -> CallerKind | None:
    if value == "*":
        return CallerKind.ANONYMOUS
    fields = value.split(":", 5)
    if len(fields) == 6 and fields[0] == "arn" and fields[4]:
        if fields[2] == "iam" and fields[5] == "root":
            return CallerKind.ROOT_USER
        resource, _, name = fields[5].partition("/")
        return _ARN_KINDS.get((fields[2], resource)) if name else None
    if "." in value and not any(character in ":/* " for character in value):
        return CallerKind.SERVICE
    is_id = value.isascii() and value.isalnum() and value.startswith("A") and len(value) >= 16
    return CallerKind.UNIQUE_ID if is_id else None


def _context(context: Mapping[object, object]) -> Iterator[tuple[str, ContextValue]]:
    seen: set[str] = set()
    for name, value in context.items():
        if not isinstance(name, str) or not name:
            raise _error("a context key must be a string")
        key = lower(name)
        if key in seen:
            raise _error(f"the key {quoted(name)} stands twice", "its case does not count")
        seen.add(key)
        if value is None:
            continue
        if not isinstance(value, list | tuple):
            text = _text(name, value)
            yield key, ((text,) if is_multivalued(key) else text)
            continue
        texts = tuple(_text(name, item) for item in value if item is not None)
        if is_multivalued(key) is not False:
            yield key, texts
        elif len(texts) == 1:
            yield key, texts[0]
        elif texts:
            raise _error(f"the key {quoted(name)} holds one value, not a list")


def _text(name: str, value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int() | float():
            return str(value)
        case _:
            raise _error(f"the value of {quoted(name)} must be text, a number or a truth value")
