"""The policy documents of a template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as AbstractMapping
from dataclasses import replace
from typing import Final

from checker.cloudformation import loops
from checker.cloudformation.attachments import with_attachments
from checker.cloudformation.calls import text_of, written_as
from checker.cloudformation.carried import of_resource, stray
from checker.cloudformation.nested import nested
from checker.cloudformation.resolve import Resolver
from checker.cloudformation.sam import expanded
from checker.cloudformation.template import KNOWN_TRANSFORMS, Resource, Template, escaped, resource
from checker.cloudformation.trouble import NotFollowedError, TooMuchError
from checker.source.places import quoted
from checker.source.tree import Entry, Mapping, Node, Scalar
from checker.template.files import Files
from checker.template.managed import Copies
from checker.template.value import InTemplate, NotResolved, TemplateDocument, Value

_TYPE: Final = re.compile(r"(?:AWS|Alexa|Custom)::|\w+::\w+::\w+").match


def is_template(root: Node) -> bool:
    """Return whether a file is a template of CloudFormation."""
    if not isinstance(root, Mapping):
        return False
    if isinstance(root.get("AWSTemplateFormatVersion"), Scalar):
        return True
    resources = root.get("Resources")
    if not isinstance(resources, Mapping):
        return False
    if root.get("Transform") is not None:
        return True
    kinds = (
        text_of(entry.value.get("Type"))
        for entry in resources.entries
        if isinstance(entry.value, Mapping)
    )
    return any(kind and _TYPE(kind) for kind in kinds)


def documents(
    root: Node,
    path: str,
    files: Files,
    given: AbstractMapping[str, Value] | None = None,
    copies: Copies | None = None,
) -> tuple[InTemplate, ...]:
    """Return the policy documents that a template holds, and what of it cannot be followed.

    given: the values of parameters that are known from outside the template.
    copies: of managed policies that the template names and does not hold.
    """
    if not isinstance(root, Mapping):
        return ()
    to = Resolver(Template(path, files, root, given or {}, copies or {}))
    try:
        return _unique(_found(to))
    except RecursionError:
        problem = "its values refer to each other too deeply to be followed"
        return (NotResolved("", "", problem, written_as(root), root.span),)
    except NotFollowedError as error:
        return (NotResolved("", "", error.problem, written_as(root), root.span, error.hint),)


def _found(to: Resolver) -> Iterator[InTemplate]:
    """Yield all that a template holds, in the order of its resources."""
    yield from _macros(to.template)
    yield from _expanded(to)
    unread = list(_sections(to))
    found = {each.id: list(of_resource(each, to)) for each in to.template.resources.values()}
    yield from with_attachments(found, to)
    for each in to.template.resources.values():
        yield from nested(each, _deployed, to)
    yield from unread


def _deployed(
    root: Mapping, path: str, given: dict[str, Value], to: Resolver
) -> Iterator[InTemplate]:
    """Yield what a template holds that another one deploys; the work counts for that one."""
    above = to.template
    template = Template(path, above.files, root, given, above.copies, budget=above.budget)
    return _found(Resolver(template, inside=(*to.inside, above.path), lines=to.lines))


def _expanded(to: Resolver) -> Iterator[NotResolved]:
    """Put what a template of the Serverless Application Model stands for in its place."""
    template = to.template
    if not template.is_sam:
        return
    try:
        found = expanded(_unrolled(template.root, to))
    except NotFollowedError as error:
        content = written_as(_meaning(template.root))
        yield NotResolved("", "", error.problem, content, template.root.span, error.hint)
        return
    template.root = found.root
    template.origins.update(found.origins)


def _unrolled(root: Mapping, to: Resolver) -> Mapping:
    """Return a template with the resources that loops and included files stand for."""
    entries: list[Entry] = []
    for entry in root.entries:
        if entry.name == "Resources" and isinstance(entry.value, Mapping):
            made = tuple(each for each, _ in _entries(entry.value, to))
            entries.append(Entry(entry.key, Mapping(made, entry.value.span)))
        else:
            entries.append(entry)
    return Mapping(tuple(entries), root.span)


def _macros(template: Template) -> Iterator[NotResolved]:
    """Yield each macro that rewrites the template in a way of its own."""
    for node in template.transforms:
        name = text_of(node)
        if name is None and isinstance(node, Mapping):
            name = text_of(node.get("Name"))
        if name in KNOWN_TRANSFORMS:
            continue
        problem = f"the macro {quoted(name or '')} rewrites the template at deployment"
        yield NotResolved(
            f"/Transform/{escaped(name or '')}",
            "Transform",
            problem,
            written_as(_meaning(template.root)),
            node.span,
            "check the template that it makes",
        )


def _meaning(root: Mapping) -> Mapping:
    """Return a template without what no macro acts on."""
    kept = (each for each in root.entries if each.name not in ("Description", "Metadata"))
    return Mapping(tuple(kept), root.span)


def _sections(to: Resolver) -> Iterator[InTemplate]:
    """Take the template's resources and conditions in; yield what cannot be taken in."""
    template = to.template
    conditions = template.root.get("Conditions")
    for entry, trouble in _entries(conditions, to):
        if trouble is None:
            template.conditions.setdefault(entry.name, entry.value)
        else:
            yield _lost(entry, "Conditions", trouble)
    for entry, trouble in _entries(template.root.get("Resources"), to):
        if trouble is not None:
            yield _lost(entry, "Resources", trouble)
        elif (found := resource(entry, template.origins.get(entry.name))) is not None:
            yield from _taken_in(found, to)
        else:
            yield from stray(entry, to)


def _taken_in(found: Resource, to: Resolver) -> Iterator[InTemplate]:
    """Take a resource in, with the properties that loops and included files give it."""
    properties = found.properties
    if isinstance(properties, Mapping) and any(map(loops.is_made, properties.entries)):
        kept: list[Entry] = []
        for entry, trouble in _entries(properties, to):
            if trouble is None:
                kept.append(entry)
            else:
                yield _lost(entry, f"Resources/{escaped(found.id)}/Properties", trouble)
        found = replace(found, properties=Mapping(tuple(kept), properties.span))
    to.template.resources.setdefault(found.id, found)


def _entries(section: Node | None, to: Resolver) -> Iterator[tuple[Entry, NotFollowedError | None]]:
    """Yield a section's members, those of loops and included files too, and why not."""
    if section is not None and not isinstance(section, Mapping):
        name = Scalar("is not an object", section.span)
        yield Entry(name, section), NotFollowedError("a section of a template is an object")
    for entry in section.entries if isinstance(section, Mapping) else ():
        if not loops.is_made(entry):
            yield entry, None
            continue
        try:
            made = list(loops.entries(Mapping((entry,), entry.value.span), to))
        except TooMuchError:
            raise
        except NotFollowedError as error:
            yield entry, error
            continue
        yield from ((each, None) for each in made)


def _lost(entry: Entry, section: str, error: NotFollowedError) -> NotResolved:
    address = f"/{section}/{escaped(entry.name)}"
    content = written_as(entry.value)
    return NotResolved(address, entry.name, error.problem, content, entry.value.span, error.hint)


def _unique(found: Iterator[InTemplate]) -> tuple[InTemplate, ...]:
    """Return what was found, with no address twice."""
    seen: dict[str, int] = {}
    result: list[InTemplate] = []
    for each in found:
        count = seen.get(each.address, 0)
        seen[each.address] = count + 1
        result.append(_numbered(each, count) if count else each)
    return tuple(result)


def _numbered(found: InTemplate, count: int) -> InTemplate:
    address = f"{found.address}~~{count + 1}"
    if isinstance(found, TemplateDocument):
        return replace(found, address=address)
    return replace(found, address=address)
