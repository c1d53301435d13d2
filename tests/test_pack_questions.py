"""Packs on drawn policies: nothing of a pack is allowed where the answer is yes, said either way."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from checker.checks import critical_access
from checker.checks.no_new_access import nothing
from checker.packs import PACKS
from checker.packs.pack import Access
from checker.policy import evaluate
from checker.policy.model import Policy, PolicyType, Request
from checker.policy.parse import parse_policy
from checker.policy.requests import parse_request
from checker.source.tree import from_python
from checker.symbolic.formula import any_of
from checker.symbolic.question import Answer, Holds, Question
from checker.symbolic.solver import answer

_PACKS: Final = tuple(
    accesses
    for pack in PACKS.values()
    for accesses in (pack.accesses, *((c.first,) for c in pack.combinations))
)
_NAMES: Final = tuple(name for accesses in _PACKS for each in accesses for name in each.actions)
_ATTACKS: Final = 30


def _action(random: Random) -> str:
    name = random.choice(_NAMES)
    service, _, rest = name.partition(":")
    start = rest[: 1 + random.randrange(len(rest))]
    return random.choice(
        (
            *(name, name, name.lower(), f"{service}:*", f"{service}:{start}*", "*"),
            *(f"{service[0]}*:{rest}", f"{service}*", f"{service}:{rest[:-1]}?", "s3:Get*"),
        )
    )


def _statement(random: Random, effect: str) -> dict[str, Any]:
    service = random.choice(_NAMES).partition(":")[0]
    places = ("*", f"arn:aws:{service}:*:*:*", f"arn:aws:{service}:::x", "arn:aws:s3:::b/*")
    actions = random.choice(("Action", "Action", "Action", "NotAction"))
    return {
        "Effect": effect,
        actions: [_action(random) for _ in range(1 + random.randrange(3))],
        random.choice(("Resource", "Resource", "NotResource")): random.choice(places),
    }


def _policy(random: Random) -> Policy:
    effects = ("Allow", *random.choices(("Allow", "Deny"), k=random.randrange(3)))
    statements = [_statement(random, effect) for effect in effects]
    document = {"Version": "2012-10-17", "Statement": statements}
    return parse_policy(from_python(document), PolicyType.IDENTITY)


def _request(random: Random, accesses: tuple[Access, ...]) -> Request:
    """Return a request that is some of the access."""
    access = random.choice(accesses)
    action = random.choice(access.actions)
    service = random.choice(access.services_of(action)).replace("*", "ec2")
    places = ("*", f"arn:aws:{service}:::x", f"arn:aws:{service}:r:111122223333:x")
    resource = random.choice([arn.replace("*", "") for arn in access.arns] or places)
    who = "arn:aws:iam::111122223333:user/u"
    return parse_request({"principal": who, "action": action, "resource": resource, "context": {}})


def _kind(found: Answer) -> tuple[str, bool]:
    return type(found).__name__, bool(getattr(found, "ambiguous", ()))


@settings(max_examples=120)
@given(st.randoms(use_true_random=False))
def test_what_a_policy_does_not_name_changes_no_answer(random: Random) -> None:
    policy, accesses = _policy(random), random.choice(_PACKS)
    found = answer(critical_access.ask_pack(policy, accesses))
    listed = any_of(
        critical_access.requests(name, access.services_of(name), access.arns)
        for access in accesses
        for name in access.actions
    )
    assert _kind(found) == _kind(answer(Question(policy, nothing(policy), lambda _: listed)))
    if isinstance(found, Holds):
        for _ in range(_ATTACKS):
            asked = _request(random, accesses)
            assert not evaluate.allows(policy, asked), (asked, policy)
