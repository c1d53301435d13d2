"""Texts that were edited, and the edits as GitHub and reports want them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from checker.findings import Suggestion, TextEdit
from checker.refinement.text_edits import Splice, Text
from checker.source.places import Places

MOST_LINES: Final = 200  # of one suggestion
MOST_TEXT: Final = 20_000  # characters of one suggestion; a comment holds three times as many


@dataclass(frozen=True, slots=True)
class EditedFile:
    """A file's text after some splices, and what it was before; a byte-order mark is in neither."""

    path: str
    source: Text
    text: str
    splices: tuple[Splice, ...]

    @property
    def size(self) -> int:
        """How many characters go and come."""
        return sum(each.end - each.start + len(each.text) for each in self.splices)


@dataclass(frozen=True, slots=True)
class Edited:
    """The files that one edit changes."""

    files: tuple[EditedFile, ...]

    @property
    def is_one_place(self) -> bool:
        """Whether all that changes stands together."""
        return sum(len(each.splices) for each in self.files) == 1

    @property
    def edits(self) -> tuple[TextEdit, ...]:
        """The edit as edits of spans, in the order of the texts."""
        return tuple(
            each
            for file in self.files
            for each in _text_edits(file.source, file.path, file.splices)
        )

    @property
    def suggestion(self) -> Suggestion | None:
        """The edit as one of whole lines of one file, if it is small enough to be looked at."""
        if len(self.files) != 1:
            return None
        (file,) = self.files
        return _suggestion(file.source.text, file.text, file.path)


def _text_edits(head: Text, path: str, made: Collection[Splice]) -> tuple[TextEdit, ...]:
    places = Places(head.text, path)
    return tuple(
        TextEdit(places.span(each.start, each.end), each.text)
        for each in sorted(made, key=lambda each: (each.start, each.end))
    )


def _suggestion(before: str, after: str, path: str) -> Suggestion | None:
    before_lines, after_lines = before.split("\n"), after.split("\n")
    first = _common(before_lines, after_lines)
    rest = min(len(before_lines), len(after_lines)) - first
    tail = min(_common(before_lines[::-1], after_lines[::-1]), rest)
    last = len(before_lines) - tail
    if last == first and first:  # nothing goes, so a line beside it has to stay
        first -= 1
    elif last == first:
        last += 1
        tail -= 1
    lines = after_lines[first : len(after_lines) - tail]
    is_crlf = any(line.endswith("\r") for line in before_lines[first:last])
    if max(len(lines), last - first) > MOST_LINES or sum(map(len, lines)) > MOST_TEXT:
        return None
    bare = tuple(line.removesuffix("\r") if is_crlf else line for line in lines)
    return Suggestion(first + 1, last, bare, path=path, is_crlf=is_crlf)


def _common(one: list[str], other: list[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
