"""YAML gives the nodes that the same JSON would; what JSON has not does no harm."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from checker.errors import PolicySyntaxError
from checker.source.tree import Mapping, Node, Number, Scalar, Sequence
from checker.source.yaml_reader import read_yaml
from tests.effort import steps
from tests.test_json_reader import covered, nodes, plain

words = st.text(st.sampled_from("abAZ09 :#-?*&!|>'\"%@`{}[],\n\té😀\\~=<."), max_size=8)
scalars = st.none() | st.booleans() | st.integers() | words
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(words, inner),
    max_leaves=15,
)


def only(text: str) -> Node:
    (node,) = read_yaml(text, "p")
    return node


def refused(text: str) -> str:
    with pytest.raises(PolicySyntaxError) as caught:
        read_yaml(text, "p")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@given(values, st.sampled_from([True, False, None]), st.sampled_from([None, "'", '"', "|", ">"]))
def test_agrees_with_json(value: object, flow: bool | None, style: str | None) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, default_style=style, allow_unicode=True)
    if style and not isinstance(value, list | dict | str):
        return  # a quoted number has a tag
    expected = json.loads(json.dumps(value), parse_int=Number, parse_float=Number)
    assert plain(only(text)) == expected


@given(values, st.sampled_from([True, False, None]))
def test_a_span_covers_the_text_of_its_node(value: object, flow: bool | None) -> None:
    text = yaml.safe_dump({"first": 1, "it": value}, default_flow_style=flow, allow_unicode=True)
    for node in nodes(only(text)):
        if isinstance(node, Scalar) and isinstance(node.value, str):
            again = yaml.safe_load(
                f"[{covered(text, node.span)}]" if flow else covered(text, node.span)
            )
            assert again in (node.value, [node.value]) or "\n" in covered(text, node.span)


def test_spans_of_a_policy() -> None:
    text = (
        "\ufeffVersion: 2012-10-17\nStatement:\n  - Action: |\n      s3:*\n\n# end\n  - &a {x: é}\n"
    )
    root = only(text)
    shown = {covered(text[1:], node.span) for node in nodes(root)}
    assert shown == {
        text[1:-1],
        "Version", "2012-10-17", "Statement",
        "- Action: |\n      s3:*\n\n# end\n  - &a {x: é}",
        "Action: |\n      s3:*", "Action", "|\n      s3:*", "&a {x: é}", "x", "é",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2012-10-17", "2012-10-17"),
        ("2012-10-17T00:00:00Z", "2012-10-17T00:00:00Z"),
        ("1.10", Number("1.10")),
        ("111122223333", Number("111122223333")),
        ("011122223333", "011122223333"),
        ("0x1F", "0x1F"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("yes", True),
        ("Off", False),
        ("'yes'", "yes"),
        ("~", None),
        ("!!str 1", "1"),
        ("!!int 1", Number("1")),
        ("{Null: {a: true}}", {"Null": {"a": True}}),
        ("{on: push, 80: x}", {"on": "push", "80": "x"}),
        ("{{ value }}", {"?1": None}),
        ("!Sub x", {"!Sub": "x"}),
        ("!GetAtt [a, b]", {"!GetAtt": ["a", "b"]}),
        ("!!binary aGk=", {"!!binary": "aGk="}),
        ("!<tag:a.b,1:c> x", {"!<tag:a.b,1:c>": "x"}),
        ("a: &x {k: 1}\nb: *x", {"a": {"k": Number("1")}, "b": {"k": Number("1")}}),
        ("<<: {a: 1, b: 2}\na: 3", {"a": Number("3"), "b": Number("2")}),
        ("<<: [{a: x}, {a: y, b: z}]", {"a": "x", "b": "z"}),
    ],
)
def test_means(text: str, value: object) -> None:
    assert plain(only(text)) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2\n", "p:2:1: `a` stands twice in one object (it is first on line 1)"),
        ("a: *b", "p:1:4: `*b` stands for nothing above it"),
        ("a: &a [*a]", "p:1:8: `*a` stands for nothing above it"),
        ("<<: 1", "p:1:1: `<<` merges objects and lists of objects only"),
        ("a:\n\t- b", ("p:2:1: not YAML: found character that cannot start any token"
         " while scanning for the next token")),
        ("a: [1", "p:1:6: not YAML: did not find expected ',' or ']' while parsing a flow sequence"),
        ("a: \x07", r"p:1:4: `\x07` is no character of YAML"),
        ("a: \ud800", r"p:1:4: `\ud800` is no character of YAML"),
        ("[" * 101 + "]" * 101, "p:1:101: more than 100 objects and lists inside each other"),
        ("- " * 200 + "x", "p:1:201: more than 100 objects and lists inside each other"),
        ("x" * 1_048_577, "p:1:1: is larger than 1 MiB, the most that is read as YAML"),
    ],
)  # fmt: skip
def test_refuses(text: str, said: str) -> None:
    assert refused(text) == said


def test_a_stream_of_documents() -> None:
    assert [plain(node) for node in read_yaml("---\na\n---\n---\nb: 1\n...\n", "p")] == [
        "a", None, {"b": Number("1")},
    ]  # fmt: skip
    assert read_yaml("# nothing\n", "p") == ()


def bombs() -> Iterator[object]:
    wide = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
    )
    yield pytest.param(wide, id="laughs")
    deep = "a0: &a0 []\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 200))
    yield pytest.param(deep, id="aliases nest")
    merges = "a0: &a0 {k: v}\n" + "".join(
        f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}], k{i}: {{<<: *a{i - 1}}}}}\n"
        for i in range(1, 60)
    )
    yield pytest.param(merges, id="merges")
    yield pytest.param("[" * 500_000, id="brackets")
    yield pytest.param("? " * 300_000, id="keys")


@pytest.mark.parametrize("text", list(bombs()))
def test_a_bomb_is_one_clear_error_at_once(text: str) -> None:
    said: list[str] = []
    assert steps(lambda: said.append(refused(text))) < 50_000
    assert "aliases make" in said[0] or "more than 100" in said[0]


def test_without_libyaml_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'a: &x [1, "é😀 b", {k: v}]\nb:\n  - *x\n  - !Sub "q"\n  # c\n\nc: |\n  hi\n\n'
    fast = read_yaml(text, "p")
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert read_yaml(text, "p") == fast
    assert isinstance(fast[0], Mapping)
    assert isinstance(fast[0].get("a"), Sequence)
