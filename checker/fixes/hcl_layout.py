"""Parts of Terraform's language that go and come, as splices of its text, in the manner of that text.

As with `layout`, whether the result says what it should is found out by reading it again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from checker.fixes.hcl_source import Child, Group, Kind, Source
from checker.fixes.layout import NoLayoutError
from checker.fixes.runs import Run, runs
from checker.refinement.text_edits import Splice

_TO_LINE_END: Final = re.compile(
    r"[ \t]*(,?)[ \t]*(?:(?:#|//)[^\n]*|/\*[^\n]*\*/[ \t\r]*)?(?=\r?\n|\Z)"
)


@dataclass(frozen=True, slots=True)
class Quote:
    """Text that comes: its first line, and further ones less the indentation of that one.

    is_apart: a blank line belongs above it, as above a block.
    """

    lines: tuple[str, ...]
    is_apart: bool = False

    def at(self, indent: str, newline: str) -> str:
        """Return the text as it stands behind an indentation."""
        first, *rest = self.lines
        return newline.join([first, *(indent + line if line else line for line in rest)])


@dataclass(frozen=True, slots=True)
class Take:
    """A part goes."""

    group: Group
    place: int


@dataclass(frozen=True, slots=True)
class Put:
    """A part comes in front of the one at a place; there, if that one goes."""

    group: Group
    place: int
    quote: Quote


@dataclass(frozen=True, slots=True)
class Swap:
    """A value is another one."""

    group: Group
    place: int
    quote: Quote


Change: TypeAlias = Take | Put | Swap


def splices(source: Source, changes: Collection[Change]) -> tuple[Splice, ...]:
    """Return the splices that carry out changes of one file.

    Errors: `NoLayoutError`.
    """
    by_group: dict[int, list[Change]] = {}
    for each in dict.fromkeys(changes):  # what a loop makes is one text of several policies
        by_group.setdefault(each.group.start, []).append(each)
    return tuple(
        splice for own in by_group.values() for splice in _Layout(source, own[0].group).of(own)
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    source: Source
    group: Group

    @property
    def _text(self) -> str:
        return self.source.text.text

    def of(self, changes: Collection[Change]) -> Iterator[Splice]:
        """Yield the splices of what stands between one pair of brackets."""
        gone = {each.place for each in changes if isinstance(each, Take)}
        fresh: dict[int, list[Quote]] = {}
        for each in changes:
            if isinstance(each, Put):
                fresh.setdefault(each.place, []).append(each.quote)
            elif isinstance(each, Swap):
                child = self.group.children[each.place]
                text = each.quote.at(self._indent(child.start), self.source.text.newline)
                yield Splice(child.value, child.end, text)
        count = len(self.group.children)
        if len(gone) == count and not fresh:
            raise NoLayoutError
        for run in runs(count, gone, fresh):
            if run.fresh and run.first < run.end:
                yield self._instead(run)
            elif run.fresh:
                yield from self._added(run)
            else:
                yield from self._removed(run)

    def _instead(self, run: Run[Quote]) -> Splice:
        """Return what puts parts in the place of others."""
        first, last = self.group.children[run.first], self.group.children[run.end - 1]
        indent = self._indent(first.start)
        text = self._between(run.fresh[0], indent).join(self._lined(run.fresh, indent))
        return Splice(first.start, last.end, text)

    def _lined(self, quotes: tuple[Quote, ...], indent: str) -> list[str]:
        return [each.at(indent, self.source.text.newline) for each in quotes]

    def _between(self, quote: Quote, indent: str) -> str:
        newline = self.source.text.newline
        if self.group.kind is Kind.BODY:
            return (newline * 2 if quote.is_apart else newline) + indent
        comma = "," if self.group.kind is Kind.LIST or self._has_commas else ""
        return f"{comma}{newline}{indent}" if self._is_lined else ", "

    def _removed(self, run: Run[Quote]) -> Iterator[Splice]:
        children = self.group.children
        going = children[run.first : run.end]
        if all(map(self._is_alone, going)):
            start = self._text.rfind("\n", 0, going[0].start) + 1
            end = self._next_line(going[-1].end)
            start, end = self._less_blank_lines(start, end)
            yield Splice(start, end, "")
            if run.end == len(children) and not self._comma_after(going[-1]) and run.first:
                before = children[run.first - 1].end
                if comma := self._comma_after(children[run.first - 1]):
                    yield Splice(before, before + comma, "")
        elif self.group.kind is Kind.BODY:
            raise NoLayoutError
        elif run.first and not self._leads_line(run):
            yield Splice(children[run.first - 1].end, going[-1].end, "")
        else:
            yield Splice(going[0].start, children[run.end].start, "")

    def _leads_line(self, run: Run[Quote]) -> bool:
        """Whether what goes stands before what stays, and not behind it, on a line."""
        children = self.group.children
        if run.end == len(children):
            return False
        behind = self._text[children[run.end - 1].end : children[run.end].start]
        before = self._text[children[run.first - 1].end : children[run.first].start]
        return "\n" in before and "\n" not in behind

    def _less_blank_lines(self, start: int, end: int) -> tuple[int, int]:
        """Return the lines that go with one blank line, where else two would meet, or end a body."""
        if self.group.kind is not Kind.BODY:
            return start, end
        above = self._text[: max(start - 1, 0)]
        line = above[above.rfind("\n") + 1 :]
        below = self._text[end : self.source.text.line_end(end)]
        is_last = below.strip().startswith("}")
        if start and not line.strip() and (not below.strip() or is_last):
            return start - 1 - len(line), end
        opens = line.rstrip().endswith("{")
        return (start, self._next_line(end)) if opens and not below.strip() else (start, end)

    def _added(self, run: Run[Quote]) -> Iterator[Splice]:
        children = self.group.children
        if not children:
            if self.group.kind is Kind.BODY or len(run.fresh) > 1:
                raise NoLayoutError
            text = run.fresh[0].at(self._indent(self.group.start), self.source.text.newline)
            yield Splice(self.group.start, self.group.end, text)
            return
        beside = children[run.first - 1 if run.first else 0]
        if not self._is_alone(beside):
            yield from self._added_inline(run, beside)
        elif run.first:
            yield from self._added_below(run, beside)
        else:
            yield self._added_above(run, beside)

    def _added_inline(self, run: Run[Quote], beside: Child) -> Iterator[Splice]:
        if self.group.kind is Kind.BODY:
            raise NoLayoutError
        indent = self._indent(beside.start)
        texts = self._lined(run.fresh, indent)
        if run.first:
            yield Splice(beside.end, beside.end, "".join(f", {text}" for text in texts))
        else:
            yield Splice(beside.start, beside.start, "".join(f"{text}, " for text in texts))

    def _added_below(self, run: Run[Quote], beside: Child) -> Iterator[Splice]:
        newline, indent = self.source.text.newline, self._indent(beside.start)
        at = self._line_end(beside.end)
        is_list = self.group.kind is Kind.LIST
        has_comma = bool(self._comma_after(beside))
        comma = "," if is_list or has_comma else ""
        if is_list and not has_comma:
            yield Splice(beside.end, beside.end, ",")
        last = comma if has_comma or run.first < len(self.group.children) else ""
        texts = self._lined(run.fresh, indent)
        ends = [comma] * (len(texts) - 1) + [last]
        breaks = [
            2 if each.is_apart and (n or self._parts_blocks) else 1
            for n, each in enumerate(run.fresh)
        ]
        below = self._next_line(at)
        after = ""
        if breaks[0] == 2 and below < self.group.end and not self._line(below).strip():
            at, breaks[0] = (
                self._line_end(below),
                1,
            )  # the blank line that is there is the one above
            after = newline if run.first < len(self.group.children) else ""
        parts = zip(breaks, texts, ends, strict=True)
        whole = "".join(f"{newline * count}{indent}{text}{end}" for count, text, end in parts)
        yield Splice(at, at, whole + after)

    def _added_above(self, run: Run[Quote], beside: Child) -> Splice:
        newline, indent = self.source.text.newline, self._indent(beside.start)
        has_comma = self.group.kind is Kind.LIST or bool(self._comma_after(beside))
        end = ("," if has_comma else "") + newline
        texts = self._lined(run.fresh, indent)
        blank = [newline if each.is_apart else "" for each in run.fresh]
        text = "".join(
            f"{text}{end}{more}{indent}" for text, more in zip(texts, blank, strict=True)
        )
        return Splice(beside.start, beside.start, text)

    @property
    def _parts_blocks(self) -> bool:
        """Whether a blank line stands above each block, as far as there are any."""
        blocks = [each for each in self.group.children if each.start == each.value]
        if len(blocks) < 2:
            return True
        above = self._text[: blocks[1].start].rstrip(" \t")
        return above.endswith(("\n\n", "\n\r\n"))

    @property
    def _is_lined(self) -> bool:
        return all(map(self._is_alone, self.group.children))

    @property
    def _has_commas(self) -> bool:
        return any(map(self._comma_after, self.group.children))

    def _is_alone(self, child: Child) -> bool:
        """Whether nothing but a comma and a comment stands on the lines of a part."""
        before = self._text[self._text.rfind("\n", 0, child.start) + 1 : child.start]
        return not before.strip() and _TO_LINE_END.match(self._text, child.end) is not None

    def _comma_after(self, child: Child) -> int:
        """Return how many characters lead over the comma behind a part; 0 if there is none."""
        found = re.compile(r"\s*,").match(self._text, child.end)
        return found.end() - child.end if found else 0

    def _next_line(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end == -1 else end + 1

    def _line(self, at: int) -> str:
        return self._text[at : self._line_end(at)]

    def _line_end(self, at: int) -> int:
        return self.source.text.line_end(at)

    def _indent(self, at: int) -> str:
        start = self._text.rfind("\n", 0, at) + 1
        line = self._text[start:at]
        return line[: len(line) - len(line.lstrip(" \t"))]
