"""Where text stands in a file. The units are decided here, once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A point in a file. Both numbers start at 1; a column is one Unicode code point."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The text of the file `path` from `start` up to, not including, `end`."""

    path: str  # relative to the repository root, with forward slashes; hostile text
    start: Position
    end: Position

    def __str__(self) -> str:
        """Return `path:line:column` of the start, as compilers write it."""
        return f"{self.path}:{self.start.line}:{self.start.column}"

    @property
    def last_line(self) -> int:
        """The last line that holds a character of the span (a span may end at a line's start)."""
        if self.end.column == 1 and self.end.line > self.start.line:
            return self.end.line - 1
        return self.end.line


def whole_file(path: str) -> Span:
    """Return the span that stands for a file as a whole: its very first point."""
    start = Position(1, 1)
    return Span(path, start, start)
