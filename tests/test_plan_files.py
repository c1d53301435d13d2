"""Files that are meant to be plans: what is read, whose they are, and what is said of all others."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from checker import cli
from checker.errors import UsageError
from checker.plan_reading import plan
from checker.terraform.addresses import address_of
from checker.terraform.plan import documents_of_plan
from tests.plans import accesses, change, report, text, written
from tests.repository import Repository
from tests.steps import job

Json: TypeAlias = Any
READ: Final = {"Action": "s3:GetObject", "Effect": "Allow", "Resource": "arn:aws:s3:::data/*"}
BOTH: Final = {**READ, "Action": ["s3:PutObject", "s3:GetObject"]}
MORE: Final = change("aws_iam_policy.p", {"policy": text(READ)}, {"policy": text(BOTH)})
SOURCE: Final = """\
resource "aws_iam_policy" "p" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::data/*" },
    ]
  })
}
"""
WIDER: Final = SOURCE.replace('"s3:GetObject"', '["s3:GetObject", "s3:PutObject"]')


def broken(alter: Callable[[Json], object]) -> bytes:
    made = json.loads(json.dumps(written(MORE)))
    alter(made)
    return json.dumps(made).encode()


def first(made: Json) -> Json:
    return made["resource_changes"][0]


def without_changes(made: Json) -> None:
    change_ = first(made)
    own = {key: change_[key] for key in ("address", "mode", "type", "name")}
    resources = [{**own, "values": change_["change"]["after"]}]
    made["planned_values"] = {"root_module": {"resources": resources}}
    del made["resource_changes"]


def archive() -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as opened:
        opened.writestr("tfplan", "x")
    return held.getvalue()


BAD: Final[dict[str, tuple[bytes, str]]] = {
    "binary": (archive(), "own format; write it as JSON with `terraform show -json p >"),
    "empty": (b"", "it is empty"),
    "words": (b"Terraform will perform the following actions:", "it is not JSON"),
    "log": (b'{"@level":"info"}\n{"@level":"info"}\n', "it is the log of `plan -json`"),
    "wrapper": (b"[command]/bin/terraform show -json p\n{}", "`terraform_wrapper: false`"),
    "no text": (b'{"format_version": "\xff"}', "no UTF-8 text"),
    "cut off": (broken(lambda _: None)[:200], "p:1:"),
    "twice": (b'{"format_version": "1.2", "format_version": "1.2"}', "p:1:"),
    "deep": (b'{"planned_values": ' + b"[" * 5000, "inside each other"),
    "a list": (b"[]", "is no plan"),
    "encrypted": (b'{"encrypted_data": "x", "meta": {}}', "it is encrypted"),
    "state": (b'{"format_version": "1.0", "terraform_version": "1.9.0"}', "it is a state"),
    "format": (broken(lambda made: made.update(format_version="2.0")), "an unknown format, `2.0`"),
    "failed": (broken(lambda made: made.update(errored=True)), "a run that failed"),
    "no list": (broken(lambda made: made.update(resource_changes={})), "is no list"),
    "no changes": (broken(without_changes), "without `resource_changes`"),
    "no object": (broken(lambda made: made.update(resource_changes=[1])), "that is missing"),
    "no address": (broken(lambda made: first(made).pop("address")), "that is missing"),
    "bad address": (broken(lambda made: first(made).update(address='a.b["')), '`a.b["`'),
    "bad move": (broken(lambda made: first(made).update(previous_address="a")), "`a`"),
    "other type": (broken(lambda made: first(made).update(type="aws_iam_role")), "of another one"),
    "other mode": (broken(lambda made: first(made).update(mode="data")), "of another one"),
    "no change": (broken(lambda made: first(made).pop("change")), "without an object `change`"),
    "no actions": (broken(lambda made: first(made)["change"].pop("actions")), "without `actions`"),
    "bad after": (broken(lambda made: first(made)["change"].update(after=[])), "is no object"),
    "there twice": (
        broken(lambda made: made["resource_changes"].append(first(made))),
        "`aws_iam_policy.p` is there twice",
    ),
    "bad state": (
        broken(
            lambda made: made.update(prior_state={"values": {"root_module": {"resources": [1]}}})
        ),
        "that is missing",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_plan_is_said_in_one_line(name: str) -> None:
    data, expected = BAD[name]
    with pytest.raises(UsageError) as raised:
        plan(data, "p")
    told = str(raised.value)
    assert expected in told
    assert told.startswith("`p`")
    assert "\n" not in told


def test_the_command_ends_with_two_for_what_is_no_plan(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.commit({"a": "a"})
    monkeypatch.chdir(repository.folder)
    Path("p.tfplan").write_bytes(archive())
    assert cli.main(["diff", "HEAD", "HEAD", "--terraform-plan", "p.tfplan"]) == cli.WRONG_INPUT
    assert "terraform show -json p.tfplan" in capsys.readouterr().err
    assert cli.main(["diff", "HEAD", "HEAD", "--terraform-plan", "none"]) == cli.WRONG_INPUT
    Path("p.json").write_bytes(broken(lambda _: None))
    asked = ["diff", "HEAD", "HEAD", "--terraform-plan", "p.json"]
    assert cli.main(asked) == 1
    assert cli.main([*asked, "--fix"]) == cli.WRONG_INPUT  # it knows nothing of what a plan finds


@pytest.mark.parametrize("version", ["0.1", "0.2", "1.0", "1.1", "1.2", "1.99"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_formats_and_encodings(version: str, encoding: str) -> None:
    made = json.dumps({**written(MORE), "format_version": version}).encode(encoding)
    assert len(documents_of_plan(plan(made, "p"), before=False)) == 1


ADDRESSES: Final = {
    "aws_iam_policy.p": "aws_iam_policy.p",
    "aws_iam_policy.p[0]": "aws_iam_policy.p[0]",
    'module.a["x"].module.b[1].data.t.n': 'module.a["x"].module.b[1].data.t.n',
    r'a.b["q\" ] $${x} %%{y} \\ \n \u00e4"]': 'a.b["q\\" ] ${x} %{y} \\\\ \\n ä"]',
    'a.b["module.c.d.e"]': 'a.b["module.c.d.e"]',
    "module.module.a.b": "module.module.a.b",
    "": None,
    "a": None,
    "a.": None,
    "a.b.c": None,
    'a.b["x"': None,
    "a[0].b": None,
    "module.a": None,
    "a.b[-1]": None,
    "a.b\n": None,
}


@pytest.mark.parametrize("written_", ADDRESSES)
def test_addresses(written_: str) -> None:
    found = address_of(written_)
    assert (str(found) if found else None) == ADDRESSES[written_]


def test_a_plan_is_of_the_folder_that_is_most_like_it(repository: Repository) -> None:
    other = SOURCE.replace('"p"', '"q"')
    found = report(
        repository,
        {"one/main.tf": SOURCE + other, "two/main.tf": SOURCE, "three/main.tf": other},
        {"a": "a"},
        written(MORE),
    )
    assert accesses(found) == ["two/main.tf:5 `s3:PutObject` on `arn:aws:s3:::data/*`"]


@pytest.mark.parametrize(
    ("path", "where"), [("plan.json", "plan.json:1"), ("dev/plan.json", "dev/main.tf:5")]
)
def test_of_two_folders_alike_it_is_the_one_that_it_is_in(
    repository: Repository, path: str, where: str
) -> None:
    files = {"dev/main.tf": SOURCE, "prod/main.tf": SOURCE}
    found = report(repository, files, {"a": "a"}, written(MORE), path=path)
    assert accesses(found) == [f"{where} `s3:PutObject` on `arn:aws:s3:::data/*`"]
    notes = [each.reason for each in found.skipped]
    assert [("`dev` and `prod`" in note) for note in notes] == ([True] if where[0] == "p" else [])


def test_a_plan_of_no_folder_is_told_where_it_stands(repository: Repository) -> None:
    other = SOURCE.replace('"p"', '"q"')
    found = report(repository, {"main.tf": other}, {"a": "a"}, written(MORE))
    assert accesses(found) == ["plan.json:1 `s3:PutObject` on `arn:aws:s3:::data/*`"]
    assert ["no folder has half" in each.reason for each in found.skipped] == [True]


def test_a_plan_of_opentofu_and_a_module_of_its_own(repository: Repository) -> None:
    called = 'module "m" {\n  source = "./m"\n  for_each = var.n\n}\nvariable "n" {}\n'
    keyed = {**MORE, "address": 'module.m["a"].aws_iam_policy.p'}
    found = report(
        repository,
        {"main.tofu": called, "m/p.tofu": SOURCE},
        {"a": "a"},
        written(keyed),
    )
    assert accesses(found) == ["m/p.tofu:5 `s3:PutObject` on `arn:aws:s3:::data/*`"]


def test_what_takes_a_free_address_is_not_what_has_left_it() -> None:
    same = {"policy": text(READ)}
    moved = change("aws_iam_policy.q", same, same, previous_address="aws_iam_policy.p")
    made = written(change("aws_iam_policy.p", None, same), moved)
    found = plan(json.dumps(made).encode(), "p").planned
    assert [each.known_as for each in found] == ["aws_iam_policy.p (new)", "aws_iam_policy.p"]


def test_two_plans_of_one_source_are_told_apart(repository: Repository) -> None:
    source = 'variable "b" {}\n' + SOURCE.replace("data/*", "${var.b}/*")
    plans = [
        written(change("aws_iam_policy.p", {"policy": text(READ)}, {"policy": text(BOTH)}), n=each)
        for each in range(2)
    ]
    wide = {**BOTH, "Resource": "*"}
    more = written(change("aws_iam_policy.p", {"policy": text(READ)}, {"policy": text(wide)}))
    found = report(repository, {"main.tf": source}, {"a": "a"}, *plans, more)
    assert [f.owner.partition(", ")[2] for f in found.findings] == ["as planned in `plan.json`"] * 2


def test_several_plans_are_all_looked_at(repository: Repository) -> None:
    more = change("aws_iam_policy.q", {"policy": text(READ)}, {"policy": text(BOTH)})
    found = report(repository, {"a": "a"}, {"a": "b"}, written(MORE), written(more))
    assert len(found.findings) == 2


def test_a_broken_plan_of_the_repository_closes_the_gate(repository: Repository) -> None:
    good, bad = broken(lambda _: None), broken(lambda made: first(made).pop("change"))
    found = report(repository, {"p.json": good.decode()}, {"p.json": bad.decode()})
    assert [(f.check, f.blocks) for f in found.findings] == [("unreadable", True)]


def test_a_policy_of_a_plan_that_is_no_json_is_said_at_its_place(repository: Repository) -> None:
    bad = change("aws_iam_policy.p", {"policy": text(READ)}, {"policy": '{"Statement": ['})
    found = report(repository, {"main.tf": SOURCE}, {"a": "a"}, written(bad))
    assert [(f.at.path, f.at.start.line, f.check) for f in found.findings] == [
        ("main.tf", 2, "unreadable")
    ]


def test_a_pull_request_with_a_plan_has_one_comment_on_the_line_of_its_source(
    repository: Repository, tmp_path: Path
) -> None:
    with job(repository, tmp_path) as step:
        step.open({"infra/main.tf": SOURCE}, {"infra/main.tf": WIDER})
        (step.workspace / "plan.json").write_bytes(broken(lambda _: None))
        done = step.run(terraform_plan="plan.json")
        assert (done.code, done.outputs["findings"]) == (1, "1")
        ((path, line),) = [(each["path"], each["line"]) for each in step.pull.remarks]
        assert (path, line) == ("infra/main.tf", 5)
        assert not step.fake.violations


def test_what_only_the_plan_has_is_in_the_summary_with_its_line(
    repository: Repository, tmp_path: Path
) -> None:
    with job(repository, tmp_path) as step:
        step.open({"infra/main.tf": SOURCE, "a": "a"}, {"a": "b"})
        (step.workspace / "plan.json").write_bytes(broken(lambda _: None))
        done = step.run(terraform_plan="plan.json")
        assert (done.code, done.outputs["findings"]) == (1, "1")
        assert step.pull.remarks == []
        (told,) = [each["body"] for each in step.pull.said]
        assert "infra/main.tf" in told
        assert "as planned" in told
        assert not step.fake.violations
