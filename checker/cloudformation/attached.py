"""Policies that a template attaches by name: its own, and those of which it holds the name alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from checker.cloudformation.calls import written_as
from checker.cloudformation.carriers import table
from checker.cloudformation.holders import Holder, Holders, add, alternatives
from checker.cloudformation.places import places
from checker.cloudformation.resolve import Resolver
from checker.cloudformation.template import Resource, escaped
from checker.cloudformation.tests import Test, chosen
from checker.cloudformation.texts import shown, spelled
from checker.cloudformation.trouble import NotFollowedError, TooMuchError
from checker.policy.model import PolicyType
from checker.source.places import quoted
from checker.source.tree import Scalar
from checker.template.carrier import Carrier
from checker.template.managed import managed_policy, unread_policy
from checker.template.value import (
    Absent,
    InTemplate,
    NotResolved,
    TemplateDocument,
    Value,
)

Found: TypeAlias = Mapping[str, list[InTemplate]]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A resource that attaches a policy to itself, under a condition."""

    of: Resource
    carrier: Carrier
    value: Value
    there: Test


def attached(
    of: Resource, held: dict[str, Holders], found: Found, to: Resolver
) -> Iterator[InTemplate]:
    """Yield the policies that a resource attaches to itself; note it as a holder of the template's."""
    for carrier in table().attached.get(of.type, ()):
        where = f"{of.address}/Properties"
        try:
            for value, there in _values(of, carrier, to):
                yield from _one(Attachment(of, carrier, value, there), held, found, to)
        except TooMuchError:
            raise
        except NotFollowedError as error:
            content = written_as(of.properties) if of.properties is not None else ""
            address = "/".join((where, *carrier.path))
            yield NotResolved(address, of.owner, error.problem, content, of.span, error.hint)


def _values(of: Resource, carrier: Carrier, to: Resolver) -> Iterator[tuple[Value, Test]]:
    """Yield what stands at a carrier's path; a whole list may be a function's value."""
    path = carrier.path[:-1] if carrier.path[-1] == "*" else carrier.path
    there = to.condition(of.condition) if of.condition else True
    for place in places(of.properties, path, f"{of.address}/Properties", to):
        for value, under in alternatives(to.value(place.node), to, place.there):
            yield from alternatives(chosen(there, value, Absent(value.span), value.span), to, under)


def _one(
    one: Attachment, held: dict[str, Holders], found: Found, to: Resolver
) -> Iterator[InTemplate]:
    """Yield an attached policy: as the bound that it is, or as one that the resource has."""
    of, carrier = one.of, one.carrier
    policy = _policies(to).get(spelled(one.value))
    bounds = carrier.kind == "boundary"
    if policy is None:
        yield _unread(one, to)
    elif not bounds:
        holder = Holder(of.address, of.owner, of.address, one.value.span, one.there)
        add(held.setdefault(policy.id, {}), holder, to)
    else:
        for each in found.get(policy.id, ()):
            if isinstance(each, TemplateDocument):
                yield replace(
                    each,
                    address=_address(of, carrier, None),
                    owner=of.owner,
                    holds=f"the permissions boundary {quoted(policy.id)}",
                    type=PolicyType.BOUNDARY,
                    unit=of.address,
                    value=chosen(one.there, each.value, Absent(each.at), each.at),
                )


def _policies(to: Resolver) -> Mapping[str, Resource]:
    """Return the template's managed policies by their ARNs."""
    if not to.policies:
        to.policies.update(
            {
                spelled(to.reference(of.id, of.at)): of
                for of in to.template.resources.values()
                if of.type == "AWS::IAM::ManagedPolicy"
            }
        )
    return to.policies


def _address(of: Resource, carrier: Carrier, value: Value | None) -> str:
    steps = [step for step in carrier.path if step != "*"]
    named = [escaped(shown(value))] if value is not None else []
    return "/".join((of.address, "Properties", *steps, *named))


def _unread(one: Attachment, to: Resolver) -> TemplateDocument:
    """Return a policy of which the template holds no more than the ARN."""
    of, carrier, value = one.of, one.carrier, one.value
    bounds = carrier.kind == "boundary"
    kind = "the permissions boundary" if bounds else "the attached policy"
    arn = str(value.value) if isinstance(value, Scalar) else ""
    policy = managed_policy(arn, shown(value), value.span, to.template.copies)
    return TemplateDocument(
        address=_address(of, carrier, None if bounds else value),
        owner=of.owner,
        holds=f"{kind} {quoted(shown(value))}",
        type=carrier.type,
        value=chosen(one.there, policy.value, Absent(value.span), value.span),
        unit=of.address if carrier.kind in ("identity", "boundary") else "",
        assumes=policy.assumes,
        at=value.span,
    )


def of_group(group: Holder, user: Holder) -> TemplateDocument:
    """Return what a user has of a group that the template only names."""
    return TemplateDocument(
        address=f"{user.address}/Groups/{group.address}",
        owner=user.owner,
        holds=f"the policies of the group {quoted(group.owner)}",
        type=PolicyType.IDENTITY,
        value=chosen(
            group.there,
            unread_policy(f"group {group.owner}", group.at, may_deny=True),
            Absent(group.at),
            group.at,
        ),
        unit=user.unit,
        at=group.at,
    )
