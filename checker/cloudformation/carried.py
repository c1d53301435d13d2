"""The documents of one resource: at the places that the table knows, and wherever else one stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from checker.cloudformation import embedded, grants
from checker.cloudformation.calls import text_of, written_as
from checker.cloudformation.carriers import table
from checker.cloudformation.places import Place, places
from checker.cloudformation.resolve import Resolver
from checker.cloudformation.template import Resource
from checker.cloudformation.tests import both, chosen
from checker.cloudformation.texts import plain, spelled
from checker.cloudformation.trouble import NotFollowedError, TooMuchError
from checker.cloudformation.words import holds
from checker.policy.model import PolicyType
from checker.source import signs
from checker.source.places import quoted
from checker.source.tree import Entry, Mapping, Node, Scalar
from checker.template.carrier import Carrier
from checker.template.value import (
    Absent,
    Choice,
    InTemplate,
    Items,
    NotResolved,
    Record,
    TemplateDocument,
    Value,
)

_ORGANIZATION: Final = {
    "SERVICE_CONTROL_POLICY": PolicyType.SCP,
    "RESOURCE_CONTROL_POLICY": PolicyType.RCP,
}
_OWN_MEANING: Final = {
    "iot-core": "a policy of AWS IoT has a meaning of its own, which is not read",
    "ram-permission-template": "a permission of AWS RAM has a meaning of its own, which is not read",
}
_SERVERLESS: Final = "identity-or-arn-or-sam-template"  # only where the translator refused it
_STATEMENTS: Final = frozenset(
    {("AWS::Events::EventBusPolicy", "Statement"), ("AWS::Serverless::Api", "*")}
)
_POLICY: Final = "Policy"
_WITH_TARGETS: Final = ("org-policy-by-Type", "resource")
_TARGETS: Final = frozenset(
    {
        *("Bucket", "ClusterArn", "EventBusName", "MrapName", "ObjectLambdaAccessPoint", "Queue"),
        *("Queues", "RegistryName", "ResourceArn", "ResourceIdentifier", "SecretId", "TableARN"),
        *("TableBucketARN", "TargetIds", "TopicArn", "Topics", "WorkspaceArn"),
    }
)
_UNITS: Final = frozenset(
    {"AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::SSO::PermissionSet"}
)


def of_resource(of: Resource, to: Resolver) -> Iterator[InTemplate]:
    """Yield the documents of a resource."""
    known = table()
    seen: set[int] = set()
    for carrier in known.carriers.get(of.type, ()):
        where = f"{of.address}/Properties"
        try:
            found = places(of.properties, carrier.path, where, to)
        except TooMuchError:
            raise
        except NotFollowedError as error:
            address = "/".join((where, *carrier.path))
            content = written_as(of.properties) if of.properties is not None else ""
            yield NotResolved(address, of.owner, error.problem, content, of.span, error.hint)
            continue
        for place in found if carrier.kind != _SERVERLESS else ():
            seen.add(id(place.node))
            yield from _carried(place, carrier, of, to)
    grant = known.grants.get(of.type)
    if grant is not None and of.get(grant.action) is not None:
        yield _document(of, f"{of.address}/Properties", grants.policy_of(grant, of, to), to)
    if of.type not in known.other:
        yield from _strays(of, of.node, of.address, seen, to)


def stray(entry: Entry, to: Resolver) -> Iterator[InTemplate]:
    """Yield the documents of what is written among the resources and has no type."""
    node = entry.value if isinstance(entry.value, Mapping) else Mapping((), entry.value.span)
    of = Resource(entry.name, "", entry.name, node, "", node, node.span, entry.key.span)
    yield from _strays(of, entry.value, of.address, set(), to)


def _carried(place: Place, carrier: Carrier, of: Resource, to: Resolver) -> Iterator[InTemplate]:
    """Yield the document at a place that the table knows."""
    kind = carrier.kind
    try:
        if (of.type, carrier.path[-1]) in _STATEMENTS:
            value = grants.policy_with(embedded.document(place.node, to))
            yield _document(of, place.address, value, to, place, carrier)
            return
        value = embedded.document(place.node, to)
        if isinstance(value, Absent):
            return
        if kind in _OWN_MEANING:
            content = spelled(value, whole=True)
            yield _unread(place, of, _OWN_MEANING[kind], content)
        elif kind == "org-policy-by-Type":
            yield from _of_organization(place, value, carrier, of, to)
        else:
            yield _document(of, place.address, value, to, place, carrier)
    except TooMuchError:
        raise
    except NotFollowedError as error:
        yield _unread(place, of, error.problem, written_as(place.node), error.hint)


def _of_organization(
    place: Place, value: Value, carrier: Carrier, of: Resource, to: Resolver
) -> Iterator[InTemplate]:
    """Yield a policy of an organization, if its type is one that bounds access."""
    node = of.get("Type")
    said = to.value(node) if node is not None else None
    kind = plain(said) if said is not None else None
    if kind is None or (kind not in _ORGANIZATION and _has_statements(value)):
        problem = "the type of this organization policy is not known"
        yield _unread(place, of, problem, spelled(value, whole=True), "write its `Type` out")
    elif kind in _ORGANIZATION:
        found = _document(of, place.address, value, to, place, carrier)
        yield replace(found, type=_ORGANIZATION[kind])


def _has_statements(value: Value) -> bool:
    if isinstance(value, Choice):
        return _has_statements(value.then) or _has_statements(value.other)
    return not isinstance(value, Record) or value.get("Statement") is not None


def _document(
    of: Resource,
    address: str,
    value: Value,
    to: Resolver,
    place: Place | None = None,
    carrier: Carrier | None = None,
) -> TemplateDocument:
    """Return a document, there under the conditions of its resource and its place."""
    there = to.condition(of.condition) if of.condition else True
    if place is not None:
        there = both(there, place.there, to.template.budget)
    path = carrier.path if carrier else ()
    kind = carrier.kind if carrier else "resource"
    at = place.node.span if place is not None else value.span
    return TemplateDocument(
        address=address,
        owner=of.owner,
        holds=holds(kind, of.type, path, place.name if place else ""),
        type=carrier.type if carrier else PolicyType.RESOURCE,
        resource_type=table().about.get(of.type, of.type) if kind == "resource" else "",
        value=chosen(there, value, Absent(at), at),
        unit=of.address if kind == "identity" and of.type in _UNITS else "",
        targets=_targets(of, to) if kind in _WITH_TARGETS else frozenset(),
        at=at,
    )


def _targets(of: Resource, to: Resolver) -> frozenset[str]:
    """Return what the policy of a resource of its own is attached to."""
    found: set[str] = set()
    for name in sorted(_TARGETS) if of.type.endswith(_POLICY) else ():
        node = of.get(name)
        value = to.value(node) if node is not None else None
        several = value.values if isinstance(value, Items) else (value,)
        found |= {f"{name} {spelled(each, whole=True)}" for each in several if each is not None}
    return frozenset(found)


def _unread(place: Place, of: Resource, problem: str, content: str, hint: str = "") -> NotResolved:
    return NotResolved(place.address, of.owner, problem, content, place.node.span, hint)


def _strays(
    of: Resource, node: Node, address: str, seen: set[int], to: Resolver
) -> Iterator[InTemplate]:
    """Yield what looks like a policy below a node, where the table knows of none."""
    if id(node) in seen:
        return
    text = text_of(node)
    if text is not None:
        if _is_json_policy(text):
            yield _guessed(of, address, node, to)
        return
    holds_known = isinstance(node, Mapping) and any(id(e.value) in seen for e in node.entries)
    if isinstance(node, Mapping) and not holds_known and _looks_like_policy(node):
        yield _guessed(of, address, node, to)
        return
    if not holds_known and signs.is_loose_statement(node):
        yield _guessed(of, address, node, to, is_statement=True)
        return
    for step, below in signs.children(address, node):
        if not isinstance(below, Scalar) or isinstance(below.value, str):
            yield from _strays(of, below, step, seen, to)


def _looks_like_policy(node: Mapping) -> bool:
    """Whether an object is meant to be a policy, though its statements may be called for."""
    if signs.is_policy(node, alone=False):
        return True
    body = node.get("Statement")
    if body is None:
        return False
    return any(signs.is_statement(each) for _, each in signs.below(body))


def _is_json_policy(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    return signs.written(text) or all(name in text for name in ('"Effect"', 'Action"'))


def _guessed(
    of: Resource, address: str, node: Node, to: Resolver, *, is_statement: bool = False
) -> InTemplate:
    """Return a document of which the template does not tell what it is."""
    place = Place(address, node)
    try:
        value = embedded.document(node, to)
        value = grants.policy_with(value) if is_statement else value
    except TooMuchError:
        raise
    except NotFollowedError as error:
        return _unread(place, of, error.problem, written_as(node), error.hint)
    found = _document(of, address, value, to, place)
    last = address.rpartition("/")[2]
    return replace(found, type=None, resource_type="", holds=f"the policy at {quoted(last)}")
