from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from checker.errors import SourceError, UsageError
from checker.github import event as events
from checker.github.event import Comparison, Event, Payload, PullRef, PullState
from checker.source.changes import Commit

EVENTS = Path(__file__).parent / "data" / "events"
HEAD, OLD_HEAD = "ec26c3e57ca3a959ca5aad62de7213c562f8c821", "d" * 40
TIP, MERGE, FORK_POINT, BEFORE = "a" * 40, "3" * 40, "f" * 40, "b" * 40
PUSHED = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"
NOBODY = "0" * 40


@dataclass
class History:
    """Commits by name, and the one merge base there is."""

    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    merge_bases: list[tuple[str, str]] = field(default_factory=list)

    def commit(self, revision: str) -> Commit:
        sha = self.names.get(revision, revision)
        if sha not in self.parents:
            raise SourceError(f"no commit `{revision}`")
        return Commit(sha, "e" * 40, self.parents[sha])

    def merge_base(self, one: str, other: str) -> str:
        self.merge_bases.append((one, other))
        return FORK_POINT


HISTORY = History(
    parents={
        TIP: (),
        HEAD: (FORK_POINT,),
        MERGE: (TIP, HEAD),
        PUSHED: (BEFORE,),
        BEFORE: (),
        FORK_POINT: (),
    },
    names={"master": TIP, "main": TIP},
)


def payload(name: str) -> Payload:
    return events.load(EVENTS / f"{name}.json")


def environ(name: str, sha: str = MERGE, **more: str) -> dict[str, str]:
    given = {
        "GITHUB_EVENT_NAME": name,
        "GITHUB_REPOSITORY": "acme/infra",
        "GITHUB_SHA": sha,
        "GITHUB_REF_NAME": "topic",
    }
    return given | more


def read(name: str, file: str = "", **more: str) -> Event:
    return events.read(environ(name, **more), payload(file or name))


def no_pull() -> PullState:
    raise AssertionError("nobody needed to ask")


def now(merge: str) -> Callable[[], PullState]:
    return lambda: PullState(HEAD, merge, is_open=True, is_locked=False)


def test_a_pull_request_is_read_whole() -> None:
    assert read("pull_request").pull == PullRef(
        number=2,
        head=HEAD,
        base_ref="master",
        base="f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
        from_fork=False,
    )


@pytest.mark.parametrize("repo", [None, {"full_name": "mallory/Hello-World"}])
def test_a_fork_is_one_also_when_it_was_deleted(repo: object) -> None:
    forked = json.loads(json.dumps(payload("pull_request")))
    forked["pull_request"]["head"]["repo"] = repo
    pull = events.read(environ("pull_request"), forked).pull
    assert pull is not None
    assert pull.from_fork


MERGED = Comparison(TIP, MERGE, "master", "#2 merged")
BRANCH = Comparison(
    FORK_POINT,
    HEAD,
    "master, where the branch left it",
    "#2",
    "GitHub has no merge of this head, so changes on the base branch since are not seen",
)


@pytest.mark.parametrize(
    ("event", "pull_state", "expected"),
    [
        pytest.param(read("pull_request"), no_pull, MERGED, id="what pressing Merge does"),
        pytest.param(read("pull_request", sha=HEAD), no_pull, BRANCH, id="sha is no merge"),
        pytest.param(read("pull_request", sha=NOBODY), no_pull, BRANCH, id="sha is unknown"),
        pytest.param(
            read("pull_request_review", "pull_request"), no_pull, MERGED, id="a review: the same"
        ),
        pytest.param(
            read("pull_request_target", "pull_request", sha=TIP),
            now(MERGE),
            MERGED,
            id="target: the merge that GitHub tried",
        ),
        pytest.param(
            read("pull_request_target", "pull_request", sha=TIP),
            now(""),
            BRANCH,
            id="target: no merge tried yet",
        ),
        pytest.param(
            read("merge_group"),
            no_pull,
            Comparison(
                "380387fbc80638b734a49e1be1c4dfec1c01b33c",
                "2ffea6db159f6b6c47a24e778fb9ef40cf6b1c7d",
                "main",
                "merge queue",
            ),
            id="merge group",
        ),
        pytest.param(
            replace(read("push"), before=BEFORE),
            no_pull,
            Comparison(BEFORE, PUSHED, BEFORE[:7], "topic"),
            id="push",
        ),
        pytest.param(
            read("push"),
            no_pull,
            Comparison(FORK_POINT, PUSHED, "master", "topic"),
            id="push of a new branch",
        ),
        pytest.param(
            replace(read("push"), ref="master"),
            no_pull,
            Comparison(
                BEFORE,
                PUSHED,
                BEFORE[:7],
                "master",
                "the branch is new, so only its last commit is compared with the one before",
            ),
            id="push of a new default branch",
        ),
        pytest.param(
            replace(read("push"), before=OLD_HEAD),
            no_pull,
            Comparison(
                BEFORE,
                PUSHED,
                BEFORE[:7],
                "topic",
                "the commit before this push is gone, so only its last commit is compared with the one before",
            ),
            id="push over a commit that is gone",
        ),
        pytest.param(
            replace(read("push"), ref="master", after=TIP),
            no_pull,
            Comparison(
                "",
                TIP,
                "nothing",
                "master",
                "the branch is new, so only its last commit is compared with the one before",
            ),
            id="first commit of all",
        ),
    ],
)
def test_what_is_compared(
    event: Event, pull_state: Callable[[], PullState], expected: Comparison
) -> None:
    assert events.comparison(event, HISTORY, pull_state) == expected


@pytest.mark.parametrize(
    ("branch", "number"),
    [
        ("refs/heads/gh-readonly-queue/main/pr-104-929f8209d40f77f4abc622a499c93a83babdbe64", 104),
        ("refs/heads/gh-readonly-queue/a/pr-7-ff/pr-8-929f8209d40f77f4abc622a499c93a83babdbe64", 8),
        ("refs/heads/main", 0),
        ("", 0),
    ],
)
def test_the_pull_request_in_the_queue_has_its_number_in_the_branch(
    branch: str, number: int
) -> None:
    given = json.loads((EVENTS / "merge_group.json").read_text())
    given["merge_group"]["head_ref"] = branch
    assert events.read(environ("merge_group"), given).queued == number


def test_merge_of_an_earlier_head_is_not_taken() -> None:
    history = replace(HISTORY, parents=HISTORY.parents | {MERGE: (TIP, OLD_HEAD)})
    assert events.comparison(read("pull_request"), history, no_pull) == BRANCH


def test_the_branch_itself_is_asked_for_its_tip_and_the_event_only_if_it_is_gone() -> None:
    history = replace(HISTORY, merge_bases=[])
    events.comparison(read("pull_request", sha=HEAD), history, no_pull)
    events.comparison(read("pull_request", sha=HEAD), replace(history, names={}), no_pull)
    assert [one[:7] for one, _ in history.merge_bases] == [TIP[:7], "f95f852"]


@pytest.mark.parametrize("name", ["pull_request", "push", "workflow_dispatch"])
def test_inputs_win(name: str) -> None:
    found = events.comparison(read(name), HISTORY, no_pull, base="main", head=HEAD)
    assert (found.base, found.head, found.base_name) == (TIP, HEAD, "main")


def test_base_alone_is_compared_with_the_commit_of_the_job() -> None:
    found = events.comparison(read("workflow_dispatch"), HISTORY, no_pull, base="main")
    assert (found.base, found.head) == (TIP, MERGE)


@pytest.mark.parametrize(
    ("event", "inputs", "problem"),
    [
        pytest.param(read("workflow_dispatch"), {}, "needs the inputs `base`", id="dispatch"),
        pytest.param(
            read("workflow_dispatch"), {"head": HEAD}, "needs the input `base`", id="head alone"
        ),
        pytest.param(
            replace(read("push"), after=NOBODY), {}, "the branch `topic` was deleted", id="deleted"
        ),
    ],
)
def test_nothing_to_compare(event: Event, inputs: dict[str, str], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        events.comparison(event, HISTORY, no_pull, **inputs)


@pytest.mark.parametrize(
    ("given", "content", "problem"),
    [
        pytest.param({}, {}, "is this a GitHub job", id="no environment"),
        pytest.param(environ("issues"), {}, "the event `issues` is not supported", id="event"),
        pytest.param(environ("push"), {}, "the event file has no `before`", id="empty event"),
        pytest.param(
            environ("push"), {"before": "main", "after": BEFORE}, "is no commit id", id="bad id"
        ),
        pytest.param(
            environ("pull_request"), {"pull_request": None}, "`pull_request.number`", id="no pull"
        ),
        pytest.param(
            environ("push", GITHUB_REPOSITORY="infra"), {}, "is this a GitHub job", id="repository"
        ),
    ],
)
def test_an_event_that_says_too_little(
    given: dict[str, str], content: Payload, problem: str
) -> None:
    with pytest.raises(UsageError, match=problem):
        events.read(given, content)


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_an_event_file_that_holds_no_object(tmp_path: Path, content: str) -> None:
    (tmp_path / "event.json").write_text(content)
    with pytest.raises(UsageError, match="event file"):
        events.load(tmp_path / "event.json")
