from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.config import Config, Usage
from checker.errors import ConfigError, UsageError
from checker.findings import Finding, Report, Severity, Shows, UnusedAccess
from checker.policy.load import policy_of
from checker.policy.model import PolicyType
from checker.refinement.access import granted
from checker.refinement.line_edits import LineEdit, applied
from checker.refinement.usage import Unused, UnusedService
from checker.refinement.whose import Reported, Unclear, holding, whose
from checker.render import summary, unused
from checker.render.run import Run
from checker.reported_use import reported_use
from checker.source.changes import ChangedFile
from checker.source.git import GitSource
from checker.source.globs import globs
from checker.span import whole_file
from checker.symbolic.question import Budget
from checker.unused_access import unused_access
from tests.gate import Gate, allow, policy
from tests.markdown import rendered
from tests.repository import Repository
from tests.steps import Job, job

ROLE, OTHER = (f"arn:aws:iam::111122223333:role/{name}" for name in ("team/App", "Other"))
PATH = "iam/App.json"
REPORT = "usage/findings.json"
UNUSED = f"unused-access: {REPORT}"


def finding_of(role: str, **services: list[str] | None) -> Any:
    """Return a finding as `get-finding-v2` prints it; None is a whole service."""
    details = [
        {
            "unusedPermissionDetails": {"serviceNamespace": service}
            | ({} if names is None else {"actions": [{"action": name} for name in names]})
        }
        for service, names in services.items()
    ]
    return {"resource": role, "findingType": "UnusedPermission", "findingDetails": details}


FINDINGS = [
    finding_of(ROLE, s3=["PutObject", "DeleteBucket"], sqs=None),
    finding_of(OTHER, s3=["GetObject", "PutObject"]),
]
BASE = {PATH: policy(allow(["s3:GetObject"])), REPORT: FINDINGS}


@pytest.fixture
def gate(repository: Repository) -> Gate:
    return Gate(repository)


def advice(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.check == "unused-access"]


def after(text: str, *findings: Finding) -> str:
    """Return the text with suggestions applied, as a click does."""
    made = [f.suggestion for f in findings if f.suggestion]
    return applied(text, [LineEdit(each.first, each.last, each.lines) for each in made])


def test_what_the_role_does_not_use_is_taken_out_of_what_changes(gate: Gate) -> None:
    head = policy(allow(["s3:GetObject", "s3:PutObject", "sqs:SendMessage"], Sid="A"))
    report = gate.report(BASE, {PATH: head}, UNUSED)
    (found,) = advice(report)
    assert found.severity is Severity.NOTE
    assert found.headline == f"Granted and not used by `{ROLE}`: `s3:PutObject`"
    new = json.loads(after(json.dumps(head, indent=2), found))
    assert new == policy(allow(["s3:GetObject", "sqs:SendMessage"], Sid="A"))
    assert [unused.line(each) for each in report.unused] == [
        f"{PATH}: grants 3 actions, 2 used by `{ROLE}` or not tracked; refined policy 90 % of the size"
    ]


def test_nothing_is_looked_for_where_nobody_asked(gate: Gate) -> None:
    head = {PATH: policy(allow("s3:*"))}
    for config in ("", f"{UNUSED}\nfail-on: {{unused-access: off}}"):
        report = gate.report(BASE, head, config)
        assert (advice(report), report.unused) == ([], ())
    assert gate.report(BASE, {PATH: policy(allow(["s3:getObject"]))}, UNUSED).unused


@pytest.mark.parametrize(("level", "code"), [("warn", False), ("block", True)])
def test_it_blocks_only_where_that_is_set(gate: Gate, level: str, code: bool) -> None:
    quiet = f"{UNUSED}\nfail-on: {{no-new-access: off, unused-access: %s}}"
    base = BASE | {PATH: policy(allow(["s3:PutObject", "s3:GetObject"]), allow("ec2:RunInstances"))}
    head = {PATH: policy(allow(["s3:PutObject", "s3:GetObject"]), allow("ec2:StopInstances"))}
    report = gate.report(base, head, quiet % level)
    assert report.blocks is code
    (found,) = advice(report)
    assert found.suggestion is None, "its lines are not touched"
    assert advice(gate.report(base, head, quiet.replace("%s", "off"))) == []


@pytest.mark.parametrize(
    ("path", "config", "why"),
    [
        ("iam/third.json", UNUSED, "the reports are about `App`, `Other`, none of which its path"),
        ("App/third.json", UNUSED, "the reports are about `App`, `Other`, none of which its path"),
        ("iam/third.json", f"unused-access: {{report: {REPORT}, role: '{ROLE}x'}}", "no report sp"),
        (
            PATH,
            "unused-access: usage/later.json",
            "`usage/later.json` is not in the base commit yet",
        ),
    ],
)
def test_what_is_not_clear_is_said_and_nothing_is_suggested(
    gate: Gate, path: str, config: str, why: str
) -> None:
    head = {path: policy(allow("s3:*")), "usage/later.json": FINDINGS}
    report = gate.report(BASE, head, config)
    assert advice(report) == []
    (found,) = report.unused
    assert why in found.why
    text = summary.comment(report, Run(version="1"), Shows())
    assert "#### Unused access" in text
    assert "nothing is suggested: " in text


def test_policies_that_no_role_uses_are_told_apart(gate: Gate) -> None:
    trust = policy({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sts:AssumeRole"})
    template = {"Resources": {"App": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {
        "PolicyDocument": policy(allow("s3:PutObject"))}}}}  # fmt: skip
    head = {"iam/App/trust.json": trust, "App/template.json": template}
    report = gate.report(BASE, head, UNUSED)
    assert {each.path: each.why for each in report.unused} == {
        "iam/App/trust.json": "what a role uses does not tell what a trust policy needs",
        "App/template.json": "it stands in a template, where nothing unused is looked for yet",
    }


def test_a_policy_that_nobody_uses_is_to_be_detached(gate: Gate) -> None:
    whole = [{"resource": ROLE, "findingType": "UnusedIAMRole"}]
    base = {PATH: policy(allow(["s3:Get*"])), REPORT: whole}
    report = gate.report(base, {PATH: policy(allow("s3:GetObject"))}, UNUSED)
    assert advice(report) == []
    assert [unused.line(each) for each in report.unused] == [
        f"{PATH}: grants 1 action, none used by `{ROLE}`: detach it"
    ]


def test_what_was_never_granted_could_not_be_used() -> None:
    old = policy_of(
        policy(allow(["sqs:SendMessage", "iam:PassRole", "s3:Get*"])), PolicyType.IDENTITY
    )
    report = Unused(
        (UnusedService("sqs", None), UnusedService("iam", None), UnusedService("s3", ("X",)))
    )
    assert holding(report, old).services == (
        UnusedService("sqs", ("SendMessage",)),
        UnusedService("iam", ()),
        UnusedService("s3", ("X",)),
    )
    assert [each.actions for each in holding(report, None).services] == [(), (), ("X",)]
    trail = Unused((UnusedService("s3", ("PutObject", "getobject")),), follows=True)
    assert holding(trail, old).services == (UnusedService("s3", ("getobject",)),)
    assert holding(Unused(everything=True), old).services[-1] == UnusedService(
        "sqs", ("SendMessage",)
    )


NAMELESS, TRAIL = Unused(file="usage/a.json"), Unused(follows=True)
TWIN = Unused(role="arn:aws:iam::444455556666:role/App")
APP, AN_OTHER = Unused(role=ROLE), Unused(role=OTHER)


@pytest.mark.parametrize(
    ("reported", "path", "expected"),
    [
        pytest.param(Reported(None, "usage/a.json", "", (NAMELESS,)), "x.json", NAMELESS, id="list"),
        pytest.param(Reported(None, "usage", "", (NAMELESS,)), "x.json", None, id="a file of a"),
        pytest.param(Reported(None, "usage", "", (NAMELESS,)), "A/policy.json", NAMELESS, id="folder"),
        pytest.param(Reported(None, "usage", "", (TRAIL,)), "x.json", TRAIL, id="everybody"),
        pytest.param(Reported(None, "f", "", (APP,)), "x.json", None, id="the only role, of whom?"),
        pytest.param(Reported(globs(), "f", "", (APP,)), "x.json", APP, id="the only role, as set"),
        pytest.param(Reported(globs(), "f", "", (APP, AN_OTHER)), "x.json", None, id="which?"),
        pytest.param(Reported(None, "f", "", (APP, AN_OTHER)), "app.v2.json", APP, id="file"),
        pytest.param(Reported(None, "f", "", (APP, AN_OTHER)), "app/x.json", None, id="another's"),
        pytest.param(Reported(None, "f", "", (APP, TWIN)), "app.json", None, id="two accounts"),
        pytest.param(Reported(None, "f", OTHER, (APP, AN_OTHER)), "app.json", AN_OTHER, id="set"),
        pytest.param(Reported(None, "f", OTHER, (APP, NAMELESS)), "app.json", NAMELESS, id="said"),
        pytest.param(Reported(None, "f", OTHER, (NAMELESS, TRAIL)), "app.json", None, id="two"),
        pytest.param(Reported(None, "f", OTHER, (APP,)), "app.json", None, id="not of it"),
        pytest.param(Reported(None, "f", "", ()), "app.json", None, id="none"),
    ],
)  # fmt: skip
def test_whose_report_it_is(reported: Reported, path: str, expected: Unused | None) -> None:
    found = whose(reported, path, "")
    assert isinstance(found, Unclear) if expected is None else found is expected


def test_roles_of_one_file_are_told_apart_by_their_key(gate: Gate) -> None:
    both = {
        "App": policy(allow("s3:PutObject")),
        "Other": policy(allow(["s3:PutObject", "s3:PutObjectAcl"])),
    }
    report = gate.report(BASE, {"iam/all.json": both}, UNUSED)
    assert [each.role for each in report.unused] == [ROLE, OTHER]
    assert [each.recommendation["recommendedAction"] for each in report.unused] == [
        "DETACH_POLICY",
        "CREATE_POLICY",
    ]
    (found,) = advice(report)
    text = json.dumps(both, indent=2)
    assert json.loads(after(text, found)) == both | {"Other": policy(allow(["s3:PutObjectAcl"]))}


ACTIONS = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:Get*",
    "s3:*Bucket",
    "S3:DeleteBucket",
    "sqs:SendMessage",
]
lists = st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=6)
statements = st.builds(allow, st.one_of(lists, st.sampled_from(ACTIONS)))
drawn = st.lists(statements, min_size=1, max_size=4).map(lambda each: policy(*each))


def json_text(document: Any) -> str:
    return json.dumps(document, indent=2) + "\n"


def yaml_text(document: Any) -> str:
    return str(yaml.safe_dump(document, sort_keys=False, width=60))


@settings(max_examples=25)
@given(drawn, drawn, st.sampled_from([".json", ".yaml"]), st.data())
def test_any_of_the_suggestions_can_be_applied_alone(
    old: Any, new: Any, ending: str, data: st.DataObject
) -> None:
    text = {".json": json_text, ".yaml": yaml_text}[ending]
    changed = ChangedFile(f"a{ending}", f"a{ending}", text(old).encode(), text(new).encode())
    names = ("GetObject", "PutObject", "DeleteBucket", "GetBucketAcl")
    report = Unused((UnusedService("s3", names),))
    part = unused_access(Config(), Budget(10), [Reported(None, "u", "", (report,))], changed)
    if not part.findings:
        return
    some = data.draw(st.lists(st.sampled_from(part.findings), unique=True, min_size=1))
    result = yaml.safe_load(after(text(new), *some))
    before, now = (granted(policy_of(p, PolicyType.IDENTITY)) for p in (new, result))
    lost = {action.lower() for action in before - now}
    assert lost <= {f"s3:{name.lower()}" for name in names}
    recommended: Any = part.unused[0].recommendation["recommendedPolicy"]
    kept = granted(policy_of(recommended, PolicyType.IDENTITY))
    assert kept <= now <= before


def used(repository: Repository, usage: Usage, *, tree: bool = False) -> tuple[Reported, ...]:
    """Return what is reported at the first commit, for a change from there to the last."""
    folder = repository.folder
    with GitSource(folder) as source:
        base, head = source.commit("HEAD^"), source.commit("HEAD")
        config = Config(usages=(usage,))
        return reported_use(config, source, base, head, folder if tree else None)


def usage_in(file: str) -> Usage:
    return Usage(file, None, "", whole_file("c.yml"))


def test_a_folder_is_read_from_the_base_commit_whatever_the_head_says(
    repository: Repository,
) -> None:
    record = {
        "eventSource": "s3.amazonaws.com",
        "eventName": "ListBuckets",
        "eventTime": "2026-10-01",
    }
    data = json.dumps({"Records": [record | {"eventTime": f"2026-{m}-01"} for m in ("10", "11")]})
    packed = gzip.compress(data.encode())
    repository.commit({"usage/2026/a.json.gz": packed, "usage/readme.md": "x", "x/y.json": "{}"})
    repository.commit({"usage/2026/a.json.gz": "{", "usage/b.json": "{"})
    for name in ("usage", "usage/", "usage/2026/a.json.gz"):
        ((report,),) = (each.reports for each in used(repository, usage_in(name)))
        assert (report.follows, report.days, report.used) == (True, 32, ("s3:ListAllMyBuckets",))


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("gone.json", r"c\.yml:1:1: the report `gone\.json` is not in the base commit"),
        ("usage/x/y.json", r"the report `usage/x/y\.json` is not in the base commit"),
        ("usage", "`usage/link.json` is a link, which is never followed"),
        ("usage/link.json", "is not in the base commit"),
        ("empty", r"`empty`: holds no report and no CloudTrail records"),
        ("bad.json", r"bad\.json:1:2: "),
    ],
)
def test_what_is_no_report_is_said(repository: Repository, file: str, said: str) -> None:
    (repository.folder / "usage").mkdir()
    (repository.folder / "usage" / "link.json").symlink_to("/etc/passwd")
    repository.commit({"bad.json": "{", "empty/readme.md": "x", "usage/a.json": "[]"})
    repository.commit({})
    with pytest.raises((ConfigError, UsageError), match=said):
        used(repository, usage_in(file))


def test_of_the_working_tree_only_what_is_in_it(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"a.json": "[]"})
    repository.commit({"later.json": "[]"})
    (later,) = used(repository, usage_in("later.json"))
    assert later.problem == "`later.json` is not in the base commit yet, where reports are read"
    (repository.folder / "own.json").write_text('[{"serviceNamespace": "s3"}]')
    ((report,),) = (each.reports for each in used(repository, usage_in("own.json"), tree=True))
    assert report.services == (UnusedService("s3", None),)
    (tmp_path / "outside.json").write_text("[]")
    (repository.folder / "link.json").symlink_to(tmp_path / "outside.json")
    with pytest.raises(ConfigError, match=r"the report `link\.json` is not in the base commit"):
        used(repository, usage_in("link.json"), tree=True)


HOSTILE = "`</summary><script>alert(1)</script>\u202e|@octocat"


def page_on(name: str) -> str:
    each = UnusedAccess(
        path=f"iam/{name}.json",
        address=f"/{name}",
        source=name,
        role=name,
        granted=2,
        kept=1,
        recommendation={"recommendedAction": "CREATE_POLICY", "notes": [f"a {name} b"]},
        diff=f"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-{name}\n+```\n",
    )
    report = Report(base="", head="", base_name="a", head_name="b", findings=(), unused=(each,))
    return rendered(summary.comment(report, Run(version="1"), Shows()))


def test_hostile_names_show_and_do_nothing() -> None:
    page = page_on(HOSTILE)
    assert "<script" not in page
    assert "@octocat</a>" not in page
    assert "\u202e" not in page
    html = "<!-- raw HTML omitted -->"
    assert page.count(html) == page_on("plain").count(html)


@pytest.fixture
def step(repository: Repository, tmp_path: Path) -> Iterator[Job]:
    with job(repository, tmp_path) as made:
        yield made
        assert not made.fake.violations


def test_the_action_suggests_and_opens(step: Job) -> None:
    head = policy(allow(["s3:GetObject", "s3:PutObject", "s3:ListBucket"]))
    base = {PATH: json_text(policy(allow("s3:*"))), REPORT: json_text(FINDINGS)}
    step.open(base, {PATH: json_text(head)})
    done = step.run(unused_access=REPORT)
    assert (done.code, done.outputs["result"]) == (0, "pass")
    (remark,) = step.pull.remarks
    assert (remark["path"], remark["start_line"], remark["line"]) == (PATH, None, 8)
    assert "```suggestion\n```\n" in remark["body"]
    lines = json_text(head).split("\n")
    del lines[7]
    assert json.loads("\n".join(lines)) == policy(allow(["s3:GetObject", "s3:ListBucket"]))
    assert "refined policy" in step.pull.said[0]["body"]
    assert "refined policy" in done.summary
    step.fake.log.clear()
    step.run(unused_access=REPORT)
    assert step.fake.writes() == []


def test_the_action_says_why_it_suggests_nothing(step: Job) -> None:
    base = {"a.json": json_text(policy(allow("s3:*"))), REPORT: json_text(FINDINGS)}
    step.open(base, {"a.json": json_text(policy(allow("s3:PutObject")))})
    done = step.run(unused_access="usage/")
    assert done.code == 0
    assert step.pull.remarks == []
    assert "nothing is suggested" in step.pull.said[0]["body"]
    assert step.run(unused_access="/etc/passwd").code == 2
    assert step.run(unused_access="../x").code == 2
