from __future__ import annotations

from dataclasses import replace

import pytest

from checker.findings import Finding, Severity, Shown, Suggestion
from checker.github.anchors import Files, blob_id
from checker.github.comments import Author, Comment, Ours, State, plan
from checker.render import review, suggestion
from checker.render.sources import Sources
from tests.github_server import FakeGitHub
from tests.markdown import rendered
from tests.posting import FILE, HEAD, Poster, a_file, remarks
from tests.reports import REPORT, RUN, finding

OLD = '{\n  "Action": [\n\t"s3:GetObject",\n\t"s3:PutObject"\n  ]\n}\n'
SOURCES = Sources(head={"policies/build.json": OLD})
NOTE = replace(
    finding(1, lines=(2, 5), severity=Severity.NOTE),
    suggestion=Suggestion(3, 4, ('\t"s3:GetObject"',)),
)


def test_what_github_can_apply() -> None:
    assert suggestion.block(NOTE, SOURCES, fits=True) == '```suggestion\n\t"s3:GetObject"\n```'
    gone = replace(NOTE, suggestion=Suggestion(3, 4, ()))
    assert suggestion.block(gone, SOURCES, fits=True) == "```suggestion\n```"
    assert suggestion.block(finding(1), SOURCES, fits=True) == ""


def test_elsewhere_it_is_a_diff() -> None:
    assert suggestion.block(NOTE, SOURCES, fits=False) == (
        '```diff\n-   "s3:GetObject",\n-   "s3:PutObject"\n+   "s3:GetObject"\n```'
    )


@pytest.mark.parametrize("line", ['"a\u202eb"', '"a\u200bb"', "a\rb", "\x1b[31m"])
def test_what_does_not_show_is_not_there_to_click_on(line: str) -> None:
    hostile = replace(NOTE, suggestion=Suggestion(3, 4, (line,)))
    text = suggestion.block(hostile, SOURCES, fits=True)
    assert text.startswith("```diff\n")
    assert line not in text


def test_what_does_not_fit_into_a_comment_is_not_cut_where_it_would_be_applied() -> None:
    long = replace(NOTE, suggestion=Suggestion(3, 4, ("x" * 200,) * 200))
    old = Sources(head={"policies/build.json": OLD + "y" * 70_000 + "\n" * 9_000})
    for finding_ in (long, replace(long, suggestion=Suggestion(1, 9_000, ("x" * 50_000,) * 300))):
        text = review.body(finding_, REPORT, RUN, old, fits=True)
        assert "suggestion" not in text
        assert "(and more lines)\n```\n" in text
        assert len(text.encode()) < 60_000


def test_backticks_do_not_end_the_block() -> None:
    hostile = replace(NOTE, suggestion=Suggestion(3, 4, ("```", "<b>x</b>", "````suggestion")))
    text = review.body(hostile, REPORT, RUN, SOURCES, fits=True)
    assert "`````suggestion\n```\n<b>x</b>\n````suggestion\n`````\n" in text
    assert "<b>" not in rendered(text)


def posted(github: FakeGitHub) -> list[str]:
    return [body.rpartition(" says")[2] for body in remarks(github)]


def test_a_note_is_posted_where_it_can_be_applied_and_nowhere_else(
    github: FakeGitHub, run: Poster
) -> None:
    elsewhere = [
        replace(NOTE, at=replace(NOTE.at, path=path), fingerprint=f"{number:016x}")
        for number, path in ((2, "big.json"), (3, "elsewhere.json"))
    ]
    beyond = replace(NOTE, fingerprint="f" * 16, suggestion=Suggestion(399, 401, ()))
    shows = run(NOTE, *elsewhere, beyond)
    assert list(shows.places.values()) == [Shown.ON_LINES, Shown.HERE, Shown.HERE, Shown.HERE]
    assert posted(github) == [" (apply)"]
    (remark,) = github.pulls[7].remarks
    assert (remark["start_line"], remark["line"], remark["side"]) == (3, 4, "RIGHT")
    github.log.clear()
    run(NOTE, *elsewhere, beyond)
    assert github.writes() == []


def test_a_warning_that_cannot_be_applied_is_posted_all_the_same(
    github: FakeGitHub, run: Poster
) -> None:
    loud = replace(NOTE, severity=Severity.WARN, suggestion=Suggestion(399, 401, ()))
    on_file = replace(FILE, suggestion=Suggestion(3, 4, ()))
    run(loud, on_file)
    assert posted(github) == ["", ""]


@pytest.mark.parametrize(
    "elsewhere",
    [{"line": 5}, {"start_line": 2}, {"commit_id": "5" * 40}, {"side": "LEFT"}],
)
def test_a_comment_that_stands_on_other_lines_offers_nothing_to_apply(
    github: FakeGitHub, run: Poster, elsewhere: dict[str, object]
) -> None:
    run(NOTE)
    github.pulls[7].remarks[0] |= elsewhere
    run(NOTE)
    assert posted(github) == [""]


def test_lines_that_a_merge_moved(github: FakeGitHub, run: Poster) -> None:
    text = "".join(f"line {n}\n" for n in range(1, 401))
    merged = Files({"policies/build.json": ("new\nnew\n" + text).encode()})
    github.objects.blobs[blob_id(text.encode())] = text.encode()  # type: ignore[attr-defined]
    github.pulls[7].files[0] = a_file("policies/build.json", text=text)
    moved: Finding = replace(NOTE, suggestion=Suggestion(5, 6, ()))
    run(moved, files=merged)
    bodies = posted(github)
    (remark,) = github.pulls[7].remarks
    assert (remark.get("start_line"), remark["line"], bodies) == (3, 4, [" (apply)"])


def test_what_is_fixed_can_no_longer_be_applied() -> None:
    body = "<!-- access-gate:v1 kind=finding fp=0000000000000001 state=open -->\n"
    text = "x\n\n````suggestion\na\n````\n"
    mine = Ours(Comment(1, body + text, Author("me")), NOTE.fingerprint, State.OPEN)
    (edit,) = plan({NOTE.fingerprint: mine}, {}, set(), HEAD).edits
    assert "suggestion" not in edit.body
    assert "````\na\n````" in edit.body
