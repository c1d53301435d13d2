"""Fixes where people meet them: on the lines of a pull request, and in the working tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from tests.github_server import FakePull
from tests.repository import Repository
from tests.steps import Job, in_process, job
from tests.test_cli import Gate, gate
from tests.test_fixes import CONDITION, JSON, OPEN, YAML
from tests.test_fixes_of_modules import BLOCKS, GUARD, OBJECTS
from tests.test_fixes_of_modules import CONDITION as TEAM

_ = gate  # a fixture
BLOCK = re.compile(r"^(`{3,})suggestion\r?\n(.*?)\r?\n?\1$", re.MULTILINE | re.DOTALL)
BY_COMMA = '"s3:ListBucket" ]'


@pytest.fixture
def step(repository: Repository, tmp_path: Path) -> Iterator[Job]:
    """Give a job; in the end no request and no answer broke GitHub's own description."""
    with job(repository, tmp_path) as made:
        made.begin = in_process
        yield made
        assert not made.fake.violations


def clicked(pull: FakePull, text: str) -> str:
    """Return a text after each suggestion was committed as GitHub does, the last lines first."""
    lines = text.split("\n")
    for remark in sorted(pull.remarks, key=lambda each: -each["line"]):
        assert remark["side"] == "RIGHT"
        block = BLOCK.search(remark["body"])
        assert block
        first = remark["start_line"] or remark["line"]
        new = block[2].split("\n") if block[2] else []
        lines[first - 1 : remark["line"]] = new
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.yaml", YAML, YAML.replace(CONDITION, "")),
        ("a.yaml", OPEN, OPEN[: OPEN.index("  - Sid: Guard")]),
        ("a.yaml", YAML, YAML.replace("- s3:Get", "- s3:Put*\n      - s3:Get")),
        ("a.json", JSON, JSON.replace(BY_COMMA, BY_COMMA.replace(" ]", ', "s3:Put*" ]'))),
        ("iam/main.tf", BLOCKS, BLOCKS.replace(TEAM, "")),
        ("iam/main.tf", BLOCKS, BLOCKS.replace(GUARD, "")),
        ("iam/main.tf", OBJECTS, OBJECTS.replace('"s3:ListBucket"]', '"s3:ListBucket", "s3:*"]')),
        (
            "a.json",
            JSON.replace("\n", "\r\n"),
            JSON.replace('"s3:Get', '"s3:*", "s3:Get').replace("\n", "\r\n"),
        ),
    ],
)
def test_a_click_opens_the_gate(step: Job, path: str, before: str, after: str) -> None:
    step.open({path: before}, {path: after})
    assert step.run().code == 1
    standing = step.pull
    step.fake.log.clear()
    step.run()
    assert step.fake.writes() == []
    step.repository.git("switch", "--quiet", "topic")
    text = clicked(standing, after)
    step.meet(standing.base, step.repository.commit({path: text}))
    step.pull.remarks, step.pull.said = standing.remarks, standing.said
    assert step.run().code == 0
    assert not any(BLOCK.search(remark["body"]) for remark in step.pull.remarks)


def test_a_deny_that_is_gone_is_suggested_on_the_new_side(step: Job) -> None:
    """The finding stands in the old file, and what puts it right in the new one."""
    guard = '"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"},\n'
    queue = '{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}\n'
    before = '{"Version": "2012-10-17",\n' + guard + queue
    after = before.replace(guard, '"Statement": [\n')
    step.open({"a.json": before}, {"a.json": after})
    step.run(fail_on="block")
    (remark,) = step.pull.remarks
    assert (remark["path"], remark["line"], remark["side"]) == ("a.json", 2, "RIGHT")
    assert clicked(step.pull, after).replace("\n", "").count('"Deny"') == 1


def test_lines_beyond_the_hunks_get_a_diff(step: Job) -> None:
    more = "".join(f"      - s3:Get{letter}*\n" for letter in "ABCDEFGHIJKLMNOP")
    before = YAML.replace("      # and the list\n", more)
    after = before.replace("      - s3:GetA*\n", "      - s3:PutA*\n")
    after = after.replace("      - s3:GetP*\n", "      - s3:PutP*\n")
    step.open({"a.yaml": before}, {"a.yaml": after})
    step.run()
    (remark,) = step.pull.remarks
    assert "```suggestion" not in remark["body"]
    assert "-      - s3:PutA*" in remark["body"]


def test_the_working_tree_is_fixed(gate: Gate, repository: Repository) -> None:
    three = {
        "a.yaml": (YAML, YAML.replace(CONDITION, "").replace("s3:GetObject", "s3:Get*")),
        "b.json": (JSON, JSON.replace(BY_COMMA, '"s3:*" ]')),
        "c.json": (None, JSON.replace("s3:", "iam:")),
    }
    repository.commit({path: old for path, (old, _) in three.items() if old is not None})
    repository.git("switch", "--quiet", "--create", "topic")
    repository.commit({path: new for path, (_, new) in three.items()})
    assert gate("diff").code == 1
    said = gate("diff", "--fix")
    assert said.out == snapshot("""\
`a.yaml`: 1 finding fixed
`b.json`: 1 finding fixed
`c.json`: not fixed: no edit was found that makes the checks pass
""")
    assert said.code == 1  # a new policy is nothing to go back from
    assert (repository.folder / "a.yaml").read_text() == YAML
    assert (repository.folder / "b.json").read_text() == snapshot("""\
{
	"Version": "2012-10-17",
	"Statement": [{
		"Effect" : "Allow",
		"Action" : [ "s3:GetObject", "s3:ListBucket" ],
		"Resource" : "*",
		"Condition" : { "Bool" : { "aws:SecureTransport" : "true" } }
	}]
}
""")
    again = gate("diff", "--fix")
    assert "a.yaml`: not fixed: the file in the working tree is not the version" in again.out
    assert (repository.folder / "a.yaml").read_text() == YAML
    repository.commit({"c.json": None})
    assert gate("diff", "--fix").out == "nothing to fix\n"


def test_what_a_link_leads_to_is_not_edited(gate: Gate, repository: Repository) -> None:
    folder = repository.folder
    repository.commit({"in/a.yaml": YAML})
    repository.git("switch", "--quiet", "--create", "topic")
    repository.commit({"in/a.yaml": YAML.replace(CONDITION, "")})
    (folder / "in").rename(folder.parent / "out")
    (folder / "in").symlink_to(folder.parent / "out")
    assert "is not the version that was checked" in gate("diff", "--fix").out
    assert CONDITION not in (folder.parent / "out" / "a.yaml").read_text()
