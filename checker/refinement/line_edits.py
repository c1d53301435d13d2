"""Edits of a file as whole lines: what a reviewer can apply one at a time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

_CONTEXT: Final = 3  # lines that a review shows around those that changed
_MOST_COMPARED: Final = 1_000  # lines that differ somehow; more are one edit
_MOST_LINES: Final = 20_000  # of a file whose changes are looked for line by line


@dataclass(frozen=True, slots=True)
class LineEdit:
    """The lines from `first` to `last`, both included, make room for `lines` (without line ends)."""

    first: int
    last: int
    lines: tuple[str, ...]


def line_edits(old: str, new: str) -> tuple[LineEdit, ...]:
    """Return the runs of lines that differ, in order; only a line feed ends a line."""
    before, after = old.split("\n"), new.split("\n")
    start = _equal(before, after)
    end = _equal(before[start:][::-1], after[start:][::-1])
    inner, new_inner = before[start : len(before) - end], after[start : len(after) - end]
    if max(len(inner), len(new_inner)) > _MOST_COMPARED:
        whole = LineEdit(start + 1, len(before) - end, tuple(new_inner))
        return (_anchored(whole, before),)
    matcher = SequenceMatcher(None, inner, new_inner, autojunk=False)
    found: list[LineEdit] = []
    for tag, first, last, new_first, new_last in matcher.get_opcodes():
        if tag != "equal":
            lines = tuple(after[start + new_first : start + new_last])
            found.append(LineEdit(start + first + 1, start + last, lines))
    return tuple(_anchored(edit, before) for edit in found)


def _equal(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines both begin with."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _anchored(edit: LineEdit, before: Sequence[str]) -> LineEdit:
    """Return an edit that replaces something: what only comes in takes the line before along."""
    if edit.last >= edit.first:
        return edit
    if edit.first > 1:
        return LineEdit(edit.last, edit.last, (before[edit.last - 1], *edit.lines))
    return LineEdit(1, 1, (*edit.lines, before[0]))


def added(before: str | None, after: str) -> frozenset[int]:
    """Return the lines of `after` that are not in `before`; none of a text too long to tell."""
    new = after.split("\n")
    if before is None:
        return frozenset(range(1, len(new) + 1))
    old = before.split("\n")
    if len(old) + len(new) > _MOST_LINES:
        return frozenset()
    blocks = SequenceMatcher(None, old, new).get_matching_blocks()
    kept = {block.b + offset + 1 for block in blocks for offset in range(block.size)}
    return frozenset(range(1, len(new) + 1)) - kept


def grouped(
    edits: Iterable[LineEdit], text: str, touched: AbstractSet[int]
) -> tuple[LineEdit, ...]:
    """Return the edits that a review of the `touched` lines shows, neighbours as one.

    Two become one where the review shows all that is between them. Each holds a touched line.
    """
    lines = text.split("\n")
    shown = {number + off for number in touched for off in range(-_CONTEXT, _CONTEXT + 1)}
    groups: list[LineEdit] = []
    for edit in edits:
        whole = _joined(groups[-1], edit, lines) if groups else None
        if whole and _within(whole, shown):
            groups[-1] = whole
        elif _within(edit, shown):
            groups.append(edit)
    return tuple(
        each for each in groups if not touched.isdisjoint(range(each.first, each.last + 1))
    )


def _joined(one: LineEdit, other: LineEdit, lines: Sequence[str]) -> LineEdit:
    between = lines[one.last : other.first - 1]
    return LineEdit(one.first, other.last, (*one.lines, *between, *other.lines))


def _within(edit: LineEdit, shown: AbstractSet[int]) -> bool:
    return all(number in shown for number in range(edit.first, edit.last + 1))


def applied(text: str, edits: Iterable[LineEdit]) -> str:
    """Return the text after edits, which do not overlap."""
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda each: each.first, reverse=True):
        lines[edit.first - 1 : edit.last] = edit.lines
    return "\n".join(lines)
