"""Templates that a template deploys: those of the repository are read with what it gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, TypeAlias

from checker.cloudformation.calls import written_as
from checker.cloudformation.loops import beside, read_file
from checker.cloudformation.resolve import Resolver
from checker.cloudformation.template import Resource
from checker.cloudformation.tests import chosen
from checker.cloudformation.texts import plain
from checker.cloudformation.trouble import NotFollowedError, TooMuchError
from checker.source.places import quoted
from checker.source.tree import Mapping, Node, Scalar
from checker.template.value import (
    Absent,
    Choice,
    InTemplate,
    Items,
    Joined,
    Member,
    NotResolved,
    Premise,
    Record,
    Unknown,
    Value,
)

Read: TypeAlias = Callable[[Mapping, str, dict[str, Value], Resolver], Iterator[InTemplate]]

_PLACES: Final = {
    "AWS::CloudFormation::Stack": "TemplateURL",
    "AWS::CloudFormation::StackSet": "TemplateURL",
    "AWS::Serverless::Application": "Location",
}
"""The property that says where a template stands."""


def nested(of: Resource, read: Read, to: Resolver) -> Iterator[InTemplate]:
    """Yield the documents of the template that a resource deploys, with what it gives to it."""
    if of.type.endswith("::MODULE"):
        problem = f"the module {quoted(of.type)} is not in the repository"
        yield NotResolved(of.address, of.owner, problem, written_as(of.node), of.span)
    if of.type not in _PLACES:
        return
    where = f"{of.address}/Properties/{_PLACES[of.type]}"
    try:
        path = _path(of, to)
        root = _root(path, to)
        for each in read(root, path, _given(of, to), to):
            yield _of_stack(each, of, to)
    except TooMuchError:
        raise
    except NotFollowedError as error:
        content = written_as(of.node)
        yield NotResolved(where, of.owner, error.problem, content, of.span, error.hint)


def _root(path: str, to: Resolver) -> Mapping:
    root = read_file(path, to)
    if not isinstance(root, Mapping):
        raise NotFollowedError(f"the file {quoted(path)} is no template")
    return root


def _path(of: Resource, to: Resolver) -> str:
    """Return the path of the template that a resource deploys."""
    metadata = of.node.get("Metadata")
    asset = metadata.get("aws:asset:path") if isinstance(metadata, Mapping) else None
    written: Node | None = asset or of.get(_PLACES[of.type])
    place = plain(to.value(written)) if written is not None else None
    if place is None or "://" in place or not place:
        shown = quoted(place or (written_as(written) if written is not None else ""))
        raise NotFollowedError(
            f"it deploys the template {shown}, which is not in the repository",
            "name a file of the repository",
        )
    return beside(to.template.path, place)


def _given(of: Resource, to: Resolver) -> dict[str, Value]:
    """Return what a stack gives its template; what is unknown there goes by another name here."""
    node = of.get("Parameters")
    if not isinstance(node, Mapping):
        return {}
    return {entry.name: _outside(to.value(entry.value), of.id) for entry in node.entries}


def _outside(value: Value, stack: str) -> Value:
    """Return a value of one template as it is in another."""
    match value:
        case Unknown(expression):
            return replace(value, expression=f"{stack}/{expression}")
        case Joined(pieces, span):
            changed = (
                replace(p, expression=f"{stack}/{p.expression}") if isinstance(p, Unknown) else p
                for p in pieces
            )
            return Joined(tuple(changed), span)
        case Choice(premise, then, other, span):
            return Choice(_of(premise, stack), _outside(then, stack), _outside(other, stack), span)
        case Items(values, span):
            return Items(tuple(_outside(each, stack) for each in values), span)
        case Record(members, span):
            kept = (Member(each.name, _outside(each.value, stack)) for each in members)
            return Record(tuple(kept), span)
        case Scalar() | Absent():
            return value


def _of(premise: Premise, stack: str) -> Premise:
    subject = f"{stack}/{premise.subject}" if premise.subject else ""
    return Premise(f"{stack}/{premise.expression}", subject, premise.value)


def _of_stack(found: InTemplate, of: Resource, to: Resolver) -> InTemplate:
    """Return what a nested template holds, as part of the template that deploys it."""
    address, owner = f"{of.address}{found.address}", f"{of.owner}: {found.owner}"
    if isinstance(found, NotResolved):
        return replace(found, address=address, owner=owner)
    there = to.condition(of.condition) if of.condition else True
    return replace(
        found,
        address=address,
        owner=owner,
        unit=f"{of.address}{found.unit}" if found.unit else "",
        value=chosen(there, found.value, Absent(found.at), found.at),
    )
