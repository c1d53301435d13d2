"""A policy that is made of several documents: as one, and which of them says what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

from checker.fixes.operations import Insert, NoSuchPlaceError, Operation, Path, Remove, Replace
from checker.policy.parse_node import items
from checker.source.documents import content
from checker.source.symbols import ACTIONS_OF, is_mark, name_of
from checker.source.tree import Entry, Mapping, Node, Scalar
from checker.source.tree import Sequence as List
from checker.span import whole_file
from checker.template.value import TemplateDocument
from checker.template.worlds import World, settled


@dataclass(frozen=True, slots=True)
class Whole:
    """Documents as one: its node, and each of them that is there.

    foreign: nodes of statements, by identity, of what stands in no file. addresses: of the parts.
    """

    node: Mapping
    parts: tuple[Mapping, ...]
    foreign: frozenset[int]
    addresses: tuple[str, ...]

    def home(self, statement: Node) -> tuple[str, int] | None:
        """Return the address of the document that a node is a statement of, and its number there."""
        for address, part in zip(self.addresses, self.parts, strict=True):
            for number, each in enumerate(statements_of(part)):
                if each is statement:
                    return address, number
        return None


def merged(documents: Sequence[TemplateDocument], world: World) -> Whole | None:
    """Return documents as one; None if they are no policy."""
    nodes = [(each, settled(each.value, world)) for each in documents]
    there = [(each, node) for each, node in nodes if node is not None]
    parts = tuple(node for _, node in there if isinstance(node, Mapping))
    if len(parts) != len(there) or not parts:
        return None
    foreign = frozenset(
        id(statement)
        for each, node in there
        if isinstance(node, Mapping)
        for statement in statements_of(node)
        if each.assumes or _is_unread(statement)
    )
    addresses = tuple(each.address for each, _ in there)
    if len(parts) == 1:
        return Whole(parts[0], parts, foreign, addresses)
    statements = tuple(each for node in parts for each in statements_of(node))
    at = whole_file(parts[0].span.path)
    named = Entry(Scalar("Statement", at), List(statements, at))
    version = (entry for entry in parts[0].entries if entry.name == "Version")
    return Whole(Mapping((*version, named), at), parts, foreign, addresses)


def _is_unread(statement: Node) -> bool:
    """Whether a statement is one of a policy of which nothing but the ARN is known."""
    action = statement.get("Action") if isinstance(statement, Mapping) else None
    text = action.value if isinstance(action, Scalar) else None
    return isinstance(text, str) and is_mark(text) and name_of(text).startswith(ACTIONS_OF)


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
    whole: Whole, operations: Sequence[Operation], old: Whole | None
) -> dict[int, list[Operation]]:
    """Return operations on the whole as operations on each document, by its number.

    old: what comes back goes where it was there, if that document is still there.
    Errors: `NoSuchPlaceError`.
    """
    found: dict[int, list[Operation]] = {}
    for each in operations:
        home = old.home(each.value) if old and _is_statement(each) else None
        if home and home[0] in whole.addresses and _is_statement(each):
            index = whole.addresses.index(home[0])
            place = min(home[1], len(statements_of(whole.parts[index])))
            own: Operation = Insert(("Statement",), place, each.value)
        else:
            index, own = _in_part(whole.parts, each)
        found.setdefault(index, []).append(own)
    return found


def _is_statement(operation: Operation) -> TypeGuard[Insert]:
    return isinstance(operation, Insert) and operation.into == ("Statement",)


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
