import json
import lzma
from collections.abc import Iterable
from os import environ
from pathlib import Path
from typing import Any

import pytest

from checker.policy.evaluate import Decision, allows, decide
from checker.policy.model import Policy, PolicyType, Request
from checker.policy.parse import parse_policy
from checker.policy.requests import parse_request
from checker.source.tree import from_python

HERE = Path(__file__).parent
CASES = json.loads((HERE / "cases" / "semantics.json").read_text())
CORPUS = Path(environ.get("ACCESS_GATE_CORPUS", HERE.parents[1] / "shared" / "corpus"))
WORDS = {
    "Allowed": "Allow",
    "ExplicitlyDenied": "ExplicitDeny",
    "ImplicitlyDenied": "ImplicitDeny",
}


def parsed(document: object, policy_type: str) -> Policy:
    return parse_policy(from_python(document), PolicyType(policy_type))


def request_of(case: dict[str, Any]) -> Request:
    """Return the request of a case, whose principals are written in a form of their own."""
    written = {name: value for name, value in case.items() if name != "principal"}
    match case.get("principal"):
        case {"type": "service", "name": name}:
            written["principal"] = {"Service": name}
        case {"type": "federated", "name": name}:
            written["principal"] = {"Federated": name}
        case {"arn": arn, **rest}:
            written["principal"] = arn
            written["principalHasBoundary"] = rest.get("has_boundary", False)
        case _:
            pass  # anonymous, or an identity policy that asks nobody
    return parse_request(written)


def with_witness(kind: str) -> list[Any]:
    found = [c for c in CASES if c["kind"] == kind and c.get("witness")]
    assert found
    return [pytest.param(case, id=case["id"]) for case in found]


@pytest.mark.parametrize("case", with_witness("pair"))
def test_witness_of_a_pair_is_new_access(case: dict[str, Any]) -> None:
    request = request_of(case["witness"])
    base, head = (parsed(case[side], case["policyType"]) for side in ("base", "head"))
    assert decide(head, request) == "Allow"
    assert decide(base, request) != "Allow"


@pytest.mark.parametrize("case", with_witness("access-not-granted"))
def test_witness_of_granted_access_is_allowed(case: dict[str, Any]) -> None:
    assert allows(parsed(case["policy"], case["policyType"]), request_of(case["witness"]))


@pytest.mark.parametrize("case", [c for c in CASES if c["kind"] == "eval"], ids=lambda c: c["id"])
def test_cases_of_one_request(case: dict[str, Any]) -> None:
    policy = parsed(case["policy"], case["policyType"])
    assert decide(policy, request_of(case["request"])) == case["expect"]


def names_a_key_twice(vector: dict[str, Any]) -> bool:
    """Return whether a condition repeats a key in another case, which no document may (C3)."""
    blocks = (statement.get("Condition", {}) for statement in vector["policy"]["Statement"])
    keys = [list(map(str.lower, block)) for found in blocks for block in found.values()]
    return any(len(set(names)) < len(names) for names in keys)


def differing(lines: Iterable[str]) -> tuple[int, list[dict[str, Any]]]:
    """Return how many vectors were asked, and those that were answered otherwise."""
    vectors = [vector for vector in map(json.loads, lines) if not names_a_key_twice(vector)]
    wrong = [
        vector
        for vector in vectors
        if decide(parsed(vector["policy"], vector["kind"]), parse_request(vector["request"]))
        != WORDS[vector["expected"]]
    ]
    return len(vectors), wrong


def test_two_other_evaluators_say_the_same() -> None:
    with (HERE / "cases" / "evaluation-vectors.jsonl").open() as lines:
        assert differing(lines) == (303, [])


def test_two_other_evaluators_say_the_same_of_all_vectors() -> None:
    file = CORPUS / "evaluation-vectors.jsonl.xz"
    if not file.exists():
        pytest.skip("the corpus is not beside the repository")
    with lzma.open(file, "rt") as lines:
        asked, wrong = differing(lines)
    assert asked >= 11_900
    assert wrong == []


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    plain = {"Effect": effect, "Action": "*", "Resource": "*"}
    return {name: value for name, value in {**plain, **elements}.items() if value is not None}


def decided(
    statements: list[dict[str, Any]],
    policy_type: str = "identity",
    **request: Any,
) -> Decision:
    policy = parsed({"Version": "2012-10-17", "Statement": statements}, policy_type)
    asked = {"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", **request}
    return decide(policy, parse_request(asked))


def test_a_decision_names_the_statement_and_equals_its_word() -> None:
    allow, deny = statement(Sid="A"), statement("Deny", Action="s3:Put*", Sid="D")
    allowed = decided([deny, allow, statement(Sid="B")])
    denied = decided([allow, deny], action="s3:PutObject")
    assert allowed == "Allow"
    assert denied == "ExplicitDeny"
    assert decided([]) == "ImplicitDeny"
    assert allowed.statement
    assert denied.statement
    assert (allowed.statement.sid, denied.statement.sid) == ("A", "D")
    assert decided([]).statement is None
    assert len({allowed, "Allow"}) == 1
    assert str(allowed) == "Allow"
    assert allowed != denied


ARN = "arn:aws:sqs:us-east-1:111122223333:q"
NO_RESOURCE = "*"
RESOURCES = [
    # pattern, resource, in an identity policy, in a resource policy
    ("*", ARN, True, True),
    ("*", NO_RESOURCE, True, True),
    ("arn:*", NO_RESOURCE, False, False),
    ("arn:*", ARN, True, True),
    ("arn:aws:sqs", ARN, True, False),
    ("arn:aws:sqs:us-*", ARN, True, True),
    ("arn:aws:sqs:*:q", ARN, False, False),
    ("arn:aws:sqs:*:*:q", ARN, True, True),
    ("arn:aws:sqs:us-east-1:*:q", "arn:aws:sqs:us-east-1:1:x:q", False, False),
    ("arn:aws:logs:*:*:log-group:*", "arn:aws:logs:r:1:log-group:a:log-stream:s", True, True),
    ("arn:aws:s3:::b?", "arn:aws:s3:::b/k", False, False),
    ("arn:aws:s3:::b*", "arn:aws:s3:::b/k", True, True),
    ("arn:aws:s3:::B*", "arn:aws:s3:::b/k", False, False),
    ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/k", False, False),
    ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", True, True),
    ("arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/al:ice*", True, True),
    ("arn:aws:s3:::b/${aws:nobody}", "arn:aws:s3:::b/", False, False),
    ("arn:aws:s3:::b/${aws:nobody, 'x'}", "arn:aws:s3:::b/x", True, True),
    ("arn:aws:s3:::b/${aws:tagkeys}", "arn:aws:s3:::b/k", False, False),
    ("arn:aws:sqs:${aws:RequestedRegion}:*:q", ARN, False, False),
]


@pytest.mark.parametrize(("pattern", "resource", "in_identity", "in_resource"), RESOURCES)
def test_resources(pattern: str, resource: str, in_identity: bool, in_resource: bool) -> None:
    context = {
        "aws:username": "al:ice*",
        "aws:TagKeys": ["k"],
        "aws:RequestedRegion": "us-east-1",
    }
    here = statement(Resource=pattern)
    for types, expected in (
        (("identity", "boundary"), in_identity),
        (("resource", "vpc-endpoint"), in_resource),
    ):
        for policy_type in types:
            principal = {"Principal": "*"} if policy_type in ("resource", "vpc-endpoint") else {}
            found = decided([here | principal], policy_type, resource=resource, context=context)
            assert (found == "Allow") is expected, policy_type
    for negated in (False, True):
        element = {"Resource": None, "NotResource": pattern} if negated else {"Resource": pattern}
        found = decided([statement(**element)], resource=resource, context=context)
        assert (found == "Allow") is (in_identity is not negated)


def test_a_service_form_matches_only_its_like() -> None:
    def resource_policy(resource: str, asked: str) -> str:
        here = statement(Principal="*", Resource=resource)
        return str(decided([here], "resource", resource=asked))

    api = "arn:aws:execute-api:us-east-1:111122223333:a1b2/prod/GET/x"
    assert resource_policy("execute-api:/prod/*", api) == "Allow"
    assert resource_policy("execute-api:/dev/*", api) == "ImplicitDeny"
    assert resource_policy("repo-*", "repo-a:b") == "Allow"
    assert resource_policy("*/x", "arn:aws:s3:::b/x") == "ImplicitDeny"
    assert resource_policy("*", "repo-a") == "Allow"


def test_no_resource_element_matches_any_resource() -> None:
    here = statement(Principal="*", Resource=None)
    assert decided([here], "resource") == "Allow"
    assert decided([here], "trust", resource="*") == "Allow"


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("S3:Get*", "s3:GETobject", True),
        ("s3:Get?", "s3:Get", False),
        ("s3:*", "s3-outposts:Get", False),
        ("*:Get*", "ec2:getx", True),
        ("s3*", "s3:get", False),
        ("**", "s3:get", False),
        ("s3: Get*", "s3:get", False),
        ("s3:", "s3:get", False),
        ("", "s3:get", False),
        ([], "s3:get", False),
    ],
)
def test_actions(pattern: str | list[str], action: str, expected: bool) -> None:
    assert (decided([statement(Action=pattern)], action=action) == "Allow") is expected
    inverse = statement(Action=None, NotAction=pattern)
    assert (decided([inverse], action=action) == "Allow") is not expected
