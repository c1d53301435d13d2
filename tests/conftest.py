"""What every test stands on: no environment of a real job, and a steady hypothesis."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.repository import Repository

if TYPE_CHECKING:
    from tests.github_server import FakeGitHub
    from tests.posting import Poster

settings.register_profile("steady", max_examples=300, deadline=None, derandomize=True)
settings.register_profile("searching", max_examples=3000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(autouse=True)
def _no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what a runner gives, so that a test means the same on one."""
    for name in tuple(os.environ):
        if name.startswith(("GITHUB_", "INPUT_", "RUNNER_")):
            monkeypatch.delenv(name)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Give an empty repository whose default branch is `main`."""
    made = Repository(tmp_path / "repository")
    made.folder.mkdir()
    made.git("init", "--quiet", "--initial-branch=main")
    return made


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """Give a fake GitHub with the pull request 7; in the end no message broke the description."""
    from tests.posting import pull_request  # takes a second: the description of GitHub

    with pull_request() as fake:
        yield fake


@pytest.fixture
def run(github: FakeGitHub) -> Iterator[Poster]:
    """Give a function that posts findings to that pull request."""
    from tests.posting import poster

    with poster(github) as posted:
        yield posted
