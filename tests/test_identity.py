"""A fingerprint is what people accept: it must change with every request more, and with nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from checker.explain.identity import through
from checker.policy.model import Effect, PolicyType
from checker.policy.parse import parse_policy
from checker.source.json_reader import read_json
from checker.symbolic.question import Question
from tests.gate import Gate, allow, deny, policy
from tests.repository import Repository

OLD = policy(allow("s3:GetObject"))
WIDE = allow("s3:*")
NO_LOGS = deny("s3:*", "arn:aws:s3:::logs/*")
NEW = policy(WIDE, NO_LOGS)


@pytest.fixture
def gate(repository: Repository) -> Gate:
    return Gate(repository)


def marks(gate: Gate, old: Any, new: Any, check: str = "no-new-access") -> set[str]:
    """Return the fingerprints of a check, the file put back to nothing between two questions."""
    found = gate.findings({"role.json": old}, {"role.json": new})
    return {each.fingerprint for each in found if each.check == check}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(OLD, policy(WIDE), id="a Deny beside the statement is gone"),
        pytest.param(
            OLD, policy(WIDE, deny("s3:*", "arn:aws:s3:::logs/a")), id="that Deny is narrower"
        ),
        pytest.param(
            OLD,
            policy(WIDE, NO_LOGS | {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
            id="that Deny has a condition",
        ),
        pytest.param(policy(allow("s3:ListBucket")), NEW, id="the old version allows less"),
        pytest.param(None, NEW, id="the old version is gone"),
        pytest.param(OLD, policy(allow("*"), NO_LOGS), id="the statement names more actions"),
    ],
)
def test_more_access_is_another_finding(gate: Gate, old: Any, new: Any) -> None:
    accepted = marks(gate, OLD, NEW)
    assert len(accepted) == 1
    assert not accepted & marks(gate, old, new)


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(policy(NO_LOGS, WIDE), id="order"),
        pytest.param(policy(WIDE | {"Sid": "Named"}, NO_LOGS), id="a Sid"),
        pytest.param(policy(WIDE, NO_LOGS, allow("ec2:RunInstances")), id="another Allow"),
        pytest.param(policy(WIDE, NO_LOGS, NO_LOGS), id="the same Deny twice"),
    ],
)
def test_what_lets_nothing_more_through_is_the_same_finding(gate: Gate, new: Any) -> None:
    assert marks(gate, OLD, NEW) <= marks(gate, OLD, new)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"Version": "2012-10-17", "Statement": [', '{"Version": "2012-10-17", "Statement": [{'),
        (
            json.dumps(policy(allow("s3:Get*"))).replace("Allow", "Alow"),
            json.dumps(policy(allow("*"))).replace("Allow", "Alow"),
        ),
    ],
    ids=["syntax", "statement"],
)
def test_what_nobody_understood_is_bound_to_the_whole_file(
    gate: Gate, one: str, other: str
) -> None:
    first = marks(gate, OLD, one, "unreadable")
    assert len(first) == 1
    assert not first & marks(gate, OLD, other, "unreadable")


def test_two_resources_are_not_one_with_a_comma() -> None:
    def named(*resources: str) -> str:
        text = json.dumps(policy(allow("s3:*", list(resources))))
        new = parse_policy(read_json(text, "p.json"), PolicyType.IDENTITY)
        assert new.statements[0].effect is Effect.ALLOW
        return through(Question(new, new), new.statements[0])

    assert named("arn:aws:s3:::a", "arn:aws:s3:::b") != named("arn:aws:s3:::a, arn:aws:s3:::b")
