"""Approving reviews: whose count, what they are bound to, and that nothing else is accepted by them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from checker.acceptance.waivers import WAIVER_FILE
from checker.github.approvals import Review, Reviewed, approvals
from tests.github_comments import review_by
from tests.github_server import Failure
from tests.repository import Repository
from tests.steps import Job, in_process, job
from tests.test_action import identity

HEAD, OLD = "4" * 40, "3" * 40
SETTINGS = {".github/access-gate.yml": "approvers: [Ann, carol]\n"}
ROLE = "role.json"
READ, WRITE = identity("s3:GetObject"), identity("s3:GetObject", "s3:PutObject")


def by(*reviews: tuple[str, str, str], author: str = "bob", since: str = "") -> tuple[str, ...]:
    given = [Review(*review, at=f"2026-11-21T04:00:0{n}Z") for n, review in enumerate(reviews)]
    return approvals(given, ("ann", "carol"), Reviewed(HEAD, author, since)).by


@pytest.mark.parametrize(
    ("reviews", "expected"),
    [
        ([("Ann", "APPROVED", HEAD)], ("Ann",)),
        ([("ann", "APPROVED", HEAD), ("carol", "APPROVED", HEAD)], ("ann", "carol")),
        ([("mallory", "APPROVED", HEAD)], ()),
        ([("ann", "APPROVED", OLD)], ()),
        ([("ann", "COMMENTED", HEAD)], ()),
        ([("ann", "APPROVED", HEAD), ("ann", "COMMENTED", HEAD)], ("ann",)),
        ([("ann", "APPROVED", HEAD), ("ann", "CHANGES_REQUESTED", HEAD)], ()),
        ([("ann", "CHANGES_REQUESTED", HEAD), ("ann", "APPROVED", HEAD)], ("ann",)),
        ([("ann", "APPROVED", HEAD), ("ann", "APPROVED", OLD)], ()),
        ([("ann", "DISMISSED", HEAD)], ()),
        ([("", "APPROVED", HEAD)], ()),
        ([("ann\u200b", "APPROVED", HEAD)], ()),
    ],
)
def test_whose_approval_counts(
    reviews: list[tuple[str, str, str]], expected: tuple[str, ...]
) -> None:
    assert by(*reviews) == expected


def test_the_author_cannot_approve_and_an_older_base_branch_is_another_question() -> None:
    mine = ("ann", "APPROVED", HEAD)
    assert by(mine, author="ANN") == ()
    assert by(mine, since="2026-11-21T03:00:00Z") == ("ann",)
    assert by(mine, since="2026-11-21T05:00:00Z") == ()


@pytest.fixture
def step(repository: Repository, tmp_path: Path) -> Iterator[Job]:
    with job(repository, tmp_path) as made:
        made.begin = in_process
        yield made
        assert not made.fake.violations


def approve(step: Job, login: str = "ann", state: str = "APPROVED", **more: Any) -> None:
    step.pull.opinions.append(review_by(login, state, step.pull.head, **more))


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target", "merge_group"])
def test_an_approval_of_the_head_opens_the_gate(step: Job, event: str) -> None:
    step.open({ROLE: READ, **SETTINGS}, {ROLE: WRITE})
    assert step.run(event).code == 1
    approve(step)
    done = step.run(event)
    assert (done.code, done.outputs["result"], done.outputs["findings"]) == (0, "pass", "1")
    assert done.outputs["new-access"] == "true"
    assert "1 finding accepted" in done.summary
    assert [line.split(" ")[0] for line in done.commands] == ["::notice"]
    if event != "merge_group":
        assert "Accepted by `ann`, who approved the head commit" in step.pull.remarks[0]["body"]


WAIVER = "- {{fingerprint: {}, owner: ann, reason: wanted, expires: {}}}\n"


@pytest.mark.parametrize("side", ["base", "head"])
def test_a_waiver_opens_the_gate_from_the_side_that_counts(step: Job, side: str) -> None:
    settings = {".github/access-gate.yml": f"waivers-from: {side}\n"}
    step.open({ROLE: READ, **settings}, {ROLE: WRITE})
    assert step.run().code == 1
    found = re.search("fp=([0-9a-f]{32})", step.pull.remarks[0]["body"])
    assert found
    day = datetime.now(UTC).date() + timedelta(days=5)
    waiver = {WAIVER_FILE: WAIVER.format(found[1], day)}
    step.push(waiver)
    done = step.run()
    assert done.code == (side == "base")
    assert "is new in this change" in done.summary
    head = step.pull.head
    step.repository.git("switch", "--quiet", "main")
    step.meet(step.repository.commit(waiver), head)
    assert step.run("merge_group").code == 0
    step.push({ROLE: identity("s3:*")})
    assert step.run().code == 1


def test_a_change_of_waivers_alone_is_told_in_the_conversation(step: Job) -> None:
    day = datetime.now(UTC).date()
    step.open({ROLE: READ}, {WAIVER_FILE: WAIVER.format("a" * 32, day)})
    assert step.run().code == 0
    assert "is new in this change" in step.pull.said[0]["body"]
    assert step.pull.remarks == []
    step.push({WAIVER_FILE: "- wrong\n"})
    assert step.run().code == 1
    assert f"error title=waivers,file={WAIVER_FILE},line=1" in step.run().log


def test_without_approvers_no_review_is_read(step: Job) -> None:
    step.open({ROLE: READ}, {ROLE: WRITE, ".github/access-gate.yml": "approvers: [ann]\n"})
    approve(step)
    done = step.run()
    assert done.code == 1, "the settings of the head do not count"
    assert not any("/reviews" in path for verb, path, _ in step.fake.log if verb == "GET")


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [("GET", "/pulls/7$", 401), ("GET", "/pulls/7/reviews", 403), ("POST", "/graphql", 502)],
)
def test_reviews_that_cannot_be_read_accept_nothing(
    step: Job, verb: str, path: str, status: int
) -> None:
    step.open({ROLE: READ, **SETTINGS}, {ROLE: WRITE})
    approve(step)
    step.fake.failures.append(Failure(verb, path, status, times=99))
    done = step.run(comment="off")
    assert done.code == 1
    assert f"the reviews could not be read (GitHub says {status})" in done.log.replace("\n", " ")


def test_the_author_and_an_exchanged_base_branch_are_told(step: Job) -> None:
    step.open({ROLE: READ, **SETTINGS}, {ROLE: WRITE})
    step.pull.author = "carol"
    approve(step, "carol")
    done = step.run(comment="off")
    assert done.code == 1
    assert "`carol` is the author of the pull request" in " ".join(done.summary.split())
    approve(step, at="2026-11-21T04:00:00Z")
    step.pull.retargeted = "2026-11-21T04:30:00Z"
    done = step.run(comment="off")
    assert done.code == 1
    assert "got another base branch" in done.summary
    step.pull.retargeted = "2026-11-21T03:30:00Z"
    assert step.run(comment="off").code == 0


def test_what_the_base_branch_does_meanwhile_is_not_approved(step: Job) -> None:
    """The Deny that made the change harmless goes away on `main`, after the approval."""
    logs = '"arn:aws:s3:::logs/*"'
    deny = identity("s3:PutObject").replace('"Allow"', '"Deny"').replace('"*"', logs)
    statement = deny[deny.index("    {") : deny.rindex("}\n  ]") + 1]
    closed, wide = (
        text.replace("    }\n  ]", f"    }},\n{statement}\n  ]") for text in (READ, WRITE)
    )
    step.repository.commit({ROLE: closed, **SETTINGS})
    step.repository.git("switch", "--quiet", "--create", "topic")
    head = step.repository.commit({ROLE: wide})
    step.repository.git("switch", "--quiet", "main")
    step.meet(step.repository.commit({"other.txt": "x"}), head)
    approve(step)
    assert step.run(comment="off").code == 0
    opinions = step.pull.opinions
    step.repository.git("switch", "--quiet", "main")
    step.meet(step.repository.commit({ROLE: READ}), head)
    step.pull.opinions = opinions
    done = step.run(comment="off")
    assert done.code == 1
    assert "from the base branch as it is now" in done.summary
