"""The questions that are narrower than "anything new", on drawn policies, held to the judge."""

from __future__ import annotations

from checker.checks import access_not_granted, deny_weakened
from checker.policy.evaluate import Outcome, allows, decide
from checker.policy.evaluate_pattern import glob, matches_resource
from checker.policy.model import Pattern, PolicyType, Request
from checker.policy.parse_listed import listed_action, listed_resource
from checker.policy.readings import DEFAULT_READINGS
from checker.policy.values import lower
from checker.symbolic.question import Holds, Violated
from checker.symbolic.solver import answer
from tests.close_versions import two_versions
from tests.drawing import Draw, on_drawn, randomly
from tests.guided import pieces, request
from tests.test_compile_agrees import ATTACKS, setting_of

CRITICAL = ("s3:GetObject", "s3:Put*", "iam:*", "*", "sts:AssumeRole", "s3:G?tObject")
PLACES = ("*", "arn:aws:s3:::b/*", "arn:aws:s3:::*", "arn:aws:sqs:*:*:q", "arn:aws:s3:::b")


def is_listed(asked: Request, actions: list[Pattern], resources: list[Pattern]) -> bool:
    action = not actions or any(glob(p.parts, lower(asked.action)) for p in actions)
    return action and (
        not resources
        or any(matches_resource(p, asked, PolicyType.IDENTITY, DEFAULT_READINGS) for p in resources)
    )


@on_drawn
def test_nothing_critical_is_allowed_where_the_answer_is_yes(draw: Draw) -> None:
    pair = two_versions(draw)
    if pair is None:
        return
    policy = pair[0]
    actions = [listed_action(text) for text in draw.some(CRITICAL, 2, least=0)]
    resources = [listed_resource(text) for text in draw.some(PLACES, 2, least=0)]
    match answer(access_not_granted.ask(policy, actions, resources)):
        case Violated(responsible=responsible):
            for flow in (flow for statement in responsible for flow in statement.flows):
                if flow.witness:
                    assert allows(policy, flow.witness)
                    assert is_listed(flow.witness, actions, resources)
        case Holds():
            made_of = pieces(pair, setting_of(pair))
            requests = randomly(draw.below(1 << 16))
            for _ in range(ATTACKS):
                asked, _ = request(requests, made_of)
                granted = allows(policy, asked) and is_listed(asked, actions, resources)
                assert not granted, (asked, policy)
        case _:
            pass


@on_drawn
def test_no_deny_is_lost_where_the_answer_is_yes(draw: Draw) -> None:
    pair = two_versions(draw)
    if pair is None:
        return
    new, old = pair

    def is_freed(asked: Request) -> bool:
        """Return whether the request was denied and is not any more."""
        was_denied = decide(old, asked).outcome is Outcome.EXPLICIT_DENY
        return was_denied and decide(new, asked).outcome is not Outcome.EXPLICIT_DENY

    match answer(deny_weakened.ask(old, new)):
        case Violated(responsible=responsible):
            for flow in (flow for statement in responsible for flow in statement.flows):
                assert flow.witness is None or is_freed(flow.witness), (flow.witness, new, old)
        case Holds():
            made_of = pieces(pair, setting_of(pair))
            requests = randomly(draw.below(1 << 16))
            for _ in range(ATTACKS):
                asked, _ = request(requests, made_of)
                # What is allowed now is new access, which another check tells; an RCP allows all.
                is_new = new.type is not PolicyType.RCP and allows(new, asked)
                assert is_new or not is_freed(asked), (asked, new, old)
        case _:
            pass
