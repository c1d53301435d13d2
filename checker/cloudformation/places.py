"""The places of a resource that a path of properties leads to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from checker.cloudformation import loops
from checker.cloudformation.calls import Call, call, text_of
from checker.cloudformation.resolve import Resolver
from checker.cloudformation.template import escaped
from checker.cloudformation.tests import Test, both, negated
from checker.cloudformation.trouble import NotFollowedError
from checker.source.places import quoted
from checker.source.tree import Mapping, Node, Sequence

_NAMES = ("PolicyName", "Region", "Name")


@dataclass(frozen=True, slots=True)
class Place:
    """A node that a path leads to.

    name: what the item of a list that it stands in calls itself, or "".
    there: the condition under which it is there.
    """

    address: str
    node: Node
    name: str = ""
    there: Test = True


def places(node: Node | None, path: tuple[str, ...], address: str, to: Resolver) -> list[Place]:
    """Return the places that a path of properties leads to, from the node at `address`."""
    if node is None:
        return []
    return list(_below(Place(address, node), path, to))


def _below(at: Place, path: tuple[str, ...], to: Resolver) -> Iterator[Place]:
    if not path:
        yield at
        return
    found = call(at.node)
    if found:
        yield from _called(at, found, path, to)
    elif path[0] == "*":
        for step, item, name in _items(at.node):
            below = Place(f"{at.address}/{escaped(step)}", item, name, at.there)
            yield from _below(below, path[1:], to)
    elif isinstance(at.node, Mapping):
        for entry in loops.entries(at.node, to):
            if entry.name == path[0]:
                below = replace(at, address=f"{at.address}/{entry.name}", node=entry.value)
                yield from _below(below, path[1:], to)


def _called(at: Place, found: Call, path: tuple[str, ...], to: Resolver) -> Iterator[Place]:
    """Yield what is below the value of a function."""
    if found.name == "If":
        yield from _sides(at, found.argument, path, to)
    elif found.name == "Ref" and text_of(found.argument) == "AWS::NoValue":
        return
    elif found.name == "Transform":
        yield from _below(replace(at, node=loops.included(found.argument, to)), path, to)
    else:
        name = found.name if found.name == "Ref" else f"Fn::{found.name}"
        raise NotFollowedError(
            f"its policies are in the value of {quoted(name)}", "write them into the resource"
        )


def _sides(at: Place, argument: Node, path: tuple[str, ...], to: Resolver) -> Iterator[Place]:
    """Yield what is below the two sides of a choice."""
    items = argument.items if isinstance(argument, Sequence) else ()
    name = text_of(items[0]) if len(items) == 3 else None
    if name is None:
        raise NotFollowedError("its `Fn::If` is not a condition and two values")
    test = to.condition(name)
    for index, there in ((1, test), (2, negated(test))):
        both_are = both(at.there, there, to.template.budget)
        if both_are is not False:
            side = Place(f"{at.address}/Fn::If/{index}", items[index], at.name, both_are)
            yield from _below(side, path, to)


def _items(node: Node) -> Iterator[tuple[str, Node, str]]:
    """Yield each item of a list: by its own name if no other has it, else by its number."""
    items = node.items if isinstance(node, Sequence) else (node,)
    names = [_name(item) for item in items]
    for index, (item, name) in enumerate(zip(items, names, strict=True)):
        step = name if name and names.count(name) == 1 and not name.isdecimal() else str(index)
        yield step, item, name


def _name(item: Node) -> str:
    if not isinstance(item, Mapping):
        return ""
    return next((text for name in _NAMES if (text := text_of(item.get(name)))), "")
