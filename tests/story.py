"""The life of one pull request, from finding to fixed, as each run of the gate answers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.gate import allow, policy
from tests.github_comments import review_by
from tests.github_server import FakePull
from tests.steps import Done, Job

ROLE = "iam/build.json"
SETTINGS = {".github/access-gate.yml": "approvers: [ann]\n"}


@dataclass(frozen=True)
class Chapter:
    """What a run ended with, and what is not as it should be."""

    name: str
    done: Done
    writes: int
    wrong: tuple[str, ...]


def role(*actions: str) -> str:
    from tests.test_action import text

    return text(policy(allow("logs:*"), allow(list(actions), "arn:aws:s3:::artifacts/*")))


def tell(job: Job) -> Iterator[Chapter]:
    """Yield each chapter as it has happened."""
    job.open({ROLE: role("s3:GetObject"), **SETTINGS}, {ROLE: role("s3:GetObject", "s3:Put*")})
    yield _run(
        job,
        "a finding",
        closed=True,
        sees={
            "one review": lambda pull: len(pull.reviews) == 1,
            "a comment on a line": lambda pull: bool(pull.remarks and pull.remarks[0]["line"]),
            "a summary": lambda pull: "closed the gate" in pull.said[0]["body"],
        },
    )
    job.push({"readme.md": "something else\n"})
    yield _run(job, "a second push, unchanged", closed=True, writes=0, sees={})
    job.push({ROLE: role("s3:GetObject", "s3:PutObject")})
    yield _run(
        job,
        "a partial fix",
        closed=True,
        sees={
            "the first finding is fixed": lambda pull: _states(pull) == ["fixed", "open"],
            "the other one is said": lambda pull: "`s3:PutObject`" in _bodies(pull)[1],
        },
    )
    job.pull.opinions.append(review_by("ann", "APPROVED", job.pull.head))
    yield _run(
        job,
        "an approval",
        closed=False,
        sees={
            "the comment says who": lambda pull: "Accepted by `ann`" in _bodies(pull)[1],
            "the summary too": lambda pull: "accepted by `ann`" in pull.said[0]["body"],
        },
    )
    job.push({ROLE: role("s3:GetObject", "s3:PutObject", "s3:DeleteObject")})
    yield _run(
        job,
        "more access, so the approval is void",
        closed=True,
        sees={
            "a new finding": lambda pull: _states(pull) == ["fixed", "fixed", "open"],
            "why": lambda pull: "is not the head any more" in pull.said[0]["body"],
        },
    )
    job.push({ROLE: role("s3:GetObject")})
    yield _run(
        job,
        "fixed",
        closed=False,
        sees={
            "everything is fixed": lambda pull: set(_states(pull)) == {"fixed"},
            "one summary": lambda pull: len(pull.said) == 1,
            "which says so": lambda pull: "no findings, gate open" in pull.said[0]["body"],
        },
    )


def _run(
    job: Job,
    name: str,
    *,
    closed: bool,
    sees: dict[str, Callable[[FakePull], bool]],
    writes: int | None = None,
) -> Chapter:
    job.number += 1
    job.fake.log.clear()
    done = job.run()
    wrote = len(job.fake.writes())
    wrong = [f"not so: {what}" for what, is_so in sees.items() if not is_so(job.pull)]
    if done.code != closed:
        wrong.append(f"the exit code is {done.code}")
    if writes is not None and wrote != writes:
        wrong.append(f"it wrote {wrote} times: {job.fake.writes()}")
    wrong += job.fake.violations
    return Chapter(name, done, wrote, tuple(wrong))


def _bodies(pull: FakePull) -> list[str]:
    return [remark["body"] for remark in pull.remarks]


def _states(pull: FakePull) -> list[str]:
    return ["open" if "state=open" in body.split("\n")[0] else "fixed" for body in _bodies(pull)]
