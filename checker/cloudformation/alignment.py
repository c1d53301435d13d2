"""Where each character of a string stands in the file that writes it, escapes and indents between.

A reader gives a string and the span of its text. Where the two can be walked side by side, every
part of the string has a place of its own; where not, the string as a whole has to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from checker.source.places import Places
from checker.span import Position, Span

Where: TypeAlias = Callable[[Span], Span]

_BLOCK: Final = re.compile(r"(?:!\S+\s+)?[|>][-+0-9]*[ \t]*(?:#[^\n]*)?\n").match
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "/": "/", "\\": "\\", " ": " "}
_HEX: Final = {"u": 4, "x": 2, "U": 8}
_TAG: Final = re.compile(r"![^\s\"'|>]*\s+").match


class Text:
    """The lines of one file."""

    def __init__(self, text: str) -> None:
        self.lines = text.removeprefix("\ufeff").split("\n")

    def of(self, span: Span) -> str:
        """Return the text of a span."""
        first, last = span.start.line - 1, span.end.line - 1
        if not 0 <= first <= last < len(self.lines):
            return ""
        lines = self.lines[first : last + 1]
        lines[-1] = lines[-1][: span.end.column - 1]
        lines[0] = lines[0][span.start.column - 1 :]
        return "\n".join(lines)


def where(value: str, written: str, span: Span) -> Where:
    """Return the way from a span inside a string to its span in the file.

    value: the string; what is not known offline may stand in it as any one character.
    written: the text of `span`, from its first mark to its last.
    """
    offsets = _offsets(value, written)
    if offsets is None:
        return lambda _: span
    inside = Places(value, span.path)
    starts = [0, *(at + 1 for at in inside.breaks)]
    outside = Places(written, span.path)
    known = offsets

    def place(part: Span) -> Span:
        first, last = (
            min(starts[min(point.line, len(starts)) - 1] + point.column - 1, len(known) - 1)
            for point in (part.start, part.end)
        )
        start, end = known[first][0], known[max(last - 1, 0)][1]
        return Span(
            span.path,
            _moved(outside.position(start), span.start),
            _moved(outside.position(max(start, end)), span.start),
        )

    return place


def _moved(inside: Position, start: Position) -> Position:
    """Return where a point of a text stands that begins at `start`."""
    if inside.line == 1:
        return Position(start.line, start.column + inside.column - 1)
    return Position(start.line + inside.line - 1, inside.column)


def _offsets(value: str, written: str) -> list[tuple[int, int]] | None:
    """Return from where to where each character of a string is written, and where it ends."""
    tag = _TAG(written)
    at = tag.end() if tag else 0
    block = _BLOCK(written, at)
    quote = written[at : at + 1]
    if block:
        at, quote = block.end(), ""
    elif quote in ("'", '"'):
        at += 1
    else:
        quote = ""
    offsets: list[tuple[int, int]] = []
    for character in value:
        found = _next(character, written, at, quote)
        if found is None:
            return None
        offsets.append(found)
        at = found[1]
    return [*offsets, (at, at)]


def _next(character: str, written: str, at: int, quote: str) -> tuple[int, int] | None:
    """Return where a character is written and where that ends, from an offset on."""
    while at < len(written):
        here = written[at]
        if here == "\\" and quote == '"':
            escape = written[at + 1 : at + 2]
            if escape == "\n":  # a line that goes on
                at += 2
                continue
            width = _HEX.get(escape, 0)
            said = _escaped(written[at + 2 : at + 2 + width]) if width else _ESCAPES.get(escape)
            return (at, at + 2 + width) if said == character else None
        if here == character:
            return (at, at + (2 if here == quote == "'" else 1))
        if here not in " \t\r\n":
            return None
        if character in " \n":  # folded: one blank stands for a run
            run = at
            while run < len(written) and written[run] in " \t\r\n":
                run += 1
            return (at, run)
        at += 1
    return (at, at) if character == "\n" else None


def _escaped(digits: str) -> str | None:
    try:
        return chr(int(digits, 16))
    except (ValueError, OverflowError):
        return None
