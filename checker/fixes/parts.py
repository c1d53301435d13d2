"""A policy that is made of several documents: as one, and which of them says what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from checker.fixes.operations import Insert, NoSuchPlaceError, Operation, Path, Remove, Replace
from checker.policy.parse_node import items
from checker.source.documents import content
from checker.source.tree import Entry, Mapping, Node, Scalar
from checker.source.tree import Sequence as List
from checker.span import whole_file
from checker.template.value import TemplateDocument
from checker.template.worlds import World, settled


def merged(
    documents: Sequence[TemplateDocument], world: World
) -> tuple[Mapping, tuple[Mapping, ...]] | None:
    """Return documents as one, and each of them that is there; None if they are no policy."""
    nodes = [node for each in documents if (node := settled(each.value, world)) is not None]
    objects = tuple(node for node in nodes if isinstance(node, Mapping))
    if len(objects) != len(nodes) or not objects:
        return None
    if len(objects) == 1:
        return objects[0], objects
    statements = tuple(each for node in objects for each in statements_of(node))
    at = whole_file(objects[0].span.path)
    named = Entry(Scalar("Statement", at), List(statements, at))
    version = (entry for entry in objects[0].entries if entry.name == "Version")
    return Mapping((*version, named), at), objects


def statements_of(document: Mapping) -> Sequence[Node]:
    """Return the nodes of a document's statements."""
    body = document.get("Statement")
    return items(body) if body is not None else ()


def part_of(documents: Sequence[Mapping], path: Path) -> tuple[int, Path]:
    """Return which document a path of the whole leads into, and the rest of the path.

    Errors: `NoSuchPlaceError`.
    """
    if len(documents) == 1:
        return 0, path
    if len(path) < 2:
        raise NoSuchPlaceError
    number = int(path[1])
    for index, document in enumerate(documents):
        count = len(statements_of(document))
        if number < count:
            is_list = isinstance(document.get("Statement"), List)
            return index, (("Statement", str(number)) if is_list else ("Statement",)) + path[2:]
        number -= count
    raise NoSuchPlaceError


def by_document(
    documents: Sequence[Mapping], operations: Sequence[Operation]
) -> dict[int, list[Operation]]:
    """Return operations on the whole as operations on each document, by its number.

    Errors: `NoSuchPlaceError`.
    """
    found: dict[int, list[Operation]] = {}
    for each in operations:
        index, own = _in_part(documents, each)
        found.setdefault(index, []).append(own)
    return found


def _in_part(documents: Sequence[Mapping], operation: Operation) -> tuple[int, Operation]:
    match operation:
        case Remove(at):
            index, inside = part_of(documents, at)
            return index, Remove(inside)
        case Replace(at, value):
            index, inside = part_of(documents, at)
            return index, Replace(inside, value)
        case Insert(("Statement",), before, value) if len(documents) > 1:
            beside = ("Statement", str(max(before - 1, 0)))
            index, (*into, place) = part_of(documents, beside)
            if not place.isdecimal():
                raise NoSuchPlaceError
            return index, Insert(tuple(into), int(place) + min(before, 1), value)
        case Insert(into, before, value, name):
            index, inside = part_of(documents, into)
            return index, Insert(inside, before, value, name)


def says_the_same(one: Node, other: Node) -> bool:
    """Whether two policies say the same, in whatever order their statements stand."""
    return _said(one) == _said(other)


def _said(policy: Node) -> object:
    if not isinstance(policy, Mapping):
        return content(policy)
    rest = frozenset((e.name, content(e.value)) for e in policy.entries if e.name != "Statement")
    return rest, Counter(content(each) for each in statements_of(policy))
