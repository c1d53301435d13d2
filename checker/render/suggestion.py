"""A finding's suggestion -> Markdown: a block that GitHub applies, or the same as a diff. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from checker.findings import Finding, Suggestion
from checker.render.escape import fence, visible
from checker.render.sources import Sources
from checker.span import Position, Span

MOST_LINES: Final = 300  # of a diff
_BACKTICKS: Final = re.compile("`+")


def block(finding: Finding, sources: Sources, *, fits: bool) -> str:
    """Return what to put in the place of which lines; "" if the finding suggests nothing.

    fits: the comment stands on exactly the lines that are replaced, so that GitHub can apply it.
    """
    suggestion = finding.suggestion
    if suggestion is None:
        return ""
    # What does not show must not be committed by a click either.
    if fits and all(
        visible(line.replace("\t", "")) == line.replace("\t", "") for line in suggestion.lines
    ):
        return _applicable(suggestion)
    first, last = Position(suggestion.first, 1), Position(suggestion.last + 1, 1)
    path = suggestion.path or finding.at.path
    old = [text for _, text in sources.lines(Span(path, first, last))]
    return diff(old, suggestion.lines) if old else ""


def diff(old: Sequence[str], new: Sequence[str]) -> str:
    """Return what becomes of lines as a block in GitHub's colours; blanks stand for tabs."""
    marked: list[str] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            marked += [f" {line}" for line in old[start:end]]
            continue
        marked += [f"-{line}" for line in old[start:end]]
        marked += [f"+{line}" for line in new[new_start:new_end]]
    cut = [f"({len(marked) - MOST_LINES} more lines)"] if len(marked) > MOST_LINES else []
    return fence("\n".join(line.expandtabs(4) for line in marked[:MOST_LINES] + cut), "diff")


def _applicable(suggestion: Suggestion) -> str:
    # GitHub commits what stands here: the ends of its lines too, as far as is known.
    end = "\r\n" if suggestion.is_crlf else "\n"
    text = "".join(f"{line}{end}" for line in suggestion.lines)
    ticks = "`" * max(3, 1 + max((len(run) for run in _BACKTICKS.findall(text)), default=0))
    return f"{ticks}suggestion\n{text}{ticks}"
