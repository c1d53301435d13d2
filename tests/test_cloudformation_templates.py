r"""Templates as teams write them, each with one change: what the gate says of it, and on which line.

The templates stand in `data/cloudformation`. After a name come the changes (`\n` is a line's end),
then what is expected: `passes`, or `blocks:` with text of the statement that is blamed, `once` if no
other finding repeats it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from checker.findings import Finding, Report
from tests.gate import Gate
from tests.repository import Repository

DATA: Final = Path(__file__).parent / "data" / "cloudformation"
CHILD: Final = """
Parameters:
  Target: {Type: String}
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: !Ref Target}]}
"""


@dataclass(frozen=True)
class Case:
    name: str
    path: str
    before: str
    after: str
    blocks: str | None  # text of the lines that are blamed; "" is any; None: it passes
    says: str
    once: bool

    def __str__(self) -> str:
        return self.name


def cases() -> Iterator[Case]:
    for file in sorted(DATA.glob("*.txt")):
        for part in file.read_text().split("#### ")[1:]:
            yield case(*part.split("\n"))


def case(name: str, *lines: str) -> Case:
    path, blocks, says, once = f"{name}/t.yaml", None, "", False
    changes: list[tuple[str, str]] = []
    rest = list(lines)
    while True:
        word, _, said = rest[0].partition(":")
        match word:
            case "change":
                old, _, new = said.removeprefix(" ").replace("\\n", "\n").partition(" => ")
                changes.append((old, new))
            case "blocks":
                blocks = said.strip()
            case "blocks-any":
                blocks = ""
            case "says":
                says = said.strip()
            case "file":
                path = f"{name}/{said.strip()}"
            case "once":
                once = True
            case "passes":
                pass
            case _:
                break
        del rest[0]
    before = after = "\n".join(rest).rstrip("\n") + "\n"
    for old, new in changes:
        assert before.count(old) == 1, f"{name}: {old!r} stands {before.count(old)} times"
        after = after.replace(old, new)
    return Case(name, path, before, after, blocks, says, once)


CASES: Final = list(cases())


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    repository = Repository(tmp_path_factory.mktemp("templates"))
    repository.git("init", "--quiet", "--initial-branch=main")
    beside = {"nested-stack-gets-more/child.yaml": CHILD}
    before = {each.path: each.before for each in CASES}
    return Gate(repository).report(before | beside, {each.path: each.after for each in CASES})


def blocking(report: Report, of: Case) -> list[Finding]:
    folder = of.path.partition("/")[0]
    return [
        finding
        for finding in report.findings
        if finding.at.path.partition("/")[0] == folder and finding.severity.value == "block"
    ]


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 40
    assert len({each.name for each in CASES}) == len(CASES)


@pytest.mark.parametrize("of", CASES, ids=str)
def test_the_gate(report: Report, of: Case) -> None:
    found = blocking(report, of)
    if of.blocks is None:
        assert not found, found[0].headline
        return
    assert found, "the change passes"
    if of.blocks:
        lines = of.after.split("\n")
        told = ["\n".join(lines[f.at.start.line - 1 : f.at.last_line]) for f in found]
        assert any(of.blocks in text for text in told), told
    assert any(of.says in finding.owner for finding in found)
    assert len(found) == 1 or not of.once


PARENT: Final = """
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: parts/child.yaml
      Parameters: {Target: '*'}
  Fn::Transform: {Name: 'AWS::Include', Parameters: {Location: parts/roles.yaml}}
"""
ROLES: Final = """
Admin:
  Type: AWS::IAM::GroupPolicy
  Properties:
    GroupName: admins
    PolicyDocument: {Statement: [{Effect: Allow, Action: 's3:Get*', Resource: '*'}]}
"""


def test_a_template_is_judged_when_only_a_part_of_it_changes(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.git("init", "--quiet", "--initial-branch=main")
    same = CHILD.replace("{Type: String}", "{Type: String, Default: 'arn:aws:s3:::x'}")
    narrow = same.replace("!Ref Target", "'arn:aws:s3:::x'")
    files = {
        "infra/t.yaml": PARENT,
        "infra/parts/child.yaml": narrow,
        "infra/parts/roles.yaml": ROLES,
    }
    changes = {"infra/parts/child.yaml": same, "infra/parts/roles.yaml": ROLES.replace("Get*", "*")}
    for path, content in changes.items():
        report = Gate(repository).report(files, {path: content})
        assert {finding.at.path for finding in report.findings} == {path}
        assert any("New access" in finding.headline for finding in report.findings)
        repository.git("reset", "--quiet", "--hard", "HEAD~1")
