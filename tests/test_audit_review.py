"""One review of a pull request from all shards of an audit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from checker.cli import main
from tests.github_server import TOKEN
from tests.repository import Repository
from tests.steps import Job, job

OPEN = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}],
    },
    indent=2,
)
SETTINGS = "critical-actions: [kms:ScheduleKeyDeletion]\n"


@pytest.fixture
def step(repository: Repository, tmp_path: Path) -> Iterator[Job]:
    """Give a job; in the end no request and no answer broke GitHub's own description."""
    with job(repository, tmp_path) as made:
        yield made
        assert not made.fake.violations


@pytest.fixture
def in_job(step: Job, monkeypatch: pytest.MonkeyPatch) -> Job:
    """Open a pull request with four policies that break a standard, and stand in its job."""
    files: dict[str, object] = {f"p/{number}.json": OPEN for number in range(4)}
    step.open({".github/access-gate.yml": SETTINGS}, files)
    (step.folder / "event.json").write_text(json.dumps(step.payload("pull_request")))
    monkeypatch.chdir(step.repository.folder)
    step.repository.git("checkout", "--quiet", step.pull.head)
    environment = {
        "GITHUB_API_URL": step.fake.url,
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(step.folder / "event.json"),
        "GITHUB_REPOSITORY": step.fake.repository,
        "GITHUB_SHA": step.pull.head,
        "GITHUB_TOKEN": TOKEN,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return step


def merged(folder: Path, *options: str) -> int:
    names = [str(folder / f"shard-{number}") for number in (1, 2, 3)]
    for number, name in enumerate(names, 1):
        main(["audit", "--shard", f"{number}/3", "--output", name])
    return main(["merge", "--format", "text", *options, *names])


def test_all_shards_give_one_review(
    in_job: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert merged(tmp_path, "--review") == 1
    assert len(in_job.pull.reviews) == 1
    assert sorted(remark["path"] for remark in in_job.pull.remarks) == [
        f"p/{number}.json" for number in range(4)
    ]
    assert "4 findings" in in_job.pull.said[0]["body"]
    in_job.fake.log.clear()
    assert merged(tmp_path, "--review") == 1
    assert in_job.fake.writes() == []
    assert "not posted" not in capsys.readouterr().err


def test_another_commit_than_the_head_is_no_review(
    in_job: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_job.repository.commit({"other.txt": "-"})
    assert merged(tmp_path, "--review") == 2
    assert "the head of the pull request is" in capsys.readouterr().err
    assert in_job.fake.writes() == []


def test_a_shard_posts_nothing(in_job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--shard", "1/3", "--review"]) == 2
    assert "access-gate merge" in capsys.readouterr().err
