from __future__ import annotations

from typing import Any

import jsonpatch
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.checks import no_new_access
from checker.policy.load import policy_of
from checker.policy.model import PolicyType
from checker.refinement.api import node_of
from checker.refinement.minimise import minimise_document
from checker.refinement.refinement import Refinement
from checker.symbolic.question import Holds
from checker.symbolic.solver import answer

Document = dict[str, Any]
BUCKET = "arn:aws:s3:::logs"


def statement(effect: str, actions: object, resources: object = "*", **more: object) -> Document:
    return {"Effect": effect, "Action": actions, "Resource": resources, **more}


def minimised(*statements: Document) -> Refinement:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return minimise_document(node_of(document), policy_of(document, PolicyType.IDENTITY))


MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
GET = statement("Allow", "s3:Get*")


@pytest.mark.parametrize(
    ("given_statements", "expected"),
    [
        pytest.param([GET, statement("Allow", "s3:GetObject")], [GET], id="a covered statement"),
        pytest.param([GET, GET], [GET], id="the same twice"),
        pytest.param(
            [statement("Allow", ["s3:GetObject", "s3:get*", "sqs:*", "S3:GETOBJECT"])],
            [statement("Allow", ["s3:get*", "sqs:*"])],
            id="covered actions",
        ),
        pytest.param(
            [statement("Allow", "s3:*", [BUCKET, f"{BUCKET}/*", f"{BUCKET}*", f"{BUCKET}/a"])],
            [statement("Allow", "s3:*", [f"{BUCKET}*"])],
            id="covered resources",
        ),
        pytest.param(
            [GET, statement("Allow", ["s3:GetObject", "s3:PutObject"], f"{BUCKET}/*")],
            [GET, statement("Allow", ["s3:PutObject"], f"{BUCKET}/*")],
            id="an action that another statement allows",
        ),
        pytest.param(
            [statement("Allow", "s3:*", Condition=MFA), statement("Allow", "s3:*")],
            [statement("Allow", "s3:*")],
            id="a condition that does not matter",
        ),
        pytest.param(
            [statement("Allow", ["s3:*", "sqs:*"]), statement("Deny", "sqs:*")],
            [statement("Allow", ["s3:*"]), statement("Deny", "sqs:*")],
            id="what is denied anyhow",
        ),
        pytest.param(
            [GET, statement("Deny", ["s3:*", "s3:Put*"]), statement("Deny", "s3:P*")],
            [statement("Deny", ["s3:*"])],
            id="a covered Deny",
        ),
    ],
)
def test_redundant(given_statements: list[Document], expected: list[Document]) -> None:
    result = minimised(*given_statements)
    assert result.policy is not None
    assert result.policy["Statement"] == expected


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param([statement("Deny", "s3:*")], id="a Deny stops what other policies allow"),
        pytest.param([GET, statement("Deny", "sqs:*")], id="a Deny of what is not allowed here"),
        pytest.param([statement("Allow", "s3:*", Condition=MFA), GET], id="overlap"),
        pytest.param(
            [
                statement("Allow", "s3:*", "arn:aws:s3:::${aws:username}"),
                statement("Allow", "s3:*", "arn:aws:s3:::a"),
            ],
            id="a variable",
        ),
    ],
)
def test_nothing_is_redundant(statements: list[Document]) -> None:
    assert minimised(*statements).to_dict()["recommendedAction"] == "NONE"


def test_a_statement_that_allows_nothing_goes() -> None:
    result = minimised(statement("Allow", "s3:*"), statement("Deny", "*"))
    assert result.policy is not None
    assert result.policy["Statement"] == [statement("Deny", "*")]


PATTERNS = st.sampled_from(["s3:Get*", "s3:GetObject", "s3:*", "sqs:Send*", "*", "s3:?etObject"])
RESOURCES = st.sampled_from(
    ["*", BUCKET, f"{BUCKET}/*", f"{BUCKET}*", "arn:aws:s3:::${aws:username}"]
)
STATEMENTS = st.builds(
    statement,
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.lists(PATTERNS, min_size=1, max_size=3),
    st.lists(RESOURCES, min_size=1, max_size=3),
    Condition=st.sampled_from([{}, MFA, {"StringNotLike": {"aws:PrincipalTag/a": "b*"}}]).filter(
        bool
    ),
)


@settings(max_examples=60)
@given(st.lists(STATEMENTS, min_size=1, max_size=4))
def test_access_stays_the_same(statements: list[Document]) -> None:
    document = {"Version": "2012-10-17", "Statement": statements}
    result = minimised(*statements)
    if result.policy is None:
        return
    assert jsonpatch.apply_patch(document, list(result.patch)) == result.policy
    old = policy_of(document, PolicyType.IDENTITY)
    new = policy_of(result.policy, PolicyType.IDENTITY)
    assert isinstance(answer(no_new_access.ask(old, new)), Holds)
    assert isinstance(answer(no_new_access.ask(new, old)), Holds)
    again = minimise_document(node_of(result.policy), new)
    assert len(str(again.policy or result.policy)) <= len(str(result.policy))
