"""Lines of a file and GitHub's own patch of it -> where a comment may stand. Pure.

GitHub refuses a whole review when one of its comments is outside the hunks of the patch, so only
that patch decides; hunks that are computed otherwise offer lines that GitHub's do not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final, TypeAlias

_MOST_PAIRS: Final = 4_000_000  # of lines that differ and are compared; a second or two
_HEADER: Final = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


class Side(StrEnum):
    """Which of the two columns of a split diff."""

    OLD = "LEFT"
    NEW = "RIGHT"


@dataclass(frozen=True, slots=True)
class LineAnchor:
    """Lines `first` to `last`, both included, of one hunk."""

    path: str
    first: int
    last: int
    side: Side = Side.NEW


@dataclass(frozen=True, slots=True)
class FileAnchor:
    """A file of the pull request as a whole."""

    path: str


Anchor: TypeAlias = LineAnchor | FileAnchor


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk of a patch: its lines on the new side, and the text of those deleted."""

    first: int
    last: int  # before `first` when the new side has no lines
    added: frozenset[int]
    beside_deleted: frozenset[int]  # lines of the new side next to deleted ones
    deleted: Mapping[int, str] = field(default_factory=dict)  # by number on the old side


def hunks(patch: str) -> tuple[Hunk, ...]:
    """Return the hunks of a patch as `GET /pulls/N/files` gives it."""
    found: list[Hunk] = []
    lines: list[str] = []
    header: re.Match[str] | None = None
    for line in patch.split("\n"):
        match = _HEADER.match(line)
        if match is None:
            lines.append(line)
            continue
        if header is not None:
            found.append(_hunk(header, lines))
        header, lines = match, []
    if header is not None:
        found.append(_hunk(header, lines))
    return tuple(found)


def _hunk(header: re.Match[str], lines: Iterable[str]) -> Hunk:
    old, new = int(header[1]), int(header[2])
    first = new
    plus: set[int] = set()
    beside: set[int] = set()
    minus: dict[int, str] = {}
    for line in lines:
        if line.startswith("\\"):  # `\ No newline at end of file`
            continue
        if line.startswith("-"):
            minus[old] = line[1:]
            beside |= {new - 1, new}
            old += 1
        else:
            if line.startswith("+"):
                plus.add(new)
            else:
                old += 1
            new += 1
    last = new - 1
    in_hunk = frozenset(number for number in beside if first <= number <= last)
    return Hunk(first, last, frozenset(plus), in_hunk, minus)


def added(path: str, first: int, last: int, patch: str) -> LineAnchor | None:
    """Return the longest run of added lines between `first` and `last`, if there is one."""
    runs = (_run(hunk.added, first, last) for hunk in hunks(patch))
    return _anchor(path, max(runs, key=len, default=range(0)))


def beside_deleted(path: str, first: int, last: int, patch: str) -> LineAnchor | None:
    """Return the first line between `first` and `last` next to which something was deleted."""
    numbers = sorted(n for hunk in hunks(patch) for n in hunk.beside_deleted if first <= n <= last)
    return LineAnchor(path, numbers[0], numbers[0]) if numbers else None


def in_context(path: str, first: int, last: int, patch: str) -> LineAnchor | None:
    """Return what one hunk shows of the lines `first` to `last`, the most that any does."""
    parts = (range(max(first, h.first), min(last, h.last) + 1) for h in hunks(patch))
    return _anchor(path, max(parts, key=len, default=range(0)))


def inside(path: str, first: int, last: int, patch: str) -> LineAnchor | None:
    """Return exactly the lines `first` to `last`, if one hunk shows them all."""
    shows = any(hunk.first <= first and last <= hunk.last for hunk in hunks(patch))
    return LineAnchor(path, first, last) if shows else None


def deleted(path: str, old: Mapping[int, str], patch: str) -> LineAnchor | None:
    """Return the lines of `old`, numbered text of the base, that the patch deletes, if any.

    The text must be the same too: the base branch may have moved on since GitHub's patch.
    """
    gone = {
        number
        for hunk in hunks(patch)
        for number, text in hunk.deleted.items()
        if old.get(number, "").rstrip("\r") == text.rstrip("\r") and number in old
    }
    run = _run(gone, min(old, default=0), max(old, default=-1))
    return _anchor(path, run, Side.OLD)


def moved(first: int, last: int, analysed: str, shown: str) -> tuple[int, int] | None:
    """Return where the lines of one text stand in another, if they are there as one block.

    Wanted when the analysed file is a merge, and GitHub shows the head of the branch.
    """
    here, there = analysed.split("\n"), shown.split("\n")
    before = _alike(here, there)
    if last <= before:
        return first, last
    after = _alike(here[before:][::-1], there[before:][::-1])
    if len(here) - after < first <= last <= len(here):
        shift = len(there) - len(here)
        return first + shift, last + shift
    here, there = here[before : len(here) - after], there[before : len(there) - after]
    if len(here) * len(there) > _MOST_PAIRS:
        return None
    matcher = SequenceMatcher(a=here, b=there, autojunk=False)
    for block in matcher.get_matching_blocks():
        if before + block.a <= first - 1 and last <= before + block.a + block.size:
            shift = block.b - block.a
            return first + shift, last + shift
    return None


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines two texts have in common at their start."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _run(numbers: Iterable[int], first: int, last: int) -> range:
    """Return the longest run of neighbours within the limits; the first of equals."""
    longest = range(0)
    start = end = None
    for number in sorted(n for n in numbers if first <= n <= last):
        if end is None or start is None or number != end:
            start = number
        end = number + 1
        if end - start > len(longest):
            longest = range(start, end)
    return longest


def _anchor(path: str, lines: range, side: Side = Side.NEW) -> LineAnchor | None:
    return LineAnchor(path, lines[0], lines[-1], side) if lines else None
