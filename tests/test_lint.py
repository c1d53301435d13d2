"""Diagnostics: likely mistakes in what a change touches, off the blocking path."""

from __future__ import annotations

import pytest

from checker.findings import Finding, Kind, Severity
from tests.gate import Gate, Json, allow, deny, policy
from tests.repository import Repository

READ = allow("s3:GetObject", "arn:aws:s3:::b/*")
SETS = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
OWN = {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}
QUEUE = {**OWN, "Sid": "q"}
UNKNOWN = allow("s3:*", Condition={"StringEquals": {"aws:PrincipalOrgIds": "o-1"}})
MANY = [f"arn:aws:s3:::a-bucket-with-a-long-name-{n}/*" for n in range(200)]


@pytest.fixture
def gate(repository: Repository) -> Gate:
    return Gate(repository)


def told(gate: Gate, before: Json, after: Json, config: str = "") -> list[Finding]:
    report = gate.report({"p.json": before}, {"p.json": after}, config)
    assert not [finding for finding in report.findings if finding.kind is Kind.DIAGNOSTIC]
    return list(report.diagnostics)


SAID = [
    (
        [allow("s3:GetObjct", "arn:aws:s3:::b/*")],
        "`s3:GetObjct` is no action that AWS has today (did you mean `s3:GetObject`?)",
    ),
    (
        [allow("dynamobd:GetItem")],
        "`dynamobd:GetItem` is no action that AWS has today (did you mean `dynamodb:GetItem`?)",
    ),
    ([allow("s3:Gett*")], "`s3:Gett*` matches no action that AWS has today"),
    (
        [UNKNOWN],
        (
            "`aws:PrincipalOrgIds` is no condition key that AWS has today (did you mean "
            "`aws:principalorgid`?)"
        ),
    ),
    (
        [allow("s3:ListBucket", "arn:aws:s3:::b/*")],
        "`s3:ListBucket` cannot act on `arn:aws:s3:::b/*` (it takes `arn:aws:s3:::BucketName`)",
    ),
    (
        [allow("s3:ListAllMyBuckets", "arn:aws:s3:::b")],
        "`s3:ListAllMyBuckets` cannot act on `arn:aws:s3:::b` (its resource is `*`)",
    ),
    (
        [allow("s3:*"), {**READ, "Sid": "Read"}],
        "Statement `Read` allows nothing that the others do not (it can go: this is proved)",
    ),
    (
        [allow("s3:*"), deny("s3:Delete*"), deny("s3:DeleteBucket", "arn:aws:s3:::b")],
        "Statement 2 denies nothing that the others do not (it can go: this is proved)",
    ),
    ([allow(["s3:GetObject", "S3:getobject"], "arn:aws:s3:::b/*")], "`S3:getobject` stands twice"),
    (
        [{**READ, "Sid": "read it"}],
        "The Sid `read it` has other characters than letters and digits (IAM refuses it)",
    ),
    (
        [allow("sqs:SendMessage", **QUEUE), allow("sqs:ReceiveMessage", **QUEUE)],
        "Two statements have the Sid `q` (some services refuse it)",
    ),
    (
        [allow("sqs:SendMessage", NotPrincipal={"AWS": "arn:aws:iam::111122223333:root"})],
        (
            "An Allow with `NotPrincipal` is for everyone who is not listed, strangers included (list "
            "who is meant under `Principal`)"
        ),
    ),
    (
        [allow("sqs:SendMessage", Principal={"AWS": "111122223333"})],
        (
            "`111122223333` is the whole account: it decides who of it is allowed (name roles, or "
            "write `arn:aws:iam::111122223333:root` as AWS stores it)"
        ),
    ),
    (
        [allow("ec2:CreateTags", Condition=SETS)],
        (
            "`ForAllValues` also holds of a request without `aws:TagKeys` (add "
            '`"Null": {"aws:TagKeys": "false"}`)'
        ),
    ),
    ([allow("s3:GetObject", MANY)], "The policy has 9"),
]


@pytest.mark.parametrize(("statements", "message"), SAID, ids=[row[1][:40] for row in SAID])
def test_a_likely_mistake_is_told_and_does_not_block(
    gate: Gate, statements: list[Json], message: str
) -> None:
    found = told(gate, policy(allow("ec2:RunInstances")), policy(*statements))
    said = [f"{f.headline} ({f.detail})" if f.detail else f.headline for f in found]
    assert [line for line in said if line.startswith(message)]
    assert len(set(said)) == 1
    assert {finding.severity for finding in found} <= {Severity.WARN, Severity.NOTE}


QUIET = [
    [READ],
    [allow(["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::b", "arn:aws:s3:::b/*"])],
    [
        allow("s3:ListBucket", "arn:aws:s3:::*"),
        allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*"),
    ],
    [allow("ec2:CreateTags", Condition={**SETS, "Null": {"aws:TagKeys": "false"}})],
    [deny("ec2:CreateTags", Condition=SETS)],
    [allow("s3:*"), deny("s3:Delete*"), deny("s3:Put*")],
    [allow("s3:GetObject", [])],
    [allow("sqs:SendMessage", **OWN, Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}})],
    [allow("s3:PutObject", Condition={"StringEquals": {"s3:RequestObjectTag/team": "a"}})],
]


@pytest.mark.parametrize("statements", QUIET)
def test_nothing_is_said_of_what_is_right(gate: Gate, statements: list[Json]) -> None:
    assert not told(gate, policy(allow("ec2:RunInstances")), policy(*statements))


def test_only_what_a_change_touches_is_looked_at(gate: Gate) -> None:
    wrong = allow("s3:GetObjct", "arn:aws:s3:::b/*")
    before, after = policy(wrong), policy(wrong, allow("ec2:RunInstances"))
    assert not told(gate, before, after)


def test_diagnostics_are_no_finding_in_the_ledger_and_can_be_off(gate: Gate) -> None:
    before, after = policy(allow("s3:*")), policy(allow("s3:GetObjct", "arn:aws:s3:::b/*"))
    report = gate.report({"a.json": before}, {"a.json": after})
    assert [finding.check for finding in report.diagnostics] == ["diagnostics/unknown-action"]
    assert not report.findings
    assert [judged.standing for judged in report.policies] == ["proved"]
    assert not told(gate, before, after, "fail-on: {diagnostics: off}")
    loud = told(gate, before, policy(allow("s3:GettObject")), "fail-on: block")
    assert {finding.severity for finding in loud} == {Severity.WARN}
