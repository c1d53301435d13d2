"""The action as the runner starts it: a real repository, GitHub's API, what a reviewer gets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.github_server import Failure
from tests.markdown import rendered
from tests.repository import Repository
from tests.steps import Job, in_process, job

EXAMPLES = json.loads((Path(__file__).parent / "cases" / "examples.json").read_text())["policies"]
BUCKET = "policies/bucket.json"


def text(policy: object) -> str:
    return json.dumps(policy, indent=2) + "\n"


OPEN, OWN = text(EXAMPLES["open_bucket"]), text(EXAMPLES["bucket_own_account"])
CLOSED = text(EXAMPLES["bucket_closed_by_deny"])


def identity(*actions: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"} | more
    return text({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def step(repository: Repository, tmp_path: Path) -> Iterator[Job]:
    """Give a job; in the end no request and no answer broke GitHub's own description."""
    with job(repository, tmp_path) as made:
        yield made
        assert not made.fake.violations


def bodies(step: Job) -> list[str]:
    return [remark["body"] for remark in step.pull.remarks]


def test_a_pull_request_gets_one_review_and_one_summary(step: Job) -> None:
    step.open({BUCKET: OPEN}, {BUCKET: OWN})
    done = step.run()
    assert done.code == 1
    assert dict(done.outputs) == {
        "result": "fail",
        "findings": "1",
        "new-access": "true",
        "report": "",
        "sarif": "",
    }
    assert [review["body"] for review in step.pull.reviews] == [
        "access-gate: 1 finding, on the lines concerned."
    ]
    remark = step.pull.remarks[0]
    assert (remark["path"], remark["line"], remark["side"]) == (BUCKET, 9, "RIGHT")
    assert "`s3:DeleteBucket`" in remark["body"].split("\n")[1]
    assert len(step.pull.said) == 1
    assert "1 finding closed the gate" in step.pull.said[0]["body"]
    assert "s3:DeleteBucket" in done.summary
    assert [line.split("::")[1] for line in done.commands] == [
        f"error title=no-new-access,file={BUCKET},line=4,endLine=12"
    ]


def test_an_enterprise_server_has_addresses_of_its_own(step: Job) -> None:
    step.enterprise = True
    step.open({BUCKET: OPEN}, {BUCKET: OWN})
    done = step.run()
    assert (done.code, len(step.pull.reviews)) == (1, 1)
    assert f"https://git.acme.example/acme/infra/blob/{step.pull.head}/{BUCKET}" in done.summary
    assert "github.com" not in done.summary + bodies(step)[0]


def test_a_second_run_writes_nothing(step: Job) -> None:
    step.open({BUCKET: OPEN}, {BUCKET: OWN})
    first = step.run()
    step.fake.log.clear()
    second = step.run()
    assert step.fake.writes() == []
    assert (second.code, second.outputs, second.summary) == (1, first.outputs, first.summary)


def test_a_fixed_finding_is_told_so_and_opens_the_gate(step: Job) -> None:
    step.open({BUCKET: OPEN}, {BUCKET: OWN})
    step.run()
    standing = step.pull
    step.repository.git("switch", "--quiet", "topic")
    step.meet(standing.base, step.repository.commit({BUCKET: CLOSED}))
    step.pull.remarks, step.pull.said = standing.remarks, standing.said
    done = step.run()
    assert (done.code, done.outputs["result"], done.commands) == (0, "pass", [])
    assert "state=fixed" in bodies(step)[0]
    assert "gate open" in step.pull.said[0]["body"]
    assert step.pull.reviews == []


@pytest.mark.parametrize(
    ("event", "is_reviewed"),
    [("pull_request_target", True), ("merge_group", False), ("push", False)],
)
def test_other_events_reach_the_same_verdict(step: Job, event: str, *, is_reviewed: bool) -> None:
    step.open({BUCKET: OPEN}, {BUCKET: OWN})
    done = step.run(event)
    assert (done.code, done.outputs["result"]) == (1, "fail")
    assert len(done.commands) == 1
    assert bool(step.pull.reviews) == is_reviewed


def test_a_dispatched_run_takes_its_commits_from_the_inputs(step: Job) -> None:
    step.open({BUCKET: OPEN}, {BUCKET: OWN})
    done = step.run("workflow_dispatch", base="main", head=step.pull.head)
    assert (done.code, done.outputs["result"]) == (1, "fail")
    refused = step.run("workflow_dispatch")
    assert refused.code == 2
    assert refused.errors == (
        "error: the event `workflow_dispatch` needs the inputs `base` and `head`\n"
    )


def test_the_merge_is_compared_not_the_branch(step: Job) -> None:
    """The branch adds an action; `main` widened the resource meanwhile: together that is more."""
    one = {"Resource": "arn:aws:s3:::logs/*"}
    lines = [f"s3:Get{word}" for word in ("A", "B", "C", "D", "E", "F", "G")]
    start = step.repository.commit({"role.json": identity(*lines, "s3:GetObject", **one)})
    step.repository.git("switch", "--quiet", "--create", "topic")
    head = step.repository.commit(
        {"role.json": identity("s3:PutObject", *lines, "s3:GetObject", **one)}
    )
    step.repository.git("switch", "--quiet", "main")
    base = step.repository.commit({"role.json": identity(*lines, "s3:GetObject")})
    assert start != base
    step.meet(base, head)
    done = step.run()
    assert done.code == 1
    assert "`s3:PutObject` on `*`" in bodies(step)[0]


def test_lines_outside_the_diff_get_a_comment_on_the_file(step: Job) -> None:
    """The Deny at the top goes, and the statement far below it allows more."""
    allow = {"Sid": "Far", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    deny = {"Sid": "NotLogs", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::logs"}
    others = [allow | {"Sid": f"S{n}", "Action": f"sqs:A{n}"} for n in range(9)]
    before = {"Version": "2012-10-17", "Statement": [deny, *others, allow]}
    step.open({BUCKET: text(before)}, {BUCKET: text(before | {"Statement": [*others, allow]})})
    for file in step.pull.files:
        file.pop("patch")  # as for a file that GitHub finds too large to show
    done = step.run()
    assert done.code == 1
    assert step.pull.reviews == []
    assert [remark["subject_type"] for remark in step.pull.remarks] == ["file"]
    assert "`NotLogs`" in bodies(step)[0]


@pytest.mark.parametrize("policy", [OWN, "{broken"], ids=["new access", "not a policy"])
def test_a_token_that_cannot_write_changes_no_verdict(step: Job, policy: str) -> None:
    broken = policy.replace("{broken", '{"Version": "2012-10-17", "Statement": [')
    step.open({BUCKET: OPEN}, {BUCKET: broken})
    step.fake.can_write = False
    done = step.run()
    assert (done.code, done.outputs["result"], done.outputs["findings"]) == (1, "fail", "1")
    assert [line.split(" ")[0] for line in done.commands] == ["::error", "::warning"]
    assert "the token may not comment here" in done.commands[1]
    assert "IAM check: 1 finding closed the gate" in done.summary
    assert "the token may not comment here" in done.summary


@pytest.mark.parametrize("is_open", [False, True])
def test_a_token_that_ends_while_posting_changes_no_verdict(step: Job, *, is_open: bool) -> None:
    step.open({BUCKET: OPEN}, {BUCKET: OWN})
    if is_open:
        step.run()
        step.push({BUCKET: CLOSED})
    step.fake.failures.append(
        Failure("PATCH" if is_open else "POST", "/(pulls|issues)/", 401, times=9)
    )
    step.begin = in_process
    done = step.run()
    assert (done.code, done.outputs["result"]) == ((0, "pass") if is_open else (1, "fail"))
    assert any("check the input `github-token`" in line for line in done.commands)
    assert ("s3:DeleteBucket" in done.summary) != is_open


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"github_token": "another"}, "GitHub does not accept the token: check `github-token`"),
        ({"github_token": ""}, "no token to read the repository with"),
        ({"github_token": "two words"}, "the input `github-token` is not a token"),
        (
            {"fail_on": "never"},
            "input `fail-on`: unknown level `never` (use one of block, warn, off)",
        ),
        ({"config": "other.yml"}, "`other.yml` is not in the base commit"),
        ({"critical_actions": "s3"}, "`s3`"),
        ({"base": "0" * 40}, f"acme/infra has no commit `{'0' * 40}`"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_keeps_it_from_checking_is_one_line(
    step: Job, inputs: dict[str, str], message: str
) -> None:
    step.open({BUCKET: OPEN}, {BUCKET: OWN})
    done = step.run(**inputs)
    assert done.code == 2
    assert len(done.errors.splitlines()) == 1
    assert done.errors.startswith("error: ")
    assert message in done.errors
    assert len(done.commands) == 1
    assert done.commands[0].startswith("::error title=access-gate::")
    assert step.fake.writes() == []


@pytest.mark.parametrize(("status", "message"), [(403, "may not read acme/infra"), (404, "has no")])
def test_a_repository_that_cannot_be_read_is_one_line(step: Job, status: int, message: str) -> None:
    step.open({BUCKET: OPEN}, {BUCKET: OWN})
    step.fake.failures.append(Failure("GET", "/git/trees/", status, times=100))
    done = step.run()
    assert done.code == 2
    assert len(done.errors.splitlines()) == 1
    assert message in done.errors


def test_a_token_that_may_read_code_but_no_pull_request_still_checks(step: Job) -> None:
    step.open({BUCKET: OPEN}, {BUCKET: OWN})
    step.fake.failures.append(Failure("GET", "/pulls/", 403, times=100))
    done = step.run()
    assert (done.code, done.outputs["result"]) == (1, "fail")
    assert "the token may not comment here" in done.summary


def test_the_first_commit_of_a_repository_is_compared_with_nothing(step: Job) -> None:
    first = step.repository.commit({BUCKET: OPEN})
    pushed = {
        "before": "0" * 40,
        "after": first,
        "repository": {"full_name": step.fake.repository, "default_branch": "main"},
    }
    done = step.start("push", pushed, first, {})
    assert (done.code, done.outputs["new-access"]) == (1, "true")


@pytest.mark.parametrize("change", [{"state": "closed"}, {"locked": True}, {"head": "e" * 40}])
def test_a_pull_request_that_moved_on_is_left_alone(step: Job, change: dict[str, Any]) -> None:
    step.open({BUCKET: OPEN}, {BUCKET: OWN})
    payload, sha = step.payload("pull_request"), step.pull.merge_commit or ""
    for name, value in change.items():
        setattr(step.pull, name, value)
    done = step.start("pull_request", payload, sha, {})
    assert done.code == 1
    assert step.fake.writes() == []
    assert "s3:DeleteBucket" in done.summary


def test_a_comment_that_is_off_is_not_written(step: Job) -> None:
    step.open({BUCKET: OPEN}, {BUCKET: OWN})
    assert step.run(comment="off", annotations="false").commands == []
    assert step.fake.writes() == []
    assert step.run(comment="summary").code == 1
    assert [path for _, path in step.fake.writes()] == ["/repos/acme/infra/issues/7/comments"]


def test_files_are_written_into_the_workspace_only(step: Job) -> None:
    step.open({BUCKET: OPEN}, {BUCKET: OWN})
    done = step.run(sarif_file="out.sarif", json_file="../out.json", comment="off")
    assert (done.outputs["sarif"], done.outputs["report"]) == ("out.sarif", "")
    assert json.loads((step.workspace / "out.sarif").read_text())["version"] == "2.1.0"
    assert not (step.folder / "out.json").exists()
    assert "`../out.json` is not in the workspace" in "".join(done.commands)
    assert done.code == 1


def test_hostile_names_are_shown_and_not_obeyed(step: Job) -> None:
    name = "policies/a\n::error::x\n`b`|<img src=x>@team.json"
    sid = "##[add-mask]x"
    step.open({"README.json": "{}"}, {name: identity("iam:PassRole", Sid=sid)})
    done = step.run()
    assert (done.code, done.outputs["findings"]) == (1, "1")
    # The old form is looked for only in a line that is no command of the new form.
    assert [line.split(" ")[0] for line in done.commands] == ["::error"]
    for shown in (step.pull.said[0]["body"], bodies(step)[0], done.summary):
        assert "<img" not in rendered(shown)
        assert "a\\u{a}::error::x" in rendered(shown)


def test_a_policy_that_becomes_a_link_closes_the_gate(step: Job) -> None:
    step.repository.commit({BUCKET: OPEN, "other.txt": "x"})
    base = step.repository.git("rev-parse", "HEAD")
    step.repository.git("switch", "--quiet", "--create", "topic")
    path = step.repository.folder / BUCKET
    path.unlink()
    path.symlink_to("/etc/passwd")
    step.meet(base, step.repository.commit({}))
    done = step.run()
    assert (done.code, done.outputs["result"]) == (1, "fail")
    assert "is a symbolic link, which is never followed" in done.summary
    assert "root:" not in done.log + done.summary


BOMB = (
    "Version: 2012-10-17\nStatement: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else '*a'] * 9)}]\n" for n in range(20))
    + "Effect: Allow\nAction: '*'\n"
)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("p.json", '{"Version": "2012-10-17", "Statement": [{"Effect": ', "Not understood"),
        ("p.json", identity("s3:*").replace("s3:*", "s3:*" + "x" * 6_000_000), "larger than 5 MiB"),
        ("p.yaml", BOMB, "Not understood"),
        ("p.json", '{"Version": "2012-10-17", "Statement": ' + "[" * 200_000, "Not understood"),
        ("p.json", identity("s3:*").encode("utf-16"), "`s3:*` on `*`"),
        ("p.json", identity("s3:*").encode() + b"\xff", "Not understood"),
    ],
    ids=["broken", "6 MB", "YAML bomb", "deep", "UTF-16", "not UTF-8"],
)
def test_bad_input_loses_nothing(step: Job, name: str, content: str | bytes, said: str) -> None:
    step.open({BUCKET: OPEN}, {name: content, BUCKET: OWN})
    done = step.run(comment="off")
    assert (done.code, done.outputs["findings"]) == (1, "2")
    assert said in done.summary
    assert "s3:DeleteBucket" in done.summary
    assert done.errors == ""


def test_ten_thousand_statements_are_answered(step: Job) -> None:
    def many(last: str) -> str:
        every = [
            {"Sid": f"S{n}", "Effect": "Allow", "Action": f"s3:Get{n}", "Resource": "*"}
            for n in range(10_000)
        ]
        every[5_000]["Action"] = last
        return json.dumps({"Version": "2012-10-17", "Statement": every})

    step.open({BUCKET: many("s3:Get1")}, {BUCKET: many("s3:PutObject")})
    done = step.run(comment="off")
    assert done.code == 1
    assert "s3:PutObject" in done.summary
    assert done.errors == ""


def test_the_settings_are_those_of_the_base(step: Job) -> None:
    settings = ".github/access-gate.yml"
    step.open({BUCKET: OPEN}, {BUCKET: OWN, settings: "fail-on: off\n"})
    done = step.run()
    assert done.code == 1
    assert "settings" in done.summary


def test_an_event_of_another_kind_is_refused(step: Job) -> None:
    step.open({BUCKET: OPEN}, {BUCKET: OWN})
    done = step.start("issues", {}, "", {})
    assert done.code == 2
    assert done.errors.startswith("error: the event `issues` is not supported")
