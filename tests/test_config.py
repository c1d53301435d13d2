"""The configuration: what is right, and twenty and more ways to be wrong, each with its line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from checker import cli
from checker.config import CHECKS, Config, NewPolicy
from checker.config_file import read
from checker.errors import UsageError
from checker.findings import Severity
from checker.packs import PACKS
from checker.policy.model import PolicyType
from tests.gate import allow, deny, policy
from tests.repository import Repository

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = json.loads((ROOT / "docs" / "access-gate.schema.json").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")

EVERYTHING = """\
parameters:
  stacks/*.yml: [stacks/common.json, stacks/prod.json]
managed-policies:
  arn:aws:iam::aws:policy/job-function/ViewOnlyAccess: iam/copies/view-only.json
paths: ["policies/**", "!policies/examples/"]
policy-types:
  scp: org/scp/
  trust: [roles/*-trust.json]
  resource:
    AWS::S3::Bucket: buckets/
critical-actions: [iam:CreateUser]
critical-resources: ["arn:aws:s3:::audit/*"]
critical:
  only-at-home:
    why: data stays in one region
    actions: ["s3:*"]
    resources: ["*"]
    conditions: {StringNotEquals: {"aws:RequestedRegion": eu-central-1}}
packs: [destruction]
reference-policy:
  policies/: policies/reference.json
unused-access:
  policies/app/: usage/app.json
  policies/: {report: usage/findings/, role: "arn:aws:iam::111122223333:role/ci/Build"}
new-policy: reference
trusted:
  accounts: ["111122223333", 444455556666]
  orgs: o-a1b2c3d4e5
  services: [cloudtrail.amazonaws.com]
  vpcs: [vpc-0a1b, vpce-0a1b]
fail-on:
  no-public-access: off
  access-not-granted/destruction: warn
  paths:
    sandbox/: warn
    lab/: {no-new-access: off}
approvers: ["@Ann", bob_acme]
waivers-from: head
waiver-max-days: 30
tag: production
comment: off
annotations: false
sarif-file: out.sarif
json-file: out.json
"""

WRONG = [
    (
        "approvers: ['@acme/security']",
        (
            "c.yml:1:13: `@acme/security` is a team, and the token of a job may not read who is in it "
            "(name its people; for a team, make it the code owner of the waiver file)"
        ),
    ),
    ("approvers: 'ann, bob'", "c.yml:1:12: `ann, bob` is not a login (such as `octocat`)"),
    ("waivers-from: haed", "c.yml:1:15: unknown side `haed` (did you mean `head`?)"),
    (
        "waiver-max-days: 0",
        "c.yml:1:18: `0` is not a number of days (a whole number from 1 to 9999)",
    ),
    ("tag: Prod 1", "c.yml:1:6: `Prod 1` cannot be a tag (use lower case, digits and hyphens)"),
    ("path: [a.json]", "c.yml:1:1: unknown setting `path` (did you mean `paths`?)"),
    ("paths: []", "c.yml:1:8: no path is named here"),
    (
        "paths: ['!a.json']",
        (
            "c.yml:1:8: every path here is taken away, and none is named (name what to look at before "
            "what to leave out)"
        ),
    ),
    (
        "paths: ['a[bc].json']",
        "c.yml:1:9: path pattern `a[bc].json`: `[` has no meaning (use `*` and `?`)",
    ),
    ("paths: {a: b}", "c.yml:1:8: expected a text here, not a mapping"),
    ("policy-types: {spc: a/}", "c.yml:1:16: unknown policy type `spc` (did you mean `scp`?)"),
    (
        "policy-types:\n  resource:\n    AWS::S3::Bukket: a/",
        "c.yml:3:5: unknown resource type `AWS::S3::Bukket` (did you mean `AWS::S3::Bucket`?)",
    ),
    (
        "policy-types: {trust: {AWS::IAM::Role: a/}}",
        (
            "c.yml:1:23: expected paths of `trust` policies here (only `resource` has types of "
            "resources)"
        ),
    ),
    (
        "critical-actions: [DeleteBucket]",
        "c.yml:1:20: `DeleteBucket` is not an action (write `service:Name`, such as `s3:*`)",
    ),
    (
        "critical-resources: audit-logs",
        "c.yml:1:21: `audit-logs` is not a resource (write `*` or a whole ARN)",
    ),
    (
        "critical:\n  no-admin:\n    actions: ['*']",
        (
            "c.yml:2:3: the group `no-admin` has no `why` (say in a sentence why nobody may have this: "
            "reviewers read it)"
        ),
    ),
    (
        "critical:\n  no-admin:\n    why: so\n    action: ['*']",
        "c.yml:4:5: unknown part of a group `action` (did you mean `actions`?)",
    ),
    (
        "critical:\n  no-admin: {why: so}",
        "c.yml:2:3: the group `no-admin` names neither `actions` nor `resources`",
    ),
    (
        "critical:\n  No Admin: {why: so, actions: '*'}",
        "c.yml:2:3: `No Admin` cannot be a name (write `no-admin`)",
    ),
    (
        "critical:\n  destruction: {why: so, actions: '*'}",
        (
            "c.yml:2:3: `destruction` is the name of a pack (the names of packs are taken; `packs` "
            "switches one on)"
        ),
    ),
    (
        "critical:\n  x:\n    why: so\n    actions: '*'\n    conditions: {StringEqual: {a: b}}",
        "c.yml:5:18: unknown condition operator `StringEqual` (did you mean `StringEquals`?)",
    ),
    ("packs: [exfiltration]", "c.yml:1:9: unknown pack `exfiltration` (did you mean "),
    (
        "reference-policy: ../reference.json",
        (
            "c.yml:1:19: `../reference.json` is not the path of a file (write it from the root of the "
            "repository, without `..` and wildcards)"
        ),
    ),
    (
        "unused-access: /tmp/unused.json",
        "c.yml:1:16: `/tmp/unused.json` is not the path of a file (write it from the root of the ",
    ),
    ("unused-access: {iam/: ../x}", "c.yml:1:23: `../x` is not the path of a file"),
    ("unused-access: {iam/: {role: x}}", "c.yml:1:23: there is no `report` here (name a file or"),
    (
        "unused-access: {report: x, role: App}",
        "c.yml:1:34: `App` is not the ARN of a role or user (such as `arn:aws:iam::111122223333",
    ),
    ("unused-access: {report: x, rol: y}", "unknown setting `rol` (did you mean `role`?)"),
    ("new-policy: blok", "unknown way to treat a new policy `blok` (did you mean `block`?)"),
    (
        "new-policy: reference",
        "c.yml:1:13: there is no reference policy to compare with (add `reference-policy`)",
    ),
    ("trusted: {account: []}", "c.yml:1:11: unknown kind of trusted party `account` (did you mean"),
    (
        "trusted:\n  accounts: [11112222333]",
        (
            "c.yml:2:14: `11112222333` is not an account (12 digits, in quotes if they start with 0; "
            "or a canonical user id)"
        ),
    ),
    (
        "trusted-orgs: [acme]",
        "c.yml:1:16: `acme` is not an organization id (such as `o-a1b2c3d4e5`)",
    ),
    (
        "trusted: {services: [cloudtrail]}",
        "`cloudtrail` is not a service principal (such as `cloudtrail.amazonaws.com`)",
    ),
    (
        "trusted-accounts: '111122223333'\ntrusted: {accounts: '444455556666'}",
        (
            "c.yml:1:1: `trusted-accounts` and `accounts` of `trusted` say the same thing twice (write "
            "all of them in one of the two)"
        ),
    ),
    ("fail-on: blok", "c.yml:1:10: unknown level `blok` (did you mean `block`?)"),
    (
        "fail-on: {no-new-acces: warn}",
        "c.yml:1:11: unknown check `no-new-acces` (did you mean `no-new-access`?)",
    ),
    (
        "fail-on: {no-new-access: {sandbox/: warn}}",
        "c.yml:1:26: expected block, warn or off here (levels for single paths stand under `paths`)",
    ),
    (
        "fail-on: {diagnostics: block}",
        "c.yml:1:24: `diagnostics` never block (use warn or off)",
    ),
    (
        "fail-on: {access-not-granted/destrution: warn}",
        "c.yml:1:11: unknown group or pack `destrution` (did you mean `destruction`?)",
    ),
    ("comment: sumary", "c.yml:1:10: unknown kind of comment `sumary` (did you mean `summary`?)"),
    (
        "annotations: maybe",
        "c.yml:1:14: `maybe` is not known here (use one of true, false)",
    ),
    (
        "github-token: x",
        (
            "c.yml:1:1: `github-token` cannot be set here (it is an input of the action: a secret has "
            "no place in a repository)"
        ),
    ),
    ("- paths", "the configuration is not a mapping of settings (write `key: value`"),
    ("a: 1\n---\nb: 2", "the configuration is more than one document (take out the line `---`)"),
    ("paths: [a", "c.yml:1:10: not YAML: "),
    ("paths: a\npaths: b", "c.yml:2:1: "),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[text[:40] for text, _ in WRONG])
def test_a_mistake_is_one_line_that_says_where_and_what_was_meant(text: str, message: str) -> None:
    _, mistakes = read.read(text, "c.yml")
    said = str(mistakes[0])
    assert message in said
    assert said.startswith("c.yml:")
    assert "\n" not in said


def test_every_key_is_read() -> None:
    config = read.parse(EVERYTHING, "c.yml")
    assert set(yaml.safe_load(EVERYTHING)) | {"trusted-accounts", "trusted-orgs"} == set(read.KEYS)
    assert config.type_of("org/scp/a.json") is PolicyType.SCP
    typed = config.typed("buckets/x/a.json")
    assert typed is not None
    assert typed.resource == "AWS::S3::Bucket"
    assert config.trusted.accounts == ("111122223333", "444455556666")
    assert (config.comment, config.annotations) == ("off", False)
    assert config.new_policy is NewPolicy.REFERENCE
    assert not config.paths.matches("policies/examples/a.json")
    app, others = config.usages
    assert (app.file, app.role) == ("usage/app.json", "")
    assert (others.file, others.role[-8:]) == ("usage/findings/", "ci/Build")


@pytest.mark.parametrize(
    ("fail_on", "level"),
    [
        ("block", Severity.NOTE),
        ("{no-new-access: block, paths: {iam/: block}}", Severity.NOTE),
        ("off", None),
        ("{paths: {iam/: off}}", None),
        ("{unused-access: block}", Severity.BLOCK),
        ("{unused-access: off, paths: {iam/: {unused-access: warn}}}", Severity.WARN),
    ],
)
def test_advice_is_no_louder_than_a_note_unless_it_is_named(
    fail_on: str, level: Severity | None
) -> None:
    config = read.parse(f"fail-on: {fail_on}", "c.yml")
    assert config.severity("unused-access", "iam/a.json") is level


def test_nothing_is_a_configuration() -> None:
    assert read.parse("", "c.yml") == read.parse("# only a comment\n", "c.yml") == Config()


@pytest.mark.parametrize(
    ("check", "path", "level"),
    [
        ("no-new-access", "a.json", Severity.BLOCK),
        ("no-new-access", "sandbox/a.json", Severity.WARN),
        ("no-new-access", "lab/a.json", None),
        ("deny-weakened", "lab/a.json", Severity.BLOCK),
        ("no-public-access", "a.json", None),
        ("access-not-granted/destruction", "a.json", Severity.WARN),
        ("access-not-granted/destruction/some-pair", "a.json", Severity.WARN),
        ("access-not-granted/other", "a.json", Severity.BLOCK),
        ("confused-deputy", "a.json", Severity.WARN),
    ],
)
def test_levels_by_check_and_path(check: str, path: str, level: Severity | None) -> None:
    assert read.parse(EVERYTHING, "c.yml").severity(check, path) is level


def test_an_input_wins_and_its_mistake_names_it() -> None:
    config = read.parse("trusted: {accounts: '111122223333', orgs: o-a1b2c3d4e5}", "c.yml")
    inputs = {"trusted-accounts": "444455556666, 777788889999", "fail-on": "off", "paths": " "}
    config = read.with_inputs(config, inputs)
    assert config.trusted.accounts == ("444455556666", "777788889999")
    assert config.trusted.orgs == ("o-a1b2c3d4e5",)
    assert config.severity("no-new-access", "a") is None
    with pytest.raises(UsageError, match=r"^input `trusted-accounts`: `1` is not an account"):
        read.with_inputs(config, {"trusted-accounts": "1"})


def test_the_schema_has_the_keys_of_the_code_and_the_page_explains_each() -> None:
    assert list(SCHEMA["properties"]) == list(read.KEYS)
    assert re.findall(r"^### `([a-z-]+)`$", PAGE, flags=re.MULTILINE) == list(read.KEYS)
    named = SCHEMA["$defs"]
    assert set(named["packs"]["enum"]) == set(PACKS)
    assert set(SCHEMA["properties"]["policy-types"]["properties"]) == set(PolicyType)
    assert set(named["levels"]["properties"]) == set(CHECKS)
    assert all(f"`{name}`" in PAGE for name in (*PACKS, *CHECKS, *PolicyType, *NewPolicy))


def _plain(text: str) -> object:
    """Return YAML as an editor's schema check sees it: as YAML 1.2, where `off` is text."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, seen) for tag, seen in found if "bool" not in tag]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(text, Loader)  # noqa: S506  a `SafeLoader`


def test_every_check_has_a_page_with_a_row_in_the_table() -> None:
    folder = ROOT / "docs" / "checks"
    table = (folder / "README.md").read_text()
    for check in set(CHECKS) - {"diagnostics", "unused-access"}:
        assert f"| [{check}]({check}.md) |" in table
        page = (folder / f"{check}.md").read_text()
        for heading in ("**Asks:**", "**Passes when**", "## Example", "## What to do"):
            assert heading in page, (check, heading)
    assert "](../diagnostics.md)" in table


def test_the_schema_takes_what_is_right() -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    validator.check_schema(SCHEMA)
    examples = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(examples) > 8
    for text in (EVERYTHING, *examples):
        assert not read.read(text, "c.yml")[1], text
        assert not list(validator.iter_errors(_plain(text))), text


_BEYOND_A_SCHEMA = (  # what only the command knows
    *("a[bc]", "!a.json", "destruction: {why", "StringEqual:", "destrution", "new-policy: ref"),
    *("---", "paths: [a", "paths: b", "trusted-accounts: '1", "../ref"),
)


@pytest.mark.parametrize(
    "text", [text for text, _ in WRONG if not any(word in text for word in _BEYOND_A_SCHEMA)]
)
def test_the_schema_refuses_what_is_plainly_wrong(text: str) -> None:
    assert list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(_plain(text)))


def test_config_check_says_every_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    wrong = "packs: [none]\ncomment: x\nreference-policy: gone.json\ncritical-actions: s3:Dellet*\n"
    (tmp_path / "c.yml").write_text(wrong)
    assert cli.main(["config", "check", "c.yml"]) == 2
    assert [line.partition(": ")[0] for line in capsys.readouterr().out.splitlines()] == [
        *("c.yml:1:9", "c.yml:2:10", "c.yml:3:19"),
        *("c.yml:4:19", "c.yml"),
    ]
    (tmp_path / "c.yml").write_text("critical-actions: [s3:DeleteBuckt, s3:Get*]\n")
    assert cli.main(["config", "check", "c.yml"]) == 0
    doubt = "c.yml:1:20: `s3:DeleteBuckt` is no action of today (did you mean `s3:DeleteBucket`?)"
    assert capsys.readouterr().out.splitlines()[0] == f"{doubt} [only a doubt]"


def test_a_configuration_is_begun_at_the_top_before_anything_is_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Repository(tmp_path).git("init", "--quiet")
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    assert cli.main(["config", "init"]) == 0
    assert "nothing is committed here yet" in capsys.readouterr().out
    assert (tmp_path / ".github" / "access-gate.yml").is_file()
    assert cli.main(["config", "check"]) == 0
    assert cli.main(["config", "init"]) == 2


def test_config_check_names_the_files_that_are_not_there(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repository.folder)
    (repository.folder / "there.json").write_text("{}")
    Path("c.yml").write_text(
        "reference-policy: {a/: a.json, b/: there.json}\n"
        "parameters: {'*.yml': [b.json, there.json]}\n"
        "managed-policies: {'arn:aws:iam::aws:policy/X': c.json}\n"
        "unused-access: d/\n"
    )
    assert cli.main(["config", "check", "c.yml"]) == 2
    assert capsys.readouterr().out.splitlines() == [
        "c.yml:1:24: the reference policy `a.json` is not in the repository",
        "c.yml:2:23: the file of parameters `b.json` is not in the repository",
        "c.yml:3:49: the managed policy `c.json` is not in the repository",
        "c.yml:4:16: the report `d/` is not in the repository",
        "c.yml: 4 mistakes",
    ]


def test_config_init_writes_what_config_check_takes(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket = policy(allow("s3:GetObject", "arn:aws:s3:::b/*", Principal="*"))
    guard, role = json.dumps(policy(deny("iam:*"))), json.dumps(policy(allow("s3:*")))
    mixed = "odd [name]/scp-1.json"
    repository.commit(
        {
            "org/scp/a.json": guard,
            mixed: guard,
            "odd [name]/role.json": role,
            "buckets/b.json": json.dumps(bucket),
            "package.json": '{"name": "statement"}',
        }
    )
    monkeypatch.chdir(repository.folder)
    assert cli.main(["config", "init"]) == 0
    capsys.readouterr()
    text = (repository.folder / ".github" / "access-gate.yml").read_text()
    config = read.parse(text, "c.yml")
    types = [config.type_of(path) for path in ("org/scp/new.json", mixed, "odd [name]/role.json")]
    assert types == [PolicyType.SCP, PolicyType.SCP, None]
    assert cli.main(["config", "check"]) == 0
    assert cli.main(["config", "init"]) == 2
