"""What is left out of a proof because the old policy says it in the same words."""

from __future__ import annotations

from typing import Any

import pytest

from checker.checks import no_new_access
from checker.policy.model import Effect, Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.source.tree import from_python
from checker.symbolic import solver
from checker.symbolic.discharge import Rest, undischarged, whole
from checker.symbolic.question import Answer, Holds, Question, Undecided, Violated
from tests.close_versions import two_versions
from tests.drawing import Draw, on_drawn

Statement = dict[str, Any]

READ: Statement = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}
DENY: Statement = {"Effect": "Deny", "Action": "s3:Get*", "Resource": "arn:aws:s3:::secret/*"}
SECURE = {"Bool": {"aws:SecureTransport": "true"}}


def policy(*statements: Statement) -> Policy:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return parse_policy(from_python(document), PolicyType.IDENTITY)


def left(new: Policy, old: Policy) -> list[tuple[list[str], list[str]]]:
    """Return the actions and resources of each statement that is left to compare."""
    return [
        (
            [p.text for p in rest.actions.patterns],
            [p.text for p in rest.resources.patterns] if rest.resources else [],
        )
        for rest in undischarged(new, old)
    ]


def test_only_what_no_old_statement_says_is_left() -> None:
    more = {**READ, "Action": [*READ["Action"], "s3:PutObject"]}
    assert left(policy(READ, DENY), policy(DENY, READ)) == []
    assert left(policy(more), policy(READ)) == [(["s3:PutObject"], ["*"])]
    assert left(policy(READ), policy({**READ, "Action": "*"})) == []
    assert left(policy({**READ, "Condition": SECURE}), policy(READ)) == []
    assert left(policy(READ), policy({**READ, "Condition": SECURE})) == [(READ["Action"], ["*"])]


def test_a_deny_that_is_gone_or_narrower_leaves_everything() -> None:
    everything = [(READ["Action"], ["*"])]
    assert left(policy(READ), policy(READ, DENY)) == everything
    assert left(policy(READ, {**DENY, "Condition": SECURE}), policy(READ, DENY)) == everything
    assert left(policy(READ, DENY), policy(READ, {**DENY, "Condition": SECURE})) == []


def test_a_variable_that_may_void_its_statement_is_no_cover() -> None:
    own = "arn:aws:s3:::b/${aws:username}"
    one, both = ({**READ, "Resource": r} for r in ("arn:aws:s3:::a", ["arn:aws:s3:::a", own]))
    assert left(policy(one), policy(both)) == [(READ["Action"], ["arn:aws:s3:::a"])]


@on_drawn
def test_leaving_it_out_changes_no_answer(draw: Draw) -> None:
    drawn = two_versions(draw)
    if drawn is None:
        return
    question = Question(*drawn)
    short = solver.answer(question)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solver, "undischarged", everything_of)
        long = solver.answer(question)
    if not isinstance(short, Undecided) and not isinstance(long, Undecided):
        assert verdict(short) == verdict(long)


def everything_of(new: Policy, _: Policy) -> tuple[Rest, ...]:
    return tuple(whole(s) for s in new.statements if s.effect is Effect.ALLOW)


def verdict(answer: Answer) -> object:
    """Return what is said; of the open constructs that together do it, any will do."""
    if isinstance(answer, Violated):
        indexes = [r.statement.index for r in answer.responsible]
        return indexes, answer.witness is None, bool(answer.ambiguous)
    return type(answer)


def test_long_chains_of_denies_are_followed() -> None:
    denies = [
        {**DENY, "Action": f"s3:Get{i}*", "Resource": f"arn:aws:s3:::bucket{i}/*"}
        for i in range(1500)
    ]
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    kept, all_of_them = policy(allow, *denies[1:]), policy(allow, *denies)
    assert isinstance(solver.answer(no_new_access.ask(all_of_them, kept)), Violated)
    assert isinstance(solver.answer(no_new_access.ask(kept, all_of_them)), Holds)
