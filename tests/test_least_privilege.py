"""`refine`, `minimise` and `report` as a person calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonpatch
import pytest

from checker.cli import main

EXAMPLES = json.loads((Path(__file__).parent / "cases" / "examples.json").read_text())
POLICY = EXAMPLES["policies"]["lambda_and_s3"]
UNUSED = EXAMPLES["refine"]["unused"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder, the current one, with the article's policy and report."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.json").write_text(json.dumps(POLICY, indent=2) + "\n")
    (tmp_path / "unused.json").write_text(json.dumps(UNUSED))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


REFINE = ("refine", "--policy", "policy.json", "--unused", "unused.json")


def test_json_and_patch(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, *REFINE, "--format", "json")
    assert (code, err) == (0, "")
    said: dict[str, Any] = json.loads(out)
    assert list(said) == ["recommendedAction", "recommendedPolicy", "patch"]
    assert said["recommendedAction"] == "CREATE_POLICY"
    assert jsonpatch.apply_patch(POLICY, said["patch"]) == said["recommendedPolicy"]
    assert json.loads(run(capsys, *REFINE, "--format", "patch")[1]) == said["patch"]
    assert json.loads((folder / "policy.json").read_text()) == POLICY


def test_text_says_how_much_and_shows_the_diff(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, *REFINE)
    assert code == 0
    first, _, rest = out.partition("\n")
    assert first.startswith("policy.json: grants ")
    assert first.endswith(" % of the size")
    assert rest == run(capsys, *REFINE, "--format", "diff")[1]
    assert '-        "lambda:AddPermission",\n' in rest


def test_write_changes_the_file_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = json.loads(run(capsys, *REFINE, "--write", "--format", "json")[1])
    written = (folder / "policy.json").read_text()
    assert json.loads(written) == said["recommendedPolicy"]
    assert '        "lambda:Invoke*"\n      ],' in written
    assert "nothing to take out" in run(capsys, *REFINE, "--write")[1]
    assert (folder / "policy.json").read_text() == written


def test_many_policies_of_one_role(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    role = "arn:aws:iam::111122223333:role/App"
    details = [{"unusedPermissionDetails": {"serviceNamespace": "sqs"}}]
    finding = {"resource": role, "findingType": "UnusedPermission", "findingDetails": details}
    other = {**finding, "resource": f"{role}2"}
    (folder / "unused.json").write_text(json.dumps({"findings": [finding, other]}))
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["sqs:*", "s3:Get*"], "Resource": "*"}],
    }
    (folder / "other.yaml").write_text(json.dumps(document))
    files = ("--policy", "policy.json", "--policy", "other.yaml")
    arguments = ("refine", *files, "--unused", "unused.json", "--format", "json")
    code, _, err = run(capsys, *arguments)
    assert code == 2
    assert "is about 2 roles (name one of" in err
    rows = json.loads(run(capsys, *arguments, "--role", role)[1])
    assert [row["file"] for row in rows] == ["policy.json", "other.yaml"]
    actions = [row["refinement"]["recommendedAction"] for row in rows]
    assert actions == ["NONE", "CREATE_POLICY"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "policy.json:1:1: the text ends where a value should be (the file is empty)"),
        ("{}", "policy.json:1:1: the policy has no `Statement`"),
        ("[]", "policy.json:1:1: a policy must be an object"),
        ('{"Statement": [{"Effect": "Allow"}]}', "policy.json:1:16: the statement has neither"),
        (
            '{"Resources": {"x": {"Statement": [{"Effect": "Allow", "Action": "a"}]}}}',
            "policy.json:",
        ),
        ("\x00", "policy.json:1:1: "),
    ],
)
def test_what_is_no_policy(
    content: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "policy.json").write_text(content)
    code, out, err = run(capsys, *REFINE)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {said}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--policy", "none.json"), "cannot read none.json: No such file or directory"),
        (("--unused", "none.json"), "cannot read none.json: "),
        (("--unused", "policy.json"), "policy.json:1:1: this is no report of unused permissions"),
        (("--keep", "s3"), "`s3` is not an action (write `service:Name`"),
        (("--budget", "nan"), "`--budget nan` is not a number of seconds above 0"),
        (("--role", "arn:x"), ""),
    ],
)
def test_what_is_wrong_input(
    arguments: tuple[str, ...],
    said: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, _, err = run(capsys, *REFINE, *arguments)
    assert code == (2 if said else 0)
    assert said in err


def test_minimise(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:*"], "Resource": "*"}],
    }
    (folder / "policy.json").write_text(json.dumps(document))
    code, out, _ = run(
        capsys, "minimise", "--policy", "policy.json", "--write", "--format", "patch"
    )
    assert code == 0
    assert json.loads(out) == [{"op": "remove", "path": "/Statement/0/Action/0"}]
    assert json.loads((folder / "policy.json").read_text())["Statement"][0]["Action"] == ["s3:*"]


def test_report(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.json").write_text('{"Version": "2012-10-17", "Statement": [{"Effect": "Al')
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "policy.json").write_text(json.dumps(POLICY))
    code, out, _ = run(capsys, "report", ".", "--unused", "unused.json")
    assert code == 0
    assert out.startswith("<!doctype html>")
    assert "broken.json:1:52: " in out
    assert "usage: unused.json" in out
    assert ".hidden" not in out
    assert "no usage given" in run(capsys, "report")[1]
    code, _, err = run(capsys, "report", ".hidden/none")
    assert (code, err) == (2, "error: .hidden/none: holds no policies\n")


def test_nothing_is_written_if_one_file_is_in_the_way(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / "policy.json").read_text()
    allow = "{Effect: Allow, Action: [&a 'lambda:AddPermission', s3:GetObject], Resource: '*'}"
    deny = "{Effect: Deny, Action: [*a], Resource: '*'}"
    shared = f"Version: '2012-10-17'\nStatement: [{allow}, {deny}]\n"
    (folder / "shared.yaml").write_text(shared)
    code, _, err = run(capsys, *REFINE, "--policy", "shared.yaml", "--write")
    assert (code, (folder / "policy.json").read_text()) == (2, before)
    assert err.startswith("error: shared.yaml: cannot be edited in place")
    assert err.count("\n") == 1
