"""Whole texts about hostile policies: they hold the elements that a harmless one has, and no more."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from checker.consent import Acceptance, Door, WaiverNote, WaiverState
from checker.findings import Report, Shows, StatementRef, Suggestion
from checker.policy.model import Caller, CallerKind, Request
from checker.render import annotations as log
from checker.render import review, summary, terminal
from checker.render.sources import Sources
from tests.markdown import rendered
from tests.reports import REPORT, RUN, UNDECIDED, WITH_EVIDENCE
from tests.test_escape import hostile

ELEMENT = re.compile(r"<(/?[a-z0-9]+)")
CODE = re.compile(r"<(code|pre)\b.*?</\1>", re.DOTALL)
LINK = re.compile(r'<a href="([^"]*)"')
words = st.lists(hostile.filter(bool), min_size=6, max_size=6)


def about(said: list[str]) -> Report:
    """Return a report in which everything that a pull request brings says these words."""
    sid, action, path, reason, problem, value = said
    evidence = WITH_EVIDENCE.evidence
    assert evidence
    at = replace(WITH_EVIDENCE.at, path=path)
    ref = StatementRef(0, sid, at)
    request = Request(Caller(CallerKind.ROLE_SESSION, value), action, value, {"aws:sourceip": sid})
    bad = replace(
        WITH_EVIDENCE,
        headline=f"New access: `{action}` on `{value}`",
        detail=f"because of `{problem}`",
        at=at,
        address=sid,
        evidence=replace(
            evidence,
            witness=request,
            statements=(ref,),
            stopped_by=ref,
            before=f"`{sid}` denied it",
            fix=f"put `{sid}` back",
            assumptions=(f"that `{problem}`",),
            cells=tuple(replace(c, action=action, resource=value) for c in evidence.cells),
        ),
        suggestion=Suggestion(3, 4, (sid, f"  {action}")),
    )
    taken = replace(
        UNDECIDED,
        detail=f"so `{problem}`",
        at=at,
        accepted=Acceptance(Door.WAIVER, (value,), reason, "2026-12-31"),
    )
    waiver = WaiverNote("0" * 16, value, reason, "2026-12-31", at, WaiverState.EXPIRED)
    return replace(
        REPORT,
        findings=(bad, taken),
        waivers=(waiver,),
        base_name=value,
        head_name=sid,
        notes=(f"see `{problem}`",),
    )


def markdown(report: Report, path: str, source: str) -> str:
    quoted = Sources({path: source}, {path: source})
    bodies = [review.body(each, report, RUN, quoted, fits=True) for each in report.findings]
    return "\n\n".join([*bodies, summary.comment(report, RUN, Shows())])


def elements(page: str) -> Counter[str]:
    return Counter(ELEMENT.findall(re.sub(r"</?code>", "", page)))


HARMLESS = ["word"] * 6
SOURCE = "\n".join(["word"] * 12)
EXPECTED = elements(rendered(markdown(about(HARMLESS), "word", SOURCE)))


@settings(max_examples=3000)
@given(words)
def test_no_comment_has_an_element_more(said: list[str]) -> None:
    source = "\n".join([" ".join(each.splitlines()) or "x" for each in said] * 2)
    page = rendered(markdown(about(said), said[2], source))
    assert elements(page) == EXPECTED
    assert all(address.startswith("https://github.com/acme/") for address in LINK.findall(page))
    outside = re.sub(r"<[^>]*>", "", CODE.sub("", page))
    assert not re.search(r"@|https?:|www\.|#\d", outside)


@settings(max_examples=3000)
@given(words)
def test_no_line_of_a_log_is_hidden_or_obeyed(said: list[str]) -> None:
    report = about(said)
    shown = terminal.text(report, Sources(), "c.yml", width=80)
    assert all(line.isprintable() for line in shown.split("\n"))
    commands = log.commands(report).split("\n")
    assert [line.split(" ")[0] for line in commands[:-1]] == ["::error", "::notice"]
    # The name of a file has to be the very name; the runner shows it nowhere.
    said_there = [re.sub(r"file=[^,]*", "", line) for line in commands]
    assert all(line.isprintable() for line in said_there)
    assert not any("\r" in line for line in commands)
