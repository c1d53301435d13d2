from __future__ import annotations

from dataclasses import replace

import pytest

from checker.findings import AccessCell, Finding, Severity, Shows
from checker.render import review, summary, terminal
from checker.render.annotations import commands
from tests.markdown import rendered
from tests.reports import (
    EMPTY,
    REPORT,
    RUN,
    SOURCES,
    UNREADABLE,
    WITH_EVIDENCE,
    finding,
)

LONG = "\u00e9" * 90


@pytest.mark.parametrize("width", [60, 80, 100])
def test_terminal_keeps_to_the_width(width: int) -> None:
    text = terminal.text(REPORT, SOURCES, RUN.config, width=width)
    for line in text.splitlines():
        assert len(line) <= width or not line.startswith("  ")


def test_terminal_shows_the_part_of_a_long_line_that_matters() -> None:
    long = replace(finding(), at=replace(WITH_EVIDENCE.at, path="min.json"))
    start, end = (
        replace(long.at.start, line=1, column=5001),
        replace(long.at.end, line=1, column=5009),
    )
    at = replace(long.at, start=start, end=end)
    sources = replace(SOURCES, head={"min.json": "x" * 5000 + "INTEREST" + "y" * 5000})
    text = terminal.text(
        replace(EMPTY, findings=(replace(long, at=at),)), sources, RUN.config, width=60
    )
    assert "INTEREST" in text
    assert max(map(len, text.splitlines())) < 140


def test_only_ten_annotations_of_a_level_and_the_last_says_so() -> None:
    many = tuple(finding(number) for number in range(31))
    lines = commands(replace(EMPTY, findings=many)).splitlines()
    assert len(lines) == 10
    assert lines[-1] == "::error title=access-gate::and 22 more, see the summary"


def test_most_dangerous_finding_comes_first() -> None:
    reads = _with_level(finding(1), "Read")
    writes = _with_level(finding(2), "Write")
    warns = _with_level(finding(3, severity=Severity.WARN), "Permissions management")
    text = summary.comment(replace(EMPTY, findings=(warns, reads, writes)), RUN, Shows())
    numbers = [text.index(row) for row in ("| 1 |", "| 2 |", "| 3 |")]
    assert numbers == sorted(numbers)
    text = commands(replace(EMPTY, findings=(warns, reads, writes)))
    assert [line[:9] for line in text.splitlines()] == ["::error t", "::error t", "::warning"]


def _with_level(one: Finding, level: str) -> Finding:
    assert WITH_EVIDENCE.evidence is not None
    cells = (AccessCell("s3:*", "*", (("s3:X", level),)),)
    return replace(one, evidence=replace(WITH_EVIDENCE.evidence, cells=cells))


def _huge(rows: int) -> Finding:
    assert WITH_EVIDENCE.evidence is not None
    cells = tuple(
        AccessCell(f"s3:A{n}*", "|" * 400, tuple((f"s3:{LONG}{k}", "Write") for k in range(40)))
        for n in range(rows)
    )
    return replace(WITH_EVIDENCE, evidence=replace(WITH_EVIDENCE.evidence, cells=cells))


def test_a_comment_is_never_too_long() -> None:
    text = review.body(_huge(3000), REPORT, RUN)
    assert 4_000 < len(text.encode()) <= 60_000
    assert "rows are left out" in text


def test_summaries_are_never_too_long() -> None:
    many = tuple(
        replace(_huge(60), fingerprint=f"{n:016x}", headline="`x`" * 400) for n in range(300)
    )
    report = replace(REPORT, findings=many)
    assert len(summary.comment(report, RUN, Shows()).encode()) <= 60_000
    job = summary.job(report, RUN, Shows())
    assert 300_000 < len(job.encode()) <= 900 * 1024
    assert "not shown in full" in job


@pytest.mark.parametrize(
    "hostile", ["a`b", "`", "x|y", "@everyone", "</details>", "\n\n# big", "#1 <b>"]
)
def test_hostile_names_stay_text(hostile: str) -> None:
    bad = replace(
        WITH_EVIDENCE,
        check=hostile,
        headline=f"New access: `{hostile}`",
        address=hostile,
        at=replace(WITH_EVIDENCE.at, path=hostile),
    )
    report = replace(REPORT, findings=(bad,), base_name=hostile, head_name=hostile)
    for text in (review.body(bad, report, RUN), summary.comment(report, RUN, Shows())):
        html = rendered(text)
        outside = _without_code(html)
        assert "@" not in outside
        assert "<h1" not in html
        assert "<b>" not in html
        assert html.count("<details>") == html.count("</details>")
        assert "|" not in outside


def _without_code(html: str) -> str:
    parts = html.split("<code>")
    return parts[0] + "".join(part.partition("</code>")[2] for part in parts[1:])


def test_unreadable_policy_is_annotated_on_its_escaped_path() -> None:
    text = commands(replace(EMPTY, findings=(UNREADABLE,)))
    assert "file=policies/a%2Cb%3Ac.json,line=1" in text
