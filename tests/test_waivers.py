"""Waivers: what a file says, who is let through by it, and the command that writes one."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from checker import cli
from checker.acceptance import entry
from checker.acceptance.accepted import Waivers, approved, waived
from checker.acceptance.waivers import WAIVER_FILE, Waiver, parse
from checker.consent import WaiverState
from checker.errors import ConfigError, UsageError
from checker.findings import Report, Severity, Shows
from checker.render import annotations as lines_of_the_log
from checker.render import report_json, sarif, summary, terminal
from checker.render.run import Run
from checker.render.sources import Sources
from checker.span import whole_file
from tests import reports
from tests.gate import allow, policy
from tests.reports import REPORT, finding
from tests.repository import Repository

TODAY = date(2026, 11, 21)
WITH_EVIDENCE, UNDECIDED, UNREADABLE = (
    replace(each, fingerprint=each.fingerprint * 2)
    for each in (reports.WITH_EVIDENCE, reports.UNDECIDED, reports.UNREADABLE)
)
WAIVED = WITH_EVIDENCE.fingerprint
AT = whole_file(WAIVER_FILE)


def waiver(fingerprint: str = WAIVED, days: int = 10, owner: str = "ann") -> Waiver:
    return Waiver(fingerprint, owner, "a reason", TODAY + timedelta(days=days), AT)


def judged(
    *base: Waiver, head: tuple[Waiver, ...] | None = None, from_head: bool = False
) -> Report:
    report = replace(REPORT, findings=(WITH_EVIDENCE, UNDECIDED))
    sides = Waivers(base, base if head is None else head, WAIVER_FILE, from_head, 90, TODAY)
    return waived(report, sides)


def states(report: Report) -> list[tuple[str, WaiverState, bool]]:
    return [(each.fingerprint, each.state, each.is_new) for each in report.waivers]


def test_a_waived_finding_is_there_and_does_not_block() -> None:
    report = judged(waiver())
    taken, other = report.findings
    assert (taken.blocks, other.blocks, report.blocks) == (False, True, True)
    assert replace(taken, accepted=None) == WITH_EVIDENCE
    report = judged(waiver(), waiver(UNDECIDED.fingerprint))
    assert (report.blocks, report.result, len(report.findings)) == (False, "pass", 2)


@pytest.mark.parametrize(
    ("days", "state"),
    [
        (-1, WaiverState.EXPIRED),
        (0, WaiverState.USED),
        (90, WaiverState.USED),
        (91, WaiverState.TOO_LONG),
    ],
)
def test_a_waiver_counts_up_to_its_last_day_and_not_from_too_far(
    days: int, state: WaiverState
) -> None:
    report = judged(waiver(days=days))
    assert states(report) == [(WAIVED, state, False)]
    assert report.findings[0].blocks == (state is not WaiverState.USED)


def test_a_change_cannot_waive_its_own_finding_unless_the_settings_say_so() -> None:
    report = judged(head=(waiver(),))
    assert report.findings[0].blocks
    assert states(report) == [(WAIVED, WaiverState.NOT_YET, True)]
    report = judged(head=(waiver(),), from_head=True)
    assert not report.findings[0].blocks
    assert states(report) == [(WAIVED, WaiverState.USED, True)]
    longer = (waiver(days=20),)
    report = judged(waiver(days=-1), head=longer)
    assert report.findings[0].blocks, "the base's has expired, the head's is not there yet"
    assert [each.state for each in report.waivers] == [WaiverState.EXPIRED, WaiverState.NOT_YET]


def test_a_waiver_that_the_head_takes_away_counts_where_the_base_counts() -> None:
    assert not judged(waiver(), head=()).findings[0].blocks
    assert judged(waiver(), head=(), from_head=True).findings[0].blocks


def test_a_file_that_is_not_understood_closes_the_gate_and_waives_nothing() -> None:
    mistake = ConfigError("the waivers are not a list", AT)
    everything = (waiver(), waiver(UNDECIDED.fingerprint))
    from_head = Waivers(everything, mistake, WAIVER_FILE, True, 90, TODAY)
    report = waived(replace(REPORT, findings=(WITH_EVIDENCE,)), from_head)
    assert [each.blocks for each in report.findings] == [True, True]
    assert report.findings[1].check == "waivers"
    seen = {each.fingerprint for each in report.findings}
    assert [each.blocks for each in approved(report, ("ann",), seen).findings] == [False, True]
    mended = Waivers(mistake, (), WAIVER_FILE, False, 90, TODAY)
    report = waived(replace(REPORT, findings=()), mended)
    assert not report.blocks, "else nobody could ever mend it"
    assert "no waiver counts" in report.notes[-1]


def test_a_review_accepts_what_it_saw() -> None:
    report = replace(REPORT, findings=(WITH_EVIDENCE, UNDECIDED, UNREADABLE))
    done = approved(report, ("ann",), {WAIVED, UNREADABLE.fingerprint})
    assert [each.blocks for each in done.findings] == [False, True, False]
    assert approved(report, (), {WAIVED}) is report


def test_what_is_accepted_is_shown_everywhere() -> None:
    report = judged(
        waiver(owner="`@team` <img>"), waiver("0" * 32, days=-3), waiver("1" * 32), waiver("2" * 32)
    )
    shown = {
        "terminal": terminal.text(report, Sources(), "c.yml", width=200),
        "summary": summary.job(report, Run(version="1"), shows=Shows()),
        "json": report_json.render(report, "1"),
        "sarif": sarif.render(report, "1"),
        "annotations": lines_of_the_log.commands(report),
    }
    for name, text in shown.items():
        assert "@team" in text, name
        assert "2026-12-01" in text, name
    assert "expired" in shown["terminal"]
    assert "2 waivers fit no finding" in shown["terminal"]
    assert "\n::notice title=no-new-access" in shown["annotations"]
    assert '"status": "accepted"' in shown["sarif"]


WRONG = [
    ("a: b", "1:1: the waivers are not a list (write `- fingerprint: …`, one entry for each"),
    ("- x", "1:3: a waiver says `fingerprint`, `owner`, `reason`, `expires`"),
    (f"- fingerprint: {WAIVED}", "1:3: the waiver has no `owner`, `reason`, `expires`"),
    ("- fingerprints: x", "1:3: unknown part of a waiver `fingerprints` (did you mean `fing"),
    ("- fingerprint: 3F9C", "1:16: `3F9C` is not a fingerprint (32 hex digits"),
    ("- owner: ' '", "1:10: expected a sentence here, and the text is empty"),
    ("- expires: 2026-02-30", "1:12: `2026-02-30` is not a day (write it as 2026-12-31)"),
    ("- expires: soon", "1:12: `soon` is not a day"),
    ("[]\n---\n[]", "the waivers are more than one document"),
    ("- {", "not YAML"),
    ("\xff", "the waivers are not UTF-8 text"),
]
TWICE = f"- {{fingerprint: {WAIVED}, owner: a, reason: b, expires: 2026-12-01}}\n" * 2


@pytest.mark.parametrize(("text", "message"), [*WRONG, (TWICE, f"2:3: `{WAIVED}` is waived twice")])
def test_a_mistake_is_one_line_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text.encode("latin-1" if text == "\xff" else "utf-8"), WAIVER_FILE)
    assert message in str(caught.value)
    assert str(caught.value).startswith(WAIVER_FILE)


HAND = """\
# ours
-   fingerprint: "01234567890123450123456789012345"  # by hand
    owner: bob
    reason: >
      for
      now
    expires: 2026-12-31
"""


@pytest.mark.parametrize(
    "text",
    ["", "# nothing yet\n", HAND, HAND.rstrip(), HAND.replace("\n", "\r\n"), "\ufeff" + HAND],
    ids=["no file", "a comment", "another layout", "no end", "CRLF", "BOM"],
)
@pytest.mark.parametrize("reason", ["ok", 'say: "x" #1', "\u202e \\ é\x07", "- a: b"])
def test_an_entry_is_added_and_nothing_else_changes(text: str, reason: str) -> None:
    mine = replace(waiver("1" * 32), reason=" ".join(reason.split()))
    made = entry.added(text, mine)
    assert made.startswith(text)
    assert parse(made.encode(), WAIVER_FILE)[-1] == mine
    ends = set(re.findall("\r?\n", made[len(text) :])) if text else {"\n"}
    assert ends == {"\r\n" if "\r\n" in text else "\n"}


def test_a_layout_that_takes_no_entry_at_its_end_is_refused() -> None:
    flow = f"[{{fingerprint: {WAIVED}, owner: a, reason: b, expires: 2026-12-01}}]\n"
    with pytest.raises(UsageError, match="add by hand"):
        entry.added(flow, waiver("1" * 32))
    with pytest.raises(UsageError, match="is waived already, until `2026-12-01`"):
        entry.added(flow, waiver())


@pytest.fixture
def here(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    repository.git("config", "user.email", "ann@example.com")
    repository.commit({"role.json": _text(policy(allow("s3:GetObject")))})
    monkeypatch.chdir(repository.folder)
    return repository


def _text(document: object) -> str:
    return json.dumps(document, indent=2)


def test_from_finding_to_waiver_to_more_access(
    here: Repository, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command line alone: closed, waived on the base branch, open, more access, closed."""
    here.git("switch", "--quiet", "--create", "topic")
    here.commit({"role.json": _text(policy(allow(["s3:GetObject", "s3:PutObject"])))})
    assert cli.main(["diff", "main"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    shown = re.search("access-gate waive ([0-9a-f]{32}) --reason", said)
    assert shown
    (here.folder / "sub").mkdir()
    monkeypatch.chdir(here.folder / "sub")
    assert cli.main(["waive", shown[1], "--reason", "the build needs it"]) == 0
    said = capsys.readouterr().out
    assert "it counts once it is on the base branch" in said
    written = parse((here.folder / WAIVER_FILE).read_bytes(), WAIVER_FILE)
    last = datetime.now(UTC).date() + timedelta(days=30)
    assert written == (Waiver(shown[1], "ann@example.com", "the build needs it", last, AT),)
    text = (here.folder / WAIVER_FILE).read_text()
    here.commit({WAIVER_FILE: text})
    assert cli.main(["diff", "main"]) == 1
    assert "counts once it is on the base branch" in " ".join(capsys.readouterr().out.split())
    here.git("switch", "--quiet", "main")
    here.commit({WAIVER_FILE: text})
    assert cli.main(["diff", "main", "topic"]) == 0
    assert "ACCEPTED" in capsys.readouterr().out
    here.git("switch", "--quiet", "topic")
    here.commit({"role.json": _text(policy(allow("s3:*")))})
    assert cli.main(["diff", "main"]) == 1
    assert "1 waiver fits no finding" in capsys.readouterr().out
    here.commit({"role.json": (here.folder / "role.json").read_text(), "readme.txt": "more"})
    assert cli.main(["diff", "HEAD~1"]) == 0
    assert "waiver" not in capsys.readouterr().out


def test_what_is_not_understood_can_be_waived_until_it_changes(
    here: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"'
    here.git("switch", "--quiet", "--create", "topic")
    here.commit({"role.json": broken})
    assert cli.main(["diff", "main"]) == 1
    found = re.search("access-gate waive ([0-9a-f]{32})", " ".join(capsys.readouterr().out.split()))
    assert found
    here.git("switch", "--quiet", "main")
    assert cli.main(["waive", found[1], "--reason", "not ours"]) == 0
    here.commit({})
    assert cli.main(["diff", "main", "topic"]) == 0
    here.git("switch", "--quiet", "topic")
    here.commit({"role.json": broken + ', "Action": "*"'})
    assert cli.main(["diff", "main", "topic"]) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["3F", "--reason", "x"], "`3F` is not a fingerprint"),
        ([WAIVED, "--reason", " "], "the reason is empty"),
        ([WAIVED, "--reason", "x", "--expires", "2020-01-01"], "`2020-01-01` is over"),
        ([WAIVED, "--reason", "x", "--expires", "2099-01-01"], "`waiver-max-days` is 90"),
        ([WAIVED, "--reason", "x", "--expires", "soon"], "`soon` is not a day"),
    ],
)
def test_a_wrong_waiver_is_one_line(
    here: Repository, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert cli.main(["waive", *arguments]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert message in said
    assert not (here.folder / WAIVER_FILE).exists()


def test_the_waiver_file_in_the_way_is_told(
    here: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    here.git("switch", "--quiet", "--create", "topic")
    here.commit({WAIVER_FILE: "- nothing\n"})
    assert cli.main(["diff", "main"]) == 1
    said = capsys.readouterr().out
    assert f"{WAIVER_FILE}:1:3" in said
    assert "Mend the waiver file" in said
    assert cli.main(["waive", WAIVED, "--reason", "x"]) == 2


def test_a_finding_of_a_note_or_warning_can_be_accepted_too() -> None:
    quiet = finding(1, severity=Severity.WARN)
    report = replace(REPORT, findings=(quiet,))
    sides = Waivers((waiver(quiet.fingerprint),), (), WAIVER_FILE, False, 90, TODAY)
    assert waived(report, sides).findings[0].accepted
