"""What is proved of a template is true of every deployment of it.

Two versions are drawn, with unknown texts, lists, conditions and premises in every place. If the
engine proves that they give no new access, no drawn deployment of both gives any.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import pytest
from hypothesis import settings

from checker.checks import guardrails
from checker.errors import PolicySyntaxError
from checker.findings import PolicyChange
from checker.policy.model import Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.policy.values import lower
from checker.source.symbols import flag, is_flag, is_many, mark, name_of, part_of, readable
from checker.source.tree import from_python
from checker.symbolic.question import Answer, Budget, Holds, Undecided, Violated
from checker.symbolic.solver import answer
from checker.template_changes import Deployed, TemplatePair, deployed
from tests.drawing import SEEDS, Draw, on_drawn
from tests.template_drawing import (
    ACCOUNT,
    ONE,
    A,
    Deployment,
    Json,
    arns_and_fields,
    changed,
    document,
    held,
    many,
    plain,
    text,
    unknown,
    value,
)

ASKED: Final = (guardrails.new_access, guardrails.weaker_deny)
MOST_CHANGES: Final = 8
TYPES: Final = (PolicyType.IDENTITY, *(PolicyType.RESOURCE,) * 3, PolicyType.TRUST, *PolicyType)


def answers(change: PolicyChange) -> Iterator[Answer | None]:
    for ask in ASKED:
        question = ask(change)
        yield None if question is None else answer(question, Budget(seconds=2))


def pair_of(base: Json, head: Json, kind: PolicyType) -> TemplatePair:
    return TemplatePair("/d", (held(base, kind),), (held(head, kind),))


def is_proved(every: list[Deployed], at: int) -> bool:
    """Whether one question has no violation, and no gap, in any way of deploying."""
    for change in every:
        if not isinstance(change, PolicyChange):
            return False
        if not isinstance(list(answers(change))[at], Holds | None):
            return False
    return bool(every)


def deployments_of(
    draw: Draw, base: Json, head: Json, kind: PolicyType
) -> Iterator[tuple[PolicyChange, Deployment]]:
    arns, fields = arns_and_fields((base, head))
    for _ in range(4):
        deployment = Deployment(draw, kind, arns, fields)
        try:
            sides = [policy(plain(value(each), deployment), kind) for each in (base, head)]
        except (PolicySyntaxError, KeyError):
            continue  # it cannot be deployed so
        yield PolicyChange("t", "/d", sides[0], sides[1], "t"), deployment


def policy(of: Any, kind: PolicyType) -> Policy:
    return parse_policy(from_python(of), kind)


def check_a_proof_holds_in_every_deployment(draw: Draw) -> None:
    kind = draw.one(TYPES)
    base = document(draw, kind)
    head = changed(draw, base, kind)
    every = list(islice(deployed(pair_of(base, head, kind), "t", "t"), MOST_CHANGES + 1))
    if len(every) > MOST_CHANGES:
        return
    proved = [is_proved(every, at) for at in range(len(ASKED))]
    for change, deployment in deployments_of(draw, base, head, kind) if any(proved) else ():
        for found, is_sure in zip(answers(change), proved, strict=True):
            is_real = isinstance(found, Violated) and found.witness is not None
            assert not (is_sure and is_real), (base, head, deployment.taken, deployment.truths)


_drawn = on_drawn(check_a_proof_holds_in_every_deployment)
test_a_proof_holds_in_every_deployment = _drawn if SEEDS else settings(max_examples=60)(_drawn)


def put(old: list[Json], new: list[Json], kind: PolicyType, version: str = "2012-10-17") -> str:
    """Return what is said of statements that become others, new access or a weaker Deny."""
    base = {"Version": "2012-10-17", "Statement": old}
    head = {"Version": version, "Statement": new}
    found = [
        each
        for change in deployed(pair_of(base, head, kind), "t", "t")
        for each in (answers(change) if isinstance(change, PolicyChange) else (Undecided(""),))
    ]
    if any(isinstance(each, Violated) for each in found):
        return "FAIL"
    return "UNDECIDED" if any(isinstance(each, Undecided) for each in found) else "PASS"


def allow(action: Json = "s3:GetObject", resource: Json = "*", **elements: Json) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def deny(**elements: Json) -> Json:
    return {"Effect": "Deny", "Action": "*", "Resource": "*", **elements}


def when(operator: Json, key: Json, *values: Json) -> Json:
    return {operator: {key: list(values)}}


ANYONE: Final[Json] = {"Principal": "*"}
WHO, ROLE = unknown("Who"), unknown("Role")
IDENTITY, RESOURCE = PolicyType.IDENTITY, PolicyType.RESOURCE
TAG = text("aws:PrincipalTag/", A)


def by(*callers: Json) -> Json:
    return {"Principal": {"AWS": list(callers)}}


PICKED: Final = allow(**ANYONE, Condition=when("StringLike", "aws:PrincipalArn", "*:user/R*"))
NOT_WHO: Final = deny(**ANYONE, Condition=when("ArnEquals", "aws:PrincipalArn", WHO))
INSECURE: Final = deny(**ANYONE, Condition=when("Bool", "aws:SecureTransport", "false"))
LONG: Final = when("StringNotLike", "aws:PrincipalArn", "*:user/?")
USER: Final = f"arn:aws:iam::{ONE}:user/"


@pytest.mark.parametrize(
    ("old", "new", "kind", "expected"),
    [
        pytest.param(
            [allow(Condition=when("Null", TAG, "false"))],
            [allow()],
            IDENTITY,
            "FAIL",
            id="a key whose name is partly unknown may be absent",
        ),
        pytest.param(
            [allow(Condition=when("StringEquals", text(A, ":sub"), "a", "b"))],
            [allow(Condition=when("StringEquals", text(A, ":sub"), "a"))],
            IDENTITY,
            "PASS",
            id="the key of a provider that nobody knows is one key",
        ),
        pytest.param(
            [allow(**ANYONE), deny(**by(many("Callers"), ONE))],
            [allow(**ANYONE), deny(**by(ONE))],
            RESOURCE,
            "FAIL",
            id="a list of callers may hold everyone",
        ),
        pytest.param(
            [allow(**by(many("Callers"), ONE))],
            [allow(**by(many("Callers")))],
            RESOURCE,
            "PASS",
            id="the same list of callers names the same ones",
        ),
        pytest.param(
            [deny(Condition=when("NumericEquals", "k:x", A, "1")), allow()],
            [deny(Condition=when("NumericEquals", "k:x", A)), allow()],
            IDENTITY,
            "FAIL",
            id="opaque conditions are one only if all that they say is",
        ),
        pytest.param(
            [deny(Condition=when("StringLike", "k:x", many("V"), "a  b")), allow()],
            [deny(Condition=when("StringLike", "k:x", many("V"), "a b")), allow()],
            IDENTITY,
            "FAIL",
            id="blanks count in an opaque condition",
        ),
        pytest.param(
            [deny(Resource=text("arn:aws:s3:::$", A, many("R"))), allow()],
            [deny(Resource=text("arn:aws:s3:::${A}", many("R"))), allow()],
            IDENTITY,
            "FAIL",
            id="a text that reads like a reference is none",
        ),
        pytest.param(
            [allow(**ANYONE), NOT_WHO, allow(**by(WHO))],
            [allow(**ANYONE), allow(**by(WHO))],
            RESOURCE,
            "FAIL",
            id="an unknown principal may be a role as well as an account",
        ),
        pytest.param(
            [PICKED, deny(**by(text(USER, ROLE)))],
            [PICKED, deny(**by(f"{USER}x"))],
            RESOURCE,
            "FAIL",
            id="an unknown name may be one that a condition picks",
        ),
        pytest.param(
            [allow(resource="arn:aws:s3:::R*", **by(text(USER, ROLE)))],
            [allow(resource=text("arn:aws:s3:::", ROLE), **by(text(USER, ROLE)))],
            RESOURCE,
            "FAIL",
            id="the name that is thought of in a principal says nothing about a resource",
        ),
        pytest.param(
            [allow(**by(text("arn:aws:iam::", ACCOUNT, ":root")))],
            [allow(**by(text("arn:aws:iam::", ACCOUNT, ":role/", ROLE)))],
            RESOURCE,
            "PASS",
            id="a role of an account is of the account",
        ),
        pytest.param(
            [allow(**ANYONE, Condition=when("StringEquals", "aws:PrincipalAccount", ACCOUNT))],
            [allow(**by(text("arn:aws:iam::", ACCOUNT, ":root")))],
            RESOURCE,
            "PASS",
            id="the account in a condition is the one of the principal",
        ),
        pytest.param(
            [allow()],
            [allow(), deny(Condition=when("ArnEquals", "aws:SourceArn", unknown("Arn")))],
            IDENTITY,
            "PASS",
            id="a Deny for an unknown ARN is a Deny",
        ),
        pytest.param(
            [allow(), deny(Condition=when("ArnEquals", "aws:SourceArn", unknown("Arn")))],
            [allow()],
            IDENTITY,
            "FAIL",
            id="an unknown ARN in a condition may be the one of the request",
        ),
        pytest.param(
            [allow(**by(text("arn:aws:iam::", ACCOUNT, ":role/a")))],
            [
                allow(
                    **by(f"{USER}a"),
                    Condition=when("StringEquals", "aws:PrincipalAccount", ACCOUNT),
                )
            ],
            RESOURCE,
            "FAIL",
            id="the account may be one that a principal is of",
        ),
        pytest.param(
            [allow(**by(WHO, ROLE)), INSECURE],
            [allow(**by(ROLE)), INSECURE],
            RESOURCE,
            "PASS",
            id="a Deny for everyone tells nobody apart",
        ),
        pytest.param(
            [allow(resource="arn:aws:s3:::a/b", **by(text(USER, A)), Condition=LONG)],
            [allow(resource="arn:aws:s3:::a/*", **by(text(USER, A)), Condition=LONG)],
            RESOURCE,
            "FAIL",
            id="an unknown name is a name that somebody can have",
        ),
        pytest.param(
            [
                allow(**by(text(f"arn:aws:sts::{ONE}:assumed-role/", A, "/b"))),
                {**allow(**by(text("arn:aws:iam::", ACCOUNT, ":role/", A))), "Effect": "Deny"},
            ],
            [allow(**by(text(f"arn:aws:sts::{ONE}:assumed-role/", A, "/b")))],
            RESOURCE,
            "FAIL",
            id="two callers of one unknown name may be of one account",
        ),
        pytest.param(
            [{**allow(), "Effect": unknown("Effect")}, deny(Action="s3:Put*")],
            [{**allow(), "Effect": unknown("Effect")}],
            IDENTITY,
            "FAIL",
            id="an unknown effect is one of two",
        ),
        pytest.param(
            [allow("s3:*"), deny(Action=many("Actions"))],
            [allow("s3:GetObject"), deny(Action=many("Actions"))],
            IDENTITY,
            "PASS",
            id="unknown actions stay denied",
        ),
        pytest.param(
            [allow(resource=text("arn:aws:s3:::", A, "*"))],
            [allow(resource=text("arn:aws:s3:::", A))],
            IDENTITY,
            "PASS",
            id="an unknown text lies inside itself with more",
        ),
        pytest.param(
            [allow(resource=text("arn:aws:s3:::", A, "?*"))],
            [allow(resource=text("arn:aws:s3:::", A, unknown("B")))],
            IDENTITY,
            "FAIL",
            id="an unknown text may be empty",
        ),
        pytest.param(
            [allow(Condition=when("StringEquals", "k:x", "a"))],
            [allow(Condition=when("StringEqualsIgnoreCase", "k:x", A))],
            IDENTITY,
            "FAIL",
            id="an unknown text may be anything",
        ),
    ],
)
def test_verdict(old: list[Json], new: list[Json], kind: PolicyType, expected: str) -> None:
    assert put(old, new, kind) == expected


def test_what_is_read_in_two_ways_is_no_constant() -> None:
    """A list that nobody knows may hold variables, which only the version of 2012 has."""
    opaque = [deny(Resource=[many("Resources")]), allow()]
    assert put(opaque, opaque, IDENTITY) == "PASS"
    assert put(opaque, opaque, IDENTITY, "2008-10-17") == "FAIL"


NAMES: Final = (
    "Bucket.Arn",
    "bucket.arn",
    "a b",
    "a  b",
    "a\nb",
    "^a",
    "É",
    "é",
    "?x",
    "[x",
    "${x}",
)


def test_marks_of_different_names_are_different_whatever_their_case() -> None:
    marks = [mark(name) for name in NAMES]
    marks += [mark(name, many=True) for name in NAMES]
    marks += [flag(name) for name in NAMES]
    marks += [part_of(mark(name), "service") for name in NAMES]
    assert len({lower(each) for each in marks}) == len(marks)
    assert [name_of(each) for each in marks[: len(NAMES)]] == [" ".join(n.split()) for n in NAMES]


def test_marks_say_what_they_are() -> None:
    assert is_many(mark("x", many=True))
    assert not is_many(mark("[x"))
    assert is_flag(flag("x"))
    assert not is_flag(mark("?x"))
    assert (
        readable(f"a/{mark('Bucket')}/{part_of(mark('X'), 'region')}") == "a/${Bucket}/${X#region}"
    )
