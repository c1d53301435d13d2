import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.policy.evaluate_pattern import glob, matches_resource
from checker.policy.model import Caller, CallerKind, Pattern, PolicyType, Request
from checker.policy.parse_pattern import parts
from checker.policy.readings import DEFAULT_READINGS, Ambiguity, Switch, pattern_construct
from checker.span import whole_file

# Few letters, so that patterns and texts often meet.
PATTERNS = st.text("ab*?", max_size=8)
TEXTS = st.text("ab", max_size=8)
FIELD = st.text("a*?", max_size=2)
LAST = st.text("a*?:/", max_size=4)


def expression(pattern: str, any_one: str = ".") -> str:
    translated = {"*": f"{any_one}*", "?": any_one}
    return "".join(translated.get(character, re.escape(character)) for character in pattern)


@given(PATTERNS, TEXTS)
def test_globs_match_what_the_regular_expression_does(pattern: str, text: str) -> None:
    found = glob(parts(pattern, wildcards=True, variables=False), text)
    assert found is bool(re.fullmatch(expression(pattern), text, re.DOTALL))


@given(st.lists(FIELD, min_size=4, max_size=4), LAST, st.text("a:/", min_size=5, max_size=12))
def test_an_arn_is_matched_field_by_field(fields: list[str], last: str, text: str) -> None:
    pattern, resource = ":".join(["arn", *fields, last]), f"arn:{text}"
    wanted = ":".join(["arn", *(expression(field, "[^:]") for field in fields), expression(last)])
    request = Request(Caller(CallerKind.ANONYMOUS, "*"), "a:b", resource)
    found = matches_resource(
        Pattern(parts(pattern, wildcards=True, variables=False), pattern, whole_file("x")),
        request,
        PolicyType.IDENTITY,
        DEFAULT_READINGS,
    )
    assert found is bool(re.fullmatch(wanted, resource, re.DOTALL))


@pytest.mark.parametrize(
    ("pattern", "by_default", "otherwise"),
    [("*", True, True), ("**", False, True), ("?", False, True), ("arn:*", False, True),
     ("*:*", False, True), ("arn:aws:s3:::*", False, False), ("?x", False, False)],
)  # fmt: skip
def test_only_a_star_is_sure_to_cover_actions_without_resource(
    pattern: str, by_default: bool, otherwise: bool
) -> None:
    request = Request(Caller(CallerKind.ANONYMOUS, "*"), "s3:ListAllMyBuckets", "*")
    found = Pattern(parts(pattern, wildcards=True, variables=False), pattern, whole_file("x"))
    switch = Switch(
        Ambiguity.STAR_LIKE_RESOURCE, pattern_construct(found, Ambiguity.STAR_LIKE_RESOURCE)
    )
    for readings, expected in ((DEFAULT_READINGS, by_default), ({switch: "yes"}, otherwise)):
        assert matches_resource(found, request, PolicyType.RESOURCE, readings) is expected


def test_a_hostile_pattern_is_followed_without_going_back() -> None:
    pattern = parts("*a" * 200 + "*b", wildcards=True, variables=False)
    assert not glob(pattern, "a" * 2000)
