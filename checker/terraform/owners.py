"""Roles, users, groups and permission sets, by what refers to them; and what of a policy is unread."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from checker.source.tree import Scalar
from checker.span import Span
from checker.template.managed import Copies, Managed, managed_policy
from checker.template.value import Absent, Choice, Items, Unknown, Value
from checker.terraform.access import is_many
from checker.terraform.asked import told_apart
from checker.terraform.function_types import is_nothing
from checker.terraform.held import policy_with
from checker.terraform.instances import exists_under, present
from checker.terraform.lifting import choice, lift
from checker.terraform.resources import Resource
from checker.terraform.values import Broken, FailedError, canonical, known_text, named, truth

KINDS: Final = {
    "aws_iam_role": "role",
    "aws_iam_user": "user",
    "aws_iam_group": "group",
    "aws_ssoadmin_permission_set": "set",
}


@dataclass(frozen=True, slots=True)
class Owner:
    """A role, user, group or permission set, by the name that attachments know it by."""

    kind: str
    name: str  # the spelling of its name
    address: str  # the unit
    shown: str


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the owners of a kind."""

    owners: Mapping[tuple[str, str], Mapping[Owner, Resource]]
    kind: str

    def __contains__(self, name: object) -> bool:
        """Whether an owner of the kind has this name."""
        return (self.kind, name) in self.owners


@dataclass(slots=True)
class Index:
    """The owners and policies of a module by what refers to them."""

    owners: dict[tuple[str, str], dict[Owner, Resource]] = field(default_factory=dict)
    policies: dict[str, list[Resource]] = field(default_factory=dict)
    guardrails: dict[str, Resource] = field(default_factory=dict)
    copies: Copies = field(default_factory=dict)  # of managed policies that are not in the module

    def names(self, kind: str) -> Names:
        """Return the names of the owners of a kind."""
        return Names(self.owners, kind)

    def owner(self, kind: str, name: Value, of: Resource) -> Owner:
        """Return the owner that a resource names; one that is not of the module goes by its name.

        Several accounts may have roles of one name. Where it does not tell which one of them is
        meant, it is somebody of the resource's own, as long as that says the same.
        """
        key = canonical(name)
        known = self.owners.get((kind, key), {})
        called = known_text(name) or key
        if not known:
            return Owner(kind, key, f"{kind} {key}", called)
        nearest = _nearest(known.values(), of)
        if nearest is not None:
            return next(owner for owner, its in known.items() if its is nearest)
        return Owner(kind, key, f"{kind} {key} for {of.address}{_said(of)}", called)

    def policy(self, arn: str, of: Resource) -> Resource | None:
        """Return the policy of the module that a resource names by its ARN; None if nobody knows."""
        return _nearest(self.policies.get(arn, ()), of)

    def called(self, arn: Value, of: Resource, at: Span) -> Value:
        """Return what to know a policy by; one of several that have its ARN, by who names it."""
        if len(self.policies.get(canonical(arn), ())) < 2:
            return arn
        name = f"{shown(arn)} for {of.address}{_said(of)}"
        return Unknown(named(name), at)

    def add(self, owner: Owner, names: Iterable[str], resource: Resource) -> None:
        """Know an owner by its names."""
        for name in names:
            self.owners.setdefault((owner.kind, name), {})[owner] = resource


def _said(of: Resource) -> str:
    places = of.module.folder.places.get(of.name, [])
    return told_apart("\n".join(place.said for place in places))


def _nearest(known: Collection[Resource], of: Resource) -> Resource | None:
    """Return which one of those that have the same name a resource means."""
    if len(known) == 1:
        return next(iter(known))
    for is_meant in _NEARER:
        if len(meant := [its for its in known if is_meant(its, of)]) == 1:
            return meant[0]
    return None


def _is_itself(its: Resource, of: Resource) -> bool:
    return its.address == of.address


def _is_beside(its: Resource, of: Resource) -> bool:
    return its.module.prefix == of.module.prefix


def _has_provider(its: Resource, of: Resource) -> bool:
    return its.provider == of.provider


def _is_beside_with_provider(its: Resource, of: Resource) -> bool:
    return _is_beside(its, of) and _has_provider(its, of)


_NEARER: Final = (_is_itself, _is_beside, _is_beside_with_provider)


def indexed(resources: Sequence[Resource], copies: Copies) -> Index:
    """Return the owners and policies of a module by their names and ARNs."""
    index = Index(copies=copies)
    for resource in resources:
        if resource.name[0] != "resource":
            continue
        try:
            if kind := KINDS.get(resource.type):
                name = _spelled(resource, "arn" if kind == "set" else "name")
                owner = Owner(kind, name, resource.address, resource.shown)
                index.add(owner, (name, _spelled(resource, "id")), resource)
            elif resource.type == "aws_organizations_policy":
                index.guardrails[_spelled(resource, "id")] = resource
            elif resource.type == "aws_iam_policy":
                index.policies.setdefault(_spelled(resource, "arn"), []).append(resource)
        except FailedError:
            continue  # what it holds says so itself
    return index


def _spelled(resource: Resource, name: str) -> str:
    """Return the spelling of an attribute where its resource exists."""
    at = resource.block.span
    value = resource.attribute(name, at)
    return canonical(usual(exists_under(value, resource.exists, at)))


def alternatives(value: Value, at: Span, known: Container[str]) -> list[tuple[Value, Value]]:
    """Return all that a value or the items of a list may be, each with when it is that.

    known: the spellings of names that are one thing, although they may depend on premises.
    """
    found: dict[str, tuple[Value, Value]] = {}
    for each, there in _alternatives(value, at, known):
        name = canonical(each)
        before = found.get(name)
        found[name] = (each, there if before is None else _either(before[1], there))
    return list(found.values())


def _alternatives(value: Value, at: Span, known: Container[str]) -> Iterator[tuple[Value, Value]]:
    whole = usual(value)
    if canonical(whole) in known:
        yield whole, lift((_without_broken(value),), partial(_is_there, at), at)
        return
    match value:
        case Items(values):
            for each in values:
                yield from _alternatives(each, at, known)
        case Choice(premise, then, other):
            gone = truth(False, at)  # noqa: FBT003
            for each, there in _alternatives(then, at, known):
                yield each, choice(premise, there, gone, at)
            for each, there in _alternatives(other, at, known):
                yield each, choice(premise, gone, there, at)
        case _ if is_nothing(value) or isinstance(value, Broken) or known_text(value) == "":
            return
        case _:
            yield value, truth(True, at)  # noqa: FBT003


def usual(value: Value) -> Value:
    """Return a value without the premises under which it is not there, or would be refused."""
    return present(_without_broken(value))


def _without_broken(value: Value) -> Value:
    match value:
        case Broken(span=span):
            return Absent(span)
        case Choice(premise, then, other, span):
            return choice(premise, _without_broken(then), _without_broken(other), span)
        case _:
            return value


def _is_there(at: Span, values: tuple[Value, ...]) -> Value:
    return truth(not is_nothing(values[0]), at)


def _either(first: Value, second: Value) -> Value:
    return lift((first, second), _any, first.span)


def _any(values: tuple[Value, ...]) -> Value:
    is_true = any(isinstance(each, Scalar) and each.value is True for each in values)
    return truth(is_true, values[0].span)


def shown(arn: Value) -> str:
    """Return a name or ARN as a reader knows it."""
    known = known_text(arn)
    return known if known is not None else canonical(arn).strip('"')


def attached_policy(arn: Value, index: Index) -> Managed:
    """Return what is known of a policy by its ARN; where that is a list, of its statements nothing."""
    name = shown(arn)
    if is_many(arn):
        statement = Unknown(named(f"statements of {name}"), arn.span, many=True)
        return Managed(policy_with(statement, arn.span))
    return managed_policy(known_text(arn) or "", named(name), arn.span, index.copies)
