"""A report -> workflow commands that the runner shows on the lines of the files. Pure.

Source: actions/runner `ExecutionContext.cs` keeps 10 annotations of each level in a step and cuts
a message at 4096 characters.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from checker.findings import Finding, Report, Severity, Shows
from checker.render import words
from checker.render.escape import command_data, command_property, shortened, visible
from checker.render.order import loudest_first
from checker.span import Span

PER_LEVEL: Final = 10
_MESSAGE_LIMIT: Final = 4000
_TITLE_LIMIT: Final = 200
_LEVELS: Final = {Severity.BLOCK: "error", Severity.WARN: "warning", Severity.NOTE: "notice"}


def commands(report: Report, shows: Shows | None = None) -> str:
    """Return one command a line: findings, and as warnings what could not be posted."""
    shows = shows or Shows()
    texts: dict[str, list[str]] = {level: [] for level in _LEVELS.values()}
    for problem in shows.problems:
        texts["warning"].append(f"::warning title=access-gate::{command_data(visible(problem))}")
    for finding in loudest_first(report.findings):
        shown = None if finding.removed else shows.at.get(finding.fingerprint)
        span = shown or finding.in_head
        texts[_level(finding)].append(_command(finding, span))
    capped = (line for level, every in texts.items() for line in _capped(level, every))
    return "".join(f"{line}\n" for line in capped)


def _capped(level: str, all_of_level: list[str]) -> Iterable[str]:
    """Yield at most `PER_LEVEL` commands; the last says how many more there are."""
    if len(all_of_level) <= PER_LEVEL:
        yield from all_of_level
        return
    yield from all_of_level[: PER_LEVEL - 1]
    left = len(all_of_level) - PER_LEVEL + 1
    yield f"::{level} title=access-gate::and {left} more, see the summary"


def _command(finding: Finding, at: Span | None) -> str:
    properties = {"title": shortened(visible(finding.check), _TITLE_LIMIT)}
    if at is not None:  # the runner looks for the lines in head
        properties |= {"file": at.path, "line": str(at.start.line)}
        if at.last_line == at.start.line:  # GitHub takes columns only within one line
            properties |= {"col": str(at.start.column), "endColumn": str(at.end.column)}
        else:
            properties |= {"endLine": str(at.last_line)}
    listed = ",".join(f"{name}={command_property(value)}" for name, value in properties.items())
    message = shortened("\n".join(visible(line) for line in words.said(finding)), _MESSAGE_LIMIT)
    return f"::{_level(finding)} {listed}::{command_data(message)}"


def _level(finding: Finding) -> str:
    return _LEVELS[Severity.NOTE if finding.accepted else finding.severity]
