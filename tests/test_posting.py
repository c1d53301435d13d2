from __future__ import annotations

from dataclasses import replace

import pytest

from checker.consent import Acceptance, Door
from checker.findings import Kind, Severity, Shown, Shows
from checker.github.anchors import Files, blob_id
from tests.github_comments import remark_by, said_by
from tests.github_server import BOT, Failure, FakeGitHub
from tests.posting import FILE, ONE, OUTSIDE, REMARKS, REVIEWS, SAID, TWO, Poster, a_file, remarks
from tests.reports import NEW_BUILD, OLD_BUILD, SOURCES, WITH_EVIDENCE, finding, span


def test_the_story_of_a_pull_request(github: FakeGitHub, run: Poster) -> None:
    shows = run(ONE, TWO, FILE, OUTSIDE)
    assert list(shows.places.values()) == [
        Shown.ON_LINES,
        Shown.ON_LINES,
        Shown.ON_FILE,
        Shown.HERE,
    ]
    assert github.writes() == [("POST", f"/repos/acme/infra{p}") for p in (REVIEWS, REMARKS, SAID)]
    first, second, on_file = github.pulls[7].remarks
    assert (first["start_line"], first["line"]) == (3, 8)
    assert (second["start_line"], second["line"]) == (20, 22)
    assert on_file["subject_type"] == "file"

    github.log.clear()
    assert run(ONE, TWO, FILE, OUTSIDE) == shows
    assert github.writes() == [], "a plain run again says nothing anew"

    run(ONE, TWO, FILE, OUTSIDE, say="says more")
    assert [verb for verb, _ in github.writes()] == ["PATCH"] * 3
    assert all(body.endswith("says more") for body in remarks(github))

    github.log.clear()
    run(TWO, FILE, OUTSIDE, say="says more")
    assert [verb for verb, _ in github.writes()] == ["PATCH"] * 2  # the comment, the summary
    assert "state=fixed" in remarks(github)[0]
    assert "\u2705 No longer found as of `4444444`." in remarks(github)[0]
    assert "says more" in remarks(github)[0]

    github.log.clear()
    run(TWO, FILE, OUTSIDE, say="says more")
    assert github.writes() == []

    run(ONE, TWO, FILE, OUTSIDE, say="says more")
    assert "state=open" in remarks(github)[0]
    assert "No longer" not in remarks(github)[0]

    run()
    assert all("state=fixed" in body for body in remarks(github))
    assert len(github.pulls[7].said) == 1
    assert github.pulls[7].said[0]["body"].endswith("0 []")


def test_nothing_to_say_is_not_said(github: FakeGitHub, run: Poster) -> None:
    assert run() == Shows()
    assert github.writes() == []


def test_no_comment_is_called_fixed_while_its_file_has_no_answer(
    github: FakeGitHub, run: Poster
) -> None:
    run(ONE)
    run(replace(finding(9), kind=Kind.UNDECIDED))
    assert "state=open" in remarks(github)[0]


def test_notes_are_in_the_summary_alone(github: FakeGitHub, run: Poster) -> None:
    run(finding(1, severity=Severity.NOTE))
    assert [path for _, path in github.writes()] == [f"/repos/acme/infra{SAID}"]


def test_summary_alone_when_asked(github: FakeGitHub, run: Poster) -> None:
    run(ONE, inline=False)
    assert [path for _, path in github.writes()] == [f"/repos/acme/infra{SAID}"]


def test_equal_findings_are_one_comment(github: FakeGitHub, run: Poster) -> None:
    run(ONE, ONE)
    assert len(remarks(github)) == 1


def test_at_most_30_on_lines_and_10_on_files(github: FakeGitHub, run: Poster) -> None:
    many = [finding(n, lines=(n, n)) for n in range(1, 42)]
    files = [finding(100 + n, path="big.json") for n in range(15)]
    shows = run(*many, *files)
    places = list(shows.places.values())
    assert (places.count(Shown.ON_LINES), places.count(Shown.ON_FILE)) == (30, 10)
    assert len(github.pulls[7].reviews) == 1
    assert len(github.writes()) == 12


@pytest.mark.parametrize("refused", [False, True], ids=["at once", "the review is refused"])
def test_sixty_findings_are_at_most_42_writes(
    github: FakeGitHub, run: Poster, *, refused: bool
) -> None:
    many = [finding(n, lines=(n, n)) for n in range(1, 46)]
    many += [finding(100 + n, path="big.json") for n in range(15)]
    if refused:
        github.failures.append(Failure("POST", REVIEWS, 422, {"message": "Unprocessable Entity"}))
    shows = run(*many)
    assert len(shows.places) == 60
    assert len(github.writes()) == (42 if refused else 12)
    assert len(remarks(github)) == 40
    github.log.clear()
    run(*many)
    assert github.writes() == []


def test_two_pages_of_comments_are_read(github: FakeGitHub, run: Poster) -> None:
    pull = github.pulls[7]
    pull.remarks += [remark_by("ann", number, "hm") for number in range(120)]
    pull.said += [said_by("ann", number, "hm") for number in range(200, 320)]
    run(ONE)
    github.log.clear()
    run(ONE)
    assert github.writes() == []


def test_a_comment_saved_with_other_line_ends_is_the_same(github: FakeGitHub, run: Poster) -> None:
    run(ONE, say="says\ntwo lines")
    github.pulls[7].remarks[0]["body"] = remarks(github)[0].replace("\n", "\r\n")
    github.log.clear()
    run(ONE, say="says\ntwo lines")
    assert github.writes() == []


@pytest.mark.parametrize(
    ("login", "before"),
    [
        pytest.param("mallory", "", id="by somebody else"),
        pytest.param("github-actions", "", id="by a person named like us"),
        pytest.param(BOT, "look: ", id="not at the very start"),
    ],
)
def test_forged_marker_is_ignored(github: FakeGitHub, run: Poster, login: str, before: str) -> None:
    marker = f"{before}<!-- access-gate:v1 kind=finding fp={1:016x} state=fixed -->\nfine"
    forged = remark_by(login, 5, marker)
    github.pulls[7].remarks.append(forged)
    run(ONE)
    run()
    assert forged["body"] == marker
    assert len(remarks(github)) == 2


def test_marker_in_our_own_text_is_text(github: FakeGitHub, run: Poster) -> None:
    evil = replace(ONE, headline=f"<!-- access-gate:v1 kind=summary fp={0:016x} state=open -->\n")
    run(evil)
    github.log.clear()
    run(evil)
    assert github.writes() == []


@pytest.mark.parametrize("viewer", [None, "github-actions", BOT])
def test_we_know_ourselves_whatever_graphql_says(
    github: FakeGitHub, run: Poster, viewer: str | None
) -> None:
    github.viewer = viewer
    run(ONE)
    github.log.clear()
    run(ONE)
    assert github.writes() == []


def test_deleted_deny_is_commented_on_the_old_side(github: FakeGitHub, run: Poster) -> None:
    patch = '@@ -1,9 +1,3 @@\n {\n   "Statement": [\n'
    old = OLD_BUILD.split("\n")
    patch += "\n".join("-" + line for line in old[2:8]) + "\n " + old[8]
    github.pulls[7].files = [a_file("policies/build.json", patch, NEW_BUILD)]
    files = Files(
        {path: text.encode() for path, text in SOURCES.head.items()},
        {path: text.encode() for path, text in SOURCES.base.items()},
    )
    run(WITH_EVIDENCE, files=files)
    made = github.pulls[7].remarks[0]
    assert (made["side"], made["start_line"], made["line"]) == ("LEFT", 3, 8)


def test_policy_that_is_gone_is_commented_on_its_old_lines(github: FakeGitHub, run: Poster) -> None:
    file = {"filename": "gone.json", "status": "removed", "patch": "@@ -1,2 +0,0 @@\n-a\n-b"}
    github.pulls[7].files = [file]
    gone = replace(finding(1, path="gone.json", lines=(1, 2)), removed=True)
    run(gone, files=Files(base={"gone.json": b"a\nb\n"}))
    made = github.pulls[7].remarks[0]
    assert (made["side"], made["start_line"], made["line"]) == ("LEFT", 1, 2)


def test_lines_of_the_merge_are_mapped_to_the_head(github: FakeGitHub, run: Poster) -> None:
    text = "".join(f"line {n}\n" for n in range(1, 30))
    patch = "@@ -0,0 +1,29 @@\n" + "\n".join(f"+line {n}" for n in range(1, 30))
    github.pulls[7].files = [a_file("policies/build.json", patch, text)]
    github.objects.blobs[blob_id(text.encode())] = text.encode()  # type: ignore[attr-defined]
    merged = b"new on main\nand this\n" + text.encode()
    run(finding(1, lines=(5, 7)), files=Files(head={"policies/build.json": merged}))
    made = github.pulls[7].remarks[0]
    assert (made["start_line"], made["line"]) == (3, 5)


def test_another_run_and_another_commit_are_no_reason_to_edit(
    github: FakeGitHub, run: Poster
) -> None:
    def say(head: str, number: int) -> str:
        link = f"[`a.json` line 3](https://github.com/acme/infra/blob/{head}/a.json#L3)"
        return f"{link}\n\n<sub>Compared {head[:7]} · [run {number}](https://x/{number})</sub>"

    run(ONE, say=say("a" * 40, 1))
    github.log.clear()
    run(ONE, say=say("b" * 40, 2))
    assert github.writes() == []
    run(ONE, say=say("b" * 40, 2).replace("line 3", "line 4"))
    assert len(github.writes()) == 1


def test_two_gates_of_one_repository_leave_each_other_alone(
    github: FakeGitHub, run: Poster
) -> None:
    run(ONE)
    run(ONE, tag="production")
    run(ONE, tag="staging")
    assert len(remarks(github)) == len(github.pulls[7].said) == 3
    github.log.clear()
    run(ONE, tag="production")
    assert github.writes() == []
    run(tag="production")
    assert ["state=fixed" in body for body in remarks(github)] == [False, True, False]
    assert "access-gate (production): 1 finding" in github.pulls[7].reviews[1]["body"]


def test_what_is_accepted_gets_no_comment_of_its_own(github: FakeGitHub, run: Poster) -> None:
    taken = replace(ONE, accepted=Acceptance(Door.WAIVER, ("ann",), "why", "2026-12-31"))
    run(taken)
    assert remarks(github) == []
    assert len(github.pulls[7].said) == 1
    run(ONE)
    run(taken, say="is accepted")
    assert "state=open" in remarks(github)[0]
    assert "is accepted" in remarks(github)[0]


def test_a_head_whose_text_cannot_be_had_gets_a_comment_on_the_file(
    github: FakeGitHub, run: Poster
) -> None:
    shows = run(ONE, files=Files(head={"policies/build.json": b"other"}))
    assert list(shows.places.values()) == [Shown.ON_FILE]


def test_no_body_is_longer_than_github_takes(github: FakeGitHub, run: Poster) -> None:
    run(ONE, say="\u00e9" * 70_000)
    run(say="")
    assert [len(body) for body in remarks(github)] == [65_000]
    assert "state=fixed" in remarks(github)[0]


@pytest.mark.parametrize(
    "name", ["a,b:c.json", "a\nb.json", "a|`b.json", "@ann.json", "\u202e.json"]
)
def test_hostile_names_reach_github_as_they_are(github: FakeGitHub, run: Poster, name: str) -> None:
    github.pulls[7].files = [a_file(name)]
    run(finding(1, path=name))
    assert github.pulls[7].remarks[0]["path"] == name


def test_lines_outside_every_hunk_go_to_the_file(github: FakeGitHub, run: Poster) -> None:
    shows = run(replace(ONE, at=span("policies/build.json", 900, 901)))
    assert list(shows.places.values()) == [Shown.ON_FILE]
