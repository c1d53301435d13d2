from __future__ import annotations

from pathlib import Path

from tests import story
from tests.repository import Repository
from tests.steps import in_process, job


def test_the_story_of_a_pull_request(repository: Repository, tmp_path: Path) -> None:
    with job(repository, tmp_path) as made:
        made.begin = in_process
        told = list(story.tell(made))
    assert [(each.name, each.wrong) for each in told if each.wrong] == []
    assert [each.writes for each in told] == [2, 0, 3, 2, 3, 2]
