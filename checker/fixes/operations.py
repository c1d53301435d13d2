"""Changes of a document, said of its nodes: carried out on the tree, and as an RFC 6902 patch.

All places are those of the document before any change, so that a set of operations has no order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence as AbstractSequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from checker.refinement.edits import Json, plain
from checker.source.symbols import holds_mark
from checker.source.tree import Entry, Mapping, Node, Scalar, Sequence
from checker.span import whole_file

Path: TypeAlias = tuple[str, ...]
"""Names and indices from the root, as between the slashes of a JSON pointer, not escaped."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Remove:
    """The item or member goes."""

    at: Path


@dataclass(frozen=True, slots=True)
class Replace:
    """The value is another one."""

    at: Path
    value: Node


@dataclass(frozen=True, slots=True)
class Insert:
    """A value comes in front of the child number `before` of a list or, named, of an object.

    In the place of a member that goes, it is the member with another name.
    """

    into: Path
    before: int
    value: Node
    name: str = ""


Operation: TypeAlias = Remove | Replace | Insert


class NoSuchPlaceError(LookupError):
    """An operation speaks of a place that the document does not have, or two of them meet."""


def below(operations: Iterable[Operation], path: Path) -> tuple[Operation, ...]:
    """Return the operations as said of a tree in which the document stands at `path`."""
    return tuple(_moved(each, path) for each in operations)


def _moved(operation: Operation, path: Path) -> Operation:
    match operation:
        case Remove(at):
            return Remove((*path, *at))
        case Replace(at, value):
            return Replace((*path, *at), value)
        case Insert(into, before, value, name):
            return Insert((*path, *into), before, value, name)


def path_of(pointer: str) -> Path:
    """Return the path that a JSON pointer writes."""
    parts = pointer.split("/")[1:]
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def pointer(path: Path) -> str:
    """Return a path as a JSON pointer."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


def children(node: Node) -> dict[str, Node]:
    """Return what is right below a node, by name or index."""
    match node:
        case Sequence(items):
            return {str(index): item for index, item in enumerate(items)}
        case Mapping(entries):
            return {entry.name: entry.value for entry in entries}
        case Scalar():
            return {}


def found(node: Node, path: Path) -> Node | None:
    """Return the node at a path, if there is one."""
    at: Node | None = node
    for part in path:
        at = None if at is None else children(at).get(part)
    return at


def applied(node: Node, operations: Collection[Operation]) -> Node:
    """Return the tree after the operations; what they do not touch is the same object.

    Errors: `NoSuchPlaceError`.
    """
    if any(not isinstance(each, Insert) and not each.at for each in operations):
        return _replacement(operations)
    by_child: dict[str, list[Operation]] = {}
    inserts: list[Insert] = []
    for each in operations:
        if isinstance(each, Insert) and not each.into:
            inserts.append(each)
        else:
            by_child.setdefault(_place(each)[0], []).append(_inside(each))
    if by_child.keys() - children(node).keys():
        raise NoSuchPlaceError
    match node:
        case Sequence(items):
            changed = [_child(item, by_child.get(str(i), ())) for i, item in enumerate(items)]
            fresh = _by_gap(((each.before, each.value) for each in inserts), len(items))
            return Sequence(tuple(_woven(changed, fresh)), node.span)
        case Mapping(entries):
            members = [_member(entry, by_child.get(entry.name, ())) for entry in entries]
            named = ((each.before, _named(each)) for each in inserts)
            woven = _woven(members, _by_gap(named, len(entries)))
            if len({entry.name for entry in woven}) < len(woven):
                raise NoSuchPlaceError
            return Mapping(tuple(woven), node.span)
        case Scalar():
            if inserts:
                raise NoSuchPlaceError
            return node


def _replacement(operations: Collection[Operation]) -> Node:
    """Return what one operation puts in the place of all of a tree."""
    only = next(iter(operations))
    if len(operations) > 1 or not isinstance(only, Replace):
        raise NoSuchPlaceError
    return only.value


def _place(operation: Operation) -> Path:
    return operation.into if isinstance(operation, Insert) else operation.at


def _inside(operation: Operation) -> Operation:
    match operation:
        case Remove(at):
            return Remove(at[1:])
        case Replace(at, value):
            return Replace(at[1:], value)
        case Insert(into, before, value, name):
            return Insert(into[1:], before, value, name)


def _child(node: Node, operations: Collection[Operation]) -> Node | None:
    if any(isinstance(each, Remove) and not each.at for each in operations):
        if len(operations) > 1:
            raise NoSuchPlaceError
        return None
    return applied(node, operations) if operations else node


def _member(entry: Entry, operations: Collection[Operation]) -> Entry | None:
    if not operations:
        return entry
    value = _child(entry.value, operations)
    return None if value is None else Entry(entry.key, value)


def _named(insert: Insert) -> Entry:
    return Entry(Scalar(insert.name, whole_file("")), insert.value)


def _by_gap(inserts: Iterable[tuple[int, T]], most: int) -> dict[int, list[T]]:
    gaps: dict[int, list[T]] = {}
    for before, value in inserts:
        if not 0 <= before <= most:
            raise NoSuchPlaceError
        gaps.setdefault(before, []).append(value)
    return gaps


def _woven(kept: AbstractSequence[T | None], fresh: AbstractMapping[int, list[T]]) -> list[T]:
    woven: list[T] = []
    for index, child in enumerate(kept):
        woven += fresh.get(index, ())
        if child is not None:
            woven.append(child)
    return [*woven, *fresh.get(len(kept), ())]


def patch(operations: AbstractSequence[Operation]) -> tuple[dict[str, Json], ...]:
    """Return the operations as those of RFC 6902: the last place first, so that indices hold."""
    ordered = sorted(operations, key=_order)
    ordered.reverse()  # so that of several in one gap the last comes first as well
    return tuple(_operation(each) for each in ordered)


def _order(operation: Operation) -> tuple[tuple[int, str, int], ...]:
    match operation:
        case Insert(into, before):
            return (*_sortable(into), (before, "", 0))  # after the item that goes from there
        case Remove(at) | Replace(at):
            return _sortable(at)


def _sortable(path: Path) -> tuple[tuple[int, str, int], ...]:
    return tuple((int(p), "", 1) if p.isdecimal() else (-1, p, 1) for p in path)


def _operation(operation: Operation) -> dict[str, Json]:
    match operation:
        case Remove(at):
            return {"op": "remove", "path": pointer(at)}
        case Replace(at, value):
            return {"op": "replace", "path": pointer(at), "value": plain(value)}
        case Insert(into, before, value, name):
            place = pointer((*into, name or str(before)))
            return {"op": "add", "path": place, "value": plain(value)}


def is_written(operations: Iterable[Operation]) -> bool:
    """Whether all values are text that a file may hold: none is what a template leaves open."""
    return not any(_has_mark(each.value) for each in operations if not isinstance(each, Remove))


def _has_mark(node: Node) -> bool:
    match node:
        case Scalar(value):
            return isinstance(value, str) and holds_mark(value)
        case Sequence(items):
            return any(map(_has_mark, items))
        case Mapping(entries):
            return any(holds_mark(entry.name) or _has_mark(entry.value) for entry in entries)
