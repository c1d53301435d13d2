"""Every place of CloudFormation that holds a policy: what is there is found, on its lines."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
import yaml

from checker.cloudformation.carriers import table
from checker.findings import Report
from checker.policy.model import PolicyType
from checker.template.value import NotResolved, TemplateDocument
from tests.gate import Gate, Json, policy
from tests.repository import Repository
from tests.templates import as_lines, indented, one_resource, read

CORPUS: Final = Path(__file__).parents[2] / "shared" / "corpus" / "policy-carriers.yaml"
PLACES: Final = [
    (kind, carrier.path, carrier.kind)
    for kind, carriers in table().carriers.items()
    for carrier in carriers
    if "Body" not in carrier.path
]
NOT_READ: Final = ("iot-core", "ram-permission-template")
ACCOUNT: Final = {"AWS": "arn:aws:iam::111122223333:root"}
NEW: Final = {"AWS": "arn:aws:iam::444455556666:root"}
SERVERLESS: Final = {
    "AWS::Serverless::Function": "Runtime: python3.12\nHandler: a.b\nCodeUri: ./src\n",
    "AWS::Serverless::StateMachine": "Definition: {StartAt: A}\n",
    "AWS::Serverless::Api": "StageName: prod\n",
}


def statements(kind: str) -> tuple[Json, Json]:
    """Return a statement of a kind of policy, and one that allows what the first does not."""
    if kind == "trust":
        assume = {"Effect": "Allow", "Action": "sts:AssumeRole"}
        return {**assume, "Principal": ACCOUNT}, {**assume, "Sid": "New", "Principal": NEW}
    if kind in ("resource", "resource-statement", "vpc-endpoint"):
        use = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
        return {**use, "Principal": ACCOUNT}, {**use, "Sid": "New", "Principal": NEW}
    use = {"Effect": "Allow", "Resource": "arn:aws:s3:::example/*"}
    return {**use, "Action": "s3:GetObject"}, {**use, "Sid": "New", "Action": "s3:DeleteObject"}


def template(kind: str, path: tuple[str, ...], what: str, *, is_new: bool, is_text: bool) -> str:
    """Return a template that holds one policy at a path; the new version has a statement more."""
    old, new = statements(what)
    if path in (("Statement",), ("Auth", "ResourcePolicy", "CustomStatements", "*")):
        body = as_lines(policy(new if is_new else old)).split("\n")[3].strip()
    else:
        body = as_lines(policy(old, new) if is_new else policy(old))
    if is_text:
        body = "|\n" + indented(body, 2)
    more = SERVERLESS.get(kind, "")
    if what == "org-policy-by-Type":
        more += "Type: SERVICE_CONTROL_POLICY\n"
    return one_resource(kind, indented(_nested(path, body), 6), indented(more, 6).rstrip(" "))


def _nested(path: tuple[str, ...], body: str) -> str:
    step, rest = path[0], path[1:]
    inner = _nested(rest, body) if rest else body
    if step == "*":
        return "- " + indented(inner, 2).lstrip(" ")
    if not rest:
        return f"{step}: {inner}" if inner.startswith("|") else f"{step}:\n{indented(inner, 2)}"
    return f"{step}:\n{indented(inner, 2)}"


@pytest.mark.skipif(not CORPUS.exists(), reason="the list is not beside the project")
def test_the_table_holds_every_carrier_that_is_known() -> None:
    listed = yaml.safe_load(CORPUS.read_text())["cloudformation"]
    known = {
        kind: {"/".join(each.path): each.kind for each in carriers if "Body" not in each.path}
        for kind, carriers in table().carriers.items()
    }
    assert known == {kind: {p["path"]: p["kind"] for p in paths} for kind, paths in listed.items()}
    assert sum(map(len, known.values())) == 101


@pytest.mark.parametrize("is_text", [False, True], ids=["object", "text"])
@pytest.mark.parametrize(("kind", "path", "what"), PLACES, ids=str)
def test_what_a_carrier_holds_is_found(
    kind: str, path: tuple[str, ...], what: str, is_text: bool
) -> None:
    if is_text and kind.startswith("AWS::Serverless::"):
        pytest.skip("serverless policies are objects")
    text = template(kind, path, what, is_new=True, is_text=is_text)
    found = [each for each in read(text) if "s3" in repr(each) or "sts" in repr(each)]
    line = next(n for n, each in enumerate(text.split("\n"), 1) if "New" in each)
    if what in NOT_READ:
        (gone,) = found
        assert isinstance(gone, NotResolved)
        assert gone.at.start.line <= line <= gone.at.last_line
        return
    document = next(e for e in found if isinstance(e, TemplateDocument) and "New" in repr(e.value))
    assert document.type is not None
    assert document.at.start.line <= line <= document.at.last_line or "Serverless" in kind
    if what == "org-policy-by-Type":
        assert document.type is PolicyType.SCP
    if what == "identity" and kind.startswith("AWS::IAM::") and not kind.endswith("Policy"):
        assert document.unit == "/Resources/Held"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    repository = Repository(tmp_path_factory.mktemp("carriers"))
    repository.git("init", "--quiet", "--initial-branch=main")
    before, after = (
        {
            f"{number}.yaml": template(*place, is_new=is_new, is_text=False)
            for number, place in enumerate(PLACES)
        }
        for is_new in (False, True)
    )
    return Gate(repository).report(before, after)


@pytest.mark.parametrize("number", range(len(PLACES)), ids=lambda n: "-".join(map(str, PLACES[n])))
def test_the_gate_closes_on_the_new_statement(report: Report, number: int) -> None:
    kind, path, what = PLACES[number]
    text = template(kind, path, what, is_new=True, is_text=False)
    line = next(n for n, each in enumerate(text.split("\n"), 1) if "New" in each)
    blocking = [
        finding
        for finding in report.findings
        if finding.at.path == f"{number}.yaml" and finding.severity.value == "block"
    ]
    assert blocking, f"{kind} {path} passes"
    assert any(f.at.start.line <= line <= f.at.last_line for f in blocking)
