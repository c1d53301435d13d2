"""Roles, users, groups and permission sets, by what refers to them; and what of a policy is unread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from checker.source.tree import Scalar
from checker.span import Span
from checker.template.value import Choice, Items, Member, Record, Unknown, Value
from checker.terraform.access import is_many
from checker.terraform.function_types import is_nothing
from checker.terraform.held import policy_with
from checker.terraform.lifting import lift
from checker.terraform.resources import Resource
from checker.terraform.values import Broken, FailedError, canonical, known_text, named, truth

KINDS: Final = {
    "aws_iam_role": "role",
    "aws_iam_user": "user",
    "aws_iam_group": "group",
    "aws_ssoadmin_permission_set": "set",
}
_AWS_MANAGED: Final = "arn:aws:iam::aws:policy/"
_DENIES: Final = ("Deny", "Quarantine")


@dataclass(frozen=True, slots=True)
class Owner:
    """A role, user, group or permission set, by the name that attachments know it by."""

    kind: str
    name: str  # the spelling of its name
    address: str  # the unit
    shown: str


@dataclass(slots=True)
class Index:
    """The owners and policies of a module by what refers to them."""

    owners: dict[tuple[str, str], Owner] = field(default_factory=dict)
    policies: dict[str, Resource] = field(default_factory=dict)
    guardrails: dict[str, Resource] = field(default_factory=dict)

    def owner(self, kind: str, name: Value) -> Owner:
        """Return the owner of a name; one that is not of the module goes by its name."""
        spelled = canonical(name)
        known = self.owners.get((kind, spelled))
        return known or Owner(kind, spelled, f"{kind} {spelled}", known_text(name) or spelled)


def indexed(resources: Sequence[Resource]) -> Index:
    """Return the owners and policies of a module by their names and ARNs."""
    index = Index()
    for resource in resources:
        if resource.name[0] != "resource":
            continue
        at = resource.block.span
        try:
            if kind := KINDS.get(resource.type):
                name = canonical(resource.attribute("arn" if kind == "set" else "name", at))
                owner = Owner(kind, name, resource.address, resource.shown)
                index.owners[kind, name] = owner
                index.owners[kind, canonical(resource.attribute("id", at))] = owner
            elif resource.type == "aws_organizations_policy":
                index.guardrails[canonical(resource.attribute("id", at))] = resource
            elif resource.type == "aws_iam_policy":
                index.policies[canonical(resource.attribute("arn", at))] = resource
        except FailedError:
            continue  # what it holds says so itself
    return index


def alternatives(value: Value, at: Span) -> list[tuple[Value, Value]]:
    """Return all that a value or the items of a list may be, each with when it is that."""
    found: dict[str, Value] = {}
    for each in leaves(value):
        if not (is_nothing(each) or isinstance(each, Broken) or known_text(each) == ""):
            found.setdefault(canonical(each), each)
    return [
        (each, lift((value,), partial(_holds, name, at), at, deep=True))
        for name, each in found.items()
    ]


def leaves(value: Value) -> Iterator[Value]:
    """Yield all that a value or the items of a list may be."""
    match value:
        case Choice(_, then, other):
            yield from leaves(then)
            yield from leaves(other)
        case Items(values):
            for each in values:
                yield from leaves(each)
        case _:
            yield value


def _holds(name: str, at: Span, values: tuple[Value, ...]) -> Value:
    return truth(any(canonical(each) == name for each in leaves(values[0])), at)


def shown(arn: Value) -> str:
    """Return a name or ARN as a reader knows it."""
    known = known_text(arn)
    return known if known is not None else canonical(arn).strip('"')


def unread_policy(arn: Value, name: str) -> Value:
    """Return a policy of which only its ARN is known; AWS's own ones say if they deny."""
    at = arn.span
    if is_many(arn):
        statement: Value = Unknown(named(f"statements of {name}"), at, many=True)
        return policy_with(statement, at)
    statements = [statement_of("Allow", name, at)]
    if not name.startswith(_AWS_MANAGED) or any(word in name for word in _DENIES):
        statements.append(statement_of("Deny", f"{name} that it denies", at))
    version = Member(Scalar("Version", at), Scalar("2012-10-17", at))
    whole = Items(tuple(statements), at)
    return Record((version, Member(Scalar("Statement", at), whole)), at)


def statement_of(effect: str, name: str, at: Span) -> Record:
    """Return a statement of actions and resources that only its name tells."""
    parts: dict[str, Value] = {
        "Effect": Scalar(effect, at),
        "Action": Unknown(named(f"actions of {name}"), at, many=True),
        "Resource": Unknown(named(f"resources of {name}"), at, many=True),
    }
    return Record(tuple([Member(Scalar(key, at), value) for key, value in parts.items()]), at)
