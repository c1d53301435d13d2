"""Operations as splices of the text that a document was read from, in the manner of that text.

What is put back is taken from the old text, shifted to where it goes; what is not there in a form
that fits is written anew. Whether the result says what it should, the caller finds out by reading
it again: nothing here has to be right for a fix to be.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from checker.fixes.operations import Insert, Operation, Remove, Replace
from checker.fixes.runs import Run, runs
from checker.fixes.writing import Writer
from checker.refinement.text_edits import Splice, Text
from checker.source.tree import Mapping, Node, Scalar, Sequence

Bounds: TypeAlias = tuple[int, int]

_BETWEEN: Final = re.compile(r"\s*,(\s*)").fullmatch
_DASH: Final = re.compile(r"(\s*)-(\s+)").fullmatch


class NoLayoutError(Exception):
    """The text cannot be changed in this way without touching more than what is meant."""


def splices(
    head: Text, base: Text | None, root: Node, operations: Collection[Operation]
) -> tuple[Splice, ...]:
    """Return the splices of `head` that carry out operations on the tree that was read from it.

    base: where values that come were read from, if their text is to be kept.
    Errors: `NoLayoutError`.
    """
    layout = _Layout(head, Writer(head, base))
    return tuple(layout.of(root, operations))


@dataclass(frozen=True, slots=True)
class _Fresh:
    """What comes in front of a child."""

    value: Node
    name: str


@dataclass(frozen=True, slots=True)
class _Children:
    """Where the items of a list, or the members of an object, begin and end."""

    head: Text
    node: Sequence | Mapping

    def __len__(self) -> int:
        return len(_values(self.node))

    def __getitem__(self, index: int) -> Bounds:
        if isinstance(self.node, Sequence):
            return self.head.bounds(self.node.items[index])
        entry = self.node.entries[index]
        return self.head.bounds(entry.key)[0], self.head.bounds(entry.value)[1]


@dataclass(frozen=True, slots=True)
class _Layout:
    head: Text
    write: Writer

    def of(self, node: Node, operations: Collection[Operation]) -> Iterator[Splice]:
        """Yield the splices of what is at or below a node."""
        if isinstance(node, Scalar):
            raise NoLayoutError
        inside: dict[str, list[Operation]] = {}
        own: list[Operation] = []
        for each in operations:
            path = each.into if isinstance(each, Insert) else each.at
            if len(path) > (0 if isinstance(each, Insert) else 1):
                inside.setdefault(path[0], []).append(_inside(each))
            else:
                own.append(each)
        names = _names(node)
        if own:
            yield from self._own(node, names, own)
        values = _values(node)
        for name, below in inside.items():
            yield from self.of(values[names.index(name)], below)

    def _own(
        self, node: Sequence | Mapping, names: list[str], own: list[Operation]
    ) -> Iterator[Splice]:
        gone = {names.index(each.at[0]) for each in own if isinstance(each, Remove)}
        fresh: dict[int, list[_Fresh]] = {}
        for each in own:
            if isinstance(each, Insert):
                fresh.setdefault(each.before, []).append(_Fresh(each.value, each.name))
            elif isinstance(each, Replace):
                yield self._replaced(node, names.index(each.at[0]), each.value)
        if len(gone) == len(names) and not fresh:
            raise NoLayoutError
        for run in runs(len(names), gone, fresh):
            yield from self._flow(node, run) if self.head.is_flow(node) else self._block(node, run)

    def _replaced(self, node: Sequence | Mapping, index: int, value: Node) -> Splice:
        """Return the splice that puts a value in the place of another one."""
        start, end = self.head.bounds(_values(node)[index])
        if self.head.is_flow(node):
            is_short = self._is_one_line(node)
            text = self.write.flow(value, self._indent(start), self._written(start, end), is_short)
            return Splice(start, end, text)
        if isinstance(node, Sequence):
            dash = self._dash(start)
            return Splice(start, end, self.write.item(value, dash, self._written(start, end)))
        key_start, key_end = self.head.bounds(node.entries[index].key)
        column = node.entries[index].key.span.start.column - 1
        name = self.head.text[key_start:key_end]
        if isinstance(value, Scalar) and isinstance(node.entries[index].value, Scalar):
            return Splice(start, end, self.write.item(value, column, self._written(start, end)))
        return Splice(key_start, end, self.write.member(name, value, column))

    def _flow(self, node: Sequence | Mapping, run: Run[_Fresh]) -> Iterator[Splice]:
        bounds = self._bounds(node)
        if run.fresh:
            texts = [self._flow_text(node, each, run.first) for each in run.fresh]
            separator = self._separator(node, bounds)
            if run.first < run.end:
                whole = separator.join(texts)
                yield Splice(bounds[run.first][0], bounds[run.end - 1][1], whole)
            elif run.first:
                at = bounds[run.first - 1][1]
                yield Splice(at, at, "".join(separator + text for text in texts))
            elif bounds:
                at = bounds[0][0]
                yield Splice(at, at, "".join(text + separator for text in texts))
            else:
                start, end = self.head.bounds(node)
                yield Splice(start + 1, end - 1, separator.join(texts))
        elif run.first and not self._leads_line(bounds, run):
            yield Splice(bounds[run.first - 1][1], bounds[run.end - 1][1], "")
        else:
            yield Splice(bounds[run.first][0], bounds[run.end][0], "")

    def _leads_line(self, bounds: _Children, run: Run[_Fresh]) -> bool:
        """Whether what goes stands before what stays, and not behind it, on a line."""
        if run.end == len(bounds):
            return False
        before = self.head.text[bounds[run.first - 1][1] : bounds[run.first][0]]
        behind = self.head.text[bounds[run.end - 1][1] : bounds[run.end][0]]
        return "\n" in before and "\n" not in behind

    def _flow_text(self, node: Sequence | Mapping, fresh: _Fresh, index: int) -> str:
        bounds = self._bounds(node)
        beside = bounds[min(index, len(bounds) - 1)][0] if bounds else self.head.bounds(node)[0]
        text = self.write.flow(
            fresh.value, self._indent(beside), "", self._is_one_line(node) or not bounds
        )
        return self.write.name(fresh.name) + self._colon(node) + text if fresh.name else text

    def _colon(self, node: Sequence | Mapping) -> str:
        """Return what stands between a name and its value, as with the first one there is."""
        if isinstance(node, Mapping) and node.entries:
            entry = node.entries[0]
            end, start = self.head.bounds(entry.key)[1], self.head.bounds(entry.value)[0]
            between = self.head.text[end:start]
            if between.strip() == ":" and "\n" not in between:
                return between
        return ": "

    def _separator(self, node: Sequence | Mapping, bounds: _Children) -> str:
        """Return what stands between two children, as between the last two there are."""
        for index in range(len(bounds) - 1, 0, -1):
            if between := _BETWEEN(self.head.text[bounds[index - 1][1] : bounds[index][0]]):
                return "," + between[1]
        opening = self.head.bounds(node)[0] + 1
        before = self.head.text[opening : bounds[0][0]] if bounds else ""
        return "," + before if "\n" in before and not before.strip() else ", "

    def _block(self, node: Sequence | Mapping, run: Run[_Fresh]) -> Iterator[Splice]:
        bounds = self._bounds(node)
        if run.fresh:
            yield from self._block_fresh(node, run, bounds)
            return
        start, end = bounds[run.first][0], bounds[run.end - 1][1]
        if self._begins_line(node, start):
            line = self.head.line_start(start)
            after = self.head.text.find("\n", end)
            if after == -1:  # the last line of the file: the break before it goes
                before = self.head.line_end(max(line - 1, 0))
                yield Splice(before, self.head.line_end(end), "")
            else:
                yield Splice(line, after + 1, "")
        elif run.end < len(bounds):
            following = bounds[run.end][0]
            if "#" in self.head.text[end:following]:
                raise NoLayoutError
            yield Splice(start, following, "")
        else:
            raise NoLayoutError

    def _block_fresh(
        self, node: Sequence | Mapping, run: Run[_Fresh], bounds: _Children
    ) -> Iterator[Splice]:
        """Yield the splices for what comes as lines of their own."""
        newline = self.head.newline
        column = self._column(node, bounds)
        lead = " " * column
        dash = lead[: len(lead)] + "- " if isinstance(node, Sequence) else lead
        texts = [self._block_text(node, each, column) for each in run.fresh]
        if run.first < run.end:
            start, end = bounds[run.first][0], bounds[run.end - 1][1]
            yield Splice(start, end, f"{newline}{dash}".join(texts))
        elif run.first:
            at = self.head.line_end(bounds[run.first - 1][1])
            yield Splice(at, at, "".join(f"{newline}{dash}{text}" for text in texts))
        else:
            at = bounds[0][0]
            yield Splice(at, at, "".join(f"{text}{newline}{dash}" for text in texts))

    def _block_text(self, node: Sequence | Mapping, fresh: _Fresh, column: int) -> str:
        if isinstance(node, Sequence):
            return self.write.item(fresh.value, column, "")
        return self.write.member(self.write.block_name(fresh.name), fresh.value, column)

    def _column(self, node: Sequence | Mapping, bounds: _Children) -> int:
        """Return how many blanks stand before the dashes or the names of a block."""
        if isinstance(node, Sequence):
            return self._dash(bounds[0][0])
        return node.entries[0].key.span.start.column - 1

    def _dash(self, start: int) -> int:
        """Return how many columns stand before the dash of an item."""
        at = self.head.text.rfind("-", 0, start)
        if at == -1 or self.head.text[at + 1 : start].strip(" "):
            raise NoLayoutError
        return at - self.head.line_start(at)

    def _begins_line(self, node: Sequence | Mapping, start: int) -> bool:
        before = self.head.text[self.head.line_start(start) : start]
        return bool(_DASH(before)) if isinstance(node, Sequence) else not before.strip()

    def _bounds(self, node: Sequence | Mapping) -> _Children:
        return _Children(self.head, node)

    def _indent(self, offset: int) -> str:
        line = self.head.line_start(offset)
        text = self.head.text
        return text[line : len(text) - len(text[line:].lstrip(" \t"))]

    def _is_one_line(self, node: Node) -> bool:
        return node.span.start.line == node.span.end.line

    def _written(self, start: int, end: int) -> str:
        return self.head.text[start:end]


def _names(node: Sequence | Mapping) -> list[str]:
    if isinstance(node, Sequence):
        return [str(index) for index in range(len(node.items))]
    return [entry.name for entry in node.entries]


def _values(node: Sequence | Mapping) -> list[Node]:
    if isinstance(node, Sequence):
        return list(node.items)
    return [entry.value for entry in node.entries]


def _inside(operation: Operation) -> Operation:
    match operation:
        case Remove(at):
            return Remove(at[1:])
        case Replace(at, value):
            return Replace(at[1:], value)
        case Insert(into, before, value, name):
            return Insert(into[1:], before, value, name)
