from typing import Any

import pytest

from checker.policy.guess import guess_type
from checker.policy.model import PolicyType
from checker.source.tree import from_python


def document(**elements: Any) -> dict[str, Any]:
    plain = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    statement = {name: value for name, value in {**plain, **elements}.items() if value is not None}
    return {"Version": "2012-10-17", "Statement": [statement]}


ROLE_ACTIONS = ["sts:AssumeRole", "sts:TagSession"]


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({}, PolicyType.IDENTITY),
        ({"Principal": "*"}, PolicyType.RESOURCE),
        ({"Principal": "*", "Resource": None}, PolicyType.RESOURCE),
        ({"Principal": "*", "Resource": None, "Action": ROLE_ACTIONS}, PolicyType.TRUST),
        ({"Principal": "*", "Action": ROLE_ACTIONS}, PolicyType.RESOURCE),
    ],
)
def test_guesses_a_type(elements: dict[str, Any], expected: PolicyType) -> None:
    assert guess_type(from_python(document(**elements))) is expected


def test_does_not_guess_what_it_cannot_know() -> None:
    mixed = document()["Statement"] + document(Principal="*")["Statement"]
    assert guess_type(from_python({"Statement": mixed})) is None
    assert guess_type(from_python({"Statement": []})) is None
    assert guess_type(from_python([])) is None
