"""Edits of a document as splices of the text it was read from: JSON, and YAML in either style.

Only what must differ is touched: an entry goes with its comma or its line, new entries take the
indentation and the quotes of the one they replace, comments on other lines stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from collections.abc import Sequence as AbstractSequence
from dataclasses import dataclass
from typing import Final

from checker.policy.parse_node import items
from checker.refinement.edits import Edit, ElementEdit, Outcome, Removal
from checker.source.tree import Entry, Mapping, Node, Sequence
from checker.span import Position

_DASH: Final = re.compile(r"[ ]*-[ ]+").fullmatch
_SHORT: Final = 60  # characters of a list that fits on one line
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_:.*?-]*").fullmatch


@dataclass(frozen=True, slots=True)
class Splice:
    """Put `text` in the place of what is between two offsets."""

    start: int
    end: int
    text: str


class Text:
    """A text and where its lines begin."""

    __slots__ = ("_lines", "newline", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def offset(self, position: Position) -> int:
        """Return the offset of a position."""
        return self._lines[position.line - 1] + position.column - 1

    def bounds(self, node: Node) -> tuple[int, int]:
        """Return where a node begins and ends."""
        return self.offset(node.span.start), self.offset(node.span.end)

    def line_start(self, offset: int) -> int:
        """Return where the line of an offset begins."""
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Return where the line of an offset ends, before its line break."""
        found = self.text.find("\n", offset)
        end = len(self.text) if found == -1 else found
        return end - 1 if end > offset and self.text[end - 1] == "\r" else end

    def is_flow(self, node: Node) -> bool:
        """Return whether a list or object is written with brackets."""
        return self.text[self.offset(node.span.start)] in "[{"


def spliced(text: str, splices: AbstractSequence[Splice]) -> str:
    """Return the text with the splices made; they do not overlap."""
    pieces: list[str] = []
    at = 0
    for splice in sorted(splices, key=lambda each: (each.start, each.end)):
        pieces += [text[at : splice.start], splice.text]
        at = splice.end
    return "".join([*pieces, text[at:]])


def splices_of(source: Text, document: Mapping, edits: AbstractSequence[Edit]) -> Iterator[Splice]:
    """Yield the splices that carry out the edits of one document."""
    body = document.get("Statement")
    if body is None:
        return
    statements = items(body)
    gone = {edit.statement for edit in edits if isinstance(edit, Removal)}
    if gone and isinstance(body, Sequence):
        outcomes = [() if index in gone else None for index in range(len(statements))]
        yield from _list_splices(source, body, outcomes)
    for edit in edits:
        statement = statements[edit.statement]
        if isinstance(edit, ElementEdit) and isinstance(statement, Mapping):
            entry = next(each for each in statement.entries if each.name == edit.name)
            yield from _element_splices(source, statement, entry, edit)


def _element_splices(
    source: Text, statement: Mapping, entry: Entry, edit: ElementEdit
) -> Iterator[Splice]:
    if edit.new_name != edit.name:
        start, end = source.bounds(entry.key)
        yield Splice(start, end, source.text[start:end].replace(edit.name, edit.new_name))
    if isinstance(entry.value, Sequence):
        yield from _list_splices(source, entry.value, edit.outcomes)
        return
    texts = edit.outcomes[0]
    if texts is None:
        return
    start, end = source.bounds(entry.value)
    written = source.text[start:end]
    if len(texts) == 1:
        yield Splice(start, end, _like(written, texts[0]))
    elif source.is_flow(statement):
        yield Splice(start, end, _bracketed(source, entry, [_like(written, t) for t in texts]))
    else:
        before = start - len(source.text[:start]) + len(source.text[:start].rstrip(" "))
        indent = " " * (entry.key.span.start.column + 1)
        lines = "".join(f"{source.newline}{indent}- {_like(written, text)}" for text in texts)
        yield Splice(before, end, "")
        yield Splice(source.line_end(end), source.line_end(end), lines)


def _bracketed(source: Text, entry: Entry, texts: AbstractSequence[str]) -> str:
    """Return a list with brackets: on one line, or a line for each where its name begins one."""
    start = source.offset(entry.key.span.start)
    indent = source.text[source.line_start(start) : start]
    if indent.strip() or sum(map(len, texts)) < _SHORT:
        return f"[{', '.join(texts)}]"
    lines = "".join(f"{source.newline}{indent}  {text}," for text in texts)
    return f"[{lines.removesuffix(',')}{source.newline}{indent}]"


def _list_splices(
    source: Text, listed: Sequence, outcomes: AbstractSequence[Outcome]
) -> Iterator[Splice]:
    if source.is_flow(listed):
        yield from _flow_splices(source, listed, outcomes)
    else:
        yield from _block_splices(source, listed, outcomes)


def _flow_splices(
    source: Text, listed: Sequence, outcomes: AbstractSequence[Outcome]
) -> Iterator[Splice]:
    """Yield what takes items away with the comma before them, or after them at the start."""
    bounds = [source.bounds(item) for item in listed.items]
    survived = False
    for index, outcome in enumerate(outcomes):
        start, end = bounds[index]
        if outcome == ():
            if survived:
                yield Splice(bounds[index - 1][1], end, "")
            elif index + 1 < len(bounds):
                yield Splice(start, bounds[index + 1][0], "")
            continue
        survived = True
        if outcome is not None:
            before = source.text[source.line_start(start) : start]
            is_alone = not before.strip()
            separator = f",{source.newline}{before}" if is_alone else ", "
            written = source.text[start:end]
            yield Splice(start, end, separator.join(_like(written, text) for text in outcome))


def _block_splices(
    source: Text, listed: Sequence, outcomes: AbstractSequence[Outcome]
) -> Iterator[Splice]:
    """Yield what takes the lines of items away, or puts lines like theirs behind them."""
    for item, outcome in zip(listed.items, outcomes, strict=True):
        if outcome is None:
            continue
        start, end = source.bounds(item)
        first = source.line_start(source.text.rfind("-", 0, start) if start else 0)
        if outcome == ():
            last = source.text.find("\n", end)
            yield Splice(first, len(source.text) if last == -1 else last + 1, "")
            continue
        dash = source.text[first:start]
        lead = dash if _DASH(dash) else " " * (item.span.start.column - 3) + "- "
        written = source.text[start:end]
        yield Splice(start, end, _like(written, outcome[0]))
        more = "".join(f"{source.newline}{lead}{_like(written, text)}" for text in outcome[1:])
        if more:
            yield Splice(source.line_end(end), source.line_end(end), more)


def _like(written: str, text: str) -> str:
    """Return a text in the quotes of another, or in none if it needs none."""
    if written[:1] == '"':
        return json.dumps(text, ensure_ascii=False)
    if written[:1] == "'":
        return "'" + text.replace("'", "''") + "'"
    return text if _PLAIN(text) and not text.endswith(":") else json.dumps(text)
