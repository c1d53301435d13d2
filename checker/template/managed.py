"""Managed policies of which a template holds the ARN alone: what they say, as far as that is known.

A policy is known where the settings name a copy of it, or where it is one of AWS's own that AWS has
not changed for years. Every other one may grant anything; its name alone says that it is the same.
"""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from checker.source.json_reader import read_json
from checker.source.places import quoted
from checker.source.symbols import ACTIONS_OF, RESOURCES_OF, THAT_DENIES
from checker.source.tree import Entry, Mapping, Node, Scalar, Sequence
from checker.span import Span
from checker.template.value import Items, Member, Record, Unknown, Value
from checker.template.worlds import known

AWS_MANAGED: Final = "arn:aws:iam::aws:policy/"
_FILE: Final = "aws_policies.json"
_DENIES: Final = ("Deny", "Quarantine")
_LONGEST: Final = 200  # characters of an ARN that is shown


@dataclass(frozen=True, slots=True)
class Copy:
    """The text of a managed policy. `says`: in words, what is taken for granted by its use."""

    node: Node
    says: str


Copies = AbstractMapping[str, Copy]
"""By ARN. What is here wins over what is known of AWS's own policies."""


@dataclass(frozen=True, slots=True)
class Managed:
    """What a managed policy says. `assumes`: on what that rests, in words, where it is known."""

    value: Value
    assumes: tuple[str, ...] = ()


def managed_policy(arn: str, name: str, at: Span, copies: Copies) -> Managed:
    """Return what is known of a managed policy.

    arn: as text, or "" if that is not known. name: what it goes by, equal for equal policies.
    at: where it is attached, which is the one place to show.
    """
    copy = copies.get(arn) or _of_aws(arn)
    if copy is not None:
        return Managed(known(_placed(copy.node, at)), (copy.says,))
    may_deny = not arn.startswith(AWS_MANAGED) or any(word in arn for word in _DENIES)
    return Managed(unread_policy(name, at, may_deny=may_deny))


def unread_policy(name: str, at: Span, *, may_deny: bool) -> Record:
    """Return a policy of which only the name is known: it may grant anything, and deny it as well."""
    statements = [unread_statement("Allow", name, at)]
    if may_deny:
        statements.append(unread_statement("Deny", f"{name}{THAT_DENIES}", at))
    version = Member(Scalar("Version", at), Scalar("2012-10-17", at))
    return Record((version, Member(Scalar("Statement", at), Items(tuple(statements), at))), at)


def unread_statement(effect: str, name: str, at: Span) -> Record:
    """Return a statement of actions and resources that only its name tells."""
    members = (
        Member(Scalar("Effect", at), Scalar(effect, at)),
        Member(Scalar("Action", at), Unknown(f"{ACTIONS_OF}{name}", at, many=True)),
        Member(Scalar("Resource", at), Unknown(f"{RESOURCES_OF}{name}", at, many=True)),
    )
    return Record(members, at)


def _of_aws(arn: str) -> Copy | None:
    """Return a policy of AWS that has been the same for years, if this is one."""
    if not arn.startswith(AWS_MANAGED):
        return None
    entry = _aws_policies().get(arn.removeprefix(AWS_MANAGED))
    if not isinstance(entry, Mapping):
        return None
    document, version, created = (entry.get(name) for name in ("document", "version", "created"))
    if not isinstance(document, Mapping):
        raise TypeError(f"{_FILE} holds no document of {arn}")
    said = " of ".join(str(each.value) for each in (version, created) if isinstance(each, Scalar))
    return Copy(document, f"{quoted(arn, _LONGEST)} says what AWS wrote in its version {said}")


@cache
def _aws_policies() -> AbstractMapping[str, Node]:
    """Return the entries of the file by what follows `policy/` in their ARNs."""
    text = files(__package__).joinpath(_FILE).read_text("utf-8")
    policies = read_json(text, _FILE)
    found = policies.get("policies") if isinstance(policies, Mapping) else None
    return (
        {entry.name: entry.value for entry in found.entries} if isinstance(found, Mapping) else {}
    )


def _placed(node: Node, at: Span) -> Node:
    """Return a node as if it stood at one place."""
    match node:
        case Scalar(value):
            return Scalar(value, at)
        case Sequence(items):
            return Sequence(tuple(_placed(item, at) for item in items), at)
        case Mapping(entries):
            placed = (Entry(Scalar(e.key.value, at), _placed(e.value, at)) for e in entries)
            return Mapping(tuple(placed), at)
