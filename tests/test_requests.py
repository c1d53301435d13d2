from typing import Any

import pytest

from checker.errors import UsageError
from checker.policy.model import Caller, CallerKind
from checker.policy.requests import parse_request, to_dict

ACCOUNT = "111122223333"
CALLERS: list[tuple[Any, CallerKind]] = [
    ("*", CallerKind.ANONYMOUS),
    (f"arn:aws:iam::{ACCOUNT}:root", CallerKind.ROOT_USER),
    (f"arn:aws:iam::{ACCOUNT}:user/a/b", CallerKind.USER),
    (f"arn:aws:iam::{ACCOUNT}:role/R", CallerKind.ROLE_SESSION),
    (f"arn:aws:sts::{ACCOUNT}:assumed-role/R/s", CallerKind.ROLE_SESSION),
    (f"arn:aws:sts::{ACCOUNT}:federated-user/f", CallerKind.FEDERATED_USER),
    (f"arn:aws:iam::{ACCOUNT}:saml-provider/p", CallerKind.FEDERATED),
    ("s3.amazonaws.com", CallerKind.SERVICE),
    ("AIDAEXAMPLEID12345678", CallerKind.UNIQUE_ID),
    ({"Federated": "accounts.google.com"}, CallerKind.FEDERATED),
    ({"CanonicalUser": "79a5"}, CallerKind.CANONICAL_USER),
    ({"Service": "internal"}, CallerKind.SERVICE),
]


@pytest.mark.parametrize(("principal", "kind"), CALLERS)
def test_callers_are_told_apart_and_shown_as_they_came(principal: Any, kind: CallerKind) -> None:
    given = {"principal": principal, "action": "s3:Get", "resource": "*", "context": {}}
    request = parse_request(given)
    assert request.caller.kind is kind
    assert to_dict(request) == given


def test_a_service_is_shown_by_its_name() -> None:
    request = parse_request({"principal": {"Service": "s3.amazonaws.com"}, "action": "s3:Get"})
    assert to_dict(request)["principal"] == "s3.amazonaws.com"


def test_values_become_text_and_keys_lower_case() -> None:
    context = {
        "aws:MultiFactorAuthPresent": True,
        "s3:max-keys": 5,
        "k:decimal": 9.5,
        "aws:TagKeys": "one",
        "aws:username": ["alice"],
        "k:many": ["a", None, False],
        "k:absent": None,
    }
    request = parse_request({"action": "s3:Get", "context": context, "principalHasBoundary": True})
    assert request.caller == Caller(CallerKind.ANONYMOUS, "*", has_boundary=True)
    assert request.context == {
        "aws:multifactorauthpresent": "true",
        "s3:max-keys": "5",
        "k:decimal": "9.5",
        "aws:tagkeys": ("one",),
        "aws:username": "alice",
        "k:many": ("a", "false"),
    }
    shown = to_dict(request, {"aws:tagkeys": "aws:TagKeys"})
    assert shown["principalHasBoundary"] is True
    assert shown["context"]["aws:TagKeys"] == ["one"]  # type: ignore[index]
    assert parse_request(shown) == request


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "`action` must be a string like `s3:GetObject`"),
        ({"action": "s3"}, "`s3` is no action (write `service:Name`)"),
        ({"action": "s3:a:b"}, "`s3:a:b` is no action (write `service:Name`)"),
        (
            {"action": "s3:Get", "Resource": "*"},
            "unknown member `Resource` (did you mean `resource`?)",
        ),
        ({"action": "s3:Get", "resource": "arn:aws:s3"}, "has fewer than the six fields of an ARN"),
        ({"action": "s3:Get", "resource": 1}, "`resource` must be an ARN or `*`"),
        ({"action": "s3:Get", "principal": ACCOUNT}, "cannot tell who the principal is"),
        ({"action": "s3:Get", "principal": {"Service": 1}}, "cannot tell who the principal is"),
        ({"action": "s3:Get", "context": []}, "`context` must be an object"),
        ({"action": "s3:Get", "context": {"a:b": {}}}, "the value of `a:b` must be text"),
        ({"action": "s3:Get", "context": {"a:b": "", "A:b": ""}}, "the key `A:b` stands twice"),
        (
            {"action": "s3:Get", "context": {"aws:username": ["a", "b"]}},
            "the key `aws:username` holds one value, not a list",
        ),
        ({"action": "s3:Get", "principalHasBoundary": "yes"}, "must be true or false"),
    ],
)
def test_says_what_is_wrong_with_a_request(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_request(given)
    assert message in str(caught.value)
