"""What both readers of text need: offsets to spans, one bound, and users' text in messages."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Final

from checker.source.symbols import readable
from checker.span import Position, Span

DEEPEST: Final = 100  # objects and lists inside each other; a policy has about six


class Places:
    r"""The spans of one text's offsets. Lines end at `\n` alone, as on GitHub."""

    __slots__ = ("breaks", "path", "text")

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self.breaks = [match.start() for match in re.finditer("\n", text)]

    def position(self, offset: int) -> Position:
        """Return the line and column of an offset."""
        line = bisect_left(self.breaks, offset)
        before = self.breaks[line - 1] if line else -1
        return Position(line + 1, offset - before)

    def span(self, start: int, end: int) -> Span:
        """Return the span between two offsets."""
        return Span(self.path, self.position(start), self.position(end))

    def line_span(self, start: int, end: int) -> Span:
        """Return the span between two offsets of one line."""
        first = self.position(start)
        return Span(self.path, first, Position(first.line, first.column + end - start))


def quoted(text: str, most: int = 60) -> str:
    """Return a user's text in backticks, on one line, not too long, fit to be encoded."""
    text = readable(text)
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return "`" + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut) + "`"
