"""What changed policies grant and nobody uses -> a section of the summary, and lines for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from checker.findings import Report, UnusedAccess
from checker.render import words
from checker.render.escape import code, fence, prose

_MOST_LINES: Final = 200  # of the diff of one policy
_MOST_DIFFS: Final = 20


def section(report: Report, rows: int) -> Iterable[str]:
    """Yield the section of the summary; `rows`: for how many policies at most."""
    if not report.unused:
        return
    shown = report.unused[:rows]
    more = len(report.unused) - len(shown)
    left = [f"- and {words.amount(more, 'more policy', 'more policies')}"] if more else []
    yield "#### Unused access"
    yield "\n".join([*(_line(each) for each in shown), *left])
    for each in [each for each in shown if each.diff][: min(_MOST_DIFFS, rows // 4)]:
        yield _diff(each)


def _line(unused: UnusedAccess) -> str:
    notes = "".join(f"; {prose(note)}" for note in _notes(unused))
    return f"- {_name(unused)}: {_said(unused, prose, code)}{notes}"


def _name(unused: UnusedAccess) -> str:
    return code(unused.path) + (f" {code(unused.address)}" if unused.address else "")


def line(unused: UnusedAccess) -> str:
    """Return the same as one plain line."""
    document = f" {unused.address}" if unused.address else ""
    notes = "".join(f"; {note}" for note in _notes(unused))
    return f"{unused.path}{document}: {_said(unused, str, lambda text: f'`{text}`')}{notes}"


def _said(unused: UnusedAccess, sentence: Callable[[str], str], name: Callable[[str], str]) -> str:
    """Return what of a policy is used; our own words, but for what `sentence` and `name` show."""
    if unused.why:
        return f"nothing is suggested: {sentence(unused.why)}"
    grants = f"grants {words.amount(unused.granted, 'action')}"
    days = f" in {words.amount(unused.days, 'day')}" if unused.days else ""
    by = f" by {name(unused.role)}" if unused.role else ""
    match unused.recommendation.get("recommendedAction"):
        case "DETACH_POLICY":
            return f"{grants}, none used{by}{days}: detach it"
        case "CREATE_POLICY":
            used = f"{unused.kept} used{by} or not tracked{days}"
            return f"{grants}, {used}; refined policy {unused.share} % of the size"
        case _:
            return f"{grants}, none known to be unused{by}{days}"


def _notes(unused: UnusedAccess) -> list[str]:
    notes = unused.recommendation.get("notes", ())
    return [str(note) for note in notes] if isinstance(notes, list) else []


def _diff(unused: UnusedAccess) -> str:
    lines = unused.diff.split("\n")
    left = len(lines) - _MOST_LINES
    cut = [f"({left} more lines)"] if left > 0 else []
    text = fence("\n".join(line.expandtabs(4) for line in lines[:_MOST_LINES] + cut), "diff")
    return f"<details><summary>Refined policy</summary>\n\n{_name(unused)}\n\n{text}\n\n</details>"
