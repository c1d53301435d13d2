"""The documents of one resource: at the arguments that the table knows, and wherever else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from checker.policy.model import PolicyType
from checker.source.places import quoted
from checker.source.tree import Scalar
from checker.span import Span
from checker.template.carrier import Carrier
from checker.template.managed import unread_policy
from checker.template.value import (
    Absent,
    Choice,
    InTemplate,
    Items,
    Member,
    NotResolved,
    Record,
    TemplateDocument,
    Unknown,
    Value,
)
from checker.terraform.apart import with_denies_apart
from checker.terraform.carriers import table
from checker.terraform.depends import depended_on
from checker.terraform.dynamic import Inner, inner_blocks
from checker.terraform.grants import granted
from checker.terraform.instances import exists_under, presence
from checker.terraform.policy_text import policy_value
from checker.terraform.resources import Resource
from checker.terraform.values import (
    FailedError,
    canonical,
    known_text,
    plain,
)

_ORGANIZATION: Final = {
    "SERVICE_CONTROL_POLICY": PolicyType.SCP,
    "RESOURCE_CONTROL_POLICY": PolicyType.RCP,
}
_TARGETS: Final = frozenset(
    {
        *("access_point_arn", "arn", "backup_vault_name", "bucket", "cluster_arn", "domain_name"),
        *("event_bus_name", "file_system_id", "key_id", "queue_url", "repository"),
        *("resource_arn", "rest_api_id", "secret_arn", "table_bucket_arn", "vault_name"),
    }
)
_OWN_MEANING: Final = {
    "iot-core": "a policy of AWS IoT has a meaning of its own, which is not read",
}
_OTHERS: Final = frozenset(
    {
        *("aws_kms_grant", "aws_organizations_policy_attachment"),
        *("aws_ssoadmin_permission_set", "aws_ssoadmin_permissions_boundary_attachment"),
    }
)
SIGNS: Final = ("Statement", "aws_iam_policy_document")
_NAMED: Final = re.compile(
    r"^\s*+(?:\w+_)?(?:policy|policies|policy_documents?|policy_json|document)\s*+=", re.MULTILINE
).search
NESTED: Final = frozenset({"aws_cloudformation_stack", "aws_cloudformation_stack_set"})
_WORDS: Final = {
    "trust": "the trust policy",
    "session": "the session policy",
    "vpc-endpoint": "the endpoint policy",
}


@dataclass(frozen=True, slots=True)
class Place:
    """An argument that holds a policy, under a condition, and what it is called there."""

    address: str
    value: Value
    at: Span
    exists: Value
    name: str = ""


def is_of_interest(kind: str, type_: str, text: str) -> bool:
    """Whether a block may hold or attach policies."""
    if kind == "data":
        return type_ == "aws_iam_policy_document"
    known = table()
    return (
        type_ in known.carriers
        or type_ in known.grants
        or type_ in known.attachments
        or type_ in known.assignments
        or type_ in _OTHERS
        or type_ in NESTED
        or type_.startswith("aws_iam_")
        or (type_ not in known.other and may_say_policy(type_, text))
    )


def may_say_policy(type_: str, text: str) -> bool:
    """Whether the text of a block may have a policy where the table knows of none."""
    if any(sign in text for sign in SIGNS):
        return True
    return type_.startswith("aws") and type_ not in table().carriers and _NAMED(text) is not None


def documents_of(resource: Resource) -> Iterator[InTemplate]:
    """Yield the documents of one instance of a resource."""
    known = table()
    for carrier in known.carriers.get(resource.type, ()):
        yield from _carried(resource, carrier)
    if grant := known.grants.get(resource.type):
        address = f"{resource.address}.policy"
        try:
            value = granted(resource, grant)
            yield _document(
                resource, Carrier(("policy",), "resource"), _whole(resource, value, address)
            )
        except FailedError as failed:
            yield lost(resource, address, failed)


def _whole(resource: Resource, value: Value, address: str) -> Place:
    return Place(address, value, resource.block.span, resource.exists)


def _carried(resource: Resource, carrier: Carrier) -> Iterator[InTemplate]:
    try:
        places = list(_places(resource, carrier))
    except FailedError as failed:
        yield lost(resource, f"{resource.address}.{'.'.join(carrier.path)}", failed)
        return
    for place in places:
        try:
            yield from _at(resource, carrier, place)
        except FailedError as failed:
            yield lost(resource, place.address, failed)


def _places(resource: Resource, carrier: Carrier) -> Iterator[Place]:
    exists = resource.exists
    name = carrier.path[0]
    if len(carrier.path) == 1 or name == "body":
        found = resource.block.body.argument(name)
        value = resource.argument(name)
        if found is not None and value is not None:
            value = exists_under(value, exists, found.at)
            yield Place(f"{resource.address}.{name}", value, found.at, exists)
        return
    inner: list[Inner] = list(inner_blocks(resource.block.body, name, resource.scope))
    for index, block in enumerate(inner):
        held = block.argument(carrier.path[1])
        if held is None:
            continue
        named = block.argument("name")
        key = known_text(named[1]) if named else None
        shown = f'"{key}"' if key is not None else str(index)
        address = f"{resource.address}.{name}[{shown}].{carrier.path[1]}"
        there = presence(block.present, block.span)
        value = exists_under(exists_under(held[1], there, block.span), exists, block.span)
        yield Place(address, value, held[0], exists, key or "")


def _at(resource: Resource, carrier: Carrier, place: Place) -> Iterator[InTemplate]:
    value = policy_value(place.value)
    if carrier.path[0] == "body":
        policy = value.get(carrier.path[1]) if isinstance(value, Record) else None
        if policy is None:
            return
        value = policy
    if isinstance(value, Absent) or (isinstance(value, Scalar) and value.value is None):
        return
    made = Place(place.address, value, place.at, place.exists, place.name)
    if problem := _OWN_MEANING.get(carrier.kind):
        yield NotResolved(
            place.address, resource.address, problem, canonical(plain(value)), place.at
        )
    elif carrier.kind == "org-policy-by-type":
        yield from _of_organization(resource, carrier, made)
    else:
        yield _document(resource, carrier, made)


def _of_organization(resource: Resource, carrier: Carrier, place: Place) -> Iterator[InTemplate]:
    """Yield a policy of an organization, if its type is one that bounds access."""
    said = resource.argument("type")
    kind = "SERVICE_CONTROL_POLICY" if said is None else known_text(said)
    if kind is None:
        problem = "the type of this organization policy is only known at deployment"
        content = canonical(plain(place.value))
        yield NotResolved(
            place.address, resource.address, problem, content, place.at, "write its `type` out"
        )
    elif kind in _ORGANIZATION:
        yield _document(resource, carrier, place, _ORGANIZATION[kind])


def _document(
    resource: Resource, carrier: Carrier, place: Place, policy_type: PolicyType | None = None
) -> TemplateDocument:
    kind = policy_type or carrier.type
    value = with_denies_apart(plain(place.value))
    if kind is PolicyType.IDENTITY:
        value = opened(value)
    is_resource = kind is PolicyType.RESOURCE
    return TemplateDocument(
        address=place.address,
        owner=resource.shown,
        holds=_holds(carrier, place),
        type=kind,
        resource_type=table().about.get(resource.type, "") if is_resource else "",
        value=exists_under(value, place.exists, resource.block.span),
        targets=_targets(resource) if is_resource else frozenset(),
        at=span_of(value, place.at),
    )


def _targets(resource: Resource) -> frozenset[str]:
    """Return what the policy of a resource of its own is attached to."""
    names = sorted(_TARGETS) if resource.type.endswith("_policy") else ()
    values = ((name, resource.argument(name)) for name in names)
    return frozenset(f"{name} {canonical(plain(v))}" for name, v in values if v is not None)


def _holds(carrier: Carrier, place: Place) -> str:
    if place.name:
        return f"the inline policy {quoted(place.name)}"
    if carrier.path[0] == "inline_policy":
        return "the inline policy"
    return _WORDS.get(carrier.kind, "the policy")


def opened(value: Value) -> Value:
    """Return a policy; one that nobody knows may grant anything, and deny it as well."""
    match value:
        case Choice(premise, then, other, span):
            return Choice(premise, opened(then), opened(other), span)
        case Unknown(expression, span):
            return unread_policy(expression, span, may_deny=True)
        case _:
            return value


def policy_with(statement: Value, at: Span) -> Record:
    """Return a policy of one statement."""
    version = Member(Scalar("Version", at), Scalar("2012-10-17", at))
    return Record((version, Member(Scalar("Statement", at), Items((statement,), at))), at)


def span_of(value: Value, at: Span) -> Span:
    """Return the lines that hold a policy."""
    match value:
        case Choice(_, then, other):
            found = span_of(then, at)
            return found if found != at else span_of(other, at)
        case Record(span=span):
            return span
        case _:
            return at


def lost(resource: Resource, address: str, failed: FailedError) -> NotResolved:
    """Return a place that holds a policy which cannot be worked out."""
    content = (
        f"{resource.address}\n{failed.problem}\n{depended_on(resource.module, *resource.name)}"
    )
    at = failed.at if failed.at.path else resource.block.span
    return NotResolved(address, resource.shown, failed.problem, content, at)
