"""The lines of the compared files that a renderer may show. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from checker.span import Span


@dataclass(frozen=True, slots=True)
class Sources:
    """The text of the files on both sides, by path; what is not there is not shown."""

    head: Mapping[str, str] = field(default_factory=dict)
    base: Mapping[str, str] = field(default_factory=dict)

    def lines(self, span: Span, *, in_base: bool = False) -> tuple[tuple[int, str], ...]:
        """Return the numbered lines of the span; none when the file is not at hand."""
        text = (self.base if in_base else self.head).get(span.path)
        if text is None:
            return ()
        # Not `splitlines`: a form feed or U+2028 inside a string does not end a line in JSON.
        every = text.replace("\r\n", "\n").split("\n")
        first, last = span.start.line, span.last_line
        return tuple(
            (number, every[number - 1]) for number in range(first, last + 1) if number <= len(every)
        )
