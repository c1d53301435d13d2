"""Documents of two versions of a template: what is compared with what, how often, and what is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import pytest

from checker.config import Config
from checker.findings import Finding, PolicyChange, Standing
from checker.judging import Part
from checker.policy.model import PolicyType
from checker.symbolic.question import Budget
from checker.template.opaque import policy_of
from checker.template.outcomes import outcomes
from checker.template.value import (
    Absent,
    Choice,
    InTemplate,
    NotResolved,
    Premise,
    TemplateDocument,
    Value,
)
from checker.template.worlds import (
    TooManyWorldsError,
    World,
    meaning,
    premises,
    settled,
)
from checker.template_changes import deployed, pairs_of
from checker.template_files import ChangedTemplate
from checker.template_judging import judged_template
from tests.drawing import Draw, randomly
from tests.template_drawing import (
    ACCOUNT,
    AT,
    ONE,
    PREMISES,
    A,
    B,
    Json,
    held,
    many,
    text,
    unknown,
    value,
)

PROD, IN_A, IN_B = PREMISES
IDENTITY, RESOURCE, BOUNDARY = PolicyType.IDENTITY, PolicyType.RESOURCE, PolicyType.BOUNDARY


def either(premise: Premise, then: Json, other: Json) -> Choice:
    return Choice(premise, value(then), value(other), AT)


def policy(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Json, resource: Json = "*", **elements: Json) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def deny(action: Json, resource: Json = "*", **elements: Json) -> Json:
    return allow(action, resource, **elements) | {"Effect": "Deny"}


GET, PUT = allow("s3:GetObject"), allow("s3:PutObject")


def of(
    whole: Json, address: str = "/d", kind: PolicyType = IDENTITY, unit: str = ""
) -> TemplateDocument:
    return replace(held(whole, kind), address=address, unit=unit)


# Worlds.


def worlds(of: Sequence[Premise]) -> Iterator[World]:
    """Yield every way the premises can be together, one by one: a subject is one text, or none."""
    for truths in product((True, False), repeat=len(of)):
        world = dict(zip(of, truths, strict=True))
        texts = {(p.subject, p.value) for p, holds in world.items() if holds and p.subject}
        is_one = len({subject for subject, _ in texts}) == len(texts)
        if is_one and all(world[p] for p in of if (p.subject, p.value) in texts):
            yield world


def drawn(draw: Draw, depth: int) -> Value:
    premises_ = (*PREMISES, Premise("a == Stage", "Stage", "a"))
    match draw.below(4) if depth else 0:
        case 0:
            return draw.one([value("x"), value("y"), Absent(AT)])
        case 1:
            return value([drawn(draw, depth - 1) for _ in range(2)])
        case 2:
            return value({name: drawn(draw, depth - 1) for name in "ab"})
        case _:
            then, other = (drawn(draw, depth - 1) for _ in range(2))
            return Choice(draw.one(premises_), then, other, AT)


def test_every_outcome_and_no_other_one() -> None:
    draw = randomly(8)
    for _ in range(300):
        values = [drawn(draw, 5), drawn(draw, 4)]
        asked = premises(values)
        found = outcomes(values)
        every = {repr([settled(each, world) for each in values]) for world in worlds(asked)}
        assert len(found) == len({meaning_of(each.values) for each in found})
        assert {repr([settled(each, {}) for each in one.values]) for one in found} == every
        for one in found:
            shown = [settled(each, one.world(asked)) for each in values]
            assert shown == [settled(each, {}) for each in one.values]


def meaning_of(values: Sequence[Value]) -> object:
    return tuple(map(meaning, values))


def test_more_outcomes_than_can_be_looked_at() -> None:
    with pytest.raises(TooManyWorldsError):
        outcomes([either(Premise(f"p{n}"), "x", "y") for n in range(7)])
    nested: Value = value("y")
    for n in range(60):
        nested = Choice(Premise(f"p{n}"), value(f"{n}"), nested, AT)
    assert len(outcomes([nested])) == 61
    same = [either(Premise(f"p == {n}", "p", str(n)), "x", "y") for n in range(12)]
    assert len(outcomes(same)) == 13


def test_what_is_not_there_leaves_no_trace() -> None:
    whole = value({"a": [either(PROD, "x", Absent(AT)), "y"], "b": either(PROD, Absent(AT), "z")})
    assert settled(whole, {PROD: True}) == settled(value({"a": ["x", "y"]}), {})
    assert settled(whole, {PROD: False}) == settled(value({"a": ["y"], "b": "z"}), {})


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}, True),
        ([A, "x"], [unknown("A"), "x"], True),
        (A, many("A"), False),
        (text("a", A), text("a", B), False),
        (text("${A}"), A, False),
        (["x", "y"], ["y", "x"], False),
        (either(PROD, "x", "y"), either(IN_A, "x", "y"), False),
        ("x", ["x"], False),
    ],
)
def test_meaning(one: Json, other: Json, is_same: bool) -> None:
    assert (meaning(value(one)) == meaning(value(other))) is is_same


# Statements that are split keep their place.


def test_what_a_statement_is_split_into_is_that_statement() -> None:
    whole = policy(
        allow(["s3:GetObject", A, many("More")], ["*", many("Where")], Sid="First"),
        deny("s3:*", Sid="Second"),
        many("Rest"),
    )
    node = settled(value(whole), {})
    assert node is not None
    found = policy_of(node, IDENTITY)
    assert [(s.index, s.sid) for s in found.statements[:3]] == [
        (0, "First"),
        (1, "Second"),
        (2, None),
    ]
    rest = [(s.index, s.sid) for s in found.statements[3:]]
    assert sorted(set(rest), key=str) == [(0, "First"), (2, None)]
    assert len(rest) == 6
    written = {p.text for s in found.statements if s.index == 0 for p in s.actions.patterns}
    assert written == {"s3:GetObject", "${More}"}  # one span: a wildcard there is one of them


# Callers.


def change_of(old: list[Json], new: list[Json], kind: PolicyType = RESOURCE) -> list[PolicyChange]:
    pair = pairs_of([of(policy(*old), kind=kind)], [of(policy(*new), kind=kind)])
    every = list(deployed(pair[0], "t.yml", "t.yml"))
    found = [each for each in every if isinstance(each, PolicyChange)]
    assert found == every
    return found


ROLE = text("arn:aws:iam::", ACCOUNT, ":role/", A)


def by(*callers: Json, **elements: Json) -> Json:
    return allow("s3:GetObject", Principal={"AWS": list(callers)}, **elements)


def test_who_is_only_ever_given_more_is_anybody() -> None:
    found = change_of([by(ROLE)], [by(ROLE, f"arn:aws:iam::{ONE}:role/x")])
    assert [dict(each.given) for each in found] == [
        {"AWS::AccountId": "444455556666", "A": "A"},
    ]


def test_who_is_denied_something_may_be_each_one_that_is_named() -> None:
    named = f"arn:aws:iam::{ONE}:role/x"
    stop = {**by(named), "Effect": "Deny"}
    found = change_of([by(ROLE), stop], [by(ROLE)])
    accounts = {dict(each.given)["AWS::AccountId"] for each in found}
    names = {dict(each.given)["A"] for each in found}
    assert accounts == {"444455556666", ONE}
    assert names == {"A", "x"}
    assert len(found) == 4


def test_names_on_both_sides_of_a_pattern_are_thought_of() -> None:
    picked = {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/A*"}}
    found = change_of([by(ROLE)], [by(ROLE, Condition=picked)])
    names = {dict(each.given)["A"] for each in found}
    assert any(name.startswith("A") for name in names)
    assert any(not name.startswith("A") for name in names)


def test_a_caller_of_whom_nothing_is_known_may_be_of_each_kind() -> None:
    stop = {**by(unknown("Who")), "Effect": "Deny"}
    found = change_of([by("*"), stop], [by("*")])
    kinds = {dict(each.given)["Who"].rpartition(":")[2].partition("/")[0] for each in found}
    assert kinds == {"444455556666", "root", "user", "role", "assumed-role", "federated-user"}


def test_more_callers_than_can_be_looked_at_are_no_pass() -> None:
    callers = [text(f"arn:aws:iam::{ONE}:role/", unknown(f"R{n}")) for n in range(7)]
    stop = {**by(*callers), "Effect": "Deny"}
    pair = pairs_of([of(policy(stop), kind=RESOURCE)], [of(policy(by("*")), kind=RESOURCE)])[0]
    (found,) = deployed(pair, "t.yml", "t.yml")
    assert not isinstance(found, PolicyChange)
    assert found.problem.startswith("names callers that may be deployed in ")


# What is compared with what.


def judged(before: Sequence[InTemplate], after: Sequence[InTemplate]) -> Part:
    template = ChangedTemplate("t.yml", "t.yml", tuple(before), tuple(after))
    return judged_template(Config(), Budget(), template)


def said(part: Part) -> list[str]:
    return [f"{each.check} {each.severity}" for each in part.findings]


def test_a_statement_that_moves_between_policies_of_one_role_is_no_news() -> None:
    before = [of(policy(GET), "/1", unit="/r"), of(policy(PUT), "/2", unit="/r")]
    after = [of(policy(GET, PUT), "/1", unit="/r")]
    assert said(judged([*before], [*after])) == []
    assert said(judged([*before], [of(policy(PUT), "/2", unit="/r")])) == []
    elsewhere = [of(policy(GET, PUT), "/1", unit="/r"), of(policy(PUT), "/3", unit="/other")]
    assert said(judged([*before], [*elsewhere])) == ["no-new-access block"]


def test_a_deny_of_one_policy_holds_for_the_other_policies_of_the_role() -> None:
    before = [
        of(policy(allow("s3:*")), "/1", unit="/r"),
        of(policy(deny("s3:Put*")), "/2", unit="/r"),
    ]
    after = [of(policy(allow("s3:*")), "/1", unit="/r")]
    assert "no-new-access block" in said(judged([*before], [*after]))


def test_a_policy_under_another_name_is_no_news() -> None:
    assert said(judged([of(policy(GET), "/1")], [of(policy(GET), "/2")])) == []
    assert said(judged([of(policy(GET), "/1")], [of(policy(PUT), "/2")])) == ["no-new-access block"]
    twice: list[InTemplate] = [of(policy(GET), "/1"), of(policy(GET), "/2")]
    assert said(judged([of(policy(GET), "/1")], twice)) == ["no-new-access block"]


def test_a_policy_that_is_taken_from_its_holder_is_compared_with_what_it_was() -> None:
    role = of(policy(GET), "/role", unit="/r")
    before = [role, of(policy(PUT), "/p@/r", unit="/r"), of(policy(PUT), "/p@/u", unit="/u")]
    assert said(judged([*before], [role, of(policy(PUT), "/p")])) == []
    wider = of(policy(allow("s3:Put*")), "/p")
    assert said(judged([*before], [role, wider])) == ["no-new-access block"]
    other = of(policy(PUT), "/p@/other", unit="/other")
    assert said(judged([*before], [role, other])) == ["no-new-access block"]


def test_what_somebody_else_had_is_new_access_unless_a_role_has_a_new_name() -> None:
    trust = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}}
    a, b = (of(trust, f"/{name}/trust", PolicyType.TRUST) for name in "ab")
    has_a, has_b = (of(policy(PUT), f"/p@/{name}", unit=f"/{name}") for name in "ab")
    assert said(judged([a, has_a], [b, has_b])) == []
    assert "no-new-access block" in said(judged([a, b, has_a], [a, b, has_b]))
    assert "no-new-access block" in said(judged([b, has_a], [b, has_b]))
    assert "no-new-access block" in said(judged([a, has_a], [a, b, has_b]))
    assert said(judged([has_a], [has_b])) == ["no-new-access block"]
    assert "no-new-access block" in said(judged([a, of(policy(PUT), "/p")], [a, has_a]))
    bound_a, bound_b = (of(policy(PUT), f"/{n}/bound", BOUNDARY, f"/{n}") for n in "ab")
    assert "no-new-access block" in said(judged([a, b, bound_a], [a, b, bound_b]))


@pytest.mark.parametrize(
    ("kind", "loudness"),
    [
        (BOUNDARY, ["no-new-access block"]),
        (PolicyType.RCP, ["deny-weakened block"]),
        (IDENTITY, []),
    ],
)
def test_a_guardrail_that_is_gone_lets_everything_through(
    kind: PolicyType, loudness: list[str]
) -> None:
    stop = {"Principal": "*"} if kind.has_principals else {}
    one = deny("s3:*", **stop) if kind is PolicyType.RCP else GET
    part = judged([of(policy(one), kind=kind)], [])
    assert said(part) == loudness
    assert all(each.removed for each in part.findings)


def test_a_guardrail_that_became_a_policy_of_another_type_is_gone() -> None:
    limit, rest = deny("s3:*"), allow("*")
    before = of(policy(limit, rest), kind=PolicyType.SCP)
    after = of(policy(deny("s3:*", Principal="*")), kind=PolicyType.RCP)
    assert said(judged([before], [after])) == ["no-new-access block"]


def test_a_finding_is_told_once_with_what_it_takes_for_granted() -> None:
    wide, narrow = (
        allow("s3:*", Condition={"StringEquals": {"k:x": either(PROD, "a", other)}})
        for other in ("b", "a")
    )
    (found,) = judged([of(policy(narrow))], [of(policy(wide))]).findings
    assert dict(given(found))["${IsProd}"] == "false"
    everywhere = judged([], [of(policy(wide))])
    assert said(everywhere) == ["no-new-access block"]
    (policy_,) = everywhere.policies
    assert policy_.standing is Standing.FOUND


def given(finding: Finding) -> tuple[tuple[str, str], ...]:
    assert finding.evidence
    return finding.evidence.given


def test_what_an_example_takes_for_an_unknown_text_is_shown_beside_it() -> None:
    old, new = (allow("s3:*", text("arn:aws:s3:::", each, "/*")) for each in (A, B))
    (found,) = judged([of(policy(old))], [of(policy(new))]).findings
    assert {name for name, _ in given(found)} == {"${B}"}
    witness = found.evidence.witness if found.evidence else None
    assert witness
    assert dict(given(found))["${B}"] in witness.resource
    assert all(key.isascii() for key in witness.context)


def test_a_proof_of_one_deployment_is_none_of_the_others() -> None:
    wide = either(PROD, "*", "arn:aws:s3:::p/*")
    part = judged(
        [of(policy(allow("s3:*", "arn:aws:s3:::p/*")))], [of(policy(allow("s3:*", wide)))]
    )
    assert said(part) == ["no-new-access block"]
    assert [each.check for each in part.proved if each.check == "no-new-access"] == []


def test_a_proof_says_what_it_rests_on_once() -> None:
    stop = {**by(f"arn:aws:iam::{ONE}:role/x"), "Effect": "Deny"}
    old, new = policy(by(ROLE), stop), policy(by(ROLE, Condition={"Null": {"k:x": "true"}}), stop)
    part = judged([of(old, kind=RESOURCE)], [of(new, kind=RESOURCE)])
    (proved,) = (each for each in part.proved if each.check == "no-new-access")
    assert [says.partition(" ")[0] for says in proved.assumptions] == ["what"]
    known = judged([of(policy(GET, PUT))], [of(policy(GET))])
    assert [each.assumptions for each in known.proved] == [()] * len(known.proved)


def test_statements_that_nobody_knows_may_allow_nothing() -> None:
    scp, unknown_ones = PolicyType.SCP, many("Statements")
    before, after = policy(GET, unknown_ones), policy(unknown_ones)
    found = judged([of(before, kind=scp)], [of(after, kind=scp)])
    assert said(found) == ["no-new-access block"]
    stricter = judged([of(after, kind=scp)], [of(policy(unknown_ones, deny("*")), kind=scp)])
    assert said(stricter) == []


# What could not be followed.


def lost(content: str, address: str = "/x") -> NotResolved:
    return NotResolved(address, "`R`", "a macro may make anything of it", content, AT)


def test_what_cannot_be_followed_closes_the_gate_when_it_is_new_or_says_something_new() -> None:
    assert said(judged([], [lost("1")])) == ["unreadable block"]
    assert said(judged([lost("1")], [lost("2")])) == ["unreadable block"]
    assert said(judged([lost("1")], [lost("1")])) == []
    assert said(judged([lost("1")], [])) == []


def test_a_policy_that_is_known_only_once_it_is_deployed_closes_the_gate() -> None:
    whole: Value = unknown("Document")
    document = replace(of(policy(GET)), value=whole)
    assert said(judged([], [document])) == ["unreadable block"]
    assert said(judged([document], [document])) == []
    part = judged([of(policy(GET))], [document])
    assert said(part) == ["unreadable block"]
    assert [each.standing for each in part.policies] == [Standing.NOT_UNDERSTOOD]


def test_an_old_guardrail_that_is_not_understood_decides_nothing() -> None:
    document = replace(of(policy(GET), kind=BOUNDARY), value=unknown("Document"))
    found = said(judged([document], [of(policy(GET), kind=BOUNDARY)]))
    assert "no-new-access block" in found
    assert len(found) > 1


def test_more_ways_than_can_be_looked_at_are_no_pass() -> None:
    ways = [either(Premise(f"p{n}"), f"s3:Get{n}", "s3:GetObject") for n in range(9)]
    assert said(judged([], [of(policy(allow(ways)))])) == ["unreadable block"]


# Too many ways.


def test_policies_that_do_not_change_need_not_be_looked_at_in_every_way() -> None:
    def there(n: int, *more: Json) -> TemplateDocument:
        here = policy(allow(f"s3:{n}*"), deny(f"s3:{n}1"), deny("ec2:*"), *more)
        return of(either(Premise(f"on{n}"), here, Absent(AT)), f"/{n}", unit="role")

    before = [there(n) for n in range(9)]
    for more, found in ((allow("s3:1*"), []), (allow("s3:2*"), ["no-new-access"])):
        after = [there(1, more), *before[:1], *before[2:]]
        assert [each.check for each in judged(before, after).findings] == found
    without = of(either(Premise("on1"), policy(allow("s3:1*")), Absent(AT)), "/1", unit="role")
    assert judged(before, [*before[:1], without, *before[2:]]).findings
    assert not judged(before, before[::-1]).findings
