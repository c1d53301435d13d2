"""Real changes: what AWS did to its own managed policies, each with an answer and a witness.

The small ones here were chosen for what they use (conditions, set operators, variables, NotAction,
Deny); a tenth of the whole collection is taken too where it stands beside the project.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from os import environ
from pathlib import Path
from typing import Any

import pytest

from checker.checks import no_new_access
from checker.policy.evaluate import allows
from checker.policy.model import Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.source.tree import from_python
from checker.symbolic.question import Holds, Undecided, Violated
from checker.symbolic.solver import answer
from checker.symbolic.vocabulary import vocabulary
from tests.drawing import randomly
from tests.guided import pieces, request

HERE = Path(__file__).parent
CORPUS = Path(environ.get("ACCESS_GATE_CORPUS", HERE.parents[1] / "shared" / "corpus"))
UPDATES = CORPUS / "managed-policy-updates-2019-2023.jsonl.xz"
SMALL_TEXT = (HERE / "cases" / "managed-policy-updates.jsonl").read_text()
SMALL = [json.loads(line) for line in SMALL_TEXT.splitlines()]
STEP = 10


def policies(update: dict[str, Any]) -> tuple[Policy, Policy]:
    old, new = (
        parse_policy(from_python(update[side]), PolicyType.IDENTITY) for side in ("base", "head")
    )
    return new, old


def checked(update: dict[str, Any]) -> str:
    """Return the answer, its witnesses replayed or its absence of new access attacked."""
    new, old = policies(update)
    match answer(no_new_access.ask(old, new)):
        case Violated(witness=None):
            return "ambiguous"
        case Violated(responsible=responsible):
            for statement in responsible:
                for flow in statement.flows:
                    assert flow.witness
                    assert allows(new, flow.witness)
                    assert not allows(old, flow.witness)
            return "violated"
        case Holds():
            attack(new, old)
            return "holds"
        case Undecided(reason):
            return reason


def attack(new: Policy, old: Policy) -> None:
    made_of = pieces((new, old), vocabulary(new.type, (new, old)))
    draw = randomly(0)
    for _ in range(200):
        asked, _ = request(draw, made_of)
        assert not allows(new, asked) or allows(old, asked), asked


@pytest.mark.parametrize("update", [pytest.param(u, id=f"{u['name']} {u['date']}") for u in SMALL])
def test_update_of_a_managed_policy(update: dict[str, Any]) -> None:
    assert checked(update) == update["answer"]


def some_of_all() -> Iterator[dict[str, Any]]:
    with lzma.open(UPDATES, "rt") as lines:
        yield from (json.loads(line) for number, line in enumerate(lines) if number % STEP == 0)


@pytest.mark.slow
@pytest.mark.skipif(not UPDATES.exists(), reason="the whole collection is not beside the project")
def test_no_update_is_left_undecided() -> None:
    found = [checked(update) for update in some_of_all()]
    assert len(found) > 100
    assert set(found) <= {"holds", "violated", "ambiguous"}
    assert found.count("violated") > 0.8 * len(found)


def test_the_literal_star_of_2022_is_new_access() -> None:
    """AWS made a statement work that never had: `StringEquals` with `*` became `StringLike`."""
    documents = [
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Action": "redshift:GetClusterCredentials",
                "Resource": "*",
                "Condition": {operator: {"redshift:RequestTag/RedshiftDataFullAccess": "*"}},
            },
        }
        for operator in ("StringEquals", "StringLike")
    ]
    new, old = policies({"base": documents[0], "head": documents[1]})
    found = answer(no_new_access.ask(old, new))
    assert isinstance(found, Violated)
    assert isinstance(answer(no_new_access.ask(new, old)), Holds)
