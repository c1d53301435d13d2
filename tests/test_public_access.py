"""Nobody but strangers makes a policy public, and every public policy has a request to show."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.checks import no_public_access
from checker.checks.resource_types import RESOURCE_TYPES
from checker.errors import UsageError
from checker.policy import evaluate
from checker.policy.model import PolicyType
from checker.policy.parse import parse_policy
from checker.source.tree import from_python
from checker.symbolic.question import Answer, Holds, Violated
from checker.symbolic.solver import answer
from tests import strangers, tenants

CASES = Path(__file__).parent / "cases"
SEMANTICS = [c for c in json.loads((CASES / "semantics.json").read_text()) if c["kind"] == "public"]
OWN = [json.loads(line) for line in (CASES / "public-access.jsonl").read_text().splitlines()]


def asked(document: Any, policy_type: PolicyType, resource: str) -> Answer:
    """Return the answer, its witness judged by the whole policy."""
    policy = parse_policy(from_python(document), policy_type)
    found = answer(no_public_access.ask(policy, resource))
    if isinstance(found, Violated) and found.witness:
        assert evaluate.allows(policy, found.witness)
    return found


def told(found: Answer) -> str:
    match found:
        case Holds():
            return "NOT_PUBLIC"
        case Violated(ambiguous=()):
            return "PUBLIC"
        case _:
            return str(found)


@pytest.mark.parametrize("case", SEMANTICS, ids=lambda case: case["id"])
def test_the_cases_of_the_semantics(case: Any) -> None:
    found = asked(case["policy"], PolicyType(case["policyType"]), case["resourceType"])
    assert told(found) == case["expect"], case["why"]


@pytest.mark.parametrize("case", OWN, ids=lambda case: case["why"])
def test_who_is_a_stranger(case: Any) -> None:
    kind = RESOURCE_TYPES[case["type"]].policy_type
    document = {"Version": "2012-10-17", "Statement": strangers.fitting(case["statements"], kind)}
    assert told(asked(document, kind, case["type"])) == case["expect"]


def test_an_unknown_type_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UsageError, match="did you mean `AWS::S3::Bucket`"):
        no_public_access.resource_type("AWS::S3::Buket")


def test_all_types_of_aws_and_more() -> None:
    by_aws = [name for name, resource in RESOURCE_TYPES.items() if resource.by_aws]
    assert len(by_aws) == 26
    assert {"AWS::ECR::Repository", "AWS::EC2::VPCEndpoint"} <= set(RESOURCE_TYPES) - set(by_aws)


@pytest.mark.parametrize("name", RESOURCE_TYPES)
def test_each_type_of_resource_is_asked_about(name: str) -> None:
    kind = RESOURCE_TYPES[name].policy_type
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    if kind is PolicyType.TRUST:
        everyone["Action"] = "sts:AssumeRole"
    for condition, expected in (
        ({}, "PUBLIC"),
        ({"Bool": {"aws:SecureTransport": "true"}}, "PUBLIC"),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, "NOT_PUBLIC"),
    ):
        statements = strangers.fitting([{**everyone, "Condition": condition}], kind)
        if not condition:
            del statements[0]["Condition"]
        document = {"Version": "2012-10-17", "Statement": statements}
        assert told(asked(document, kind, name)) == expected


@settings(max_examples=60)
@given(st.randoms(use_true_random=False))
def test_a_deny_never_makes_a_policy_public(random: Random) -> None:
    document = strangers.document(random)
    found = asked(document, PolicyType.RESOURCE, "AWS::S3::Bucket")
    if isinstance(found, Holds):
        document["Statement"].append(strangers.statement(random, "Deny"))
        assert isinstance(asked(document, PolicyType.RESOURCE, "AWS::S3::Bucket"), Holds)


@settings(max_examples=60)
@given(st.randoms(use_true_random=False))
def test_no_stranger_gets_past_a_pass(random: Random) -> None:
    document = strangers.document(random)
    policy = parse_policy(from_python(document), PolicyType.RESOURCE)
    if not isinstance(asked(document, PolicyType.RESOURCE, "AWS::S3::Bucket"), Holds):
        return
    for _ in range(40):
        request = strangers.request(random)
        assert not evaluate.allows(policy, request), (document, request)


@settings(max_examples=80)
@given(st.randoms(use_true_random=False))
def test_no_tenant_gets_past_a_pass(random: Random) -> None:
    document = tenants.document(random)
    policy = parse_policy(from_python(document), PolicyType.TRUST)
    if not isinstance(
        asked(document, PolicyType.TRUST, "AWS::IAM::AssumeRolePolicyDocument"), Holds
    ):
        return
    for _ in range(40):
        request = tenants.request(random)
        assert not evaluate.allows(policy, request), (document, request)
