"""A fake pull request with the number 7, and a run of the gate that posts to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from checker.findings import Finding, Shows
from checker.github.anchors import Files, blob_id
from checker.github.client import connected
from checker.github.patience import Patience
from checker.github.posting import Job, Texts, post
from checker.github.pull import Pull
from tests.github_server import TOKEN, FakeGitHub, FakePull, serving
from tests.reports import finding

HEAD = "4" * 40
REVIEWS, REMARKS, SAID = "/pulls/7/reviews", "/pulls/7/comments", "/issues/7/comments"
WHOLE = "@@ -0,0 +1,400 @@\n" + "\n".join(f"+line {n}" for n in range(1, 401))
TEXT = "\n".join(f"line {n}" for n in range(1, 401)) + "\n"

ONE, TWO = finding(1), finding(2, lines=(20, 22))
FILE = finding(3, path="big.json")
OUTSIDE = finding(4, path="elsewhere.json")

Poster = Callable[..., Shows]


def a_file(path: str, patch: str | None = WHOLE, text: str = TEXT) -> dict[str, Any]:
    file = {"filename": path, "status": "modified", "sha": blob_id(text.encode())}
    return file | ({"patch": patch} if patch is not None else {})


@contextmanager
def pull_request() -> Iterator[FakeGitHub]:
    """Serve a pull request that changes one file with a patch and one without."""
    files = [a_file("policies/build.json"), a_file("big.json", None)]
    with serving(FakeGitHub(pulls={7: FakePull(HEAD, files)})) as fake:
        yield fake
    assert fake.violations == []


@contextmanager
def poster(github: FakeGitHub) -> Iterator[Poster]:
    """Give a function that posts findings as a run of the gate would."""
    pauses: list[float] = []
    with connected(TOKEN, github.url, pause=0) as client:

        def posted(*findings: Finding, say: str = "says", **more: Any) -> Shows:
            texts = Texts(
                finding=lambda each, fits: f"{each.headline} {say}{' (apply)' if fits else ''}",
                summary=lambda shows: f"{len(findings)} {sorted(shows.places.items())}",
            )
            files = more.pop("files", Files())
            job = Job(findings=findings, head=HEAD, texts=texts, files=files, **more)
            patience = Patience(sleep=pauses.append)
            return post(Pull(client, github.repository, 7), job, patience)

        yield posted


def remarks(github: FakeGitHub) -> list[str]:
    return [remark["body"] for remark in github.pulls[7].remarks]
