"""Corners in which an easy error would change the verdict, and nothing else would show it."""

from __future__ import annotations

from typing import Any

import pytest

from checker import check_no_new_access

ACCOUNT = "111122223333"
ALICE = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}
ANY = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
NEW_YEAR, ITS_SECOND = "2026-01-01T00:00:00Z", "1767225600"


def when(operator: str, key: str, *values: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


def on(*resources: str) -> dict[str, Any]:
    return {"Resource": list(resources)}


def source(*blocks: str) -> dict[str, Any]:
    return when("IpAddress", "aws:SourceIp", *blocks)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(source("::/0"), source("0.0.0.0/0"), "FAIL", id="IPv6 holds no IPv4"),
        pytest.param(source("0.0.0.0/0"), source("::/0"), "FAIL", id="IPv4 holds no IPv6"),
        pytest.param(
            source("0.0.0.0/0", "::/0"),
            when("Null", "aws:SourceIp", "false"),
            "PASS",
            id="both hold every address",
        ),
        pytest.param(
            source("::/96"), source("0.0.0.1"), "FAIL", id="an IPv6 address with an IPv4 number"
        ),
        pytest.param(
            when("DateLessThan", "aws:CurrentTime", NEW_YEAR),
            when("NumericLessThan", "aws:EpochTime", ITS_SECOND),
            "PASS",
            id="one clock",
        ),
        pytest.param(
            when("DateLessThan", "aws:CurrentTime", NEW_YEAR),
            when("NumericLessThanEquals", "aws:EpochTime", ITS_SECOND),
            "FAIL",
            id="one clock, a moment later",
        ),
        pytest.param(
            when("Null", "k:x", "false"),
            when("StringEquals", "k:x", "a"),
            "PASS",
            id="a key with a value is there",
        ),
        pytest.param(
            when("Null", "k:x", "true"),
            when("StringEquals", "k:x", "a"),
            "FAIL",
            id="a key with a value is not absent",
        ),
        pytest.param(
            on("arn:aws:s3:::ab*ba"),
            on("arn:aws:s3:::aba"),
            "FAIL",
            id="the ends of a pattern do not overlap",
        ),
        pytest.param(
            on("arn:aws:s3:::ab*ba"), on("arn:aws:s3:::abba"), "PASS", id="they may touch"
        ),
        pytest.param(
            when("Null", "k:x", "true"),
            when("StringEquals", "k:x", "${k:x}b"),
            "PASS",
            id="no value is longer than itself",
        ),
        pytest.param(
            when("Null", "k:x", "true"),
            when("StringLike", "k:x", "*${k:x}*"),
            "FAIL",
            id="a value holds itself",
        ),
        pytest.param(
            on("arn:aws:s3:::b/?"),
            on("arn:aws:s3:::b/${k:x}"),
            "FAIL",
            id="a variable's value is longer than one character",
        ),
        pytest.param(
            on("arn:aws:s3:::b/*"),
            on("arn:aws:s3:::b/${k:x}"),
            "PASS",
            id="any value of a variable is some text",
        ),
        pytest.param(
            when("Null", "aws:TagKeys", "false"),
            when("ForAnyValue:StringEquals", "aws:TagKeys", "a"),
            "PASS",
            id="a key with one of many values is there",
        ),
        pytest.param(
            when("Null", "aws:TagKeys", "true"),
            when("ForAnyValue:StringEquals", "aws:TagKeys", "a"),
            "FAIL",
            id="a key with one of many values is not absent",
        ),
    ],
)
def test_identity_policies(old: dict[str, Any], new: dict[str, Any], expected: str) -> None:
    assert verdict(old, new, "identity") == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({"Federated": "*"}, ALICE, "FAIL", id="a user is no federated caller"),
        pytest.param({"Service": "*"}, ALICE, "FAIL", id="a user is no service"),
        pytest.param(
            {"Service": "*"}, {"Service": "s3.amazonaws.com"}, "PASS", id="a service is one"
        ),
        pytest.param(
            {"AWS": ACCOUNT}, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "PASS", id="an account twice"
        ),
    ],
)
def test_principals(old: dict[str, Any], new: dict[str, Any], expected: str) -> None:
    assert verdict({"Principal": old}, {"Principal": new}, "resource") == expected


def test_a_user_is_exempt_from_a_deny_only_beside_its_account() -> None:
    alone, beside = ALICE, {"AWS": [ALICE["AWS"], ACCOUNT]}
    assert put(denied_but(alone), denied_but(beside), "resource") == "FAIL"
    assert put(denied_but(beside), denied_but(alone), "resource") == "PASS"
    bob = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"}
    before, after = document(denied_but(bob)), document(denied_but(alone))
    found = check_no_new_access(before, after, "resource")
    assert found.witness is None
    assert found.ambiguous == ("AWS does not say which callers an entry of NotPrincipal exempts",)


def denied_but(caller: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**ANY, "Principal": "*"}, {**ANY, "Effect": "Deny", "NotPrincipal": caller}]


def test_what_is_written_like_no_arn_matches_one_field_by_field() -> None:
    public = {"Principal": "*"}
    old = {**ANY, **public, "NotResource": "arn:x:*"}
    del old["Resource"]
    assert put([old], [{**ANY, **public, **on("a*n:aws:s3:::b")}], "resource") == "PASS"
    assert put([old], [{**ANY, **public, **on("a*n:x:s3:::b")}], "resource") == "FAIL"


def test_many_ways_that_cannot_be_are_no_proof() -> None:
    assert put(guarded_truths(), [ANY], "identity") == "FAIL"


def test_a_clash_of_a_variables_value_is_no_clash_of_anything_else() -> None:
    own = {
        **ANY,
        **on("arn:aws:s3:::b/${aws:username}"),
        **when("StringEquals", "aws:username", "alice"),
    }
    alice = {**ANY, **on("arn:aws:s3:::b/alice")}
    assert put([alice, *guarded_truths()], [own], "identity") == "PASS"
    assert put(guarded_truths(), [own], "identity") == "FAIL"


def guarded_truths() -> list[dict[str, Any]]:
    """Return statements in whose gaps no guess lands: of two, one truth value has to go beside."""
    keys = ("aws:SecureTransport", "aws:ViaAWSService", "k:x", "k:y")
    return [
        {**ANY, "Condition": {"Bool": {key: truth}, "StringEquals": {f"k:{truth}{i}": "x"}}}
        for i, key in enumerate(keys)
        for truth in ("true", "false")
    ]


def test_what_the_theories_cannot_tell_is_no_pass() -> None:
    found = {
        "StringLike": {"k:x": "5*7"},
        "NumericGreaterThan": {"k:x": "5000"},
        "NumericLessThan": {"k:x": "5200"},
    }
    never = {"StringEquals": {"aws:PrincipalType": "nobody"}}
    assert verdict({"Condition": never}, {"Condition": found}, "identity") in ("FAIL", "UNDECIDED")


def verdict(old: dict[str, Any], new: dict[str, Any], policy_type: str) -> str:
    """Return the verdict on a statement that becomes another."""
    return put([{**ANY, **old}], [{**ANY, **new}], policy_type)


def put(old: list[dict[str, Any]], new: list[dict[str, Any]], policy_type: str) -> str:
    """Return the verdict on statements that become others."""
    return check_no_new_access(document(old), document(new), policy_type).result


def document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}
