"""A report -> plain text for a terminal or a log, with the lines it is about. Pure."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from checker.findings import (
    AccessCell,
    Evidence,
    Finding,
    Kind,
    Report,
    Severity,
    Standing,
    StatementRef,
    Suggestion,
)
from checker.policy.model import Request
from checker.render import acceptance, words
from checker.render.escape import visible
from checker.render.fit import listed
from checker.render.order import loudest_first
from checker.render.run import lines
from checker.render.sources import Sources
from checker.render.unused import line as unused_line
from checker.span import Span

_LABEL: Final = 16  # columns of the words on the left
_MOST_LINES: Final = 8
_MOST_CELLS: Final = 8
_MOST_REMARKS: Final = 30
_BEFORE_COLUMN: Final = 12  # characters kept before the interesting part of a very long line

_RESET: Final = "\x1b[0m"
_BOLD: Final = "\x1b[1m"
_DIM: Final = "\x1b[2m"
_COLOURS: Final = {
    Severity.BLOCK: "\x1b[1;31m",
    Severity.WARN: "\x1b[1;33m",
    Severity.NOTE: "\x1b[36m",
}
_Lines: TypeAlias = tuple[tuple[int, str], ...]
_NAMES: Final = {Severity.BLOCK: "BLOCKED", Severity.WARN: "WARNING", Severity.NOTE: "NOTE"}


def text(
    report: Report, sources: Sources, config: str, *, width: int = 100, colour: bool = False
) -> str:
    """Return the findings, loudest first, then the outcome in one line.

    Units: `width` counts the columns of the terminal. `config` is the path of the configuration.
    """
    page = _Page(max(width, 40), colour)
    parts = [page.finding(finding, report, sources) for finding in loudest_first(report.findings)]
    parts.append(page.outcome(report, config))
    return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class _Page:
    """How wide lines may be, and whether they have colours."""

    width: int
    colour: bool

    def finding(self, finding: Finding, report: Report, sources: Sources) -> str:
        name = self._painted(_NAMES[finding.severity], _COLOURS[finding.severity])
        if finding.accepted is not None:
            name = self._painted("ACCEPTED", _COLOURS[Severity.NOTE])
        old = f" (as it was in {report.base_name})" if finding.removed else ""
        document = f" {finding.document}" if finding.document else ""
        place = visible(f"{finding.at}{document}{old}")
        said = [f"{name}  {place}  [{visible(finding.check)}]"]
        said += [self._painted(each, _BOLD) for each in self._wrapped(finding.headline, "  ")]
        said += self._wrapped(finding.detail, "  ")
        if finding.accepted is not None:
            said += self._wrapped(words.accepted(finding.accepted), "  ")
        numbered = sources.lines(finding.at, in_base=finding.removed)
        said += self._frame(_most_telling(numbered, finding), finding.at)
        if finding.kind is Kind.UNDECIDED:
            said += self._wrapped("No answer is not a yes: an open question closes the gate.", "  ")
        if finding.evidence is not None:
            said += self._evidence(finding, finding.evidence, report, sources)
        if finding.suggestion is not None:
            said += self._suggestion(finding.suggestion, finding.at.path)
        if report.doors is not None and finding.accepted is None:
            said += self._row("fingerprint", finding.fingerprint)  # by which it is waived
        return "\n".join(said) + "\n"

    def _suggestion(self, suggestion: Suggestion, path: str) -> Iterable[str]:
        """Yield what to put in the place of lines; of a long piece the start."""
        first, last = suggestion.first, suggestion.last
        where = f"line {first}" if first == last else f"lines {first}-{last}"
        if suggestion.path not in ("", path):
            where = f"{where} of {visible(suggestion.path)}"
        yield f"  instead of {where}:" if suggestion.lines else f"  take out {where}"
        for text in suggestion.lines[:_MOST_LINES]:
            yield self._painted("    + ", _DIM) + self._cut(text, 1, self.width - 6)
        if len(suggestion.lines) > _MOST_LINES:
            yield f"    and {words.amount(len(suggestion.lines) - _MOST_LINES, 'more line')}"

    def outcome(self, report: Report, config: str) -> str:
        said: list[str] = []
        for remark in report.diagnostics[:_MOST_REMARKS]:
            said += self._wrapped(f"{remark.at}: {words.remark(remark)}", "", "  ")
        if len(report.diagnostics) > _MOST_REMARKS:
            left = len(report.diagnostics) - _MOST_REMARKS
            said.append(f"and {words.amount(left, 'more likely mistake')}")
        said += self._notes(report)
        blocking = acceptance.open_ones(report.findings)
        state = self._painted("gate closed", _COLOURS[Severity.BLOCK]) if blocking else "gate open"
        counts = [words.ledger(report), words.amount(len(report.findings), "finding")]
        if taken := sum(finding.accepted is not None for finding in report.findings):
            counts.append(f"{taken} accepted")
        if report.proved:
            counts.append(words.amount(len(report.proved), "check holds", "checks hold"))
        said += self._wrapped(f"{'; '.join(counts)}", f"{state}: ", "")
        if blocking:
            said.append("To open it:")
            for way in words.ways_to_open(blocking, report, config):
                said += self._wrapped(way, "  - ", "    ")
        return "\n".join(said) + "\n"

    def _notes(self, report: Report) -> Iterable[str]:
        for each in report.skipped:
            yield from self._wrapped(f"not looked at: {each.path}: {each.reason}", "")
        for judged in report.policies:
            if judged.standing is Standing.NOTHING_TO_ASK:
                document = f" {judged.address}" if judged.address else ""
                yield from self._wrapped(
                    f"nothing to ask: {judged.path}{document}: {judged.why}", ""
                )
        for unused in report.unused:
            yield from self._wrapped(f"unused access: {unused_line(unused)}", "")
        for note in report.notes:
            yield from self._wrapped(f"note: {note}", "")
        for line in acceptance.waivers(report):
            yield from self._wrapped(f"note: {line}", "")

    def _evidence(
        self, finding: Finding, evidence: Evidence, report: Report, sources: Sources
    ) -> Iterable[str]:
        if evidence.witness is not None:
            yield from self._request(evidence, evidence.witness)
        if evidence.before:
            base = f" on {report.base_name}" if report.base_name else ""
            yield from self._row("before", f"refused{base}: {evidence.before}")
        if evidence.statements:
            by = listed(tuple(words.statement(ref) for ref in evidence.statements), 4)
            yield from self._row("now", f"allowed by {by}")
        if evidence.stopped_by is not None:
            yield from self._stopped(evidence.stopped_by, finding, sources)
        for cell in evidence.cells[:_MOST_CELLS]:
            label = "new access" if evidence.before else "access"
            yield from self._row(label, _cell(cell))
        if len(evidence.cells) > _MOST_CELLS:
            yield from self._row("", f"and {len(evidence.cells) - _MOST_CELLS} more")
        for question in evidence.ambiguous:
            yield from self._row("open question", question)
        for assumption in evidence.assumptions:
            yield from self._row("assumed", assumption)
        if evidence.fix:
            yield from self._row("fix", evidence.fix)

    def _stopped(self, old: StatementRef, finding: Finding, sources: Sources) -> Iterable[str]:
        """Yield the Deny that was there, with its text unless the finding itself stands on it."""
        sid = f" `{old.sid}`" if old.sid else ""
        yield from self._row("stopped by", f"{old.span.path} {lines(old.span)}{sid}, as it was")
        if not (finding.removed and old.span == finding.at):
            yield from self._frame(_first(sources.lines(old.span, in_base=True)), old.span)

    def _request(self, evidence: Evidence, request: Request) -> Iterable[str]:
        our_words, name = words.caller(request.caller, is_example=evidence.is_example)
        yield from self._row("who", f"{our_words} {name}".strip())
        yield from self._row("may now", request.action)
        yield from self._row("on", request.resource)
        for number, (key, values) in enumerate(words.context(request)):
            value = f"{key} = {', '.join(values) or 'no value'}"
            yield from self._row("" if number else "with", value)
        for number, (name, value) in enumerate(evidence.given):
            yield from self._row("" if number else "where", f"{name} = {value}")

    def _row(self, label: str, value: str) -> Iterable[str]:
        yield from self._wrapped(value, f"  {label:<{_LABEL}}", " " * (_LABEL + 2))

    def _wrapped(self, value: str, first: str, rest: str | None = None) -> list[str]:
        """Return the lines of a sentence; a name that is too long for a line stays whole."""
        return textwrap.wrap(
            visible(value.replace("\n", " ")),
            self.width,
            initial_indent=first,
            subsequent_indent=first if rest is None else rest,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def _frame(self, numbered: _Lines, span: Span) -> Iterable[str]:
        """Yield source lines with their numbers, and a mark where some are left out."""
        gutter = max((len(str(number)) for number, _ in numbered), default=0)
        previous = 0
        for number, line in numbered:
            if previous and number != previous + 1:
                yield self._painted(f"  {'':>{gutter}} \u22ee", _DIM)
            previous = number
            start = span.start.column if number == span.start.line else 1
            code = self._cut(line, start, self.width - gutter - 5)
            yield self._painted(f"  {number:>{gutter}} \u2502 ", _DIM) + code

    def _cut(self, line: str, start: int, room: int) -> str:
        """Return the part of a source line that fits, from near the column `start`."""
        if _columns(visible(line.expandtabs(4))) <= room:
            return visible(line.expandtabs(4))
        skip = max(0, start - 1 - _BEFORE_COLUMN)
        shown = ("\u2026" if skip else "") + visible(line[skip : skip + room].expandtabs(4))
        while _columns(shown) > room - 1:
            shown = shown[:-1]
        return shown + "\u2026"

    def _painted(self, value: str, colour: str) -> str:
        return f"{colour}{value}{_RESET}" if self.colour else value


def _most_telling(numbered: _Lines, finding: Finding) -> _Lines:
    """Return the lines of a statement, of a long one the first, the last and those that matter."""
    cells = finding.evidence.cells if finding.evidence else ()
    telling = {cell.span.start.line for cell in cells if cell.span}
    inner = tuple(each for each in numbered[1:-1] if each[0] in telling)
    if len(numbered) <= _MOST_LINES or not inner:
        return _first(numbered)
    return (numbered[0], *inner[: _MOST_LINES - 2], numbered[-1])


def _first(numbered: _Lines) -> _Lines:
    """Return the lines, the middle of a long piece left out."""
    if len(numbered) <= _MOST_LINES:
        return numbered
    return (*numbered[: _MOST_LINES - 2], numbered[-1])


def _columns(value: str) -> int:
    """Return how many columns a terminal needs for the text."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in value)


def _cell(cell: AccessCell) -> str:
    groups = [
        f"{level}: {listed(names, 4)}" if names else level for level, names in words.levels(cell)
    ]
    groups += words.counts(cell)
    return f"{cell.action} on {cell.resource}" + (f" ({'; '.join(groups)})" if groups else "")
