"""A finding's suggestion -> Markdown: a block that GitHub applies, or the same as a diff. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from checker.findings import Finding, Suggestion
from checker.render.escape import code, fence, shortened, visible
from checker.render.sources import Sources
from checker.span import Position, Span

MOST_BYTES: Final = 30_000  # of what can be applied; a comment holds twice as much
MOST_LINES: Final = 100  # of a diff
MOST_COLUMNS: Final = 300
_BACKTICKS: Final = re.compile("`+")


def block(finding: Finding, sources: Sources, *, fits: bool) -> str:
    """Return what to put in the place of which lines; "" if the finding suggests nothing.

    fits: the comment stands on exactly the lines that are replaced, so that GitHub can apply it.
    """
    suggestion = finding.suggestion
    if suggestion is None:
        return ""
    if fits and _can_be_clicked(suggestion):
        return _applicable(suggestion)
    first, last = Position(suggestion.first, 1), Position(suggestion.last + 1, 1)
    path = suggestion.path or finding.at.path
    old = [text for _, text in sources.lines(Span(path, first, last))]
    if not old:
        return ""
    is_elsewhere = path != finding.at.path or finding.removed
    where = f"In {code(path)}, line {suggestion.first}:\n\n" if is_elsewhere else ""
    return where + diff(old, suggestion.lines)


def _can_be_clicked(suggestion: Suggestion) -> bool:
    """Tell whether all of it shows, and fits into a comment: what is cut off would be committed so."""
    text = "".join(suggestion.lines).replace("\t", "")
    if visible(text) != text:  # half of a surrogate pair among others, which has no bytes
        return False
    return len(text.encode()) + 2 * len(suggestion.lines) <= MOST_BYTES


def diff(old: Sequence[str], new: Sequence[str]) -> str:
    """Return what becomes of lines as a block in GitHub's colours; blanks stand for tabs."""
    marked: list[str] = []
    most = MOST_LINES + 1  # of each side, so that what is cut off is told of
    matcher = SequenceMatcher(None, old[:most], new[:most], autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            marked += [f" {line}" for line in old[start:end]]
            continue
        marked += [f"-{line}" for line in old[start:end]]
        marked += [f"+{line}" for line in new[new_start:new_end]]
    lines = [shortened(line.expandtabs(4), MOST_COLUMNS) for line in marked[:MOST_LINES]]
    cut = ["(and more lines)"] if len(marked) > MOST_LINES else []
    return fence("\n".join([*lines, *cut]), "diff")


def _applicable(suggestion: Suggestion) -> str:
    # GitHub commits what stands here: the ends of its lines too, as far as is known.
    end = "\r\n" if suggestion.is_crlf else "\n"
    text = "".join(f"{line}{end}" for line in suggestion.lines)
    ticks = "`" * max(3, 1 + max((len(run) for run in _BACKTICKS.findall(text)), default=0))
    return f"{ticks}suggestion\n{text}{ticks}"
