"""JSON with spans: what is valid means what `json.loads` says, the rest is refused where it is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.errors import PolicySyntaxError
from checker.source.json_reader import read_json
from checker.source.tree import Mapping, Node, Number, Scalar, Sequence
from checker.span import Span

characters = st.characters(exclude_categories=["Cs"])
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(characters)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(characters), inner),
    max_leaves=20,
)
layouts = st.sampled_from([None, 0, 2, "\t"])


def plain(node: Node) -> object:
    """Return a node as `json.loads(…, parse_int=Number, parse_float=Number)` would."""
    match node:
        case Scalar(value):
            return value
        case Sequence(items):
            return [plain(item) for item in items]
        case Mapping(entries):
            return {entry.name: plain(entry.value) for entry in entries}


def nodes(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case Sequence(items):
            for item in items:
                yield from nodes(item)
        case Mapping(entries):
            for entry in entries:
                yield entry.key
                yield from nodes(entry.value)
        case Scalar():
            pass


def covered(text: str, span: Span) -> str:
    """Return the text of a span, counted anew from its lines and columns."""
    lines = text.split("\n")

    def offset(line: int, column: int) -> int:
        return sum(len(before) + 1 for before in lines[: line - 1]) + column - 1

    start, end = span.start, span.end
    return text[offset(start.line, start.column) : offset(end.line, end.column)]


@given(values, layouts, st.booleans(), st.sampled_from(["", "\n", " \t\r\n", "\ufeff"]))
def test_agrees_with_the_standard_library(
    value: object, indent: int | str | None, ascii_only: bool, before: str
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    expected = json.loads(text, parse_int=Number, parse_float=Number)
    assert plain(read_json(before + text, "p.json")) == expected


@given(values, layouts, st.booleans())
def test_a_span_covers_the_text_of_its_node(
    value: object, indent: int | str | None, ascii_only: bool
) -> None:
    text = "\n " + json.dumps(value, indent=indent, ensure_ascii=ascii_only) + "\n"
    for node in nodes(read_json(text, "p.json")):
        again = json.loads(covered(text, node.span), parse_int=Number, parse_float=Number)
        assert again == plain(node)


@given(st.text(st.sampled_from('{}[]",:\\/truefalsn0123.-+eE \n\tu1d8')))
def test_accepts_nothing_that_the_standard_library_refuses(text: str) -> None:
    try:
        node = read_json(text, "p.json")
    except PolicySyntaxError as error:
        assert "\n" not in str(error)  # noqa: PT017  both outcomes are fine
        return
    assert plain(node) == json.loads(text, parse_int=Number, parse_float=Number)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "p:1:1: the text ends where a value should be (the file is empty)"),
        (" \n ", "p:2:2: the text ends where a value should be (the file is empty)"),
        ("{", "p:1:2: the text ends inside an object (a `}` is missing)"),
        ("[1,\n2", "p:2:2: the text ends inside a list (a `]` is missing)"),
        ("[1,]", "p:1:3: a comma after the last item of a list (take it away)"),
        ('{"a":1\n,}', "p:2:1: a comma after the last member of an object (take it away)"),
        ('{"a":1 "b":2}', 'p:1:8: a `,` or `}` should be here, not `"`'),
        ('{"a" 1}', "p:1:5: a `:` is missing after `a`"),
        ('{"a":}', "p:1:6: a value should be here, not `}`"),
        ('{"a":1]', "p:1:7: a `,` or `}` should be here, not `]`"),
        ("{a:1}", "p:1:2: a name should be here, not `a` (names stand in double quotes)"),
        ("['a']", "p:1:2: a value should be here, not `'` (strings stand in double quotes)"),
        ("[NaN]", "p:1:2: `NaN` is no JSON value (JSON has no such number)"),
        ("[-Infinity]", "p:1:2: `-Infinity` is no JSON value (JSON has no such number)"),
        ("[True]", "p:1:2: `True` is no JSON value (write `true`)"),
        ("[01]", "p:1:3: a `,` or `]` should be here, not `1`"),
        ("[1.]", "p:1:3: a `,` or `]` should be here, not `.`"),
        ("[1 // c\n]", "p:1:4: a `,` or `]` should be here, not `/` (JSON has no comments)"),
        ("/* c */ 1", "p:1:1: a value should be here, not `/` (JSON has no comments)"),
        ("1 2", "p:1:3: more text after the end of the JSON value (a file holds one value)"),
        (r'"\q"', r"p:1:2: `\q` is no escape that JSON has"),
        (r'"\ud800x"', r"p:1:2: `\ud800` is half of a surrogate pair"),
        (r'"\udc00\ud800"', r"p:1:2: `\udc00` is half of a surrogate pair"),
        ('"\ud800"', "p:1:2: half of a surrogate pair is not a character"),
        ('"a\tb"', r"p:1:3: `\t` stands in a string unescaped"),
        ('"a\nb"', r"p:1:1: a line ends inside a string (write `\n`, or close it)"),
        ('"a\\\nb"', r"p:1:1: a line ends inside a string (write `\n`, or close it)"),
        ('{"a":"b', "p:1:6: a string is never closed"),
        ('"\\', "p:1:1: a string is never closed"),
        ('{"a":1,\n"a":2}', "p:2:1: `a` stands twice in one object (it is first on line 1)"),
        ('{"a":1,"\\u0061":2}', "p:1:8: `a` stands twice in one object (it is first on line 1)"),
        ("[" * 101 + "]" * 101, "p:1:101: more than 100 objects and lists inside each other"),
        ("\ufeff x", "p:1:2: `x` is no JSON value (strings stand in double quotes)"),
        ("\u00a0 1", r"p:1:1: a value should be here, not `\xa0`"),
    ],
)  # fmt: skip
def test_refuses(text: str, said: str) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        read_json(text, "p")
    assert str(caught.value) == said


def test_numbers_keep_their_text() -> None:
    text = "[1.10, 111122223333, -0, 1E+2]"
    written = [node.value for node in nodes(read_json(text, "p")) if isinstance(node, Scalar)]
    assert written == [Number("1.10"), Number("111122223333"), Number("-0"), Number("1E+2")]


def test_as_deep_as_allowed() -> None:
    read_json("[" * 100 + "]" * 100, "p")


@pytest.mark.parametrize(
    "text",
    ['"' + "a" * 2_000_000, '"' + "\\n" * 1_000_000, "[" * 2_000_000, '{"a":' * 400_000,
     "[1" + " " * 2_000_000 + "x", "1" * 2_000_000 + "x", '"' + "\\u00e9" * 300_000 + '\\"'],
    ids=["string", "escapes", "lists", "objects", "blanks", "digits", "unicode"],
)  # fmt: skip
def test_hostile_text_is_refused_in_linear_time(text: str) -> None:
    with pytest.raises(PolicySyntaxError):
        read_json(text, "p")
