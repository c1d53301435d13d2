"""Operations on policies of a module as edits of its files: made where each policy is written.

Which part of a file says what a node of a policy says, the node's place tells. Where that is a
value of another kind (a reference, a loop, a function), there is no edit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

from checker.errors import PolicySyntaxError
from checker.fixes import hcl_layout, layout
from checker.fixes.edited import Edited, EditedFile
from checker.fixes.hcl_aligning import aligned
from checker.fixes.hcl_layout import Change, Put, Quote, Swap, Take
from checker.fixes.hcl_source import Group, Kind, Source
from checker.fixes.hcl_statements import StatementBlock
from checker.fixes.hcl_writing import Writer, quoted_text
from checker.fixes.layout import NoLayoutError
from checker.fixes.operations import (
    Insert,
    NoSuchPlaceError,
    Operation,
    Remove,
    Replace,
    found,
)
from checker.policy.parse_node import items
from checker.refinement.text_edits import Splice, Text, spliced
from checker.source.documents import tree_of
from checker.source.tree import Mapping, Node
from checker.source.tree import Sequence as List

Sources: TypeAlias = Callable[[str], Source | None]

_STATEMENTS: Final = ("statement", "content")  # the latter in a `dynamic` block
_DEPTHS: Final = {"Condition": 3, "Principal": 2, "NotPrincipal": 2}


@dataclass(frozen=True, slots=True)
class Editor:
    """Edits the files of the new version of a module.

    inside: a value is replaced where it is written, as in a local or on one side of a conditional,
    and else where it is used.
    """

    head: Sources
    write: Writer
    inside: bool

    def edited(self, documents: Sequence[tuple[Mapping, Sequence[Operation]]]) -> Edited | None:
        """Return the files after operations on documents; None where these cannot be made there."""
        made: dict[str, list[Splice]] = {}
        try:
            for document, operations in documents:
                for path, splices in self._splices(document, operations):
                    made.setdefault(path, []).extend(splices)
            return Edited(tuple(self._file(path, splices) for path, splices in made.items()))
        except (NoLayoutError, NoSuchPlaceError, PolicySyntaxError, ValueError, IndexError):
            return None

    def _file(self, path: str, splices: Collection[Splice]) -> EditedFile:
        source = self._source(path)
        ordered = sorted(dict.fromkeys(splices), key=lambda each: (each.start, each.end))
        if any(one.end > other.start for one, other in pairwise(ordered)):
            raise NoLayoutError
        text = spliced(source.text.text, ordered)
        return aligned(EditedFile(path, source.text, text, tuple(ordered)))

    def _source(self, path: str) -> Source:
        source = self.head(path)
        if source is None:
            raise NoLayoutError
        return source

    def _splices(
        self, document: Mapping, operations: Sequence[Operation]
    ) -> Iterator[tuple[str, Sequence[Splice]]]:
        """Yield what changes in each file: of text in JSON all at once, else one by one."""
        source = self._source(document.span.path)
        if _is_json(source, document):
            base = self._base(operations)
            text = base.text if base else None
            yield source.path, layout.splices(source.text, text, document, operations)
            return
        in_quotes = source.literal(document.span)
        if in_quotes is not None and in_quotes.lstrip().startswith("{"):
            yield source.path, self._in_quotes(source, document, in_quotes, operations)
            return
        changes: dict[str, list[Change]] = {}
        for operation in operations:
            for where, change in self._changes(document, operation):
                changes.setdefault(where.path, []).append(change)
        for path, own in changes.items():
            yield path, hcl_layout.splices(self._source(path), own)

    def _in_quotes(
        self, source: Source, document: Mapping, text: str, operations: Sequence[Operation]
    ) -> Sequence[Splice]:
        """Return what changes of a string whose text is a policy in JSON."""
        whole = source.value(document.span)
        if whole is None:
            raise NoLayoutError
        inner = Text(text)
        made = layout.splices(inner, None, tree_of(text, "policy.json"), operations)
        quote = Quote((quoted_text(spliced(text, made)),))
        return hcl_layout.splices(source, (Swap(whole, 0, quote),))

    def _base(self, operations: Sequence[Operation]) -> Source | None:
        values = (each.value for each in operations if not isinstance(each, Remove))
        old = self.write.base
        return next((old(value.span.path) for value in values), None) if old else None

    def _changes(self, document: Mapping, operation: Operation) -> Iterator[tuple[Source, Change]]:
        path = operation.into if isinstance(operation, Insert) else operation.at
        head = 2 if isinstance(document.get("Statement"), List) else 1
        if len(path) > head or (len(path) == head and isinstance(operation, Insert)):
            statement = found(document, path[:head])
            if not isinstance(statement, Mapping):
                raise NoSuchPlaceError
            source = self._source(statement.span.path)
            block = source.block(statement.span)
            body = source.group(statement.span)
            if block is not None and block.type in _STATEMENTS and body is not None:
                inside = _below(operation, head)
                if _is_of_blocks(inside):
                    each = StatementBlock(source, body, statement, self.write)
                    yield from ((source, change) for change in each.changes(inside))
                    return
        yield self._of_value(document, operation)

    def _of_value(self, document: Mapping, operation: Operation) -> tuple[Source, Change]:
        """Return what an operation changes in a list or an object, or among the blocks of a body."""
        if isinstance(operation, Insert):
            return self._inserted(document, operation)
        node, above = found(document, operation.at), found(document, operation.at[:-1])
        if node is None or above is None:
            raise NoSuchPlaceError
        if self.inside and isinstance(operation, Replace):
            written = self._source(node.span.path)
            value = written.value(node.span)
            if value is not None and written.block(node.span) is None:
                is_short = _is_short(written, value)
                return written, Swap(value, 0, self.write.value(operation.value, is_short=is_short))
        source, group, place = self._part(node, above, operation.at[-1])
        if isinstance(operation, Remove):
            return source, Take(group, place)
        is_short = _is_short(source, group)
        if group.kind is Kind.BODY:
            return source, Swap(group, place, self.write.statement(operation.value))
        return source, Swap(group, place, self.write.value(operation.value, is_short=is_short))

    def _part(self, node: Node, above: Node, name: str) -> tuple[Source, Group, int]:
        """Return the part that says what a node says: by its name or number, else by its place."""
        source = self._source(above.span.path)
        group = source.group(above.span)
        if group is not None and group.kind is Kind.OBJECT and isinstance(above, Mapping):
            place = group.named(name)
            if place is not None:
                return source, group, place
        if (
            group is not None
            and group.kind is Kind.LIST
            and len(group.children) == len(items(above))
        ):
            return source, group, int(name)
        source = self._source(node.span.path)
        held = source.holder(node.span)
        if held is None or (held[0].kind is Kind.BODY) is not (source.block(node.span) is not None):
            raise NoLayoutError
        return source, *held

    def _inserted(self, document: Mapping, operation: Insert) -> tuple[Source, Change]:
        above = found(document, operation.into)
        if above is None:
            raise NoSuchPlaceError
        source, group, place = self._gap(above, operation.before)
        is_short = _is_short(source, group)
        if group.kind is Kind.BODY:
            quote = self.write.statement(operation.value)
        elif group.kind is Kind.OBJECT:
            quote = self.write.member(operation.name, operation.value, is_short=is_short)
        else:
            quote = self.write.value(operation.value, is_short=is_short)
        return source, Put(group, place, quote)

    def _gap(self, above: Node, before: int) -> tuple[Source, Group, int]:
        """Return in front of which part of a file something comes, that comes below a node."""
        source = self._source(above.span.path)
        group = source.group(above.span)
        parts = above.entries if isinstance(above, Mapping) else items(above)
        if group is not None and group.kind is not Kind.BODY and len(group.children) == len(parts):
            return source, group, before
        if isinstance(above, Mapping):
            raise NoLayoutError
        beside = items(above)
        index = max(before - 1, 0)
        if index >= len(beside):
            raise NoLayoutError
        source, group, place = self._part(beside[index], above, str(index))
        return source, group, place + min(before, 1)


def _is_json(source: Source, document: Mapping) -> bool:
    """Whether a document stands in a file as JSON: by itself, or inside a text."""
    return source.text.is_flow(document) and source.group(document.span) is None


def _is_short(source: Source, group: Group) -> bool:
    """Whether all between two brackets stands on one line."""
    return "\n" not in source.text.text[group.start : group.end] and bool(group.children)


def _is_of_blocks(operation: Operation) -> bool:
    """Whether an operation below a statement is about what its blocks and arguments say as wholes."""
    path = (*operation.into, operation.name) if isinstance(operation, Insert) else operation.at
    return len(path) <= _DEPTHS.get(path[0], 1)


def _below(operation: Operation, depth: int) -> Operation:
    if isinstance(operation, Insert):
        return Insert(operation.into[depth:], operation.before, operation.value, operation.name)
    if isinstance(operation, Remove):
        return Remove(operation.at[depth:])
    return Replace(operation.at[depth:], operation.value)
