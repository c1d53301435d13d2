"""The standards and every policy of a commit: the same report in one run, in shards, from a cache."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from checker import cli
from checker.audit.baseline import Known, parse, written
from checker.audit.stored import StoredError, decoded, digest, encoded
from checker.config import Config, Group
from checker.errors import ConfigError
from checker.judging import Part
from checker.policy.parse_listed import listed_action
from checker.progress import Progress
from checker.span import whole_file
from tests.repository import Repository

CONFIG = """\
critical:
  keys: { why: whoever deletes the keys has destroyed all data, actions: ["kms:*Deletion"] }
"""


def policy(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


FILES = {
    ".github/access-gate.yml": CONFIG,
    "bad.json": policy("kms:*"),
    "good.json": policy("s3:GetObject"),
    "worse.json": policy("*"),
    "broken.json": '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Acton": "*"}]}',
    "other.json": "{}",
}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    folder = tmp_path / "repository"
    folder.mkdir()
    made = Repository(folder)
    made.git("init", "--quiet", "--initial-branch=main")
    made.commit(FILES)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return made


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(list(arguments))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_every_policy_is_judged(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repository.commit({"later.json": policy("s3:PutObject")})  # nothing compares with what was
    code, out, _ = run(capsys, "audit", "--format", "json")
    report = json.loads(out)
    found = {(f["at"]["path"], f["check"]) for f in report["findings"] if f["severity"] == "block"}
    assert code == 1
    assert found == {
        ("bad.json", "access-not-granted/keys"),
        ("worse.json", "access-not-granted/keys"),
        ("broken.json", "unreadable"),
    }
    assert report["ledger"]["found"] == 5
    _, out, _ = run(capsys, "audit", "--format", "markdown")
    assert "Looked at `bad.json` in `HEAD`." in out
    assert "`access-gate audit --write-baseline`" in out
    assert "this change" not in out


def test_an_audit_of_nothing_says_so(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "audit", "--paths", "policy/")
    assert code == 0
    assert "no file of `HEAD` is of the paths to look at" in out


def test_reports_are_written_where_options_and_the_settings_say(
    repository: Repository, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sarif, shard = tmp_path / "out.sarif", str(tmp_path / "shard")
    _, whole, _ = run(capsys, "audit", "--format", "json")
    config = FILES[".github/access-gate.yml"] + f"json-file: {tmp_path / 'out.json'}\n"
    repository.commit({".github/access-gate.yml": config})
    _, text, _ = run(capsys, "audit", "--format", "text", f"--sarif-file={sarif}")
    assert "policies found" in " ".join(text.split())
    found = json.loads((tmp_path / "out.json").read_text())["findings"]
    assert found == json.loads(whole)["findings"]
    assert json.loads(sarif.read_text())["version"] == "2.1.0"
    (tmp_path / "out.json").unlink()
    assert run(capsys, "audit", "--shard=1/1", f"--output={shard}", f"--sarif-file={sarif}")[0] == 2
    run(capsys, "audit", "--shard=1/1", f"--output={shard}")
    assert not (tmp_path / "out.json").exists()
    run(capsys, "merge", shard, f"--json-file={tmp_path / 'out.json'}")
    assert json.loads((tmp_path / "out.json").read_text())["findings"] == found


@pytest.mark.parametrize("form", ["json", "text", "sarif"])
def test_shards_and_cache_give_the_same_report(
    repository: Repository, capsys: pytest.CaptureFixture[str], tmp_path: Path, form: str
) -> None:
    whole = run(capsys, "audit", "--format", form)
    names = [str(tmp_path / f"{number}") for number in (1, 2, 3)]
    for number, name in enumerate(names, 1):
        run(capsys, "audit", "--shard", f"{number}/3", "--output", name)
    assert run(capsys, "merge", "--format", form, *reversed(names)) == whole
    for _ in range(2):
        kept = run(capsys, "audit", "--format", form, "--cache", str(tmp_path / "cache"))
        assert kept == whole


def test_a_cache_is_not_trusted_to_be_whole(
    repository: Repository, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    whole = run(capsys, "audit", "--cache", str(tmp_path))
    for entry in tmp_path.glob("??/*"):
        entry.write_text('["Part",[]]')
    assert run(capsys, "audit", "--cache", str(tmp_path)) == whole


def test_a_missing_shard_is_no_pass(
    repository: Repository, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    name = str(tmp_path / "1")
    run(capsys, "audit", "--shard", "1/2", "--output", name)
    code, _, err = run(capsys, "merge", name)
    assert (code, err) == (2, "error: the report of shard 2/2 is missing\n")
    code, _, err = run(capsys, "merge", name, name)
    assert (code, err) == (2, "error: the report of shard 1/2 is there twice\n")


def test_a_baseline_quietens_what_is_known_and_tells_what_is_gone(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "audit", "--write-baseline")[0] == 0
    repository.commit({})
    assert run(capsys, "audit")[0] == 0
    repository.commit({"bad.json": policy("kms:Decrypt")})
    code, out, _ = run(capsys, "audit")
    assert code == 0
    assert "gone since the baseline: `access-not-granted/keys` in `bad.json`" in " ".join(
        out.split()
    )
    repository.commit({"new.json": policy("kms:*")})
    assert run(capsys, "audit")[0] == 1


def test_what_is_known_is_known_only_beside_what_is_denied(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(policy("kms:*"))
    deny = {"Effect": "Deny", "Action": "kms:*", "Resource": "arn:aws:kms:*:*:key/keep"}
    both = json.dumps(document | {"Statement": [*document["Statement"], deny]})
    repository.commit({"bad.json": both})
    run(capsys, "audit", "--write-baseline")
    repository.commit({})
    assert run(capsys, "audit")[0] == 0
    repository.commit({"bad.json": json.dumps(document)})
    assert run(capsys, "audit")[0] == 1


def test_a_known_broken_file_is_known_only_as_it_is(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "audit", "--write-baseline")
    repository.commit({"broken.json": FILES["broken.json"] + "\n"})
    assert run(capsys, "audit")[0] == 1


def test_a_baseline_round_trips_and_its_mistakes_have_a_place() -> None:
    entries = frozenset({Known("a.json", "unreadable", "0" * 16, "1" * 16), Known("b", "c", "2")})
    assert parse(written(entries), "known.json") == entries
    with pytest.raises(ConfigError, match=r"known\.json:1:\d+: `sid` is no text"):
        parse('{"version": 1, "findings": [{"sid": "x"}]}', "known.json")


def test_what_differs_is_never_stored_alike() -> None:
    span = whole_file("x")
    wildcard, literal = listed_action("kms:*", span), listed_action("kms:?", span)
    one, other = (Config(critical=(Group("a", "b", (p,)),)) for p in (wildcard, literal))
    assert digest(one) == digest(Config(critical=(Group("a", "b", (wildcard,)),)))
    assert digest(one) != digest(other)
    assert decoded(Part, encoded(Part())) == Part()
    with pytest.raises(StoredError):
        decoded(Part, ["Part", [], []])


def test_progress_shows_on_a_terminal_after_a_second() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    times = iter([0.0, 0.5, 1.5, 1.55])
    terminal = Terminal()
    progress = Progress(terminal, lambda: next(times))
    for done in (1, 2, 3):
        progress.step(done, 9)
    progress.end()
    assert terminal.getvalue() == "\r\x1b[K2 of 9 files\r\x1b[K"
    log = io.StringIO()
    Progress(log, lambda: 99.0).end()
    assert log.getvalue() == ""


MODULE = """\
variable "verb" { type = string }
resource "aws_iam_policy" "p" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["kms:*Deletion", "s3:${var.verb}*"], Resource = "*" }]
  })
}
"""


def test_a_module_that_several_shards_use_gives_the_same_report(
    repository: Repository, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    uses = 'module "p" {{\n  source = "../module"\n  verb   = "{}"\n}}\n'
    roots = {f"{name}/main.tf": uses.format(name) for name in ("a", "b", "c", "d", "e")}
    repository.commit({"module/main.tf": MODULE, **roots})
    run(capsys, "audit", "--write-baseline")
    repository.commit({"other.txt": "-"})
    whole = run(capsys, "audit", "--format", "json")
    names = [str(tmp_path / f"{number}") for number in (1, 2, 3)]
    for number, name in enumerate(names, 1):
        run(capsys, "audit", "--shard", f"{number}/3", "--output", name)
    assert run(capsys, "merge", "--format", "json", *names) == whole
    report = json.loads(whole[1])
    assert [f["at"]["path"] for f in report["findings"]].count("module/main.tf") == len(roots)
    assert not any("gone" in note for note in report["notes"])
