"""Plans (`terraform show -json`): the policies that a change makes, before and after.

A plan knows what the source leaves open, but for what exists only after the change is applied; the
source knows where each policy stands. Together they are read where both are there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from checker.source.tree import Mapping, Node, Scalar, Sequence
from checker.template.managed import Copies
from checker.template.value import InTemplate, Items, Member, Record, TemplateDocument, Value
from checker.terraform.attachments import with_attachments
from checker.terraform.held import SIGNS, documents_of, is_of_interest
from checker.terraform.plan_file import Plan, Planned
from checker.terraform.plan_resources import mixed
from checker.terraform.plan_source import SourceOfPlan
from checker.terraform.plan_values import References, alone
from checker.terraform.resources import Resource
from checker.terraform.strays import strays_of
from checker.terraform.tree import Tree
from checker.terraform.values import known_text

_COPIES: Final = "inline_policy"
"""A block that a provider fills with what other resources make, where nobody sets it."""


class _NoFiles:
    """A plan has everything in it."""

    def read(self, path: str) -> bytes | None:
        """Return nothing."""
        del path
        return None

    def names(self, folder: str) -> tuple[str, ...]:
        """Return nothing."""
        del folder
        return ()


def documents_of_plan(
    plan: Plan, *, before: bool, source: SourceOfPlan | None = None, copies: Copies | None = None
) -> tuple[InTemplate, ...]:
    """Return the policy documents of a plan: as they are, or as they will be.

    source: the root module that it is of, in the commit of that side.
    copies: of managed policies that it names and does not hold.
    """
    try:
        return _documents(plan, source, copies, before=before)
    except RecursionError:
        return _documents(plan, None, copies, before=before)


def _documents(
    plan: Plan, source: SourceOfPlan | None, copies: Copies | None, *, before: bool
) -> tuple[InTemplate, ...]:
    references = References.of(plan)
    tree = Tree("", _NoFiles())
    resources: list[Resource] = []
    found: list[InTemplate] = []
    for planned in plan.planned:
        resource = _resource(planned, source, tree, references, before=before)
        if resource is None:
            continue
        resources.append(resource)
        documents = [*documents_of(resource), *strays_of(resource)]
        if not before and resource.module.tree is tree and _has_copies(planned, references):
            documents = [_without_denied_copies(each, resource) for each in documents]
        found += documents
    return tuple(with_attachments(found, resources, copies))


def _resource(
    planned: Planned,
    source: SourceOfPlan | None,
    tree: Tree,
    references: References,
    *,
    before: bool,
) -> Resource | None:
    side = planned.side(before=before)
    kind, type_, _ = planned.address.name
    if side is None or kind != "resource":
        return None
    if not is_of_interest(kind, type_, SIGNS[0] if _mentions(side.values) else ""):
        return None
    written = source.resource(planned.address) if source is not None else None
    if written is None:
        return alone(planned, tree, references, before=before)
    return mixed(planned, written, references, before=before)


def _mentions(node: Node) -> bool:
    """Whether a policy may be written somewhere in the values of a resource."""
    match node:
        case Scalar(str(text)):
            return SIGNS[0] in text
        case Sequence(items):
            return any(map(_mentions, items))
        case Mapping(entries):
            return any(e.name == SIGNS[0] or _mentions(e.value) for e in entries)
        case _:
            return False


def _has_copies(planned: Planned, references: References) -> bool:
    configured = references.configured(planned.address.configured)
    return configured is not None and _COPIES not in configured


def _without_denied_copies(document: InTemplate, resource: Resource) -> InTemplate:
    """Return an inline policy that may be the copy of one that is gone, without what it denies.

    What it allows it allows on both sides. A block that is made for each of a list looks the same.
    """
    of_copy = f"{resource.address}.{_COPIES}["
    if not isinstance(document, TemplateDocument) or not document.address.startswith(of_copy):
        return document
    return replace(document, value=_allowing(document.value))


def _allowing(value: Value) -> Value:
    if not isinstance(value, Record):
        return value
    return Record(tuple([Member(m.name, _kept(m)) for m in value.members]), value.span)


def _kept(member: Member) -> Value:
    is_body = isinstance(member.name, Scalar) and member.name.value == "Statement"
    value = member.value
    if not is_body or not isinstance(value, Items | Record):
        return value
    statements = value.values if isinstance(value, Items) else (value,)
    return Items(tuple([each for each in statements if not _denies(each)]), value.span)


def _denies(statement: Value) -> bool:
    effect = statement.get("Effect") if isinstance(statement, Record) else None
    return effect is not None and known_text(effect) == "Deny"
