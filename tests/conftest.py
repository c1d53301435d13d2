"""What every test stands on: no environment of a real job, and a steady hypothesis."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("steady", max_examples=300, deadline=None, derandomize=True)
settings.register_profile("searching", max_examples=3000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(autouse=True)
def _no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what a runner gives, so that a test means the same on one."""
    for name in tuple(os.environ):
        if name.startswith(("GITHUB_", "INPUT_", "RUNNER_")):
            monkeypatch.delenv(name)
