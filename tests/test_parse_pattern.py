import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.errors import PolicySyntaxError
from checker.policy.canonical import pattern_text
from checker.policy.model import Part, Pattern, PolicyType, Variable, Wildcard
from checker.policy.parse import parse_policy
from checker.policy.parse_pattern import parts
from checker.source.tree import from_python
from checker.span import whole_file

ANY, ONE = Wildcard.ANY_RUN, Wildcard.ANY_ONE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("*", (ANY,)),
        ("a*?b", ("a", ANY, ONE, "b")),
        ("a$b$", ("a$b$",)),
        ("${*}${?}${$}", ("*?$",)),
        ("a${*}b*", ("a*b", ANY)),
        ("x/${AWS:UserName}/*", ("x/", Variable("aws:username"), "/", ANY)),
        ("${a:b, 'no, }ne*'}", (Variable("a:b", "no, }ne*"),)),
        ("${a:b, ''}c", (Variable("a:b", ""), "c")),
        ("$${a:b}", ("$", Variable("a:b"))),
    ],
)
def test_parts_of_a_text(text: str, expected: tuple[Part, ...]) -> None:
    assert parts(text, wildcards=True, variables=True) == expected


@pytest.mark.parametrize(
    "text",
    [
        "${}",
        "${a:b",
        "${a b}",
        "${ a:b}",
        "${a:${b}}",
        "${a:b,'x'}",
        "${a:b, x}",
        "${a:b, 'x}",
        "${a:b, 'x'y'}",
        "${**}",
        '${a:b, "x"}',
    ],
)
def test_wrong_variables_are_errors_where_variables_are(text: str) -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": f"arn:aws:s3:::b/{text}"}
    new = from_python({"Version": "2012-10-17", "Statement": statement})
    with pytest.raises(PolicySyntaxError, match="policy variable"):
        parse_policy(new, PolicyType.IDENTITY)
    old = from_python({"Version": "2008-10-17", "Statement": statement})
    parse_policy(old, PolicyType.IDENTITY)


PATTERNS = st.lists(
    st.one_of(
        st.text("ab*?${}:,' ", min_size=1, max_size=4),
        st.sampled_from(Wildcard),
        st.builds(
            Variable, st.sampled_from(["a:b", "c"]), st.none() | st.text("a*? {}", max_size=3)
        ),
    ),
    max_size=5,
)


@given(PATTERNS)
def test_canonical_text_parses_to_the_same_parts(drawn: list[Part]) -> None:
    joined: list[Part] = []
    for part in drawn:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    pattern = Pattern(tuple(joined), "", whole_file("x"))
    assert parts(pattern_text(pattern), wildcards=True, variables=True) == pattern.parts
