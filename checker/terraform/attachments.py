"""Whose policies are whose: attachments, owners and boundaries of roles, users and groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from checker.policy.model import PolicyType
from checker.source.places import quoted
from checker.source.tree import Scalar
from checker.span import Span, whole_file
from checker.template.managed import Copies
from checker.template.value import (
    Absent,
    InTemplate,
    NotResolved,
    TemplateDocument,
    Value,
)
from checker.terraform.assignments import assigned
from checker.terraform.carriers import table
from checker.terraform.dynamic import inner_blocks
from checker.terraform.function_types import is_nothing
from checker.terraform.held import lost
from checker.terraform.instances import both, exists_under
from checker.terraform.lifting import lift
from checker.terraform.owners import (
    KINDS,
    Index,
    Owner,
    alternatives,
    attached_policy,
    indexed,
    shown,
)
from checker.terraform.resources import Resource
from checker.terraform.values import FailedError, canonical, known_text, truth

_NOBODY: Final = Scalar("", whole_file(""))


@dataclass(frozen=True, slots=True)
class Attachment:
    """A policy that an owner has, under a condition."""

    owner: Owner
    policy: Resource | None  # of the module, if it holds it
    arn: Value
    exists: Value
    at: Span


def with_attachments(
    found: Sequence[InTemplate], resources: Sequence[Resource], copies: Copies | None = None
) -> Iterator[InTemplate]:
    """Yield documents with their owners, and what is attached by its ARN alone."""
    index = indexed(resources, copies or {})
    troubles: list[InTemplate] = []
    attached: list[Attachment] = []
    for resource in resources:
        if resource.name[0] != "resource":
            continue
        try:
            attached += _attachments(resource, index)
        except FailedError as failed:
            troubles.append(lost(resource, f"{resource.address}.attachment", failed))
    by_policy: dict[str, list[Attachment]] = {}
    for each in attached:
        if each.policy is not None:
            by_policy.setdefault(each.policy.address, []).append(each)
    owned = _owned(resources, index, troubles)
    for document in found:
        if isinstance(document, NotResolved):
            yield document
        else:
            yield from _placed(document, by_policy, owned)
    yield from _by_arn(attached, index)
    yield from _boundaries(found, resources, index, troubles)
    yield from assigned(resources, index)
    yield from troubles


def _attachments(resource: Resource, index: Index) -> Iterator[Attachment]:
    """Yield what a resource attaches.

    Errors: `FailedError` where that cannot be worked out.
    """
    said = table().attachments.get(resource.type)
    if said is None:
        return
    attached = _named_policies(resource, said["policies"])
    if attached is None:
        return
    at, arns = attached
    for kind, argument in said.items():
        if kind == "policies":
            continue
        if argument == "name":
            owners: Value | None = resource.attribute("name", at)
        else:
            owners = resource.argument(argument)
        if owners is None:
            continue
        there = exists_under(owners, resource.exists, at)
        policies = exists_under(arns, resource.exists, at)
        for owner, is_owner in alternatives(there, at, index.names(kind)):
            for arn, is_policy in alternatives(policies, at, index.policies):
                exists = both(resource.exists, both(is_owner, is_policy))
                place = arn.span if arn.span.path == at.path else at
                holder = index.owner(kind, owner, resource)
                policy = index.policy(canonical(arn), resource)
                called = arn if policy is not None else index.called(arn, resource, place)
                yield Attachment(holder, policy, called, exists, place)


def _named_policies(resource: Resource, path: str) -> tuple[Span, Value] | None:
    """Return where a resource names policies, and their ARNs or names; in a block, if it says so."""
    block, _, name = path.rpartition(".")
    if block:
        inner = inner_blocks(resource.block.body, block, resource.scope)
        return next((found for each in inner if (found := each.argument(name))), None)
    argument, value = resource.block.body.argument(name), resource.argument(name)
    return (argument.at, value) if argument is not None and value is not None else None


def _owned(
    resources: Sequence[Resource], index: Index, troubles: list[InTemplate]
) -> dict[str, list[tuple[Owner, Value]]]:
    """Return the owners of the policies that are written where they are attached."""
    found: dict[str, list[tuple[Owner, Value]]] = {}
    for resource in resources:
        said = table().owners.get(resource.type, {}) if resource.name[0] == "resource" else {}
        for kind, argument in said.items():
            try:
                name = resource.argument(argument)
            except FailedError as failed:
                troubles.append(lost(resource, f"{resource.address}.{argument}", failed))
                continue
            if name is not None:
                at = resource.block.span
                name = exists_under(name, resource.exists, at)
                found[resource.address] = [
                    (index.owner(kind, each, resource), there)
                    for each, there in alternatives(name, at, index.names(kind))
                ]
        if resource.type in KINDS and resource.name[0] == "resource":
            kind = KINDS[resource.type]
            owner = Owner(kind, "", resource.address, resource.shown)
            found[resource.address] = [(owner, truth(True, resource.block.span))]  # noqa: FBT003
    return found


def _placed(
    document: TemplateDocument,
    by_policy: Mapping[str, list[Attachment]],
    owned: Mapping[str, list[tuple[Owner, Value]]],
) -> Iterator[TemplateDocument]:
    """Yield a document once for each of its owners."""
    if document.type is not PolicyType.IDENTITY:
        yield document
        return
    resource = _resource_of(document)
    if resource in owned:
        several = len(owned[resource]) > 1
        for owner, there in owned[resource]:
            value = exists_under(document.value, there, document.at)
            address = f"{document.address}@{owner.address}" if several else document.address
            yield replace(document, address=address, unit=owner.address, value=value)
        return
    holders = _once(by_policy.get(resource, ()))
    for each in holders:
        value = exists_under(document.value, each.exists, document.at)
        address = f"{document.address}@{each.owner.address}"
        yield replace(document, address=address, unit=each.owner.address, value=value)
    if not holders:
        yield document


def _resource_of(document: TemplateDocument) -> str:
    """Return the address of the resource that holds a document."""
    whole = document.address
    for cut in (".inline_policy[", ".policy", ".inline_policy"):
        if cut in whole:
            return whole.rpartition(cut)[0]
    return whole


def _once(attached: Sequence[Attachment]) -> list[Attachment]:
    """Return one attachment for each owner, there where any of its is."""
    found: dict[str, Attachment] = {}
    for each in attached:
        before = found.get(each.owner.address)
        if before is not None:
            exists = lift((before.exists, each.exists), partial(_any, each.at), each.at)
            found[each.owner.address] = replace(before, exists=exists)
        else:
            found[each.owner.address] = each
    return list(found.values())


def _any(at: Span, values: tuple[Value, ...]) -> Value:
    return truth(any(isinstance(each, Scalar) and each.value is True for each in values), at)


def _by_arn(attached: Sequence[Attachment], index: Index) -> Iterator[TemplateDocument]:
    """Yield the policies of which the module holds only the ARN."""
    by_policy: dict[str, list[Attachment]] = {}
    for each in attached:
        if each.policy is None:
            by_policy.setdefault(canonical(each.arn), []).append(each)
    for arn, all_of_it in by_policy.items():
        for each in _once(all_of_it):
            policy = attached_policy(each.arn, index)
            yield TemplateDocument(
                address=f"{each.owner.address}@{arn}",
                owner=each.owner.shown,
                holds=f"the attached policy {quoted(shown(each.arn))}",
                type=PolicyType.IDENTITY,
                value=exists_under(policy.value, each.exists, each.at),
                unit=each.owner.address,
                assumes=policy.assumes,
                at=each.at,
            )


def _boundaries(
    found: Sequence[InTemplate],
    resources: Sequence[Resource],
    index: Index,
    troubles: list[InTemplate],
) -> Iterator[TemplateDocument]:
    documents = {_resource_of(d): d for d in found if isinstance(d, TemplateDocument)}
    for resource in resources:
        if resource.name[0] != "resource":
            continue
        try:
            if resource.type in KINDS:
                argument = _named_policies(resource, "permissions_boundary")
                owner = Owner("", "", resource.address, resource.shown)
            else:
                argument = _bounded_set(resource)
                owner = index.owner(
                    "set", resource.argument("permission_set_arn") or _NOBODY, resource
                )
        except FailedError as failed:
            troubles.append(lost(resource, f"{resource.address}.permissions_boundary", failed))
            continue
        if argument is not None:
            yield _boundary(resource, owner, argument, documents, index)


def _bounded_set(resource: Resource) -> tuple[Span, Value] | None:
    """Return what bounds a permission set by a resource of its own."""
    if resource.type != "aws_ssoadmin_permissions_boundary_attachment":
        return None
    for block in inner_blocks(resource.block.body, "permissions_boundary", resource.scope):
        if found := block.argument("managed_policy_arn"):
            return found
        for inner in block.blocks("customer_managed_policy_reference"):
            return inner.argument("name")
    return None


def _boundary(
    resource: Resource,
    owner: Owner,
    argument: tuple[Span, Value],
    documents: Mapping[str, TemplateDocument],
    index: Index,
) -> TemplateDocument:
    at, arns = argument

    def bound(values: tuple[Value, ...]) -> Value:
        (arn,) = values
        if is_nothing(arn) or known_text(arn) == "":
            return Absent(at)
        policy = index.policy(canonical(arn), resource)
        document = documents.get(policy.address) if policy is not None else None
        return document.value if document is not None else attached_policy(arn, index).value

    value = exists_under(lift((arns,), bound, at), resource.exists, at)
    named_by_arn = (arn for arn, _ in alternatives(arns, at, index.policies))
    unread = (arn for arn in named_by_arn if index.policy(canonical(arn), resource) is None)
    assumes = (said for arn in unread for said in attached_policy(arn, index).assumes)
    return TemplateDocument(
        address=f"{owner.address}.permissions_boundary",
        owner=owner.shown,
        holds="the permissions boundary",
        type=PolicyType.BOUNDARY,
        value=value,
        unit=owner.address,
        assumes=tuple(assumes),
        at=at,
    )
