"""Before the commit, and at the prompt: what is staged, progress, completion."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from checker import cli
from checker.progress import Progress
from tests.gate import allow, deny, policy
from tests.repository import Repository
from tests.steps import ROOT
from tests.test_action import text

READ = text(policy(allow("s3:GetObject")))
WRITE = text(policy(allow(["s3:GetObject", "s3:PutObject"])))
ROLE = "iam/role.json"


@pytest.fixture
def here(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.chdir(repository.folder)
    return repository


def stage(here: Repository, content: str, name: str = ROLE) -> None:
    path = here.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    here.git("add", name)


def test_what_is_staged_is_checked_and_nothing_else(here: Repository) -> None:
    stage(here, READ)
    assert cli.main(["diff", "--staged"]) == 1, "a first commit, compared with nothing"
    here.git("commit", "--quiet", "-m", "x")
    assert cli.main(["diff", "--staged"]) == 0
    (here.folder / ROLE).write_text(WRITE)
    assert cli.main(["diff", "--staged"]) == 0, "it is not staged"
    here.git("add", ROLE)
    (here.folder / ROLE).write_text(READ)
    assert cli.main(["diff", "--staged"]) == 1
    assert here.git("status", "--porcelain").startswith("MM")


def test_the_whole_branch_is_compared_as_in_the_pull_request(here: Repository) -> None:
    here.commit({ROLE: READ})
    here.git("switch", "--quiet", "--create", "topic")
    here.commit({ROLE: WRITE})
    stage(here, "hello", "readme.txt")
    assert cli.main(["diff", "--staged"]) == 1
    assert cli.main(["diff", "--staged", "HEAD"]) == 0
    here.git("switch", "--quiet", "--create", "alone")
    here.git("branch", "--quiet", "-D", "main", "topic")
    assert cli.main(["diff", "--staged"]) == 0, "no branch to start from: the last commit"


def test_edits_that_do_not_count_are_named(
    here: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    here.commit({ROLE: READ})
    here.git("switch", "--quiet", "--create", "topic")
    (here.folder / ROLE).write_text(WRITE)
    assert cli.main(["diff"]) == 0
    assert "note: no file to look at differs; edits that are not committed" in said(capsys)
    here.commit({ROLE: WRITE})
    (here.folder / ROLE).write_bytes(WRITE.replace("\n", "\r\n").encode())
    assert cli.main(["diff"]) == 1
    assert "note:" not in said(capsys), "git may have been told to end lines so"
    (here.folder / ROLE).write_text(READ)
    assert cli.main(["diff"]) == 1
    assert f"note: `{ROLE}` has edits that are not committed: they were not" in said(capsys)
    assert cli.main(["diff", "main", "HEAD"]) == 1
    assert "note:" not in said(capsys), "who names two commits means these"


def test_settings_that_are_not_committed_are_named(
    here: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    here.commit({ROLE: READ})
    (here.folder / ".github").mkdir()
    (here.folder / ".github/access-gate.yml").write_text("packs: destruction")
    assert cli.main(["diff"]) == 0
    assert "note: `.github/access-gate.yml` is not committed: it counts once it is on main" in (
        said(capsys)
    )


def test_a_change_of_values_alone_is_a_change(
    here: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    module = """variable "team" {}
resource "aws_iam_policy" "p" {
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "arn:aws:s3:::${var.team}" }]
  })
}
"""
    here.commit({"main.tf": module, "terraform.tfvars": 'team = "a"'})
    here.git("switch", "--quiet", "--create", "topic")
    here.commit({"terraform.tfvars": 'team = "b"'})
    assert cli.main(["diff"]) == 1
    told = said(capsys)
    assert "1 policy found through other files" in told
    assert "note:" not in told


def test_what_modules_that_are_alike_share_is_said_once(
    here: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    call = 'resource "aws_iam_policy" "p" { policy = file("${path.module}/../p.json") }\n'
    other = call.replace("..", "../.")
    here.commit({"a/main.tf": call, "b/main.tf": call, "c/main.tf": other, "p.json": READ})
    here.git("switch", "--quiet", "--create", "topic")
    here.commit({"p.json": WRITE})
    assert cli.main(["diff"]) == 1
    told = said(capsys)
    assert "3 policies found" in told, "all are looked at"
    assert "3 with findings; 1 finding To open" in told


def test_a_weaker_deny_is_shown_once_and_not_said_to_be_gone(
    here: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    config = {".github/access-gate.yml": "policy-types: {scp: iam/}"}
    here.commit({ROLE: text(policy(deny(["s3:Get*", "s3:Put*"]))), **config})
    here.git("switch", "--quiet", "--create", "topic")
    here.commit({ROLE: text(policy(deny("s3:Get*")))})
    assert cli.main(["diff"]) == 1
    told = said(capsys)
    assert f"{ROLE}:4:5 (as it was in main)" in told
    assert told.count("4 \u2502") == 1
    assert re.search(r"fingerprint [0-9a-f]{32}", told), "by which to waive it"


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


def test_a_hook_may_have_an_index_of_its_own(
    here: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.commit({ROLE: READ})
    shutil.copy(here.folder / ".git/index", here.folder / ".git/next-index")
    stage(here, WRITE)
    assert cli.main(["diff", "--staged"]) == 1
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/next-index")
    assert cli.main(["diff", "--staged"]) == 0


def test_what_cannot_be_staged_is_one_line(
    here: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    here.commit({ROLE: READ})
    assert cli.main(["diff", "--staged", "HEAD", "HEAD"]) == 2
    assert "`--staged` takes the place of HEAD" in capsys.readouterr().err
    lines = f"1 {'a' * 40} 1\t{ROLE}\n1 {'b' * 40} 2\t{ROLE}\n".replace("1 ", "100644 ", 1)
    here.git("update-index", "--index-info", given=lines.replace("\n1 ", "\n100644 ").encode())
    assert cli.main(["diff", "--staged"]) == 2
    assert "what is staged cannot be read: " in capsys.readouterr().err


def test_the_hook_says_what_the_command_knows() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    program, *arguments = hook["entry"].split()
    assert program == "access-gate"
    assert cli._parser(arguments).parse_args(arguments).staged
    assert hook["always_run"]
    assert not hook["pass_filenames"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_goes_on_while_one_file_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.progress._PATIENCE", 0.02)
    terminal, pipe = Terminal(), io.StringIO()
    with Progress(terminal) as progress, Progress(pipe):
        progress.step(1, 3)
        time.sleep(0.2)
    assert "\r\x1b[K1 of 3 files, 0 s" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert pipe.getvalue() == ""
    quick = Terminal()
    with Progress(quick, lambda: 0.0):
        pass
    assert quick.getvalue() == ""


COMPLETE = """
source {script}
COMP_WORDS=({words}) COMP_CWORD={at}
_access_gate
echo "${{COMPREPLY[@]}}"
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("access-gate wai", "waive"),
        ("access-gate diff --stag", "--staged"),
        ("access-gate diff --format j", "json"),
        ("access-gate config ch", "check"),
        ("access-gate completion fi", "fish"),
        ("access-gate diff --config .gith", ""),
    ],
)
def test_bash_completes(
    words: str, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["completion", "bash"]) == 0
    script = tmp_path / "completion"
    script.write_text(capsys.readouterr().out)
    asked = COMPLETE.format(script=script, words=words, at=len(words.split()) - 1)
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_of_its_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["completion", shell]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in ("check-no-new-access", "staged", "waive"))
    if program := shutil.which(shell):
        checked = subprocess.run(
            [program, "-n"], input=said, text=True, capture_output=True, check=False
        )
        assert (checked.returncode, checked.stderr) == (0, "")
