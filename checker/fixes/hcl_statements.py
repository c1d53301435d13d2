"""Operations on a statement that is a block of an `aws_iam_policy_document`, as changes of the block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checker.fixes.hcl_layout import Change, Put, Quote, Swap, Take
from checker.fixes.hcl_source import Group, Source
from checker.fixes.hcl_writing import ARGUMENTS, BLOCKS, Writer
from checker.fixes.layout import NoLayoutError
from checker.fixes.operations import Insert, Operation, Path, Remove, Replace, found
from checker.source.tree import Entry, Mapping, Node, Scalar
from checker.span import Span


@dataclass(frozen=True, slots=True)
class StatementBlock:
    """A `statement` block of a file, what it says as a policy has it, and what comes into it."""

    source: Source
    body: Group
    node: Mapping
    write: Writer

    def changes(self, operation: Operation) -> Iterator[Change]:
        """Yield what an operation on an element, or on what is right below one, changes.

        Errors: `NoLayoutError`.
        """
        path = operation.into if isinstance(operation, Insert) else operation.at
        element = path[0] if path else operation.name if isinstance(operation, Insert) else ""
        if element in ARGUMENTS and len(path) < 2:
            yield from self._argument(element, operation)
        elif element in BLOCKS:
            yield from self._blocks(element, path, operation)
        else:
            raise NoLayoutError

    def _argument(self, element: str, operation: Operation) -> Iterator[Change]:
        place = self.body.named(ARGUMENTS[element])
        is_unwritten = place is None and element == "Effect"  # it is `Allow` then
        if isinstance(operation, Insert) or (is_unwritten and isinstance(operation, Replace)):
            quote = self.write.argument(element, operation.value)
            yield Put(self.body, self._place_of_argument(element), quote)
        elif place is None:
            raise NoLayoutError
        elif isinstance(operation, Remove):
            yield Take(self.body, place)
        else:
            is_text = element in ("Sid", "Effect")
            value = operation.value
            quote = self.write.value(value, is_short=True) if is_text else self.write.texts(value)
            yield Swap(self.body, place, quote)

    def _place_of_argument(self, element: str) -> int:
        """Return where an argument goes: in the place of its negation, else where it is usual."""
        other = element.removeprefix("Not") if element.startswith("Not") else f"Not{element}"
        place = self.body.named(ARGUMENTS.get(other, ""))
        if place is not None:
            return place
        order = list(ARGUMENTS)
        earlier = (self.body.named(ARGUMENTS[name]) for name in order[: order.index(element)])
        return max((each + 1 for each in earlier if each is not None), default=0)

    def _blocks(self, element: str, path: Path, operation: Operation) -> Iterator[Change]:
        match operation:
            case Remove():
                yield from (Take(self.body, place) for place in self._standing(path))
            case Replace(value=value) if len(path) == 1:
                there = self._standing(path)
                yield from (Take(self.body, place) for place in there)
                quotes = self.write.blocks(_entry(element, value))
                yield from (Put(self.body, there[0], quote) for quote in quotes)
            case Replace(value=value):
                yield self._list_of(self._standing(path)[0], value)
            case Insert(into, before, value, name):
                quotes = self._quotes(element, into, value, name)
                gap = self._gap(element, into, before)
                yield from (Put(self.body, gap, quote) for quote in quotes)

    def _quotes(self, element: str, into: Path, value: Node, name: str) -> list[Quote]:
        entry = _entry(name, value)
        match into:
            case ():
                return self.write.blocks(entry)
            case ("Condition",):
                return self.write.conditions(entry)
            case ("Condition", test):
                return [self.write.condition(test, entry)]
            case (_,):
                return [self.write.principals(BLOCKS[element], entry)]
            case _:
                raise NoLayoutError

    def _gap(self, element: str, into: Path, before: int) -> int:
        """Return where a block goes: in front of the next one like it, or behind the last."""
        there = found(self.node, into)
        entries = there.entries if isinstance(there, Mapping) and into else ()
        if before < len(entries):
            return self._standing((*into, entries[before].name))[0]
        alike = [n for n, c in enumerate(self.body.children) if c.name == BLOCKS[element]]
        if alike:
            return alike[-1] + 1
        conditions = [n for n, c in enumerate(self.body.children) if c.name == "condition"]
        is_first = element != "Condition" and bool(conditions)
        return conditions[0] if is_first else len(self.body.children)

    def _standing(self, path: Path) -> list[int]:
        """Return which blocks say what is at a path below the statement.

        Errors: `NoLayoutError` if it is not blocks of this statement that do.
        """
        there = found(self.node, path)
        if there is None:
            raise NoLayoutError
        key = _key_of(found(self.node, path[:-1]), path[-1])
        places = [self._place(each, BLOCKS[path[0]]) for each in _places(path, there, key)]
        if not places:
            raise NoLayoutError
        return list(dict.fromkeys(places))

    def _place(self, span: Span, block_type: str) -> int:
        block = self.source.block_around(span, (block_type,))
        place = self.body.place(block.span) if block else None
        if place is None:
            raise NoLayoutError
        return place

    def _list_of(self, place: int, value: Node) -> Swap:
        """Return another list for the values or the identifiers of one block."""
        inner = self.source.group(self.body.children[place].span)
        names = (inner.named(name) for name in ("values", "identifiers")) if inner else ()
        at = next((each for each in names if each is not None), None)
        if inner is None or at is None:
            raise NoLayoutError
        return Swap(inner, at, self.write.texts(value))


def _entry(name: str, value: Node) -> Entry:
    return Entry(Scalar(name, value.span), value)


def _key_of(above: Node | None, name: str) -> Scalar | None:
    entries = above.entries if isinstance(above, Mapping) else ()
    return next((each.key for each in entries if each.name == name), None)


def _places(path: Path, there: Node, key: Scalar | None) -> Iterator[Span]:
    """Yield a place in each block that says part of an element: its `variable`, or its `type`."""
    depth = 3 if path[0] == "Condition" else 2  # below which a name is that of one block
    if len(path) >= depth or not isinstance(there, Mapping):
        yield key.span if key and len(path) >= depth else there.span
        return
    for entry in there.entries:
        yield from _places((*path, entry.name), entry.value, entry.key)
