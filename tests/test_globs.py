"""Patterns against every short text, scales against every near point, cores against their parts."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.policy.model import PolicyType, Request
from checker.symbolic import automaton, intervals
from checker.symbolic.atoms import Interval, Present, Scale, SomeValue, ValueIn
from checker.symbolic.compile import compiled
from checker.symbolic.dimensions import Literal
from checker.symbolic.formula import atoms_of
from checker.symbolic.globs import (
    ANY,
    NOT_COLON,
    SEPARATOR,
    CharClass,
    Glob,
    One,
    Run,
    Token,
    contains,
    disjoint,
    glob,
    literal,
    member,
)
from checker.symbolic.patterns import ARN_SHAPE, NO_ARN, cased_globs, confined
from checker.symbolic.theory import Impossible, Possible, holds_template, realised
from checker.symbolic.vocabulary import Vocabulary, vocabulary
from tests.atoms import Point
from tests.close_versions import two_versions
from tests.drawing import Draw, on_drawn, randomly
from tests.guided import pieces, request

# Two letters, the two characters that end a field or a part, and one for all others.
WORDS = [
    "".join(word) for size in range(5) for word in product("ab:" + SEPARATOR + "x", repeat=size)
]
CLASSES = (
    ANY,
    NOT_COLON,
    CharClass(frozenset("ab")),
    CharClass(frozenset("a:x")),
    CharClass(frozenset("a" + SEPARATOR), complement=True),
    CharClass(frozenset("b"), complement=True),
)
TOKENS = st.one_of(
    st.sampled_from(["a", "b", "ab", ":", "a:", SEPARATOR, "ba"]),
    st.builds(Run, st.sampled_from(CLASSES)),
    st.builds(One, st.sampled_from(CLASSES)),
)
GLOBS = st.builds(glob, st.lists(TOKENS, max_size=5).map(tuple))
FIELDS = st.lists(  # patterns like those of ARNs, which are compared field by field
    st.sampled_from(["a", "b", "", Run(NOT_COLON), One(NOT_COLON)]), min_size=1, max_size=3
)
FIELD_GLOBS = st.builds(
    lambda fields, last: glob((*(t for field in fields for t in (field, ":")), last)),
    FIELDS,
    st.sampled_from(["a", Run(ANY), One(ANY), Run(NOT_COLON)]),
)
PATTERNS = st.one_of(GLOBS, FIELD_GLOBS)


def regex(pattern: Glob) -> re.Pattern[str]:
    return re.compile("".join(map(_regex_of, pattern.tokens)), re.DOTALL)


def _regex_of(token: Token) -> str:
    if isinstance(token, str):
        return re.escape(token)
    chars = "".join(map(re.escape, sorted(token.of.chars)))
    one = f"[{'^' if token.of.complement else ''}{chars}]"
    return f"{one}*" if isinstance(token, Run) else one


@lru_cache(maxsize=4096)
def language(pattern: Glob) -> frozenset[str]:
    """Return all members of up to four characters."""
    found = regex(pattern)
    return frozenset(word for word in WORDS if found.fullmatch(word))


@given(PATTERNS)
def test_members_are_those_of_the_regular_expression(pattern: Glob) -> None:
    assert {word for word in WORDS if pattern.matches(word)} == language(pattern)


@given(st.lists(PATTERNS, min_size=1, max_size=2), st.lists(PATTERNS, max_size=3))
def test_a_member_is_found_wherever_there_is_one_and_no_longer_than_needed(
    inside: list[Glob], outside: list[Glob]
) -> None:
    try:
        found = member(inside, outside)
    except automaton.TooLargeError:
        return
    words = frozenset.intersection(*map(language, inside)).difference(*map(language, outside))
    if found is None:
        assert not words
        return
    assert all(regex(g).fullmatch(found) for g in inside)
    assert not any(regex(g).fullmatch(found) for g in outside)
    assert not words or len(found) == min(map(len, words))


@given(PATTERNS, PATTERNS)
def test_containing_and_meeting_are_what_the_automaton_says(one: Glob, other: Glob) -> None:
    assert contains(one, other) is (automaton.shortest((other.tokens,), (one.tokens,)) is None)
    assert disjoint(one, other) is (automaton.shortest((one.tokens, other.tokens), ()) is None)
    assert disjoint(one, other) is disjoint(other, one)


@given(PATTERNS, PATTERNS)
def test_equal_patterns_have_the_same_members_and_hash(one: Glob, other: Glob) -> None:
    if one == other:
        assert hash(one) == hash(other)
        assert language(one) == language(other)


@given(GLOBS, st.sampled_from([NOT_COLON, ANY, CharClass(frozenset("ab"))]))
def test_a_pattern_is_confined_to_texts_of_the_class(pattern: Glob, to: CharClass) -> None:
    wanted = {word for word in language(pattern) if all(map(to.has, word))}
    found = {word for word in language(confined(pattern, to)) if word != SEPARATOR}
    assert found == wanted - {SEPARATOR}


@given(st.text(alphabet="arn:x", max_size=12))
def test_what_is_no_arn_is_one_of_the_patterns_for_it(text: str) -> None:
    assert any(g.matches(text) for g in NO_ARN) is not ARN_SHAPE.matches(text)


@pytest.mark.parametrize("text", ["strasse", "Straße", "STRASSE", "straẞe", "ſtrasse", "strasße"])
def test_case_is_ignored_as_unicode_has_it(text: str) -> None:
    same = any(g.matches(text) for g in cased_globs("straße"))
    assert same is (text.casefold() == "straße".casefold())


def test_a_pattern_too_large_to_compare_is_an_error_and_no_answer() -> None:
    many = [glob((Run(ANY), "a", *(One(ANY),) * 24)), glob((Run(ANY), "b", *(One(ANY),) * 23))]
    with pytest.raises(automaton.TooLargeError):
        member([glob((One(ANY),) * 40)], many)


BOUNDS = st.one_of(st.none(), st.sampled_from([Fraction(n, 2) for n in range(-3, 6)]))
FLAGS = st.booleans()
SPANS = st.builds(Interval, st.just(Scale.NUMBER), BOUNDS, BOUNDS, FLAGS, FLAGS)
GRID = [Fraction(n, 8) for n in range(-40, 60)]


@given(st.lists(SPANS, max_size=3), st.lists(SPANS, max_size=3))
def test_a_point_is_found_wherever_there_is_one(
    inside: list[Interval], outside: list[Interval]
) -> None:
    found = intervals.point(inside, outside, Scale.NUMBER)
    good = [p for p in GRID if all(i.has(p) for i in inside) and not any(i.has(p) for i in outside)]
    assert (found is None) is (not good)
    if found is not None:
        assert all(i.has(found) for i in inside)
        assert not any(i.has(found) for i in outside)


@given(SPANS, SPANS)
def test_an_interval_that_covers_another_has_all_its_points(one: Interval, other: Interval) -> None:
    if one.covers(other):
        assert all(one.has(p) for p in GRID if other.has(p))
    elif any(other.has(p) for p in GRID):
        assert any(other.has(p) and not one.has(p) for p in GRID)


LOW, HIGH = Fraction(-62135683140), Fraction(10) ** 12
POINTS = {
    Scale.NUMBER: st.fractions(-1000, 1000, max_denominator=1).map(lambda f: f / 8),
    Scale.INSTANT: st.fractions(LOW, HIGH, max_denominator=1).map(lambda f: f + Fraction(1, 4)),
    Scale.ADDRESS: st.integers(0, 2**32 + 2**128 - 1).map(Fraction),
}


@pytest.mark.parametrize("scale", Scale)
@given(st.data())
def test_a_point_is_written_so_that_the_judge_reads_it(scale: Scale, data: st.DataObject) -> None:
    point = data.draw(POINTS[scale])
    assert intervals.read(scale, intervals.written(scale, point)) == point


def some_literals(draw: Draw) -> tuple[list[Literal], Vocabulary] | None:
    """Return facts that two policies ask for, some of them denied."""
    pair = two_versions(draw)
    if pair is None:
        return None
    setting = replace(vocabulary(pair[0].type, pair), floating=draw.chance(30))
    atoms = [
        a for p in pair for a in atoms_of(compiled(p, setting).formula) if not holds_template(a)
    ]
    chosen = draw.some(atoms, 8) if atoms else []
    return [(a, draw.chance(60)) for a in dict.fromkeys(chosen)], setting


@on_drawn
def test_facts_are_possible_or_a_smallest_part_of_them_is_impossible(draw: Draw) -> None:
    drawn = some_literals(draw)
    if drawn is None:
        return
    literals, setting = drawn
    found = realised(literals, setting)
    if isinstance(found, Possible):
        point = Point(_with_clock(found.request), _caller(found), found.readings)
        assert all(point.satisfies(atom) is holds for atom, holds in literals), (found, literals)
        return
    assert set(found.core) <= set(literals)
    assert isinstance(realised(found.core, setting), Impossible)
    for left_out in found.core:
        rest = [item for item in found.core if item is not left_out]
        assert isinstance(realised(rest, setting), Possible), (found.core, left_out)


def _with_clock(asked: Request) -> Request:
    """Return the request with both names of its instant; it has those that the policies have."""
    context = asked.context
    now = context.get("aws:currenttime", context.get("aws:epochtime", "2026-01-01"))
    return replace(asked, context={**context, "aws:currenttime": now})


def _caller(found: Possible) -> str:
    caller = found.request.caller
    if not found.role_arn or caller.kind.value != "role-session":
        return caller.value
    return f"{found.role_arn}{SEPARATOR}{caller.value.rpartition('/')[2]}"


@on_drawn
def test_no_request_has_what_is_called_impossible(draw: Draw) -> None:
    pair = two_versions(draw)
    if pair is None:
        return
    setting = vocabulary(pair[0].type, pair)
    atoms = [
        a for p in pair for a in atoms_of(compiled(p, setting).formula) if not holds_template(a)
    ]
    made_of = pieces(pair, setting)
    requests = randomly(draw.below(1 << 16))
    for _ in range(5):
        asked, caller = request(requests, made_of)
        point = Point(asked, caller, {})
        literals = [(atom, point.satisfies(atom)) for atom in atoms]
        found = realised(literals, setting)
        assert isinstance(found, Possible), (asked, found)


@pytest.mark.parametrize(
    "literals",
    [
        [(Present("k:x"), False), (ValueIn("k:x", literal("a")), True)],
        [(Present("k:x"), False), (SomeValue("k:x", (literal("a"),), negated=True), True)],
        [(Present("aws:securetransport"), False)],
    ],
)
def test_no_key_is_absent_and_has_a_value(literals: list[Literal]) -> None:
    found = realised(literals, Vocabulary(PolicyType.IDENTITY))
    assert isinstance(found, Impossible)
    assert set(found.core) == set(literals)


def test_a_literal_is_its_only_member() -> None:
    assert literal("a*").matches("a*")
    assert not literal("a*").matches("ab")
    assert literal("") == glob(())
