"""The fake is only worth what it notices."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from github import Github, GithubException

from checker.github.client import connected
from checker.github.event import Event, PullRef, comparison
from checker.github.pull import Pull
from checker.github.reading import ApiSource
from tests.github_objects import GitObjects
from tests.github_server import TOKEN, FakeGitHub, FakePull, serving

COMMENT = {"path": "a.json", "line": 1, "side": "RIGHT", "body": "x"}


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "iam").mkdir()
    (tmp_path / "iam" / "a.json").write_text("{\n}\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    git(tmp_path, "switch", "-qc", "topic/one")
    (tmp_path / "iam" / "a.json").write_text("{\n1\n}\n")
    (tmp_path / "iam" / "b.json").write_text("new\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "two")
    return tmp_path


@pytest.fixture
def fake(repository: Path) -> Iterator[FakeGitHub]:
    head = git(repository, "rev-parse", "topic/one")
    objects = GitObjects(repository)
    pull = FakePull(head, objects.files("main", "topic/one"))
    with serving(FakeGitHub(pulls={7: pull}, objects=objects)) as served:
        yield served


@pytest.fixture
def client(fake: FakeGitHub) -> Iterator[Github]:
    with connected(TOKEN, fake.url, pause=0) as made:
        yield made


def test_a_real_repository_is_read_through_the_api(
    fake: FakeGitHub, client: Github, repository: Path
) -> None:
    repo = client.get_repo("acme/infra")
    commit = repo.get_commit("topic/one")
    head = git(repository, "rev-parse", "topic/one")
    assert commit.raw_data["sha"] == head
    assert repo.compare("main", "topic/one").merge_base_commit.sha == git(
        repository, "rev-parse", "main"
    )
    tree = repo.get_git_tree(repo.get_git_commit(head).tree.sha, recursive=True)
    assert [entry.path for entry in tree.tree] == ["iam", "iam/a.json", "iam/b.json"]
    assert repo.get_git_blob(tree.tree[1].sha).content == "ewoxCn0K\n"
    assert fake.violations == []


def test_a_tree_is_truncated_like_a_large_one(fake: FakeGitHub, client: Github) -> None:
    fake.most_entries = 1
    tree = client.get_repo("acme/infra").get_git_tree("main", recursive=True)
    assert tree.raw_data["truncated"] is True


def test_files_of_a_pull_request_have_their_patches(fake: FakeGitHub) -> None:
    changed, new = fake.pulls[7].files
    assert changed["patch"] == "@@ -1,2 +1,3 @@\n {\n+1\n }"
    assert (new["status"], new["patch"]) == ("added", "@@ -0,0 +1 @@\n+new")


@pytest.mark.parametrize(
    ("review", "noticed"),
    [
        pytest.param({"event": "BLOCK", "body": "x"}, "'BLOCK' is not one of", id="event"),
        pytest.param({"event": "COMMENT", "body": "x", "sides": 1}, "sides", id="key"),
    ],
)
def test_a_wrong_request_is_noticed(
    fake: FakeGitHub, client: Github, review: dict[str, Any], noticed: str
) -> None:
    url = "/repos/acme/infra/pulls/7/reviews"
    client.requester.requestJsonAndCheck("POST", url, input=review)
    assert noticed in fake.violations[0]


@pytest.mark.parametrize(
    ("comment", "refused"),
    [
        pytest.param({"path": "b.json"}, "Path could not be resolved", id="path"),
        pytest.param({"line": 9}, "must be part of the diff", id="line"),
        pytest.param({"start_line": 1}, "start_line must precede", id="start without side"),
        pytest.param(
            {"start_line": 2, "line": 2, "start_side": "RIGHT"}, "must precede", id="start is end"
        ),
        pytest.param({"body": "x" * 65_537}, "Body is too long", id="body"),
    ],
)
def test_one_bad_comment_is_refused_with_the_whole_review(
    fake: FakeGitHub, client: Github, comment: dict[str, Any], refused: str
) -> None:
    fake.pulls[7].files[0]["filename"] = "a.json"
    comments = [COMMENT, COMMENT | {"line": 3} | comment]
    review = {"event": "COMMENT", "body": "x", "comments": comments}
    with pytest.raises(GithubException, match=refused):
        client.requester.requestJsonAndCheck(
            "POST", "/repos/acme/infra/pulls/7/reviews", input=review
        )
    assert fake.pulls[7].remarks == []
    assert fake.violations == []


def test_the_comparison_of_a_pull_request_is_found_through_the_api(
    fake: FakeGitHub, client: Github, repository: Path
) -> None:
    head, tip = git(repository, "rev-parse", "topic/one"), git(repository, "rev-parse", "main")
    merge = git(repository, "commit-tree", f"{head}^{{tree}}", "-p", tip, "-p", head, "-m", "merge")
    event = Event(
        name="pull_request",
        repository="acme/infra",
        sha=merge,
        ref="7/merge",
        pull=PullRef(7, head, "main", tip, from_fork=False),
    )
    source, pull = ApiSource(client.requester, "acme/infra"), Pull(client, "acme/infra", 7)
    merged = comparison(event, source, pull.state)
    branch = comparison(replace(event, sha=head), source, pull.state)
    assert (merged.base, merged.head) == (tip, merge)
    assert (branch.base, branch.head) == (tip, head)
    assert fake.violations == []
