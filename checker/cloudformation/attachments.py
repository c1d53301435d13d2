"""Whose policies the documents of a template are: who has them, by attachment and by membership."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from checker.cloudformation.attached import attached, of_group
from checker.cloudformation.holders import (
    GROUP,
    ROLE,
    USER,
    Holder,
    Holders,
    Principals,
    add,
    had_by,
    holders,
    principals,
)
from checker.cloudformation.resolve import Resolver
from checker.cloudformation.template import Resource
from checker.cloudformation.tests import both
from checker.policy.model import PolicyType
from checker.template.value import InTemplate, TemplateDocument

_ALL: Final = {"Roles": ROLE, "Users": USER, "Groups": GROUP}
_LISTS: Final[Mapping[str, Mapping[str, str]]] = {
    "AWS::IAM::GroupPolicy": {"GroupName": GROUP},
    "AWS::IAM::ManagedPolicy": _ALL,
    "AWS::IAM::Policy": _ALL,
    "AWS::IAM::RolePolicy": {"RoleName": ROLE},
    "AWS::IAM::UserPolicy": {"UserName": USER},
}
"""The properties that say who has a policy, and of which type these are."""


def with_attachments(found: Mapping[str, list[InTemplate]], to: Resolver) -> Iterator[InTemplate]:
    """Yield what was found by resource, each identity policy once for each who has it."""
    names = principals(to)
    held: dict[str, Holders] = {}
    others: list[InTemplate] = []
    for of in to.template.resources.values():
        for holder in _named(of, names, to):
            add(held.setdefault(of.id, {}), holder, to)
    for of in to.template.resources.values():
        others += attached(of, held, found, to)
    documents = [*_held(found, held), *others]
    yield from documents
    yield from _of_groups(documents, names, to)


def _held(
    found: Mapping[str, list[InTemplate]], held: Mapping[str, Holders]
) -> Iterator[InTemplate]:
    """Yield each document, once for each holder where it has some."""
    for name, documents in found.items():
        holders = held.get(name, {})
        for each in documents:
            if isinstance(each, TemplateDocument) and each.type is PolicyType.IDENTITY and holders:
                yield from (had_by(each, holder) for holder in holders.values())
            else:
                yield each


def _named(of: Resource, names: Principals, to: Resolver) -> Iterator[Holder]:
    """Yield who has a policy as its own properties say."""
    for name, kind in _LISTS.get(of.type, {}).items():
        node = of.get(name)
        if node is not None:
            yield from holders(node, kind, names, to)


def _of_groups(
    documents: Sequence[InTemplate], names: Principals, to: Resolver
) -> Iterator[InTemplate]:
    """Yield the policies of groups once more for each member that the template puts into them."""
    members = list(_members(names, to))
    for group, user in members:
        if not group.unit:
            yield of_group(group, user)
            continue
        for each in documents:
            if isinstance(each, TemplateDocument) and each.unit == group.unit:
                there = both(group.there, user.there, to.template.budget)
                yield had_by(each, replace(user, there=there))


def _members(names: Principals, to: Resolver) -> Iterator[tuple[Holder, Holder]]:
    """Yield each group with each of its members."""
    for of in to.template.resources.values():
        if of.type == USER and (node := of.get("Groups")) is not None:
            user = Holder(of.address, of.owner, of.address, of.at, there=True)
            yield from ((group, user) for group in holders(node, GROUP, names, to))
        elif of.type == "AWS::IAM::UserToGroupAddition":
            group_node, users = of.get("GroupName"), of.get("Users")
            if group_node is not None and users is not None:
                for group in holders(group_node, GROUP, names, to):
                    yield from ((group, user) for user in holders(users, USER, names, to))
