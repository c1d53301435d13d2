from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.policy.evaluate import allows
from checker.policy.model import PolicyType
from checker.policy.parse import parse_policy
from checker.policy.requests import parse_request
from checker.source.tree import from_python


def holds(operator: str, key: str, values: Any, **context: Any) -> bool:
    """Return whether a condition holds; `key` names the value that the context has for it."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    statement["Condition"] = {operator: {key: values}}  # type: ignore[assignment]
    node = from_python({"Version": "2012-10-17", "Statement": statement})
    policy = parse_policy(node, PolicyType.IDENTITY)
    named = {name.replace("_", ":", 1): value for name, value in context.items()}
    return allows(policy, parse_request({"action": "s3:Get", "context": named}))


SINGLE = [
    # operator, value or values, value of the key, expected
    ("StringEquals", "a*", "a*", True),
    ("StringEquals", "a*", "ab", False),
    ("StringEquals", "A", "a", False),
    ("StringEquals", ["a", "b"], "b", True),
    ("StringNotEquals", ["a", "b"], "b", False),
    ("StringNotEquals", ["a", "b"], "c", True),
    ("StringEqualsIgnoreCase", "aB", "Ab", True),
    ("StringEqualsIgnoreCase", "É", "é", False),
    ("StringNotEqualsIgnoreCase", "aB", "Ab", False),
    ("StringLike", "a?c*", "abc:/x", True),
    ("StringLike", "a?c*", "ac", False),
    ("StringLike", "?*", "", False),
    ("StringLike", "*", "", True),
    ("StringLike", "A*", "ab", False),
    ("StringNotLike", "a*", "ab", False),
    ("StringNotLike", "a*", "b", True),
    ("StringEquals", "", "", True),
    ("NumericEquals", "1", "1.0", True),
    ("NumericEquals", 1.5, "1.50", True),
    ("NumericNotEquals", "1", "1.0", False),
    ("NumericNotEquals", "1", "2", True),
    ("NumericLessThan", "10", "9.9", True),
    ("NumericLessThan", "10", "10", False),
    ("NumericLessThanEquals", ["1", "10"], "10", True),
    ("NumericGreaterThan", "10", "10", False),
    ("NumericGreaterThan", "-3", "-2", True),
    ("NumericGreaterThanEquals", "10", "10", True),
    ("NumericEquals", "1", "one", False),
    ("NumericNotEquals", "1", "one", False),
    ("DateEquals", "2025-01-01T00:00:00Z", "2025-01-01T01:00:00+01:00", True),
    ("DateEquals", "1735689600", "2025-01-01", True),
    ("DateEquals", "2025-01", "2025", True),
    ("DateNotEquals", "2025", "2025-01-01T00:00:00.5Z", True),
    ("DateLessThan", "2025-01-01", "2024-12-31T23:59:59Z", True),
    ("DateLessThan", "2025-01-01", "2025-01-01", False),
    ("DateLessThanEquals", "2025-01-01", "2025-01-01", True),
    ("DateGreaterThan", "2025-01-01", "2025-01-01T00:00Z", False),
    ("DateGreaterThanEquals", "2025-01-01", "2025-01-01T00:00Z", True),
    ("DateNotEquals", "2025-01-01", "tomorrow", False),
    ("Bool", "true", "TRUE", True),
    ("Bool", False, "false", True),
    ("Bool", ["true", "false"], "maybe", False),
    ("Bool", "true", "false", False),
    ("BinaryEquals", "aGk=", "aGk=", True),
    ("BinaryEquals", "aGk=", "aGo=", False),
    ("IpAddress", "10.1.2.3/16", "10.1.255.1", True),
    ("IpAddress", "10.1.2.3", "10.1.2.4", False),
    ("IpAddress", "0.0.0.0/0", "::1", False),
    ("IpAddress", "2001:db8::/32", "2001:db8:ffff::1", True),
    ("IpAddress", "0.0.0.0/0", "nowhere", False),
    ("NotIpAddress", "0.0.0.0/0", "::1", True),
    ("NotIpAddress", "10.0.0.0/8", "10.0.0.1", False),
    ("NotIpAddress", "10.0.0.0/8", "nowhere", False),
    ("ArnEquals", "arn:aws:s3:::b*", "arn:aws:s3:::b2", True),
    ("ArnLike", "arn:aws:s3:*:*:x:*", "arn:aws:s3:r:a:x:y:z", True),
    ("ArnLike", "arn:aws:s3:*:9:*", "arn:aws:s3:r:1:x:9:y", False),
    ("ArnLike", "arn:*:*:*:*:*", "not an arn", False),
    ("ArnNotLike", "arn:aws:s3:::b*", "arn:aws:s3:::b2", False),
    ("ArnNotEquals", "arn:aws:s3:::b*", "arn:aws:s3:::c", True),
    ("ArnNotLike", "arn:*:*:*:*:*", "not an arn", True),
    ("Null", "true", "x", False),
    ("Null", "false", "x", True),
    ("Null", ["true", "false"], "x", True),
]


@pytest.mark.parametrize(("operator", "values", "given_value", "expected"), SINGLE)
def test_one_value(operator: str, values: Any, given_value: str, expected: bool) -> None:
    assert holds(operator, "aws:x", values, aws_x=given_value) is expected
    if operator != "Null":
        assert holds(f"{operator}IfExists", "aws:x", values, aws_x=given_value) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("StringNotEqualsIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAllValues:StringNotEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", True),
        ("ForAllValues:StringEqualsIfExists", True),
    ],
)
def test_no_value(operator: str, expected: bool) -> None:
    assert holds(operator, "aws:TagKeys", "a") is expected
    assert holds(operator, "aws:TagKeys", "a", aws_TagKeys=[]) is expected
    assert holds(operator, "aws:TagKeys", "a", aws_TagKeys=None) is expected
    assert holds("Null", "aws:TagKeys", True, aws_TagKeys=[])


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        # for the values [a], [a, b], [b, c] of the key and the values [a, b] of the policy,
        # then for [a, x] and [x, y]
        ("ForAnyValue:StringEquals", "TTTTF"),
        ("ForAllValues:StringEquals", "TTFFF"),
        ("ForAnyValue:StringNotEquals", "FFTTT"),
        ("ForAllValues:StringNotEquals", "FFFFT"),
        ("StringEquals", "TTTTF"),  # read as ForAnyValue (C15)
        ("StringNotEquals", "FFTTT"),
    ],
)
def test_many_values(operator: str, expected: str) -> None:
    sets = [["a"], ["a", "b"], ["b", "c"], ["a", "x"], ["x", "y"]]
    found = [holds(operator, "aws:TagKeys", ["a", "b"], aws_TagKeys=given) for given in sets]
    assert "".join("FT"[holding] for holding in found) == expected


@pytest.mark.parametrize(
    ("operator", "when_present", "when_absent"),
    [
        ("StringEquals", False, False),
        ("StringNotEquals", True, True),
        ("StringEqualsIfExists", False, True),
        ("ForAllValues:StringEquals", False, True),
        ("ForAnyValue:StringEquals", False, False),
        ("Null", False, False),
    ],
)
def test_a_list_without_values(operator: str, when_present: bool, when_absent: bool) -> None:
    assert holds(operator, "aws:TagKeys", [], aws_TagKeys=["a"]) is when_present
    assert holds(operator, "aws:TagKeys", []) is when_absent


VARIABLES = [
    # operator, value, context, expected
    ("StringEquals", "${k:y}", {"k_x": "a", "k_y": "a"}, True),
    ("StringEquals", "${K:Y}", {"k_x": "a", "k_y": "a"}, True),
    ("StringLike", "${k:y}/*", {"k_x": "a/b", "k_y": "a"}, True),
    ("StringLike", "${k:y}", {"k_x": "ab", "k_y": "a*"}, False),
    ("StringLike", "${k:y}", {"k_x": "a*", "k_y": "a*"}, True),
    ("StringLike", "${*}", {"k_x": "ab"}, False),
    ("StringEquals", "a${*}", {"k_x": "a*"}, True),
    ("StringEquals", "${k:y}", {"k_x": "a"}, False),
    ("StringEquals", "${k:y}", {"k_x": ""}, False),
    ("StringNotEquals", "${k:y}", {"k_x": "a"}, True),
    ("StringEquals", "${k:y, 'a'}", {"k_x": "a"}, True),
    ("StringEquals", "${k:y, 'a'}", {"k_x": "a", "k_y": "b"}, False),
    ("StringEquals", "${k:y, ''}", {"k_x": ""}, True),
    ("StringEquals", "${k:y}${k:z, 'b'}", {"k_x": "ab", "k_y": "a"}, True),
    ("StringEquals", "${aws:TagKeys}", {"k_x": "a", "aws_TagKeys": ["a"]}, False),
    ("StringEqualsIgnoreCase", "${k:y}", {"k_x": "aB", "k_y": "Ab"}, True),
    ("ArnLike", "arn:aws:s3:::${k:y}*", {"k_x": "arn:aws:s3:::b:c", "k_y": "b:"}, True),
    ("ArnLike", "${k:y}", {"k_x": "arn:aws:s3:::b", "k_y": "arn:aws:s3:::b"}, True),
    ("Bool", "${k:y}", {"k_x": "true", "k_y": "TRUE"}, True),
    ("Bool", "${k:y}", {"k_x": "true", "k_y": "yes"}, False),
]


@pytest.mark.parametrize(("operator", "value", "context", "expected"), VARIABLES)
def test_variables(operator: str, value: str, context: dict[str, Any], expected: bool) -> None:
    assert holds(operator, "k:x", value, **context) is expected


VALUES = st.lists(st.sampled_from("abc"), max_size=3)


@given(VALUES, VALUES, st.sampled_from(["Equals", "Like", "EqualsIgnoreCase"]))
def test_set_operators_are_each_others_duals(
    listed: list[str], given_values: list[str], suffix: str
) -> None:
    """Source: iam-semantics C12."""
    context = {"aws_TagKeys": given_values}
    pairs = [
        (f"ForAnyValue:StringNot{suffix}", f"ForAllValues:String{suffix}"),
        (f"ForAnyValue:String{suffix}", f"ForAllValues:StringNot{suffix}"),
    ]
    for some, every in pairs:
        is_some = holds(some, "aws:TagKeys", listed, **context)
        assert is_some is not holds(every, "aws:TagKeys", listed, **context)
