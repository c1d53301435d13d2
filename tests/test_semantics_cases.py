"""The engine on every case of the semantics; each has the rule that it is about, and why."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checker.checks import access_not_granted, deny_weakened, no_new_access
from checker.policy.evaluate import Outcome, allows, decide
from checker.policy.model import Effect, Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.policy.parse_listed import listed_action, listed_resource
from checker.source.tree import from_python
from checker.symbolic.compile import compiled
from checker.symbolic.question import Answer, Holds, Question, Violated
from checker.symbolic.solver import answer
from checker.symbolic.vocabulary import vocabulary

CASES = json.loads((Path(__file__).parent / "cases" / "semantics.json").read_text())
# Violated as AWS documents it, and not under another reading: see docs/semantics-notes.md.
DEPENDING = {"T018", "T103", "T119", "T193"}


def of_kind(kind: str) -> list[Any]:
    found = [c for c in CASES if c["kind"] == kind]
    assert found
    return [pytest.param(case, id=case["id"]) for case in found]


def parsed(document: object, policy_type: str) -> Policy:
    return parse_policy(from_python(document), PolicyType(policy_type))


def verdict(found: Answer) -> str:
    match found:
        case Holds():
            return "PASS"
        case Violated():
            return "AMBIGUOUS" if found.ambiguous else "FAIL"
        case _:
            return f"undecided: {found.reason}"


@pytest.mark.parametrize("case", of_kind("pair"))
def test_change_of_a_policy(case: dict[str, Any]) -> None:
    old, new = (parsed(case[side], case["policyType"]) for side in ("base", "head"))
    found = answer(no_new_access.ask(old, new))
    expected = "AMBIGUOUS" if case["id"] in DEPENDING else case["expect"]
    assert verdict(found) == expected, case["why"]
    if isinstance(found, Violated):
        assert found.witness or case["expect"] == "AMBIGUOUS"
        for responsible in found.responsible:
            for flow in responsible.flows:
                assert (flow.witness is None) is (found.witness is None)
                if flow.witness:
                    assert allows(new, flow.witness)
                    assert not allows(old, flow.witness)


@pytest.mark.parametrize("case_id", sorted(DEPENDING))
def test_verdict_depends_on_a_reading(case_id: str) -> None:
    case = next(c for c in CASES if c.get("id") == case_id)
    old, new = (parsed(case[side], case["policyType"]) for side in ("base", "head"))
    setting = vocabulary(new.type, (new, old))
    for policy in (new, old):
        assert compiled(policy, setting).formula is not None
    found = answer(no_new_access.ask(old, new))
    assert isinstance(found, Violated)
    assert set(found.ambiguous) <= setting.open
    for switch in found.ambiguous:  # each of these readings alone makes the witness an old one
        others = [{switch: choice} for choice in switch.ambiguity.choices[1:]]
        assert found.witness
        assert any(
            not allows(new, found.witness, other) or allows(old, found.witness, other)
            for other in others
        )


@pytest.mark.parametrize("case", of_kind("access-not-granted"))
def test_access_that_is_never_granted(case: dict[str, Any]) -> None:
    policy = parsed(case["policy"], case["policyType"])
    actions = [listed_action(text) for text in case["access"].get("actions", ())]
    resources = [listed_resource(text) for text in case["access"].get("resources", ())]
    found = answer(access_not_granted.ask(policy, actions, resources))
    assert verdict(found) == case["expect"], case["why"]
    if isinstance(found, Violated):
        assert found.witness
        assert allows(policy, found.witness)


def test_lost_deny_is_seen_where_nothing_is_allowed() -> None:
    case = next(c for c in CASES if c["id"] == "T128")
    old, new = (parsed(case[side], case["policyType"]) for side in ("base", "head"))
    assert isinstance(answer(no_new_access.ask(old, new)), Holds)
    found = answer(deny_weakened.ask(old, new))
    assert isinstance(found, Violated)
    assert found.witness
    assert found.witness.action == "s3:DeleteBucket"
    assert decide(old, found.witness).outcome is Outcome.EXPLICIT_DENY
    assert decide(new, found.witness).outcome is not Outcome.EXPLICIT_DENY


@pytest.mark.parametrize("case", of_kind("pair"))
def test_case_asked_of_a_policy_and_itself_holds(case: dict[str, Any]) -> None:
    for side in ("base", "head"):
        policy = parsed(case[side], case["policyType"])
        denies = tuple(s for s in policy.statements if s.effect is Effect.DENY)
        assert isinstance(answer(Question(policy, policy)), Holds)
        assert isinstance(answer(Question(replace(policy, statements=denies), policy)), Holds)
