"""The `=` of neighbouring lines in one column, as `terraform fmt` writes them, where they were before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final

from checker.fixes.edited import EditedFile
from checker.refinement.text_edits import Splice
from checker.terraform.blanks import end_of_string

_HEREDOC: Final = re.compile(r"<<-?([^\W\d][\w-]*)[ \t]*\r?$").search
_STEP: Final = re.compile(r'[^"#/()\[\]{}=]+|/(?![/*])|=[=>]|[<>!]=').match


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with a whole argument or member: its name, and the rest from its `=` on."""

    name: str
    rest: str

    @property
    def width(self) -> int:
        return len(self.name)


def aligned(file: EditedFile) -> EditedFile:
    """Return an edited file with its lines in columns again, if they were where it was edited."""
    before, after = file.source.text.split("\n"), file.text.split("\n")
    old, new = _assigned(before), _assigned(after)
    changed = list(after)
    for first, last, old_first, old_last in _touched(file):
        if not _are_aligned(old, old_first - 1, old_last + 1):
            continue
        for chain in _chains(new, first - 1, last + 1):
            width = max(line.width for _, line in chain)
            for number, line in chain:
                changed[number] = f"{line.name:<{width}} {line.rest}"
    if changed == after:
        return file
    text = "\n".join(changed)
    return replace(file, text=text, splices=tuple(_line_splices(before, changed)))


def _touched(file: EditedFile) -> Iterator[tuple[int, int, int, int]]:
    """Yield the lines of each edit, counted from 0: in the new text and in the old one."""
    old = file.source.text
    shift = 0
    for each in sorted(file.splices, key=lambda each: (each.start, each.end)):
        start = each.start + shift
        shift += len(each.text) - (each.end - each.start)
        first = file.text.count("\n", 0, start)
        old_first = old.count("\n", 0, each.start)
        old_last = old_first + old.count("\n", each.start, each.end)
        yield first, first + each.text.count("\n"), old_first, old_last


def _are_aligned(lines: dict[int, _Line], first: int, last: int) -> bool:
    return all(
        line.rest.startswith("=") and line.name == line.name.rstrip().ljust(width)
        for chain in _chains(lines, first, last, bare=False)
        for width in (max(len(line.name.rstrip()) for _, line in chain) + 1,)
        for _, line in chain
    )


def _chains(
    lines: dict[int, _Line], first: int, last: int, *, bare: bool = True
) -> Iterator[list[tuple[int, _Line]]]:
    """Yield the runs of neighbouring lines that some lines are part of."""
    number = first
    while number <= last:
        if number not in lines:
            number += 1
            continue
        start = number
        while start - 1 in lines:
            start -= 1
        end = number
        while end + 1 in lines:
            end += 1
        chain = ((each, lines[each]) for each in range(start, end + 1))
        yield [(n, replace(e, name=e.name.rstrip()) if bare else e) for n, e in chain]
        number = end + 1


def _assigned(lines: list[str]) -> dict[int, _Line]:
    """Return the lines that hold a whole argument or member, by number."""
    found: dict[int, _Line] = {}
    marker = ""
    for number, line in enumerate(lines):
        if marker:
            marker = "" if line.strip() == marker else marker
            continue
        if heredoc := _HEREDOC(line):
            marker = heredoc[1]
        elif made := _assignment(line):
            found[number] = made
    return found


def _assignment(line: str) -> _Line | None:
    """Return a line in two parts; None if its value goes on below, or it has none."""
    at, depth, equals = 0, 0, -1
    while at < len(line):
        if step := _STEP(line, at):
            at = step.end()
        elif line[at] == '"':
            end = end_of_string(line, at)
            at = end if end > 0 else len(line)
        elif line[at] in "#/":
            break
        else:
            if line[at] == "=" and equals < 0 and not depth:
                equals = at
            depth += line[at] in "([{"
            depth -= line[at] in ")]}"
            at += 1
    if depth or equals <= 0 or not line[:equals].strip():
        return None
    return _Line(line[:equals], line[equals:])


def _line_splices(before: list[str], after: list[str]) -> Iterator[Splice]:
    """Yield what changes between two texts, line by line."""
    first = 0
    while first < min(len(before), len(after)) and before[first] == after[first]:
        first += 1
    old, new = [f"{line}\n" for line in before[first:]], [f"{line}\n" for line in after[first:]]
    at = sum(len(line) + 1 for line in before[:first])
    starts = [at]
    for line in old:
        starts.append(starts[-1] + len(line))
    end = starts[-1] - 1  # no break follows the last line
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            text = "".join(new[k:m])
            if starts[j] > end:
                text = text.removesuffix("\n")
            yield Splice(starts[i], min(starts[j], end), text)
