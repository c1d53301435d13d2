"""Grants that are no documents: groups, permission sets, guardrails of an organization, keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from checker.policy.model import PolicyType
from checker.source.places import quoted
from checker.source.tree import Scalar
from checker.template.managed import unread_policy, unread_statement
from checker.template.value import (
    InTemplate,
    Items,
    Member,
    Record,
    TemplateDocument,
    Unknown,
    Value,
)
from checker.terraform.carriers import Assignment, table
from checker.terraform.held import lost, policy_with
from checker.terraform.instances import both, exists_under
from checker.terraform.owners import Index, alternatives, shown
from checker.terraform.policy_document import as_text
from checker.terraform.resources import Resource
from checker.terraform.values import FailedError, canonical, known_text, named, plain

_GUARDRAILS = {
    "SERVICE_CONTROL_POLICY": PolicyType.SCP,
    "RESOURCE_CONTROL_POLICY": PolicyType.RCP,
}


def assigned(resources: Sequence[Resource], index: Index) -> Iterator[InTemplate]:
    """Yield what is granted by name alone, as policies that nobody can read."""
    for resource in resources:
        if resource.name[0] != "resource":
            continue
        try:
            if said := table().assignments.get(resource.type):
                yield from _assigned(resource, said, index)
            elif resource.type == "aws_organizations_policy_attachment":
                yield from _guarded(resource, index)
            elif resource.type == "aws_kms_grant":
                yield _of_key(resource)
        except FailedError as failed:
            yield lost(resource, f"{resource.address}.assignment", failed)


def _assigned(resource: Resource, said: Assignment, index: Index) -> Iterator[InTemplate]:
    at = resource.block.span
    given = [resource.argument(name) for name in said.to]
    of = resource.argument(said.of)
    if of is None:
        return
    known = index.names(said.kind)
    whom = [
        alternatives(exists_under(v, resource.exists, at), at, known)
        for v in given
        if v is not None
    ]
    for names in product(*whom):
        key = names[0][0] if len(names) == 1 else Items(tuple([name for name, _ in names]), at)
        owner = index.owner(said.kind, key, resource)
        for what, is_given in alternatives(exists_under(of, resource.exists, at), at, ()):
            exists = resource.exists
            for _, there in (*names, (what, is_given)):
                exists = both(exists, there)
            called = f"{said.what} {shown(what)}"
            yield TemplateDocument(
                address=f"{owner.address}@{said.what} {canonical(what)}",
                owner=owner.shown,
                holds=f"the policies of the {said.what} {quoted(shown(what))}",
                type=PolicyType.IDENTITY,
                value=exists_under(
                    unread_policy(named(called), what.span, may_deny=True), exists, at
                ),
                unit=owner.address,
                at=at,
            )


def _guarded(resource: Resource, index: Index) -> Iterator[InTemplate]:
    """Yield a guardrail where it is attached: what it denies there, it must go on denying."""
    at = resource.block.span
    policy, target = resource.argument("policy_id"), resource.argument("target_id")
    if policy is None or target is None:
        return
    of = index.guardrails.get(canonical(policy))
    said = of.argument("type") if of is not None else None
    kind = _GUARDRAILS.get(known_text(said) or "" if said is not None else "SERVICE_CONTROL_POLICY")
    if kind is None:
        return
    statement = unread_statement("Deny", named(shown(policy)), at)
    if kind is PolicyType.RCP:
        everyone = Member(Scalar("Principal", at), Scalar("*", at))
        statement = Record((*statement.members, everyone), at)
    yield TemplateDocument(
        address=f"{canonical(target)}@{canonical(policy)}",
        owner=resource.shown,
        holds=f"the attached guardrail {quoted(shown(policy))}",
        type=kind,
        value=exists_under(policy_with(statement, at), resource.exists, at),
        targets=frozenset({canonical(target)}),
        at=at,
    )


def _of_key(resource: Resource) -> InTemplate:
    """Return the grant of a key, as a statement of its policy."""
    at = resource.block.span
    grantee, operations = resource.argument("grantee_principal"), resource.argument("operations")
    key = resource.argument("key_id")
    if grantee is None or operations is None or key is None:
        raise FailedError("a grant needs `grantee_principal`, `operations` and `key_id`", at)
    principal = Record((Member(Scalar("AWS", at), plain(as_text(grantee))),), at)
    parts: dict[str, Value] = {
        "Effect": Scalar("Allow", at),
        "Principal": principal,
        "Action": _operations(operations),
        "Resource": plain(as_text(key)),
    }
    if constraints := resource.block.body.of_type("constraints"):
        said = [
            f"{a.name}={canonical(resource.worked_out(a.value))}"
            for c in constraints
            for a in c.body.arguments
        ]
        parts["Condition"] = Unknown(named(f"constraints {' '.join(said)}"), at, many=True)
    statement = Record(tuple([Member(Scalar(key, at), value) for key, value in parts.items()]), at)
    return TemplateDocument(
        address=f"{resource.address}.grant",
        owner=resource.shown,
        holds="the grant",
        type=PolicyType.RESOURCE,
        resource_type="AWS::KMS::Key",
        value=exists_under(policy_with(statement, at), resource.exists, at),
        at=at,
    )


def _operations(value: Value) -> Value:
    if not isinstance(value, Items):
        return Unknown(named(f"operations {canonical(value)}"), value.span, many=True)
    found: list[Value] = []
    for each in value.values:
        known = known_text(each)
        found.append(
            Scalar(f"kms:{known}", each.span)
            if known is not None
            else Unknown(named(f"operations {canonical(each)}"), each.span, many=True)
        )
    return Items(tuple(found), value.span)
