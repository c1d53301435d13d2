"""Grants that are arguments of a resource instead of a document: the policy they amount to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from checker.source.symbols import OWN_ACCOUNT, REGION
from checker.source.tree import Scalar
from checker.span import Span
from checker.template.value import Choice, Items, Joined, Member, Record, Unknown, Value
from checker.terraform.carriers import Grant
from checker.terraform.lifting import choice
from checker.terraform.resources import Resource
from checker.terraform.values import FailedError, Piece, known_text, pieces_of, plain, text_of

_FIELD: Final = re.compile(r"\{(\w+)\}")
_SERVICE: Final = re.compile(r"[\w.-]+\.amazonaws\.com(?:\.cn)?").fullmatch


def granted(resource: Resource, grant: Grant) -> Value:
    """Return the policy with one statement that a resource's arguments amount to.

    Errors: `FailedError` where an argument is missing or no text.
    """
    at = resource.block.span
    members = [_member("Effect", Scalar("Allow", at), at)]
    principal = _argument(resource, grant.principal)
    if principal is None:
        raise FailedError(f"`{grant.principal}` is missing", at)
    members.append(_member("Principal", _principal(principal[1]), principal[0]))
    action = _argument(resource, grant.action)
    if action is not None:
        members.append(_member("Action", plain(action[1]), action[0]))
    elif grant.default_action:
        members.append(_member("Action", Scalar(grant.default_action, at), at))
    else:
        raise FailedError(f"`{grant.action}` is missing", at)
    found = _argument(resource, grant.resource)
    named = found or (at, Scalar(grant.default, at))
    members.append(_member("Resource", _arn(named[1], grant, resource), named[0]))
    if conditions := list(_conditions(resource, grant)):
        members.append(_member("Condition", Record(tuple(conditions), at), at))
    statement = Items((Record(tuple(members), at),), at)
    version = _member("Version", Scalar("2012-10-17", at), at)
    return Record((version, _member("Statement", statement, at)), at)


def _member(name: str, value: Value, at: Span) -> Member:
    return Member(Scalar(name, at), value)


def _argument(resource: Resource, name: str) -> tuple[Span, Value] | None:
    found = resource.block.body.argument(name)
    value = resource.argument(name)
    return None if found is None or value is None else (found.at, value)


def _principal(value: Value) -> Value:
    """Return a principal as a statement names it: a service, an account, an ARN or everyone."""
    if isinstance(value, Choice):
        return choice(value.premise, _principal(value.then), _principal(value.other), value.span)
    known = known_text(value)
    if known == "*":
        return plain(value)
    kind = "Service" if known and _SERVICE(known) else "AWS"
    return Record((_member(kind, plain(value), value.span),), value.span)


def _arn(value: Value, grant: Grant, resource: Resource) -> Value:
    """Return a resource as a statement names it; what is no ARN is a name."""
    if isinstance(value, Choice):
        sides = (_arn(value.then, grant, resource), _arn(value.other, grant, resource))
        return choice(value.premise, sides[0], sides[1], value.span)
    pieces = pieces_of(value)
    if pieces is None:
        raise FailedError("the name of a resource is a text", value.span)
    first = pieces[0] if pieces else ""
    is_arn = not isinstance(first, str) or first.startswith("arn:") or not grant.arn
    shown = list(pieces) if is_arn else _filled(grant.arn, pieces, value.span)
    qualifier = _argument(resource, grant.qualifier) if grant.qualifier else None
    if qualifier is not None:
        shown += [":", *(pieces_of(qualifier[1]) or ())]
    return text_of(shown, value.span)


def _filled(arn: str, name: tuple[Piece, ...], at: Span) -> list[Piece]:
    found: list[Piece] = []
    for index, part in enumerate(_FIELD.split(arn)):
        if index % 2 == 0:
            found.append(part)
        elif part == "value":
            found += name
        else:
            found.append(Unknown(REGION if part == "region" else OWN_ACCOUNT, at))
    return found


def _conditions(resource: Resource, grant: Grant) -> Iterator[Member]:
    """Yield the operators of the statement's condition, each once."""
    keys: dict[str, list[Member]] = {}
    for name, (operator, key) in grant.conditions.items():
        found = _argument(resource, name)
        if found is not None:
            keys.setdefault(operator, []).append(_member(key, plain(found[1]), found[0]))
    for block in resource.block.body.of_type("condition"):
        parts = {each.name: each.value for each in block.body.arguments}
        if not {"type", "key", "value"} <= parts.keys():
            raise FailedError("a condition needs `type`, `key` and `value`", block.span)
        sign, named, value = (
            plain(resource.worked_out(parts[part])) for part in ("type", "key", "value")
        )
        shown = known_text(sign)
        if shown is None or not isinstance(named, Scalar | Joined | Unknown):
            raise FailedError("the operator of a condition is not known", block.span)
        keys.setdefault(shown, []).append(Member(named, value))
    for operator, members in keys.items():
        yield _member(operator, Record(tuple(members), members[0].name.span), members[0].name.span)
