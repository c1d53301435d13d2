"""Values of a plan at the places of a source: whatever that is, they stay what the plan says."""

from __future__ import annotations

import json
from typing import Any, Final, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from checker.source.json_reader import read_json
from checker.source.tree import Scalar
from checker.span import whole_file
from checker.template.filled import is_filled_in, is_shown_text
from checker.template.value import (
    Absent,
    Choice,
    Items,
    Joined,
    Member,
    Premise,
    Record,
    Unknown,
    Value,
)
from checker.template.worlds import known, meaning
from checker.terraform.alignment import aligned
from checker.terraform.policy_text import policy_value
from checker.terraform.values import Encoded, plain

Json: TypeAlias = Any
PLAN: Final = whole_file("plan.json")
SOURCE: Final = whole_file("main.tf")
TEXTS: Final = st.sampled_from(["", "a", "a/b", "s3:*", "*", "${aws:username}", '{"Statement": 1}'])
NAMES: Final = st.sampled_from(["Statement", "Sid", "Effect", "Action", "Resource"])
JSON: Final = st.recursive(
    TEXTS | st.booleans() | st.none() | st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
UNKNOWN: Final = st.builds(Unknown, TEXTS, st.just(SOURCE), st.booleans())
PIECES: Final = st.lists(TEXTS | UNKNOWN, min_size=1, max_size=3).map(tuple)


def _holding(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    members = st.dictionaries(NAMES, inner, max_size=4).map(
        lambda found: Record(
            tuple([Member(Scalar(name, SOURCE), value) for name, value in found.items()]), SOURCE
        )
    )
    return (
        st.lists(inner, max_size=3).map(lambda found: Items(tuple(found), SOURCE))
        | members
        | st.builds(Choice, st.builds(Premise, TEXTS), inner, inner, st.just(SOURCE))
        | inner.map(lambda value: Encoded((), SOURCE, value))
    )


VALUES: Final[st.SearchStrategy[Value]] = st.recursive(
    st.builds(Scalar, TEXTS, st.just(SOURCE))
    | UNKNOWN
    | st.builds(Joined, PIECES, st.just(SOURCE))
    | st.just(Absent(SOURCE)),
    _holding,
    max_leaves=12,
)


@given(JSON, VALUES)
def test_a_value_stays_what_the_plan_says(value: Json, source: Value) -> None:
    node = read_json(json.dumps(value), "plan.json")
    found = plain(aligned(node, source, PLAN, inside=True))
    assert meaning(found) == meaning(known(node))


@given(st.dictionaries(NAMES, JSON, max_size=4), VALUES)
def test_a_policy_in_a_text_stays_what_the_plan_says(value: Json, source: Value) -> None:
    whole = {**value, "Statement": value.get("Statement")}
    text = Scalar(json.dumps(whole), PLAN)
    expected = meaning(known(read_json(json.dumps(whole), "plan.json")))
    assert meaning(plain(policy_value(aligned(text, source, PLAN)))) == expected


@given(VALUES)
def test_a_value_fills_in_itself(value: Value) -> None:
    assert is_filled_in(plain(value), plain(value))


def test_what_is_open_is_one_plain_text() -> None:
    assert is_shown_text("arn:aws:s3:::a/*", "arn:aws:s3:::${var.b}/*")
    assert is_shown_text("x", '${md5("a ${b}")}')
    assert not is_shown_text("arn:aws:s3:::*/*", "arn:aws:s3:::${var.b}/*")
    assert not is_shown_text("arn:aws:s3:::a?/*", "arn:aws:s3:::${var.b}/*")
    assert not is_shown_text("arn:aws:s3:::a/b", "arn:aws:s3:::${var.b}/*")
    assert not is_shown_text("home/ann/*", "home/${aws:username}/*")
    assert not is_shown_text("home/${aws:username}/*", "home/${var.b}/*")
    assert not is_shown_text("b", "a")


def test_a_statement_is_filled_in_member_by_member() -> None:
    def statement(resource: Value, **more: str) -> Record:
        members = {"Effect": "Allow", "Action": "s3:GetObject", **more}
        said = [Member(Scalar(name, PLAN), Scalar(text, PLAN)) for name, text in members.items()]
        return Record((*said, Member(Scalar("Resource", PLAN), resource)), PLAN)

    name, both = Scalar("arn:aws:s3:::a", PLAN), [Scalar("arn:aws:s3:::a", PLAN), Scalar("b", PLAN)]
    open_ = Joined(("arn:aws:s3:::", Unknown("var.a", PLAN)), PLAN)
    assert is_filled_in(statement(name), statement(open_))
    assert is_filled_in(statement(name, Sid="x"), statement(Items((open_,), PLAN)))
    assert not is_filled_in(statement(Scalar("*", PLAN)), statement(open_))
    assert not is_filled_in(statement(Items(tuple(both), PLAN)), statement(open_))
    assert not is_filled_in(statement(name), statement(Items((open_, both[1]), PLAN)))
    assert not is_filled_in(statement(name), statement(open_, Condition="x"))
    assert not is_filled_in(statement(name, Condition="x"), statement(open_))
    assert not is_filled_in(statement(name), statement(Unknown("var.all", PLAN, many=True)))
