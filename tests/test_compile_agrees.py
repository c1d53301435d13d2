"""Two meanings of one language: what the engine says of drawn policies, held against the judge."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

from checker.policy.evaluate import allows
from checker.policy.model import Effect, Policy, Request, Statement
from checker.policy.readings import Readings
from checker.symbolic.compile import compiled
from checker.symbolic.formula import all_of, negation
from checker.symbolic.question import Answer, Holds, Question, Undecided, Violated
from checker.symbolic.search import Deadline, found
from checker.symbolic.solver import answer
from checker.symbolic.values import NoAnswerError
from checker.symbolic.vocabulary import Vocabulary, vocabulary
from tests.atoms import Point
from tests.close_versions import two_versions
from tests.drawing import Draw, on_drawn, randomly
from tests.guided import pieces, request, why_not_sent
from tests.strategies import statement

ATTACKS = 100
NOT_DECIDED = (
    # A variable's value, a key compared in several ways: exact where a value or a reason is found.
    "a policy variable that is tied to the caller",
    "a policy variable compared without case",
    "a policy variable inside a set operator",
    "the values of policy variables were not decided in time",
    "is compared as a number, date or address",
    "is compared both as text and as a number, date or address",
    "holds many values, not all of them of one type",
    "`aws:epochtime` is compared as text",
)
"""How reasons for no answer end."""


def setting_of(policies: Iterable[Policy]) -> Vocabulary:
    found = tuple(policies)
    return vocabulary(found[0].type, found)


def any_readings(draw: Draw, setting: Vocabulary, policies: Iterable[Policy]) -> Readings:
    """Return a reading of each construct that the policies leave open."""
    floating = replace(setting, floating=True, open=set())
    for policy in policies:
        compiled(policy, floating)
    return {
        switch: draw.one(switch.ambiguity.choices) for switch in sorted(floating.open, key=repr)
    }


def difference(pair: tuple[Policy, Policy], asked: Request, readings: Readings) -> bool:
    """Return whether the first policy allows the request and the second does not."""
    return allows(pair[0], asked, readings) and not allows(pair[1], asked, readings)


def told(of: Policy) -> str:
    return "\n".join(str(statement) for statement in of.statements)


@on_drawn
def test_formula_is_true_of_exactly_the_allowed_requests(draw: Draw) -> None:
    pair = two_versions(draw)
    if pair is None:
        return
    setting = setting_of(pair)
    made_of = pieces(pair, setting)
    for readings in ({}, any_readings(draw, setting, pair)):
        pinned = replace(setting, pinned=readings, open=set())
        formulas = [compiled(policy, pinned).formula for policy in pair]
        requests = randomly(draw.below(1 << 16))  # too many choices for hypothesis to shrink
        for _ in range(8):
            asked, caller = request(requests, made_of)
            point = Point(asked, caller, readings)
            for policy, formula in zip(pair, formulas, strict=True):
                wanted = allows(policy, asked, readings)
                assert point.satisfies(formula) is wanted, (asked, readings, told(policy))


@on_drawn
def test_answers_stand_up_to_the_judge(draw: Draw) -> None:
    pair = two_versions(draw)
    if pair is None:
        return
    new, old = pair
    given_answer = answer(Question(new, old))
    match given_answer:
        case Violated(witness=Request()):
            check_violation(given_answer, new, old)
        case Undecided(reason):
            assert reason.endswith(NOT_DECIDED), (told(new), told(old))
        case Holds() | Violated():
            attack(draw, pair, given_answer)


def check_violation(violated: Violated, new: Policy, old: Policy) -> None:
    assert violated.responsible
    made_of = pieces((new, old), setting_of((new, old)))
    for responsible in violated.responsible:
        alone = only(new, responsible.statement)
        for flow in responsible.flows:
            assert flow.witness is not None
            assert difference((alone, old), flow.witness, {}), (flow.witness, told(new), told(old))
            assert why_not_sent(flow.witness, made_of) == "", (flow.witness, told(new), told(old))


def only(policy: Policy, statement: Statement) -> Policy:
    """Return the policy with one of its Allow statements, and with every Deny."""
    kept = (s for s in policy.statements if s.effect is Effect.DENY)
    return replace(policy, statements=(statement, *kept))


def attack(draw: Draw, pair: tuple[Policy, Policy], found: Answer) -> None:
    """Look for new access that the answer says there is none of, or only in another reading."""
    setting = setting_of(pair)
    made_of = pieces(pair, setting)
    readings = any_readings(draw, setting, pair) if isinstance(found, Holds) else {}
    requests = randomly(draw.below(1 << 16))
    for number in range(ATTACKS):
        asked, _ = request(requests, made_of)
        read = readings if number % 2 else {}
        assert not difference(pair, asked, read), (asked, read, told(pair[0]), told(pair[1]))


@on_drawn
def test_what_did_not_change_or_only_narrowed_is_no_new_access(draw: Draw) -> None:
    pair = two_versions(draw)
    if pair is None:
        return
    new, old = pair
    assert is_held(Question(new, new))
    more = statement(draw, new.type)
    if more is None or not isinstance(answer(Question(new, old)), Holds):
        return
    alone, beside = setting_of(pair), setting_of((new, old, replace(new, statements=(more,))))
    if thinkable(beside, alone.keys) != thinkable(alone, alone.keys):
        return
    if more.effect is Effect.ALLOW:
        wider = replace(old, statements=(*old.statements, more))
        assert is_held(Question(new, wider)), (told(new), told(wider))
    else:
        narrower = replace(new, statements=(*new.statements, more))
        assert is_held(Question(narrower, old)), (told(narrower), told(old))


def thinkable(of: Vocabulary, keys: Iterable[str]) -> object:
    """Return what policies say of which requests there can be: a role's path, a key's type."""
    types = [(of.scales.get(key), key in of.many) for key in keys]
    return of.other_names, of.role_paths, of.opaque_resources, types


def is_held(question: Question) -> bool:
    """Return whether the answer is yes; a listed reason for none is no no."""
    found = answer(question)
    return isinstance(found, Holds) or (
        isinstance(found, Undecided) and found.reason.endswith(NOT_DECIDED)
    )


@on_drawn
def test_cells_come_to_the_answer_of_the_whole_formula(draw: Draw) -> None:
    """Grouping, indexing and simplifying leave out nothing that one formula of everything has."""
    pair = two_versions(draw)
    if pair is None:
        return
    setting = setting_of(pair)
    if setting.other_names:
        return  # who has another name is thought of where a formula tells it, in a cell or in all
    new, old = (compiled(policy, setting).formula for policy in pair)
    try:
        whole = found(all_of((new, negation(old))), setting, Deadline(time.monotonic() + 5))
    except NoAnswerError:
        return
    match answer(Question(*pair)):
        case Holds() | Violated(witness=None):
            assert whole is None, (whole, told(pair[0]), told(pair[1]))
        case Violated():
            assert whole is not None, (told(pair[0]), told(pair[1]))
        case Undecided(reason):
            assert reason.endswith(NOT_DECIDED)
