"""A report -> the one comment kept on a pull request, and the summary of a job. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from checker.findings import Finding, Kind, Report, Severity, Shown, Shows, Standing
from checker.render import acceptance, review, unused, words
from checker.render.escape import cell, code, prose
from checker.render.fit import COMMENT_LIMIT, SUMMARY_LIMIT, fitted
from checker.render.order import loudest_first
from checker.render.run import Run, lines, short, where
from checker.render.sources import Sources

_MOST_ROWS: Final = 200
_STATUS: Final = {
    Severity.BLOCK: "blocks",
    Severity.WARN: "warning",
    Severity.NOTE: "note",
}
_RESULT: Final = {
    Kind.VIOLATED: "fails",
    Kind.UNDECIDED: "**not decided**",
    Kind.UNREADABLE: "**not understood**",
}


def comment(report: Report, run: Run, shows: Shows) -> str:
    """Return the comment that is edited on each push, at most `COMMENT_LIMIT` long."""
    return _fitted(report, run, shows, "edited on every push")


def _fitted(report: Report, run: Run, shows: Shows, note: str) -> str:
    def build(rows: int) -> str:
        return _join([*_summary(report, run, shows, rows), _footer(report, run, note)])

    return fitted(build, _MOST_ROWS, COMMENT_LIMIT)


def job(report: Report, run: Run, shows: Shows, sources: Sources | None = None) -> str:
    """Return the summary of the job: the comment and every finding in full, if there is room."""
    text = _fitted(report, run, shows, "")
    room = SUMMARY_LIMIT - len(text.encode()) - 100  # for the last sentence
    ordered = loudest_first(report.findings)
    full: list[str] = []
    for finding in ordered:
        block = f"---\n\n{review.body(finding, report, run, sources)}"
        room -= len(block.encode()) + 2
        if room < 0:
            left = words.amount(len(ordered) - len(full), "finding is", "findings are")
            return _join([text, *full, f"{left} not shown in full."])
        full.append(block)
    return _join([text, *full])


def headline(report: Report, tag: str = "") -> str:
    """Return the outcome of a run as one line of plain words."""
    return f"IAM check ({tag}): {_outcome(report)}" if tag else f"IAM check: {_outcome(report)}"


def _outcome(report: Report) -> str:
    blocking = len(acceptance.open_ones(report.findings))
    if report.result == "undecided":
        return f"{words.amount(blocking, 'question')} could not be answered, gate closed"
    if blocking:
        return f"{words.amount(blocking, 'finding')} closed the gate"
    taken = sum(finding.accepted is not None for finding in report.findings)
    if taken:
        left = len(report.findings) - taken
        more = f", {words.amount(left, 'finding')} to read" if left else ""
        return f"gate open, {words.amount(taken, 'finding')} accepted{more}"
    if report.findings:
        return f"gate open, {words.amount(len(report.findings), 'finding')} to read"
    return "no findings, gate open"


def _join(blocks: Iterable[str]) -> str:
    return "\n\n".join(block.rstrip("\n") for block in blocks if block) + "\n"


def _summary(report: Report, run: Run, shows: Shows, rows: int) -> Iterable[str]:
    yield f"### {headline(report, run.tag)}"
    ordered = loudest_first(report.findings)
    if ordered:
        yield _table(ordered, run, shows, rows)
    if len(ordered) > rows:
        yield f"{words.amount(len(ordered) - rows, 'more row is', 'more rows are')} left out."
    blocking = acceptance.open_ones(ordered)
    if blocking:
        yield "**The gate stays closed** until one of these happens."
        yield "\n".join(
            f"- {prose(way)}" for way in words.ways_to_open(blocking, report, run.config)
        )
    if shows.problems:
        yield "\n".join(f"- Not posted: {prose(problem)}" for problem in shows.problems[:20])
    if waivers := list(acceptance.waivers(report)):
        yield "\n".join(f"- {prose(line)}" for line in waivers)
    if report.notes:
        yield "\n".join(f"- {prose(note)}" for note in report.notes[:20])
    yield from unused.section(report, rows)
    yield from _diagnostics(report, rows)
    yield from _ledger(report, rows)


def _table(findings: Sequence[Finding], run: Run, shows: Shows, rows: int) -> str:
    head = "| # | Finding | Where | Status |\n|---|---|---|---|"
    body = (
        f"| {number} | {prose(finding.headline, in_table=True)} | {_place(finding, run, shows)} "
        f"| {_status(finding, shows)} |"
        for number, finding in enumerate(findings[:rows], 1)
    )
    return "\n".join([head, *body])


def _place(finding: Finding, run: Run, shows: Shows) -> str:
    at = shows.at.get(finding.fingerprint, finding.at)
    text = f"{cell(at.path)} {lines(at)}"
    address = run.address_of(at, in_base=finding.removed)
    document = f", {cell(finding.document)}" if finding.document else ""
    return (f"[{text}]({address})" if address else text) + document


def _status(finding: Finding, shows: Shows) -> str:
    shown = shows.places.get(finding.fingerprint)
    comment_at = f", comment {shown}" if shown in {Shown.ON_LINES, Shown.ON_FILE} else ""
    if finding.accepted is not None:
        return prose(acceptance.status(finding.accepted), in_table=True) + comment_at
    return _STATUS[finding.severity] + comment_at


def _diagnostics(report: Report, rows: int) -> Iterable[str]:
    """Yield what looks like a mistake, folded: it is no finding."""
    count = len(report.diagnostics)
    if not count:
        return
    listed = [
        f"- {cell(each.at.path)} {lines(each.at)}: {prose(words.remark(each))}"
        for each in report.diagnostics[:rows]
    ]
    if count > rows:
        listed.append(f"- and {count - rows} more")
    title = words.amount(count, "likely mistake")
    yield "\n".join([f"<details><summary>{title}</summary>", "", *listed, "", "</details>"])


def _ledger(report: Report, rows: int) -> Iterable[str]:
    """Yield the folded other half: what was proved, and what was not looked at."""
    entries = [*_proved(report), *_failed(report), *_nothing(report), *_skipped(report)]
    if not entries:
        yield f"{words.ledger(report)}."
        return
    table = "\n".join(["| Policy | Check | Result |", "|---|---|---|", *entries[: 2 * rows]])
    more = len(entries) - 2 * rows
    left = f"\n\n{words.amount(more, 'more row is', 'more rows are')} left out." if more > 0 else ""
    yield f"<details><summary>{words.ledger(report)}</summary>\n\n{table}{left}\n\n{words.NOT_CONSIDERED}\n\n</details>"


def _proved(report: Report) -> Iterable[str]:
    for proved in report.proved:
        document = f" {cell(proved.address)}" if proved.address else ""
        assumed = "; ".join(prose(each, in_table=True) for each in proved.assumptions)
        result = f"holds, assuming {assumed}" if assumed else "holds"
        yield f"| {cell(proved.path)}{document} | {cell(proved.check)} | {result} |"


def _failed(report: Report) -> Iterable[str]:
    for finding in report.findings:
        if finding.kind is Kind.ADVICE:
            continue
        result = _RESULT[finding.kind]
        yield f"| {cell(where(finding))} | {cell(finding.check)} | {result} |"


def _nothing(report: Report) -> Iterable[str]:
    for each in report.policies:
        if each.standing is Standing.NOTHING_TO_ASK:
            document = f" {cell(each.address)}" if each.address else ""
            yield f"| {cell(each.path)}{document} | | nothing to ask: {prose(each.why, in_table=True)} |"


def _skipped(report: Report) -> Iterable[str]:
    for each in report.skipped:
        yield f"| {cell(each.path)} | | not looked at: {prose(each.reason, in_table=True)} |"


def _footer(report: Report, run: Run, note: str) -> str:
    ids = f" ({code(short(report.base))} with {code(short(report.head))})" if report.base else ""
    parts = [f"{prose(words.compared(report))}{ids}", run.name]
    if run.address:
        parts.append(f"[run {run.run_id}]({run.address})")
    if note and run.repository:
        parts.append(note)
    return "<sub>" + " \u00b7 ".join(parts) + "</sub>"
