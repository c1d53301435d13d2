"""The command line: every command, every format, every exit code, in real repositories."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

import checker
from checker import cli, process
from tests.repository import Repository

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = json.loads((ROOT / "tests" / "cases" / "examples.json").read_text())
POLICIES: Mapping[str, Any] = EXAMPLES["policies"]
CASES = json.loads((ROOT / "tests" / "cases" / "semantics.json").read_text())
PUBLIC = [case for case in CASES if case["kind"] == "public"]
BUCKET = "policies/bucket.json"


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    errors: str


Gate = Callable[..., Said]


@pytest.fixture
def gate(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Gate:
    """Give the command, run in the repository; text may stand for standard input."""
    monkeypatch.chdir(repository.folder)

    def run(*arguments: str, given: str = "") -> Said:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        try:
            code = cli.main(list(arguments))
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        out, errors = capsys.readouterr()
        return Said(code, out, errors)

    return run


def text(policy: object) -> str:
    return json.dumps(policy, indent=2) + "\n"


def policy(*actions: str, **more: object) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"} | more
    return text({"Version": "2012-10-17", "Statement": [statement]})


OPEN, OWN = text(POLICIES["open_bucket"]), text(POLICIES["bucket_own_account"])


def described(row: Mapping[str, Any]) -> str:
    return " to ".join(row[key] for key in ("existing", "new", "policy") if key in row)


FLAGS = {
    "policy-type": "policy_type",
    "action": "actions",
    "resource-type": "resource_type",
    "account": "accounts",
}


def listed(row: Mapping[str, Any], key: str) -> list[str]:
    value = row.get(key, [])
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize("row", EXAMPLES["checks"], ids=described)
def test_the_examples(gate: Gate, repository: Repository, row: Mapping[str, Any]) -> None:
    files = []
    for key in ("existing", "new", "policy"):
        if key in row:
            (repository.folder / f"{key}.json").write_text(text(POLICIES[row[key]]))
            files += [f"--{key}", f"{key}.json"]
    kind = row.get("policy_type", "resource")
    options = [f"--{flag}={value}" for flag, key in FLAGS.items() for value in listed(row, key)]
    command = f"check-{row['check'].replace('_', '-')}"
    said = gate(command, *files, *options, "--format", "json")
    answer = json.loads(said.out)
    assert (answer["result"], said.code) == (row["result"], int(row["result"] != "PASS"))
    assert [reason["statementIndex"] for reason in answer["reasons"]] == row.get(
        "statementIndex", [0] if row["result"] == "FAIL" else []
    )
    if row["result"] == "PASS":
        return
    (repository.folder / "request.json").write_text(json.dumps(answer["witness"]))
    options = ["--request", "request.json", "--policy-type", kind]
    assert gate("evaluate", "--policy", files[-1], *options).out.startswith("Allow (statement ")


@pytest.mark.parametrize("case", PUBLIC, ids=lambda case: case["id"])
def test_the_cases_about_public_access(gate: Gate, two: Path, case: Mapping[str, Any]) -> None:
    """Said alike by the command and by the function, and shown by a request that is allowed."""
    kind, document = case["resourceType"], case["policy"]
    (two / "policy.json").write_text(text(document))
    options = ("--policy", "policy.json", "--resource-type", kind, "--format", "json")
    said = gate("check-no-public-access", *options)
    result = checker.check_no_public_access(document, kind)
    assert json.loads(said.out) == result.to_dict()
    assert (result.result, said.code) == (
        ("FAIL", 1) if case["expect"] == "PUBLIC" else ("PASS", 0)
    )
    if result.witness is not None:
        policy_type = "trust" if kind.startswith("AWS::IAM") else "resource"
        assert checker.evaluate(document, result.witness, policy_type) == "Allow"


@pytest.fixture
def two(repository: Repository) -> Path:
    """Write the two bucket policies into the folder."""
    (repository.folder / "old.json").write_text(OPEN)
    (repository.folder / "new.json").write_text(OWN)
    return repository.folder


CHECK = ("check-no-new-access", "--existing", "old.json", "--new", "new.json")


@pytest.mark.usefixtures("two")
def test_a_check_in_words(gate: Gate) -> None:
    assert gate(*CHECK).out == snapshot("""\
FAIL: The modified permissions grant new access compared to your existing policy.
  new.json:4: New access in the statement with index: 0.
For example this request:
  principal  arn:aws:iam::123456789012:user/alice
  action     s3:DeleteBucket
  resource   arn:aws:s3:::DOC-EXAMPLE-BUCKET
""")
    assert gate(*CHECK, "--format", "markdown").out == snapshot("""\
**FAIL:** The modified permissions grant new access compared to your existing policy.

- New access in the statement with index: 0.

| Part | Request |
|---|---|
| principal | `arn:aws:iam::123456789012:user/alice` |
| action | `s3:DeleteBucket` |
| resource | `arn:aws:s3:::DOC-EXAMPLE-BUCKET` |

<sub>access-gate 0.1.0, `no-new-access` of `new.json`</sub>
""")
    assert gate(*CHECK, "--format", "github").out == snapshot(
        "::error title=no-new-access,file=new.json,line=4,endLine=12::New access in the statement with index: 0%0AAllowed: arn:aws:iam::123456789012:user/alice may s3:DeleteBucket on arn:aws:s3:::DOC-EXAMPLE-BUCKET\n"
    )


@pytest.mark.usefixtures("two")
def test_a_check_as_the_service_says_it(gate: Gate) -> None:
    assert json.loads(gate(*CHECK, "--format", "json").out) == snapshot(
        {
            "result": "FAIL",
            "message": "The modified permissions grant new access compared to your existing policy.",
            "reasons": [
                {"description": "New access in the statement with index: 0.", "statementIndex": 0}
            ],
            "witness": {
                "principal": "arn:aws:iam::123456789012:user/alice",
                "action": "s3:DeleteBucket",
                "resource": "arn:aws:s3:::DOC-EXAMPLE-BUCKET",
                "context": {},
            },
        }
    )


@pytest.mark.usefixtures("two")
def test_a_check_as_sarif(gate: Gate) -> None:
    run = json.loads(gate(*CHECK, "--format", "sarif").out)["runs"][0]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert (run["results"][0]["ruleId"], place["artifactLocation"]["uri"]) == (
        "no-new-access",
        "new.json",
    )
    assert place["region"]["startLine"] == 4


def test_a_pass_rests_on_what_it_says(gate: Gate, two: Path) -> None:
    said = gate("check-no-new-access", "--existing", "new.json", "--new", "new.json")
    assert said.code == 0
    assert said.out == (
        "PASS: The modified permissions grant no new access compared to your existing policy.\n"
    )


def test_standard_input_and_an_output_file(gate: Gate, two: Path) -> None:
    said = gate(
        "check-no-new-access", "--existing", "-", "--new", "new.json", "--output", "out", given=OPEN
    )
    assert (said.code, said.out) == (1, "")
    assert (two / "out").read_text().startswith("FAIL: ")


def test_yaml_is_read_as_json_is(gate: Gate, two: Path) -> None:
    (two / "new.yaml").write_text(
        "Version: '2012-10-17'\nStatement:\n  - Effect: Allow\n    Principal: '*'\n"
        "    Action: s3:PutObject\n    Resource: arn:aws:s3:::DOC-EXAMPLE-BUCKET\n"
    )
    assert gate("check-no-new-access", "--existing", "old.json", "--new", "new.yaml").code == 0


def test_a_decision(gate: Gate, two: Path) -> None:
    request = {
        "principal": "arn:aws:iam::123456789012:user/alice",
        "action": "s3:DeleteBucket",
        "resource": "arn:aws:s3:::DOC-EXAMPLE-BUCKET",
    }
    asked = ("evaluate", "--policy", "new.json", "--request", "-")
    given = json.dumps(request)
    assert gate(*asked, given=given).out == "Allow (statement 0)\n"
    said = gate(*asked, "--format", "json", given=given)
    assert json.loads(said.out) == {"decision": "Allow", "statementIndex": 0}
    assert gate("evaluate", "--policy", "old.json", "--request", "-", given=given).out == (
        "ImplicitDeny\n"
    )


def test_what_is_assumed_is_listed(gate: Gate) -> None:
    said = gate("assumptions")
    assert said.code == 0
    assert "source: " in said.out
    rows = json.loads(gate("assumptions", "--format", "json").out)
    assert {row["grade"] for row in rows} <= {"A", "B", "C"}


def test_an_action_that_is_none_of_today_is_doubted(gate: Gate) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    policy = text({"Version": "2012-10-17", "Statement": [statement]})
    call = ("check-access-not-granted", "--policy", "-", "--action")
    said = gate(*call, "s3:GetObjct", given=policy)
    assert said.errors == (
        "note: `s3:GetObjct` is no action of today (did you mean `s3:GetObject`?)\n"
    )
    assert not any(gate(*call, each, given=policy).errors for each in ("*", "s3:Get*"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((*CHECK[:-1], "none.json"), "cannot read none.json: No such file or directory"),
        ((*CHECK[:-1], "."), "cannot read .: Is a directory"),
        ((*CHECK[:-1], "bad.json"), "bad.json:1:12: unknown version `2012`"),
        ((*CHECK[:-1], "cut.json"), "cut.json:1:2: "),
        ((*CHECK[:-1], "latin.json"), "latin.json is not UTF-8 text"),
        ((*CHECK[:-1], "large.json"), "large.json is larger than 5 MiB"),
        (("check-access-not-granted", "--policy", "new.json"), "name at least one action"),
        (
            ("check-access-not-granted", "--policy", "new.json", "--action", "delete"),
            "`delete`",
        ),
        (("evaluate", "--policy", "new.json", "--request", "cut.json"), "the request is not JSON"),
        ((*CHECK, "--output", "none/out"), "cannot write `none/out`: No such file or directory"),
        (("diff", "nowhere"), "there is no commit `nowhere` here"),
        (("diff", "--config", "none.yml"), "cannot read `none.yml`"),
        (("diff", "--fail-on", "never"), "`never`"),
        (("diff", "--paths", "[a]"), "`[` has no meaning"),
    ],
    ids=lambda value: " ".join(value[-2:]) if isinstance(value, tuple) else "",
)
def test_what_is_wrong_is_one_line(
    gate: Gate, repository: Repository, two: Path, arguments: tuple[str, ...], message: str
) -> None:
    (two / "bad.json").write_text('{"Version":"2012","Statement":[]}')
    (two / "cut.json").write_text("{")
    (two / "latin.json").write_bytes(b'{"Version": "\xe9"}')
    (two / "large.json").write_text(" " * (5 * 1024 * 1024 + 1))
    repository.commit({})
    said = gate(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.errors.startswith("error: ")
    assert message in said.errors
    assert len(said.errors.splitlines()) == 1


@pytest.mark.parametrize("arguments", [(), ("differ",), ("diff", "--budget", "0"), ("diff", "-x")])
def test_wrong_usage_is_told_by_the_parser(gate: Gate, arguments: tuple[str, ...]) -> None:
    said = gate(*arguments)
    assert said.code == 2
    assert "usage: access-gate" in said.errors


def test_a_crash_is_no_verdict(gate: Gate, two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("checker.commands.check_no_new_access", crash)
    said = gate(*CHECK)
    assert (said.code, said.out) == (3, "")
    assert said.errors.endswith("please report this\n")


def test_a_reader_who_leaves_is_no_crash(two: Path) -> None:
    command = f"{sys.executable} -m checker assumptions | head -c 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


def test_a_process_has_said_all_when_it_ends(gate: Gate, repository: Repository) -> None:
    for policies in ({}, {f"p{number}.json": policy("s3:*") for number in range(40)}):
        repository.commit({"app.json": "{}", **policies})
    given = ("diff", "HEAD~1", "--format=json")
    said = gate(*given)
    for jobs in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "checker", *given, f"--jobs={jobs}"],
            cwd=repository.folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert Said(done.returncode, done.stdout, done.stderr) == said


def test_the_verdict_needs_no_open_streams(gate: Gate, repository: Repository) -> None:
    for actions in ("s3:GetObject", "s3:*"):
        repository.commit({"app.json": policy(actions)})
    for base, code in (("HEAD~1", 1), ("HEAD", 0)):
        line = f'exec "{sys.executable}" -m checker diff {base} >&- 2>&-'
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            ["/bin/sh", "-c", line], cwd=repository.folder, env=environment, check=False
        )
        assert done.returncode == code


def test_what_could_not_be_written_is_left_to_the_interpreter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError

    def left(code: int) -> None:
        raise AssertionError(code)

    monkeypatch.setattr("checker.process.os._exit", left)
    with contextlib.redirect_stdout(Full()), pytest.raises(SystemExit, match="1"):
        process.end(1)
    with pytest.raises(AssertionError, match="3"):
        process.end(3)


def test_the_main_job(gate: Gate, repository: Repository) -> None:
    repository.commit({BUCKET: OPEN, "app/package.json": "{}"})
    repository.commit({BUCKET: OWN, "app/package.json": '{"name": "x"}'})
    said = gate("diff", "HEAD~1")
    assert (said.code, said.errors) == (1, "")
    finding, _, outcome = said.out.partition("\n\n")
    assert "gate closed: " in outcome
    assert finding == snapshot("""\
BLOCKED  policies/bucket.json:4:5  [no-new-access]
  New access: `s3:DeleteBucket` on `arn:aws:s3:::DOC-EXAMPLE-BUCKET`
   4 │     {
     ⋮
   9 │         "s3:DeleteBucket"
     ⋮
  12 │     }
  who             arn:aws:iam::123456789012:user/alice
  may now         s3:DeleteBucket
  on              arn:aws:s3:::DOC-EXAMPLE-BUCKET
  before          refused on HEAD~1: no statement allowed it
  now             allowed by the statement on lines 4-12
  new access      s3:DeleteBucket on arn:aws:s3:::DOC-EXAMPLE-BUCKET (Write)
  fix             remove `s3:DeleteBucket` from `Action` of the statement on
                  line 4
  instead of lines 8-9:
    +         "s3:PutObject"
  fingerprint     43c96c7ebfbf8fce0f0ad545963c893c\
""")


@pytest.mark.parametrize("form", ["text", "json", "markdown", "sarif", "github"])
def test_every_format_names_the_finding(gate: Gate, repository: Repository, form: str) -> None:
    repository.commit({BUCKET: OPEN})
    repository.commit({BUCKET: OWN})
    said = gate("diff", "HEAD~1", "--format", form)
    assert (said.code, said.errors) == (1, "")
    assert "s3:DeleteBucket" in said.out
    assert "no-new-access" in said.out
    if form in {"json", "sarif"}:
        json.loads(said.out)


def test_a_job_that_names_its_commits_gets_annotations(
    gate: Gate, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit({BUCKET: OPEN})
    repository.commit({BUCKET: OWN})
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert gate("diff", "HEAD~1").out.startswith("::error title=no-new-access,")


def test_the_base_is_where_the_branch_left_the_default_branch(
    gate: Gate, repository: Repository
) -> None:
    repository.commit({"role.json": policy("s3:Get*")})
    repository.git("switch", "--quiet", "--create", "topic")
    repository.commit({"role.json": policy("s3:GetObject")})
    repository.git("switch", "--quiet", "main")
    repository.commit({"role.json": policy("s3:Get*", "iam:*")})
    repository.git("switch", "--quiet", "topic")
    assert gate("diff").code == 0
    assert gate("diff", "main", "topic").code == 0
    assert gate("diff", "topic", "main").code == 1


def both(gate: Gate, repository: Repository, before: Any, after: Any) -> Any:
    """Return the report of a change, and that every other format comes to the same verdict."""
    repository.commit(before)
    repository.commit(after)
    said = gate("diff", "HEAD~1", "--format", "json")
    assert said.errors == ""
    report = json.loads(said.out)
    assert said.code == int(report["result"] != "pass")
    return report


READ, WRITE = policy("s3:GetObject"), policy("s3:PutObject")


def checks(report: Any) -> list[tuple[str, str, str]]:
    return [(f["check"], f["at"]["path"], f["address"]) for f in report["findings"]]


NEW = "no-new-access"


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a.json": READ}, {"b.json": READ, "a.json": None}, []),
        (
            {"a.json": policy("s3:GetObject", "s3:ListBucket", "s3:GetBucketAcl")},
            {
                "a.json": None,
                "b.json": policy(
                    "s3:GetObject", "s3:ListBucket", "s3:GetBucketAcl", "s3:PutObject"
                ),
            },
            [(NEW, "b.json", "")],
        ),
        ({"a.json": READ}, {"a.json": None}, []),
        ({"x": ""}, {"a.json": READ}, [(NEW, "a.json", "")]),
        (
            {"a.json": f"[{READ}, {WRITE}]"},
            {"a.json": f"[{WRITE}, {policy('s3:Get*')}]"},
            [(NEW, "a.json", "/1")],
        ),
        (
            {"a.json": f'{{"ReadPolicy": {READ}, "b": 1}}'},
            {"a.json": f'{{"ReadPolicy": {WRITE}, "b": 1}}'},
            [(NEW, "a.json", "/ReadPolicy")],
        ),
        (
            {"a.yaml": "Version: '2012-10-17'\nStatement: []\n"},
            {
                "a.yaml": "Version: '2012-10-17'\nStatement:\n- Effect: Allow\n  Action: s3:*\n"
                "  Resource: '*'\n---\nVersion: '2012-10-17'\nStatement: []\n"
            },
            [(NEW, "a.yaml", "/0")],
        ),
        ({"a.json": READ}, {"a.json": READ.replace("\n", "\r\n")}, []),
        ({"a.json": READ}, {"a.json": "\ufeff" + READ}, []),
        ({"a.json": READ}, {"A.JSON": WRITE, "a.json": None}, [(NEW, "A.JSON", "")]),
        (
            {"a.json": READ},
            {"a.json": READ.replace("Action", "Acton")},
            [("unreadable", "a.json", "")],
        ),
        (
            {"a.json": READ},
            {"a.json": READ.replace('"Effect"', '"Action": "*", "Effect"')},
            [("unreadable", "a.json", "")],
        ),
    ],
    ids=[
        "moved",
        "moved and changed",
        "deleted",
        "added",
        "list",
        "object",
        "YAML stream",
        "line ends",
        "byte order mark",
        "upper case",
        "typing error",
        "element twice",
    ],
)
def test_what_a_change_is_found_to_be(
    gate: Gate,
    repository: Repository,
    before: dict[str, str | bytes | None],
    after: dict[str, str | bytes | None],
    found: list[tuple[str, str, str]],
) -> None:
    assert checks(both(gate, repository, before, after)) == found


ALL = policy("*")
LETTERS = {"S": "\\u0053", "A": "\\u0041", "E": "\\u0045", "2": "\\u0032"}


@pytest.mark.parametrize(
    "after",
    [
        {"a.json": ALL.encode("utf-16")},
        {"a.json": ALL.encode("utf-16-le")},
        {"a.json": ALL.replace("\n", "\r")},
        {"a.json": "".join(LETTERS.get(letter, letter) for letter in ALL)},
        {"a.json": READ + ALL},
        {"a.json": READ.rstrip()[:-1] + ', "Statement": []}'},
        {"a.json": READ.rstrip()[:-1] + ', "statement": []}'},
        {"a.json": ALL.lower()},
        {"a.json": json.dumps({"Policy": ALL})},
        {"a.json": json.dumps({"x": {"y": json.loads(ALL)}})},
        {"a.json": json.dumps(json.loads(ALL)["Statement"])},
        {"a.json": " " * 6_000_000 + ALL},
        {"a.json": "/* a comment */" + ALL},
        {"b\n::error::c.json": ALL},
        {".hidden/node_modules/\u202eb.json": ALL},
        {"b.yaml": f"x: &all {json.dumps(json.loads(ALL))}\n---\n<<: *all\n"},
        {"b.yaml": "{{ if x }}\n" + ALL},
        {"a.json": ALL, ".github/access-gate.yml": "fail-on: off\n"},
        {"a.json": ALL, ".gitattributes": "* -diff export-ignore binary\n"},
        {"a.json": None, "b.json": policy("s3:GetObject", "s3:DeleteObject", "iam:*")},
    ],
    ids=lambda after: repr(list(after.items())[-1])[:60],
)
def test_nothing_is_hidden(
    gate: Gate, repository: Repository, after: dict[str, str | bytes | None]
) -> None:
    repository.commit({"a.json": READ})
    repository.commit(after)
    said = gate("diff", "HEAD~1")
    assert (said.code, said.errors) == (1, "")


def test_a_policy_that_moved_is_told(gate: Gate, repository: Repository) -> None:
    report = both(gate, repository, {"admin.json": ALL}, {"admin.json": None, "app.json": ALL})
    assert report["notes"] == ["`app.json` was `admin.json` before, and is compared with it"]
    assert report["result"] == "pass"
