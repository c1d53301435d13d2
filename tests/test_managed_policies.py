"""Managed policies that a template names by ARN: known texts, copies, and those nobody knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from checker.errors import ConfigError
from checker.findings import Report
from checker.policy.model import PolicyType
from checker.policy.parse import parse_policy
from checker.source.json_reader import read_json
from checker.symbolic.question import Budget, Question, Violated
from checker.symbolic.solver import answer
from tests.gate import Gate, allow, policy
from tests.repository import Repository

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
LOGS = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
VIEW = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
OWN = "arn:aws:iam::111122223333:policy/baseline"
SHIPPED = json.loads(files("checker.template").joinpath("aws_policies.json").read_text("utf-8"))


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    repository = Repository(tmp_path)
    repository.git("init", "--quiet", "--initial-branch=main")
    return Gate(repository)


def terraform(*arns: str) -> dict[str, str]:
    trust = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })'
    role = f'resource "aws_iam_role" "r" {{\n  name = "r"\n  assume_role_policy = {trust}\n}}\n'
    each = (
        f'resource "aws_iam_role_policy_attachment" "a{n}" {{\n  role = aws_iam_role.r.name\n'
        f'  policy_arn = "{arn}"\n}}\n'
        for n, arn in enumerate(arns)
    )
    return {"main.tf": role + "".join(each)}


def cloudformation(*arns: str) -> dict[str, str]:
    trust = policy(allow("sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"}))
    del trust["Statement"][0]["Resource"]
    arns = tuple(arn.replace("arn:aws:", "arn:${AWS::Partition}:") for arn in arns)
    properties = {
        "AssumeRolePolicyDocument": trust,
        "ManagedPolicyArns": [{"Fn::Sub": arn} for arn in arns],
    }
    role = {"Type": "AWS::IAM::Role", "Properties": properties}
    return {"t.json": json.dumps({"Resources": {"R": role}}, indent=1)}


Writer = Callable[..., dict[str, str]]
WRITTEN = pytest.mark.parametrize("written", [terraform, cloudformation])


def headlines(report: Report) -> list[str]:
    return [each.headline for each in report.findings]


@WRITTEN
def test_what_a_known_policy_grants_is_named(gate: Gate, written: Writer) -> None:
    report = gate.report(written(), written(LOGS))
    (found,) = report.findings
    assert (
        found.headline
        == "New access: `logs:CreateLogGroup`, `logs:CreateLogStream` and 1 more on `*`"
    )
    assert found.evidence is not None
    assert not found.evidence.fix  # there is no statement of it in the template


@WRITTEN
def test_a_known_policy_grants_nothing_critical_that_it_does_not_say(
    gate: Gate, written: Writer
) -> None:
    config = "critical-actions: iam:PassRole\nfail-on: {no-new-access: off}\n"
    assert headlines(gate.report(written(), written(LOGS), config)) == []
    assert headlines(gate.report(written(), written(ADMIN), config)) == [
        "Critical access: `*` on `*`"
    ]


@WRITTEN
def test_a_proof_says_which_text_it_takes_a_policy_to_have(gate: Gate, written: Writer) -> None:
    report = gate.report(written(ADMIN), written(LOGS))
    assert headlines(report) == []
    (proved,) = report.proved
    said = " ".join(proved.assumptions)
    assert f"`{ADMIN}` says what AWS wrote in its version" in said
    assert f"`{LOGS}` says what AWS wrote in its version" in said


@WRITTEN
def test_an_unknown_policy_may_grant_anything(gate: Gate, written: Writer) -> None:
    config = "critical-actions: iam:PassRole\n"
    assert headlines(gate.report(written(), written(VIEW), config)) == [
        f"Critical access: whatever `{VIEW}` grants",
        f"New access: whatever `{VIEW}` grants",
    ]


@WRITTEN
def test_an_unknown_policy_that_stays_is_no_news(gate: Gate, written: Writer) -> None:
    assert headlines(gate.report(written(VIEW), written(VIEW, LOGS))) == [
        "New access: `logs:CreateLogGroup`, `logs:CreateLogStream` and 1 more on `*`"
    ]
    assert headlines(gate.report(written(VIEW, LOGS), written(VIEW))) == []


@WRITTEN
def test_a_copy_makes_a_policy_known_and_wins(gate: Gate, written: Writer) -> None:
    config = f"managed-policies:\n  {VIEW}: copies/view.json\n  {LOGS}: copies/logs.json\n  {OWN}: copies/own.json\n"
    copies = {
        "copies/view.json": json.dumps(policy(allow("s3:ListAllMyBuckets"))),
        "copies/logs.json": json.dumps(
            {"PolicyVersion": {"VersionId": "v9", "Document": policy(allow("logs:*"))}}
        ),
        "copies/own.json": json.dumps(policy(allow("sqs:SendMessage"))),
    }
    before = {**copies, **written()}
    report = gate.report(before, {**copies, **written(VIEW, LOGS, OWN)}, config)
    assert headlines(report) == [
        "New access: `s3:ListAllMyBuckets` on `*`",
        "New access: `logs:*` on `*`",
        "New access: `sqs:SendMessage` on `*`",
    ]


def test_a_copy_that_the_change_brings_does_not_count(gate: Gate) -> None:
    config = f"managed-policies:\n  {VIEW}: copies/view.json\n"
    wide, narrow = policy(allow("*")), policy(allow("s3:ListAllMyBuckets"))
    before = {"copies/view.json": wide, **terraform()}
    report = gate.report(before, {"copies/view.json": narrow, **terraform(VIEW)}, config)
    assert headlines(report) == ["New access: `*` on `*`"]


@pytest.mark.parametrize(
    ("copy", "problem"),
    [
        (None, "the managed policy `copies/view.json` is not in the base commit"),
        ("{", "the managed policy `copies/view.json` cannot be read"),
        ("{}", "the managed policy `copies/view.json` cannot be read: is not one policy"),
    ],
)
def test_a_copy_that_cannot_be_read_is_told(gate: Gate, copy: str | None, problem: str) -> None:
    config = f"managed-policies:\n  {VIEW}: copies/view.json\n"
    before = {**({"copies/view.json": copy} if copy else {}), **terraform()}
    with pytest.raises(ConfigError, match=problem):
        gate.report(before, terraform(VIEW), config)


@pytest.mark.parametrize("name", SHIPPED["policies"])
def test_each_known_policy_of_aws_can_be_asked_about(name: str) -> None:
    entry = SHIPPED["policies"][name]
    assert set(entry) == {"version", "created", "document"}
    assert date.fromisoformat(entry["created"]) < date(2024, 11, 21)
    assert not name.startswith("aws-service-role/")  # which nobody can attach
    node = read_json(json.dumps(entry["document"]), name)
    parsed = parse_policy(node, PolicyType.IDENTITY)
    nothing = parse_policy(read_json('{"Statement": []}', name), PolicyType.IDENTITY)
    found = answer(Question(new=parsed, old=nothing), Budget(10.0))
    denies_alone = all(s["Effect"] == "Deny" for s in _statements(entry["document"]))
    assert isinstance(found, Violated) is not denies_alone


def _statements(document: dict[str, object]) -> list[dict[str, object]]:
    body = document["Statement"]
    return body if isinstance(body, list) else [body]  # type: ignore[list-item]
