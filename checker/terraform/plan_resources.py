"""Resources of a plan: what it knows of them, at the places where the source writes it.

What a plan leaves open until the change is applied is what the source says of it, with all values
that the plan knows; where no source tells, it goes by the address of the resource.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from checker.source.tree import Mapping, Scalar, Sequence
from checker.template.value import Unknown, Value
from checker.terraform.alignment import aligned
from checker.terraform.evaluate import evaluate
from checker.terraform.plan_file import (
    Planned,
    is_marked,
    member,
    text_of,
)
from checker.terraform.plan_values import Marks, Names, Reader, References, nested_in
from checker.terraform.resources import Resource
from checker.terraform.syntax import Argument, Block, Body
from checker.terraform.values import FailedError, from_node, known_text, truth


def mixed(
    planned: Planned, resource: Resource, references: References, *, before: bool
) -> Resource | None:
    """Return a resource of the source with all that a plan knows in place of what it says.

    What the plan's own configuration sets is there in any case, although this source does not.
    """
    side = planned.side(before=before)
    if side is None:
        return None
    marks, names = Marks(planned, before, side), Names()
    body = resource.block.body
    arguments = [_argument(each, marks, names, resource) for each in body.arguments]
    blocks, more = _blocks(marks, names, resource)
    told = {*(each.name for each in body.arguments), *map(_inner, body.blocks)}
    configured = references.configured(planned.address.configured) or frozenset()
    reader = Reader(marks, references, names)
    for name in sorted(configured - told):
        unsaid = _unsaid(name, reader, resource)
        more += [each for each in unsaid if isinstance(each, Argument)]
        blocks += [each for each in unsaid if isinstance(each, Block)]
    kept = [each for each in (*arguments, *more) if each is not None]
    instance = replace(
        resource.instance,
        names={**resource.instance.names, **names.bound},
        exists=truth(True, resource.block.span),  # noqa: FBT003
    )
    block = replace(resource.block, body=Body(tuple(kept), tuple(blocks)))
    return replace(resource, block=block, instance=instance, address=planned.known_as)


def _unsaid(name: str, reader: Reader, resource: Resource) -> list[Argument | Block]:
    """Return an attribute of which the source does not tell, at the place of its resource."""
    marks, names, at = reader.marks, reader.names, resource.block.span
    node = marks.side.values.get(name)
    if name in nested_in(resource.type) and isinstance(node, Sequence):
        if reader.is_open(name):
            return list(reader.blocks(name, node))
        like = [Block(name, (), Body((), ()), at)]
        return list(_planned_blocks(name, node, like, names, resource))
    if is_marked(marks.of(name)[1]):
        hidden = Unknown(marks.hidden(name, name), at, many=True)
        return [Argument(name, names.name(name, hidden, at), at)]
    if reader.is_open(name):
        return [Argument(name, reader.open(name, at), at)]
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return []
    return [Argument(name, names.name(name, aligned(node, None, at), at), at)]


def _argument(
    argument: Argument, marks: Marks, names: Names, resource: Resource
) -> Argument | None:
    """Return an argument with its planned value; None where that is null."""
    name = argument.name
    node = marks.side.values.get(name)
    unknown, secret = marks.of(name)
    if is_marked(secret):
        if not marks.is_old(name):
            return argument
        hidden = Unknown(marks.hidden(name, name), argument.at, many=True)
        return replace(argument, value=names.name(name, hidden, argument.at))
    if is_marked(unknown) or node is None:
        return argument
    if isinstance(node, Scalar) and node.value is None:
        return None
    if name in nested_in(resource.type) and isinstance(node, Sequence):
        return None
    try:
        written = resource.worked_out(argument.value)
    except FailedError:
        written = None
    value = aligned(node, written, argument.at)
    return replace(argument, value=names.name(name, value, argument.at))


def _inner(block: Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def _blocks(marks: Marks, names: Names, resource: Resource) -> tuple[list[Block], list[Argument]]:
    """Return the blocks of a resource; as arguments those that no carrier is in."""
    body = resource.block.body
    places: dict[str, list[Block]] = {}
    for block in body.blocks:
        places.setdefault(_inner(block), []).append(block)
    nested = nested_in(resource.type)
    for argument in body.arguments:
        if argument.name in nested:
            places.setdefault(argument.name, []).append(
                Block(argument.name, (), Body((), ()), argument.at)
            )
    found: list[Block] = []
    more: list[Argument] = []
    for type_, written in places.items():
        node = marks.side.values.get(type_)
        if any(map(is_marked, marks.of(type_))) or not isinstance(node, Sequence):
            found += written
        elif type_ in nested:
            found += _planned_blocks(type_, node, written, names, resource)
        else:
            at = written[0].span
            more.append(Argument(type_, names.name(type_, from_node(node, at), at), at))
    return found, more


def _planned_blocks(
    type_: str, node: Sequence, written: list[Block], names: Names, resource: Resource
) -> Iterator[Block]:
    """Yield the blocks that a plan has, at the places of those of the same name."""
    by_name = {_name_of(block.body, resource): block for block in written}
    for index, item in enumerate(node.items):
        like = by_name.get(text_of(member(item, "name")))
        if like is None:
            like = written[index] if len(written) == len(node.items) else written[0]
        body = like.body
        if like.type == "dynamic" and (content := body.of_type("content")):
            body = content[0].body
        arguments: list[Argument] = []
        for entry in item.entries if isinstance(item, Mapping) else ():
            if isinstance(entry.value, Scalar) and entry.value.value is None:
                continue
            argument = body.argument(entry.name)
            at = argument.at if argument else like.span
            source = _worked_out(argument, resource) if argument and body is like.body else None
            path = f"{type_}[{index}].{entry.name}"
            value = names.name(path, aligned(entry.value, source, at), at)
            arguments.append(Argument(entry.name, value, at))
        yield Block(type_, (), Body(tuple(arguments), ()), like.span)


def _name_of(body: Body, resource: Resource) -> str:
    argument = body.argument("name")
    value = _worked_out(argument, resource) if argument else None
    return (known_text(value) if value is not None else None) or ""


def _worked_out(argument: Argument, resource: Resource) -> Value | None:
    try:
        return evaluate(argument.value, resource.scope)
    except FailedError:
        return None
