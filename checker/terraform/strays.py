"""Policies where the table of carriers knows of none, and templates inside a module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from checker.source.places import quoted
from checker.source.tree import Scalar
from checker.template.value import (
    Absent,
    Choice,
    InTemplate,
    Items,
    Joined,
    NotResolved,
    Record,
    TemplateDocument,
    Unknown,
    Value,
)
from checker.terraform.apart import with_denies_apart
from checker.terraform.carriers import table
from checker.terraform.held import NESTED, lost, may_say_policy, span_of
from checker.terraform.instances import exists_under
from checker.terraform.policy_text import policy_value
from checker.terraform.resources import Resource
from checker.terraform.syntax import Argument, Body
from checker.terraform.values import (
    Encoded,
    FailedError,
    Written,
    canonical,
    known_text,
    pieces_of,
    plain,
)

_TEMPLATES: Final = ("template_body", "template_url")
_META: Final = frozenset({"provider", "depends_on", "count", "for_each", "lifecycle"})


def strays_of(resource: Resource) -> Iterator[InTemplate]:
    """Yield what looks like a policy in a resource where the table knows of none."""
    if resource.type in NESTED:
        yield from _nested(resource)
    elif resource.type not in table().other and _says_statement(resource):
        read = {each.path[0] for each in table().carriers.get(resource.type, ())} | _META
        yield from _in_body(resource, resource.block.body, resource.address, read)


def _says_statement(resource: Resource) -> bool:
    """Whether a policy may be written in a resource itself; in a plan each may be."""
    places = resource.module.folder.places.get(resource.name)
    if places is None or resource.module.tree.planned is not None:
        return True
    return any(may_say_policy(resource.type, place.text) for place in places)


def _in_body(resource: Resource, body: Body, address: str, read: set[str]) -> Iterator[InTemplate]:
    for argument in body.arguments:
        if argument.name in read:
            continue
        path = f"{address}.{argument.name}"
        try:
            value = resource.worked_out(argument.value)
            for step, policy in policies_in(value):
                yield guessed(resource.shown, path + step, argument, policy, resource.exists)
        except FailedError as failed:
            if resource.type not in table().carriers:  # else it is known where its policies are
                yield lost(resource, path, failed)
    for index, block in enumerate(body.blocks):
        if block.type not in read and block.type != "dynamic":
            yield from _in_body(resource, block.body, f"{address}.{block.type}[{index}]", set())


def policies_in(value: Value) -> Iterator[tuple[str, Value]]:
    """Yield the policies that a value is or holds, each with the path to it."""
    match value:
        case Record(members) if not _has_statements(value):
            for member in members:
                for step, policy in policies_in(member.value):
                    yield f".{known_text(member.name) or canonical(member.name)}{step}", policy
        case Items(values):
            for index, each in enumerate(values):
                for step, policy in policies_in(each):
                    yield f"[{index}]{step}", policy
        case _:
            found = _policy_in(value)
            if found is not None:
                yield "", found


def _policy_in(value: Value) -> Value | None:
    """Return the policy that a value is, if it is one."""
    match value:
        case Choice(premise, then, other, span):
            sides = _policy_in(then), _policy_in(other)
            if sides == (None, None):
                return None
            gone = Absent(span)
            return Choice(premise, sides[0] or gone, sides[1] or gone, span)
        case Record():
            return value if _has_statements(value) else None
        case Encoded(value=Record() as inner):
            return inner if _has_statements(inner) else None
        case Unknown() | Items() | Absent():
            return None
        case Scalar() | Joined():
            pieces = pieces_of(value) or ("",)
            shown = "".join(piece for piece in pieces if isinstance(piece, str))
            if not shown.lstrip().startswith("{") or '"Statement"' not in shown:
                return None
            return policy_value(value)


def _has_statements(value: Record) -> bool:
    return isinstance(value.get("Statement"), Items | Record | Choice)


def guessed(
    owner: str, address: str, argument: Argument, policy: Value, exists: Value
) -> TemplateDocument:
    """Return a document of which the module does not tell what it is."""
    value = with_denies_apart(plain(policy))
    return TemplateDocument(
        address=address,
        owner=owner,
        holds=f"the policy in {quoted(argument.name)}",
        type=None,
        value=exists_under(value, exists, argument.at),
        at=span_of(value, argument.at),
    )


def _nested(resource: Resource) -> Iterator[InTemplate]:
    """Yield the template of a stack; one that is a file of its own is judged as such."""
    for name in _TEMPLATES:
        argument = resource.block.body.argument(name)
        if argument is None:
            continue
        address = f"{resource.address}.{name}"
        try:
            value = resource.argument(name)
        except FailedError as failed:
            yield lost(resource, address, failed)
            continue
        if value is None or (isinstance(value, Written) and value.span.path != argument.at.path):
            continue
        text = known_text(value)
        if name == "template_body" and text is not None and "AWS::" not in text:
            continue
        problem = "a template of CloudFormation inside a module of Terraform is not read"
        hint = "put it into a file of its own, and name it with `file()`"
        content = canonical(plain(value))
        yield NotResolved(address, resource.shown, problem, content, argument.at, hint)
