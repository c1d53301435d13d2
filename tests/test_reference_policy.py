"""A reference names principals by pattern, and both meanings read the pattern alike."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.checks import reference_policy
from checker.errors import PolicySyntaxError
from checker.policy import evaluate
from checker.policy.model import Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.policy.requests import parse_request
from checker.source.tree import from_python
from checker.symbolic.question import Holds, Violated
from checker.symbolic.solver import answer

ACCOUNT = "111122223333"


def document(principal: Any, element: str = "Principal") -> dict[str, Any]:
    statement = {"Effect": "Allow", element: principal, "Action": "sts:*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def reference(principal: Any) -> Policy:
    return reference_policy.parse_reference(from_python(document(principal)), PolicyType.RESOURCE)


def within(allowed: Any, principal: Any) -> bool:
    policy = parse_policy(from_python(document(principal)), PolicyType.RESOURCE)
    found = answer(reference_policy.ask(reference(allowed), policy))
    if isinstance(found, Violated):
        assert found.witness is not None
        assert not evaluate.allows(reference(allowed), found.witness)
    assert isinstance(found, Holds | Violated)
    return isinstance(found, Holds)


def role(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def session(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:sts::{account}:assumed-role/{name}"


@pytest.mark.parametrize(
    ("allowed", "principal", "expected"),
    [
        (role("ci-*", "*"), role("ci-deploy"), True),
        (role("ci-*", "*"), role("team/ci-deploy"), False),
        (role("*/ci-*", "*"), role("team/ci-deploy"), True),
        (role("ci-*", "*"), session("ci-deploy/s"), False),  # the path of its role is not known
        (role("*", "*"), session("ci-deploy/s"), True),
        (role("*", "*"), ACCOUNT, False),
        (role("ci-?", "*"), [role("ci-1"), role("ci-22")], False),
        (role("R", "11112222????"), role("R"), True),
        (role("R", "11113333????"), role("R"), False),
        (session("R/*", "*"), role("R"), True),
        (session("R/*", "*"), session("R/s"), True),
        (session("R/ci-*", "*"), role("R"), False),
        ("arn:aws:iam::*:user/*", "arn:aws:iam::111122223333:user/path/u", True),
        ("arn:aws:iam::*:user/*", role("R"), False),
        ("arn:aws:iam::*:root", [ACCOUNT, role("R"), session("R/s")], True),
        ("arn:aws:iam::*:root", "*", False),
        ("arn:aws:iam::1111*:root", ["999999999999"], False),
        ("arn:*:iam::111122223333:role/R", "arn:aws-cn:iam::111122223333:role/R", True),
        ("arn:aws:sts::*:federated-user/f?", "arn:aws:sts::111122223333:federated-user/f1", True),
    ],
)
def test_patterns_of_principals(allowed: str, principal: Any, expected: bool) -> None:
    assert within({"AWS": allowed}, {"AWS": principal}) is expected


def test_patterns_of_providers() -> None:
    saml, oidc = (f"arn:aws:iam::{{}}:{kind}-provider/p" for kind in ("saml", "oidc"))
    assert within({"Federated": saml.format("*")}, {"Federated": saml.format(ACCOUNT)})
    assert not within({"Federated": saml.format("*")}, {"Federated": oidc.format(ACCOUNT)})


def test_a_reference_allows_everything_but_what_is_sensitive() -> None:
    rule = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": "kms:ScheduleKeyDeletion", "Resource": "*"},
        ],
    }
    allowed = reference_policy.parse_reference(from_python(rule), PolicyType.IDENTITY)
    for action, expected in (("kms:Decrypt", Holds), ("kms:*", Violated), ("kms:S*", Violated)):
        new = {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
        policy = parse_policy(from_python(new), PolicyType.IDENTITY)
        assert isinstance(answer(reference_policy.ask(allowed, policy)), expected)


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": "arn:aws:iam::111122223333:*"},
        {"AWS": "arn:aws:iam::*"},
        {"AWS": "arn:aws:*::111122223333:role/R"},
        {"AWS": "1111*"},
        {"AWS": session("R*", "*")},
        {"AWS": "arn:aws:iam::*:saml-provider/p"},
        {"Federated": role("*", "*")},
        {"Service": "*.amazonaws.com"},
        {"CanonicalUser": "79*"},
    ],
)
def test_a_pattern_that_hides_who_is_meant_is_refused(principal: Any) -> None:
    with pytest.raises(PolicySyntaxError):
        reference(principal)


def test_only_a_reference_has_patterns_and_only_in_principal() -> None:
    named = {"AWS": role("ci-*", "*")}
    with pytest.raises(PolicySyntaxError, match="holds a wildcard"):
        parse_policy(from_python(document(named)), PolicyType.RESOURCE)
    with pytest.raises(PolicySyntaxError, match="holds a wildcard"):
        reference_policy.parse_reference(
            from_python(document(named, "NotPrincipal")), PolicyType.RESOURCE
        )


PATTERNS = (
    *(role("*", "*"), role("a*"), role("p/?"), role("*/R"), session("R/*"), session("*/s", "*")),
    *("arn:aws:iam::*:root", "arn:aws:iam::*:user/*", "arn:aws:iam::?11122223333:user/p/*"),
)
CALLERS: tuple[tuple[str, str | None], ...] = (
    (f"arn:aws:iam::{ACCOUNT}:root", None),
    (f"arn:aws:iam::{ACCOUNT}:user/p/u", None),
    (session("R/s"), role("R")),
    (session("R/s"), role("p/R")),
    (session("R/s"), None),
    (session("a1/s", "999999999999"), role("a1", "999999999999")),
    ("*", None),
)


@settings(max_examples=120)
@given(st.randoms(use_true_random=False))
def test_what_is_proved_holds_for_every_caller(random: Random) -> None:
    one, other = ({"AWS": random.sample(PATTERNS, 2)} for _ in range(2))
    found = answer(reference_policy.ask(reference(one), reference(other)))
    assert isinstance(found, Holds | Violated)
    if isinstance(found, Violated):
        assert found.witness is not None
        assert evaluate.allows(reference(other), found.witness)
        return
    for principal, arn in CALLERS:
        context = {"aws:PrincipalArn": arn} if arn else {}
        request = parse_request(
            {"principal": principal, "action": "sts:AssumeRole", "context": context}
        )
        allowed = evaluate.allows(reference(one), request)
        assert allowed or not evaluate.allows(reference(other), request)
