"""Who is trusted is told by accounts, organisations, services and networks, and by nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.checks import confused_deputy, no_public_access, trusted_access
from checker.policy import evaluate
from checker.policy.model import Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.source.tree import from_python
from checker.symbolic.question import Answer, Holds, Violated
from checker.symbolic.solver import answer
from tests import strangers
from tests.strangers import ME

EXAMPLES = json.loads((Path(__file__).parent / "cases" / "examples.json").read_text())
OTHER = "999999999999"
GITHUB = "token.actions.githubusercontent.com"
TRUST = {"accounts": [ME], "orgs": ["o-own"], "networks": ["vpce-own"]}


def parsed(statements: Any, policy_type: PolicyType = PolicyType.RESOURCE) -> Policy:
    return parse_policy(
        from_python({"Version": "2012-10-17", "Statement": statements}), policy_type
    )


def passes(policy: Policy, found: Answer) -> bool:
    if isinstance(found, Violated):
        assert found.witness is not None
        assert evaluate.allows(policy, found.witness)
    assert isinstance(found, Holds | Violated)
    return isinstance(found, Holds)


def allow(principal: Any, condition: Any = None, effect: str = "Allow") -> dict[str, Any]:
    found = {"Effect": effect, "Principal": principal, "Action": "s3:*", "Resource": "*"}
    return {**found, "Condition": condition} if condition else found


CHECKS = [c for c in EXAMPLES["checks"] if c["check"] in ("trusted_access", "no_public_access")]


@pytest.mark.parametrize("case", CHECKS, ids=lambda c: f"{c['check']}-{c['policy']}")
def test_the_examples(case: Any) -> None:
    document = EXAMPLES["policies"][case["policy"]]
    policy = parse_policy(from_python(document), PolicyType.RESOURCE)
    if case["check"] == "trusted_access":
        question = trusted_access.ask(policy, case["accounts"])
    else:
        question = no_public_access.ask(policy, case["resource_type"])
    assert passes(policy, answer(question)) is (case["result"] == "PASS")


def same(key: str, value: Any, operator: str = "StringEquals") -> dict[str, Any]:
    return {operator: {key: value}}


TRUSTED: list[tuple[str, Any, bool]] = [
    ("the account", [allow({"AWS": ME})], True),
    ("a role of the account", [allow({"AWS": f"arn:aws:iam::{ME}:role/R"})], True),
    ("another account", [allow({"AWS": [ME, OTHER]})], False),
    ("a user of another account", [allow({"AWS": f"arn:aws:iam::{OTHER}:user/u"})], False),
    ("everyone", [allow("*")], False),
    ("everyone of the account", [allow("*", same("aws:PrincipalAccount", ME))], True),
    (
        "roles of the account by pattern",
        [allow("*", same("aws:PrincipalArn", f"arn:aws:iam::{ME}:role/*", "ArnLike"))],
        True,
    ),
    (
        "roles of all accounts by pattern",
        [allow("*", same("aws:PrincipalArn", "arn:aws:iam::*:role/R", "ArnLike"))],
        False,
    ),
    ("the organisation", [allow("*", same("aws:PrincipalOrgID", "o-own"))], True),
    ("another organisation", [allow("*", same("aws:PrincipalOrgID", "o-other"))], False),
    ("either", [allow("*", same("aws:PrincipalOrgID", ["o-own", "o-other"]))], False),
    (
        "a part of the organisation",
        [allow("*", same("aws:PrincipalOrgPaths", "o-own/r-1/*", "ForAnyValue:StringLike"))],
        True,
    ),
    ("any organisation", [allow("*", same("aws:PrincipalOrgID", "o-*", "StringLike"))], False),
    (
        "an account, if it were in the organisation",
        [allow({"AWS": OTHER}, same("aws:PrincipalOrgID", "o-own"))],
        True,
    ),
    ("the network", [allow("*", same("aws:SourceVpce", "vpce-own"))], True),
    ("another network", [allow("*", same("aws:SourceVpce", "vpce-other"))], False),
    ("addresses", [allow("*", same("aws:SourceIp", "192.0.2.0/24", "IpAddress"))], False),
    ("on behalf of the account", [allow("*", same("aws:SourceAccount", ME))], True),
    (
        "on behalf of its topics",
        [allow("*", same("aws:SourceArn", f"arn:aws:sns:*:{ME}:*", "ArnLike"))],
        True,
    ),
    (
        "on behalf of a bucket of whom?",
        [allow("*", same("aws:SourceArn", "arn:aws:s3:::b"))],
        False,
    ),
    ("the account, through KMS", [allow("*", same("kms:CallerAccount", ME))], True),
    ("a service", [allow({"Service": "s3.amazonaws.com"})], True),
    ("only services", [allow("*", same("aws:PrincipalIsAWSService", "true", "Bool"))], True),
    ("a canonical user", [allow({"CanonicalUser": "79a5"})], False),
    ("a distribution", [allow({"AWS": "arn:aws:iam::cloudfront:user/CloudFront X E1"})], False),
    ("an id of whom?", [allow({"AWS": "AROAEXAMPLEID1234567"})], False),
    (
        "everyone less others",
        [allow("*"), allow("*", same("aws:PrincipalAccount", ME, "StringNotEquals"), "Deny")],
        True,
    ),
    (
        "everyone less others who sign",
        [
            allow("*"),
            allow(
                "*",
                {
                    **same("aws:PrincipalAccount", ME, "StringNotEquals"),
                    "Null": {"aws:PrincipalArn": "false"},
                },
                "Deny",
            ),
        ],
        False,
    ),
]


@pytest.mark.parametrize(
    ("who", "statements", "expected"), TRUSTED, ids=lambda v: v if isinstance(v, str) else ""
)
def test_who_is_trusted(who: str, statements: Any, expected: bool) -> None:
    policy = parsed(statements)
    assert passes(policy, answer(trusted_access.ask(policy, **TRUST))) is expected


@pytest.mark.parametrize(
    ("principal", "services", "expected"),
    [
        ("sns.amazonaws.com", [], True),
        ("sns.amazonaws.com", ["sns.amazonaws.com"], True),
        ("sqs.amazonaws.com", ["sns.amazonaws.com"], False),
        ("*", ["sns.amazonaws.com"], False),
    ],
)
def test_services_are_outsiders_only_if_some_are_listed(
    principal: str, services: list[str], expected: bool
) -> None:
    policy = parsed([allow({"Service": principal})])
    assert passes(policy, answer(trusted_access.ask(policy, [ME], services=services))) is expected


def provider(name: str, account: str = ME) -> dict[str, str]:
    return {"Federated": f"arn:aws:iam::{account}:{name}"}


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        (provider("saml-provider/p"), None, True),
        (provider("saml-provider/p", OTHER), None, False),
        (provider("oidc-provider/acme.okta.com"), None, True),
        (provider(f"oidc-provider/{GITHUB}"), None, False),
        (
            provider(f"oidc-provider/{GITHUB}"),
            same(f"{GITHUB}:sub", "repo:own/*", "StringLike"),
            True,
        ),
        (provider(f"oidc-provider/{GITHUB}"), same(f"{GITHUB}:sub", "repo:*", "StringLike"), False),
        (
            provider(f"oidc-provider/{GITHUB}", OTHER),
            same(f"{GITHUB}:sub", "repo:own/*", "StringLike"),
            False,
        ),
        ({"Federated": "accounts.google.com"}, same("accounts.google.com:aud", "app"), True),
        ({"Federated": "accounts.google.com"}, None, False),
        ({"Federated": "*"}, None, False),
    ],
)
def test_federated_callers(principal: Any, condition: Any, expected: bool) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sts:AssumeRoleWithWebIdentity",
    }
    policy = parsed(
        [{**statement, "Condition": condition} if condition else statement], PolicyType.TRUST
    )
    assert passes(policy, answer(trusted_access.ask(policy, [ME]))) is expected


def test_a_canonical_user_and_a_distribution_can_be_trusted() -> None:
    policy = parsed(
        [allow({"CanonicalUser": "79a5"}), allow({"AWS": "arn:aws:iam::cloudfront:user/E1"})]
    )
    assert passes(policy, answer(trusted_access.ask(policy, ["79a5", "cloudfront"])))


S3: dict[str, str] = {"Service": "s3.amazonaws.com"}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow(S3)], False),
        ([allow(S3, same("aws:SourceAccount", ME))], True),
        ([allow(S3, same("aws:SourceArn", "arn:aws:s3:::b", "ArnLike"))], True),
        ([allow(S3, same("aws:SourceArn", f"arn:aws:sns:*:{ME}:*", "ArnLike"))], True),
        ([allow(S3, same("aws:SourceArn", "arn:aws:sns:*:*:t", "ArnLike"))], False),
        ([allow(S3, same("aws:SourceOrgID", "o-own"))], True),
        ([allow(S3, same("aws:SourceOrgPaths", "o-own/*", "ForAnyValue:StringLike"))], True),
        ([allow(S3, same("aws:SourceAccount", ME, "StringEqualsIfExists"))], False),
        ([allow(S3, same("s3:x-amz-acl", "bucket-owner-full-control"))], False),
        (
            [
                allow(
                    S3,
                    same("kms:EncryptionContext:aws:logs:arn", f"arn:aws:logs:*:{ME}:*", "ArnLike"),
                )
            ],
            True,
        ),
        ([allow(S3), allow("*", same("aws:SourceAccount", ME, "StringNotEquals"), "Deny")], True),
        ([allow("*", same("aws:PrincipalIsAWSService", "true", "Bool"))], False),
    ],
)
def test_a_service_has_to_say_for_whom_it_comes(statements: Any, expected: bool) -> None:
    policy = parsed(statements)
    assert confused_deputy.applies(policy)
    assert passes(policy, answer(confused_deputy.ask(policy))) is expected


def test_only_policies_that_trust_services_are_asked_for_a_guard() -> None:
    assert not confused_deputy.applies(parsed([allow("*"), allow({"AWS": ME})]))
    role = {"Effect": "Allow", "Principal": S3, "Action": "sts:AssumeRole"}
    assert not confused_deputy.applies(parsed([role], PolicyType.TRUST))


@settings(max_examples=60)
@given(st.randoms(use_true_random=False))
def test_no_outsider_gets_past_a_pass(random: Random) -> None:
    policy = parse_policy(from_python(strangers.document(random)), PolicyType.RESOURCE)
    found = answer(trusted_access.ask(policy, [ME], ["o-own"], networks=["vpce-1"]))
    if passes(policy, found):
        for _ in range(40):
            request = strangers.request(random)
            assert not evaluate.allows(policy, request), request
