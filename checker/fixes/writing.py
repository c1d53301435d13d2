"""Values as text: cut out of the old text where that fits, else written anew in the same manner."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from checker.policy.parse_node import items
from checker.refinement.edits import plain
from checker.refinement.text_edits import Text
from checker.source.tree import Mapping, Node, Number, Scalar, Sequence

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_/.*?:-]*").fullmatch
_WORDS: Final = frozenset(["true", "false", "yes", "no", "on", "off", "null", "y", "n"])
_UNIT: Final = re.compile(r"\n( +|\t+)\S").search
_SHORT: Final = 60  # characters of a list that fits on one line


class Writer:
    """Writes values into one text; `base` is where they were read from, if that is to be used."""

    __slots__ = ("_base", "_head", "_unit")

    def __init__(self, head: Text, base: Text | None) -> None:
        self._head = head
        self._base = base
        unit = _UNIT(head.text)
        self._unit = unit[1] if unit else "  "

    def name(self, text: str) -> str:
        """Return the name of a member between braces."""
        return json.dumps(text, ensure_ascii=False)

    def block_name(self, text: str) -> str:
        """Return the name of a member of a block."""
        is_plain = all(_is_plain(part) for part in text.split(":")) and not text.endswith(":")
        return text if is_plain else self.name(text)

    def scalar(self, value: Scalar, written: str) -> str:
        """Return a scalar, in the quotes of what stood there."""
        if isinstance(value.value, Number):
            return value.value.text
        if not isinstance(value.value, str):
            return json.dumps(value.value)
        if written[:1] == "'":
            return "'" + value.value.replace("'", "''") + "'"
        if written[:1] == '"' or not written or not _is_plain(value.value):
            return json.dumps(value.value, ensure_ascii=False)
        return value.value

    def flow(self, value: Node, indent: str, written: str, is_short: bool) -> str:  # noqa: FBT001
        """Return a value between brackets; its further lines start behind `indent`."""
        if isinstance(value, Scalar):
            return self._cut_scalar(value) or self.scalar(value, written or '"')
        cut = self._cut_flow(value, indent)
        if cut is not None and not (is_short and "\n" in cut):
            return cut
        texts = json.dumps(plain(value), ensure_ascii=False)
        if is_short or (len(texts) < _SHORT and isinstance(value, Sequence)):
            return texts
        long = json.dumps(plain(value), ensure_ascii=False, indent=self._unit)
        return long.replace("\n", self._head.newline + indent)

    def member(self, name: str, value: Node, column: int) -> str:
        """Return a member of a block whose names stand behind `column` blanks."""
        if isinstance(value, Scalar):
            return f"{name}: {self._cut_scalar(value) or self.scalar(value, 'a')}"
        if tagged := self._cut_tagged(value):
            return f"{name}: {tagged}"
        below = column + (self._dash_offset() if isinstance(value, Sequence) else 2)
        cut = self._cut_block(value, below)
        if cut is not None:
            return f"{name}:{self._head.newline}{' ' * below}{cut}"
        flow = self._cut_flow(value, " " * column)
        if flow is not None:
            return f"{name}: {flow}"
        lines = self._lines(value)
        return f"{name}:" + "".join(f"{self._head.newline}{' ' * below}{line}" for line in lines)

    def item(self, value: Node, column: int, written: str) -> str:
        """Return what stands behind a dash that stands behind `column` blanks."""
        if isinstance(value, Scalar):
            return self._cut_scalar(value) or self.scalar(value, written or "a")
        if tagged := self._cut_tagged(value):
            return tagged
        cut = self._cut_block(value, column + 2) or self._cut_flow(value, " " * column)
        if cut is not None:
            return cut
        return f"{self._head.newline}{' ' * (column + 2)}".join(self._lines(value))

    def _dash_offset(self) -> int:
        """Return how much deeper than its name a list stands, as in the first one of the file."""
        found = re.search(
            r"^( *)[^\s#-][^#\n]*:[ ]*\r?\n(?:[ ]*(?:#.*)?\r?\n)*( *)- ",
            self._head.text,
            re.MULTILINE,
        )
        return max(0, len(found[2]) - len(found[1])) if found else 2

    def _cut_scalar(self, value: Scalar) -> str:
        """Return a scalar as it stood in the old text, if it stood on one line."""
        text = self._old(value)
        return text if text and "\n" not in text and text[0] not in "|>&*!" else ""

    def _cut_tagged(self, value: Node) -> str:
        """Return what stood in one line behind a tag of its own, such as `!Sub x`."""
        text = self._old(value)
        return text if text and text[0] == "!" and "\n" not in text else ""

    def _cut_flow(self, value: Node, indent: str) -> str | None:
        text = self._old(value)
        if self._base is None or text is None or text[:1] not in ("[", "{"):
            return None
        start = self._base.offset(value.span.start)
        line = self._base.text[self._base.line_start(start) :]
        old = line[: len(line) - len(line.lstrip(" \t"))]
        first, *rest = re.split("\r?\n", text)
        moved = [indent + each.removeprefix(old) if each.startswith(old) else each for each in rest]
        return self._head.newline.join([first, *moved])

    def _cut_block(self, value: Node, column: int) -> str | None:
        """Return a block as it stood in the old text, its lines moved to another column."""
        text = self._old(value)
        if text is None or text[:1] in ("[", "{"):
            return None
        shift = column - (value.span.start.column - 1)
        first, *rest = re.split("\r?\n", text)
        moved = [first]
        for line in rest:
            blanks = len(line) - len(line.lstrip(" "))
            moved.append(" " * max(0, blanks + shift) + line[blanks:] if line.strip() else "")
        return self._head.newline.join(moved)

    def _old(self, value: Node) -> str | None:
        if self._base is None or value.span.start == value.span.end:
            return None
        start, end = self._base.bounds(value)
        return self._base.text[start:end]

    def _lines(self, value: Node) -> Iterator[str]:
        """Yield a value as the lines of a block."""
        match value:
            case Scalar():
                yield self.scalar(value, "a")
            case Sequence(found):
                for item in found:
                    first, *rest = self._lines(item) if items(item) else ("[]",)
                    yield f"- {first}"
                    yield from (f"  {line}" for line in rest)
            case Mapping(entries):
                for entry in entries:
                    yield from self._member_lines(self.block_name(entry.name), entry.value)
                if not entries:
                    yield "{}"

    def _member_lines(self, name: str, value: Node) -> Iterator[str]:
        lines = list(self._lines(value))
        if isinstance(value, Scalar) or lines in ([], ["{}"]):
            yield f"{name}: {lines[0] if lines else '[]'}"
            return
        yield f"{name}:"
        yield from (f"  {line}" for line in lines)


def _is_plain(text: str) -> bool:
    """Whether a text needs no quotes in YAML, beyond doubt."""
    return bool(_PLAIN(text)) and not text.endswith(":") and text.lower() not in _WORDS
