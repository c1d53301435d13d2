"""Loosening a guardrail or a Deny is new access, whatever the type and however it is done."""

from __future__ import annotations

import pytest

from checker.findings import Severity
from tests.gate import Gate, Json, allow, deny, policy, said
from tests.repository import Repository

TYPES = """\
policy-types:
  scp: scp/
  rcp: rcp/
  boundary: boundaries/
  session: sessions/
  vpc-endpoint: endpoints/
"""
EVERYONE = {"Principal": "*"}
AUDIT = "arn:aws:s3:::audit-logs/*"


@pytest.fixture
def gate(repository: Repository) -> Gate:
    return Gate(repository)


DEMO = {
    "scp/baseline.json": (
        policy(allow("*"), deny(["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"])),
        policy(allow("*"), deny("cloudtrail:DeleteTrail")),
    ),
    "boundaries/developer.json": (
        policy(allow(["s3:*", "lambda:*"])),
        policy(allow(["s3:*", "lambda:*", "iam:PassRole"])),
    ),
    "buckets/reports.json": (
        policy(
            allow("s3:GetObject", "arn:aws:s3:::reports/*", Principal={"AWS": "111122223333"}),
        ),
        policy(
            allow(
                "s3:GetObject",
                "arn:aws:s3:::reports/*",
                Principal={"AWS": ["111122223333", "444455556666"]},
            ),
        ),
    ),
    "roles/deploy-trust.json": (
        policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            }
        ),
        policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                "Action": "sts:AssumeRole",
            }
        ),
    ),
    "roles/deploy.json": (
        policy(allow("s3:PutObject", AUDIT), deny("s3:PutObject", f"{AUDIT[:-1]}2024/*")),
        policy(allow("s3:PutObject", AUDIT)),
    ),
}


def test_a_demo_repository_gives_one_finding_for_each_loosened_policy(gate: Gate) -> None:
    before = {path: old for path, (old, _) in DEMO.items()}
    after = {path: new for path, (_, new) in DEMO.items()}
    report = gate.report(before, after, TYPES)
    assert said(report) == [f"{path} no-new-access block" for path in sorted(DEMO)]
    again = gate.report(after, before, TYPES)  # the way back tightens all of them
    assert not again.findings
    assert {judged.standing for judged in again.policies} == {"proved"}


ALLOW_S3 = policy(allow("s3:*"))
DENY_IAM = policy(deny("iam:*"))
BOTH = policy(allow("*"), deny("iam:*"))
RCP = policy(deny("s3:*", **EVERYONE, Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}))
RCP_FULL = policy(allow("*", **EVERYONE), *RCP["Statement"])
ENDPOINT = policy(allow("s3:GetObject", AUDIT, **EVERYONE))
NOTHING_DENIED = policy(deny("s3:DeleteObject", "arn:aws:s3:::none", **EVERYONE))

LOOSENED = [
    pytest.param("scp/a.json", DENY_IAM, None, "deny-weakened", id="SCP of Denies is gone"),
    pytest.param("scp/a.json", BOTH, None, "no-new-access", id="SCP of both is gone"),
    pytest.param("scp/a.json", ALLOW_S3, None, "no-new-access", id="SCP of Allows is gone"),
    pytest.param("scp/a.json", ALLOW_S3, DENY_IAM, "no-new-access", id="SCP loses its Allows"),
    pytest.param(
        "scp/a.json", BOTH, policy(allow("s3:*")), "deny-weakened", id="SCP swaps Deny for Allow"
    ),
    pytest.param(
        "scp/a.json", DENY_IAM, policy(deny("iam:Create*")), "deny-weakened", id="smaller Deny"
    ),
    pytest.param(
        "scp/a.json",
        DENY_IAM,
        policy(deny("iam:*", Condition={"Bool": {"aws:ViaAWSService": "false"}})),
        "deny-weakened",
        id="Deny under a condition",
    ),
    pytest.param("rcp/a.json", RCP, None, "deny-weakened", id="RCP is gone"),
    pytest.param("rcp/a.json", RCP_FULL, None, "deny-weakened", id="RCP with its Allow is gone"),
    pytest.param("rcp/a.json", RCP_FULL, NOTHING_DENIED, "deny-weakened", id="RCP denies less"),
    pytest.param("boundaries/a.json", ALLOW_S3, None, "no-new-access", id="boundary is gone"),
    pytest.param(
        "boundaries/a.json", DENY_IAM, None, "no-new-access", id="boundary of Denies gone"
    ),
    pytest.param("sessions/a.json", ALLOW_S3, None, "no-new-access", id="session policy is gone"),
    pytest.param("endpoints/a.json", ENDPOINT, None, "no-new-access", id="endpoint policy is gone"),
    pytest.param("guard.json", DENY_IAM, None, "deny-weakened", id="identity Deny list is gone"),
    pytest.param("guard.json", DENY_IAM, ALLOW_S3, "deny-weakened", id="Deny list turns to Allow"),
]


@pytest.mark.parametrize(("path", "before", "after", "check"), LOOSENED)
def test_a_loosened_guardrail_blocks_once(
    gate: Gate, path: str, before: Json, after: Json, check: str
) -> None:
    found = [f for f in gate.findings({path: before}, {path: after}, TYPES) if f.check == check]
    assert [f.severity for f in found] == [Severity.BLOCK]


TIGHTENED = [
    pytest.param("scp/a.json", None, DENY_IAM, id="new SCP of Denies"),
    pytest.param("scp/a.json", DENY_IAM, BOTH | {"Statement": BOTH["Statement"][1:]}, id="same"),
    pytest.param("scp/a.json", BOTH, policy(allow("s3:*"), deny("iam:*")), id="SCP allows less"),
    pytest.param("rcp/a.json", None, RCP_FULL, id="new RCP"),
    pytest.param("rcp/a.json", RCP, RCP_FULL, id="the Allow that is always there is written"),
    pytest.param("rcp/a.json", RCP_FULL, RCP, id="and taken out"),
    pytest.param("boundaries/a.json", ALLOW_S3, DENY_IAM, id="boundary loses its Allows"),
    pytest.param(
        "endpoints/a.json", policy(allow("*", **EVERYONE)), None, id="full endpoint policy is gone"
    ),
    pytest.param("role.json", ALLOW_S3, None, id="identity policy is gone"),
]


@pytest.mark.parametrize(("path", "before", "after"), TIGHTENED)
def test_a_tightened_guardrail_passes(gate: Gate, path: str, before: Json, after: Json) -> None:
    files = {path: before} if before else {}
    assert not gate.findings({"x.txt": "x", **files}, {path: after}, TYPES)


def test_a_deny_beside_an_allow_warns_of_what_it_stopped_elsewhere(gate: Gate) -> None:
    before, after = policy(allow("s3:Get*"), deny("iam:*")), policy(allow("s3:Get*"))
    report = gate.report({"role.json": before}, {"role.json": after})
    assert said(report) == ["role.json deny-weakened warn"]
    assert not report.blocks


def test_a_guardrail_that_moves_to_where_it_guards_nothing_is_gone(gate: Gate) -> None:
    after = {"scp/a.json": None, "old/a.json": DENY_IAM}
    assert said(gate.report({"scp/a.json": DENY_IAM}, after, TYPES)) == [
        "scp/a.json deny-weakened block"
    ]


def test_a_guardrail_that_nobody_understood_is_not_compared(gate: Gate) -> None:
    broken = policy({"Effect": "Deny", "Acton": "iam:*", "Resource": "*"})
    report = gate.report({"scp/a.json": broken}, {"scp/a.json": DENY_IAM}, TYPES)
    assert (report.result, said(report)) == ("undecided", ["scp/a.json deny-weakened block"])


def test_not_principal_of_a_deny_exempts_nobody_with_a_boundary(gate: Gate) -> None:
    listed = ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/alice"]
    before = {"Effect": "Deny", "NotPrincipal": {"AWS": listed}, "Action": "s3:*", "Resource": "*"}
    arn = {"ArnNotEquals": {"aws:PrincipalArn": listed[1]}}
    after = deny("s3:*", **EVERYONE, Condition=arn)
    path = "bucket.json"
    found = gate.findings({path: policy(before)}, {path: policy(after)})
    assert [f.check for f in found] == ["deny-weakened"]
