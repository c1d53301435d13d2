from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from checker.errors import UsageError
from checker.refinement.edits import Edit, ElementEdit, Outcome, Removal, edited, patch
from checker.refinement.rewrite import DocumentEdit, diff, rewritten
from checker.source.documents import Document, documents_in
from checker.source.tree import Mapping

JSON = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"},
    {
      "Sid": "B",
      "Effect": "Allow",
      "Action": [
        "s3:A", "s3:B",
        "s3:C*",
        "s3:D"
      ],
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": "s3:E*",
      "Resource": "*"
    }
  ]
}
"""

YAML = """\
# the role
Version: "2012-10-17"
Statement:
  # machines
  - Effect: Allow
    Action: ec2:*
    Resource: "*" # all of them
  # files
  - Sid: B
    Effect: Allow
    Action:
      # reading
      - s3:A   # first
      - 's3:B'
      - s3:C*  # many
      - "s3:D"
    Resource: '*'

  - Effect: Allow
    Action: s3:E*   # last
    Resource: "*"
"""

NEW = ("s3:Cat", "s3:Cow*")
EDITS = (
    Removal(0),
    ElementEdit(1, "Action", "Action", ((), None, NEW, ())),
    ElementEdit(2, "Action", "Action", (("s3:Elk", "s3:Emu"),)),
)


def changed(text: str, path: str, edits: tuple[Edit, ...]) -> str:
    (document,) = documents_in(text, path)
    assert isinstance(document, Document)
    assert isinstance(document.node, Mapping)
    return rewritten(text, path, [DocumentEdit(document.address, document.node, edits)])


def test_json_keeps_its_layout() -> None:
    assert (
        changed(JSON, "p.json", EDITS)
        == """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "B",
      "Effect": "Allow",
      "Action": [
        "s3:B",
        "s3:Cat",
        "s3:Cow*"
      ],
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": ["s3:Elk", "s3:Emu"],
      "Resource": "*"
    }
  ]
}
"""
    )


def test_yaml_keeps_its_layout_and_comments() -> None:
    assert (
        changed(YAML, "p.yaml", EDITS)
        == """\
# the role
Version: "2012-10-17"
Statement:
  # machines
  # files
  - Sid: B
    Effect: Allow
    Action:
      # reading
      - 's3:B'
      - s3:Cat  # many
      - s3:Cow*
    Resource: '*'

  - Effect: Allow
    Action:   # last
      - s3:Elk
      - s3:Emu
    Resource: "*"
"""
    )


def test_a_long_list_in_json_takes_lines() -> None:
    names = tuple(f"s3:GetBucketNumber{number}" for number in range(4))
    text = changed(JSON, "p.json", (ElementEdit(2, "Action", "Action", (names,)),))
    assert '      "Action": [\n        "s3:GetBucketNumber0",\n' in text
    assert '        "s3:GetBucketNumber3"\n      ],\n      "Resource"' in text


@pytest.mark.parametrize("path", ["p.json", "p.yaml"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_the_lines_that_must_differ_do(path: str, mark: str, newline: str) -> None:
    text = mark + (JSON if path == "p.json" else YAML).replace("\n", newline)
    new = changed(text, path, (ElementEdit(1, "Action", "Action", (None, None, NEW, None)),))
    lines = [line for line in diff(text, new, path).split("\n")[2:] if line[:1] in "+-" and line]
    assert [line[0] for line in lines] == ["-", "+", "+"]
    assert new.startswith(mark)
    assert new.count("\n") == new.count(newline)


def test_not_action_gets_its_new_name() -> None:
    edit = ElementEdit(0, "NotAction", "Action", (("s3:Get*", "sqs:*"), ()))
    before = '{"Statement": [{"Effect": "Allow", "NotAction": ["a:*", "b:*"], "Resource": "*"}]}'
    after = '{"Statement": [{"Effect": "Allow", "Action": ["s3:Get*", "sqs:*"], "Resource": "*"}]}'
    assert changed(before, "p.json", (edit,)) == after


def test_documents_of_one_file_are_told_apart() -> None:
    one = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["a:B", "c:D"], "Resource": "*"}],
    }
    text = json.dumps({"FirstPolicy": one, "SecondPolicy": one}, indent=2)
    second = next(d for d in documents_in(text, "p.json") if d.address == "/SecondPolicy")
    assert isinstance(second, Document)
    assert isinstance(second.node, Mapping)
    edit = DocumentEdit(
        second.address, second.node, (ElementEdit(0, "Action", "Action", ((), None)),)
    )
    new = json.loads(rewritten(text, "p.json", [edit]))
    assert new["FirstPolicy"] == one
    assert new["SecondPolicy"]["Statement"][0]["Action"] == ["c:D"]


def test_what_aliases_share_is_not_edited() -> None:
    text = """\
FirstPolicy:
  Version: "2012-10-17"
  Statement: &all
    - {Effect: Allow, Action: [a:B, c:D], Resource: "*"}
SecondPolicy:
  Version: "2012-10-17"
  Statement: *all
"""
    second = next(d for d in documents_in(text, "p.yaml") if d.address == "/SecondPolicy")
    assert isinstance(second, Document)
    assert isinstance(second.node, Mapping)
    edit = DocumentEdit(
        second.address, second.node, (ElementEdit(0, "Action", "Action", ((), None)),)
    )
    with pytest.raises(UsageError, match=r"^p\.yaml: cannot be edited in place"):
        rewritten(text, "p.yaml", [edit])


def test_what_an_alias_repeats_is_changed_once() -> None:
    policy = "{Version: '2012-10-17', Statement: [{Effect: Allow, Action: [%s], Resource: '*'}]}"
    text = f"FirstPolicy: &all {policy}\nSecondPolicy: *all\n"
    edits = (ElementEdit(0, "Action", "Action", (("a:New", "a:Newer"), None)),)
    documents = documents_in(text % "a:B, a:C", "p.yaml")
    changes = [
        DocumentEdit(each.address, each.node, edits)
        for each in documents
        if isinstance(each, Document) and isinstance(each.node, Mapping)
    ]
    assert len(changes) == 2
    assert rewritten(text % "a:B, a:C", "p.yaml", changes) == text % "a:New, a:Newer, a:C"


@pytest.mark.parametrize(("old", "new"), [("a\nb", "a\nc"), ("a\nb\n", "a\nb"), ("", "x\n")])
def test_a_diff_says_where_a_line_does_not_end(old: str, new: str) -> None:
    text = diff(old, new, "p.json")
    assert text.startswith("--- a/p.json\n+++ b/p.json\n@@")
    assert text.endswith("\n")
    assert text.count("\\ No newline") == (not old.endswith("\n") and old != "") + (
        not new.endswith("\n")
    )


ENTRIES = st.sampled_from(["s3:A", "s3:B*", "*", "s3:Get?", "a:${x}"])
ACTIONS = st.one_of(ENTRIES, st.lists(ENTRIES, min_size=1, max_size=4))
STATEMENTS = st.builds(
    lambda actions, sid: {**sid, "Effect": "Allow", "Action": actions, "Resource": "*"},
    ACTIONS,
    st.sampled_from([{}, {"Sid": "x # y"}]),
)
OUTCOMES: st.SearchStrategy[Outcome] = st.one_of(
    st.none(), st.lists(st.sampled_from(["s3:New", "s3:Put*", "*"]), max_size=3).map(tuple)
)


@st.composite
def documents_and_edits(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[Edit, ...]]:
    statements = draw(st.lists(STATEMENTS, min_size=1, max_size=4))
    edits: list[Edit] = []
    for index, statement in enumerate(statements):
        entries = statement["Action"]
        count = len(entries) if isinstance(entries, list) else 1
        outcomes = tuple(draw(OUTCOMES) for _ in range(count))
        if all(outcome == () for outcome in outcomes):
            if len(edits) + 1 < len(statements):
                edits.append(Removal(index))
        elif any(outcome is not None for outcome in outcomes):
            edits.append(ElementEdit(index, "Action", "Action", outcomes))
    return {"Version": "2012-10-17", "Statement": statements}, tuple(edits)


@given(
    documents_and_edits(),
    st.sampled_from(["json", "json2", "json tabs", "yaml", "yaml flow", "yaml quoted"]),
)
def test_text_patch_and_values_agree(
    drawn: tuple[dict[str, Any], tuple[Edit, ...]], form: str
) -> None:
    import jsonpatch

    document, edits = drawn
    text = {
        "json": lambda: json.dumps(document),
        "json2": lambda: json.dumps(document, indent=2) + "\n",
        "json tabs": lambda: json.dumps(document, indent="\t"),
        "yaml": lambda: yaml.safe_dump(document, sort_keys=False),
        "yaml flow": lambda: yaml.safe_dump(document, default_flow_style=True),
        "yaml quoted": lambda: yaml.safe_dump(document, indent=4, default_style='"'),
    }[form]()
    path = "p.json" if form.startswith("json") else "p.yaml"
    expected = edited(document, edits)
    new = changed(text, path, edits)
    assert (json.loads(new) if path == "p.json" else yaml.safe_load(new)) == expected
    assert jsonpatch.apply_patch(document, list(patch(document, edits))) == expected
    if not edits:
        assert new == text


@pytest.mark.parametrize(
    "name", ["a b.json", 'a"b.json', "a\\b.json", "a\nb.json", "a\tb.json", "ä\u202eb.json", "\x7f"]
)
def test_git_applies_a_diff_to_the_file_it_names_and_no_other(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("a\nb\n")
    text = diff("a\nb\n", "a\nc\n", name)
    assert all(line.startswith(("---", "+++", "@@", " ", "-", "+")) for line in text.splitlines())
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=text.encode(), check=True)
    assert (tmp_path / name).read_text() == "a\nc\n"


REST = "  Effect: Allow\n  Resource: '*'\n"
LAYOUTS = {
    "comments in brackets": (
        f"- Action: [ # all\n    a:B, # one\n    a:C # two\n  ]\n{REST}",
        f"- Action: [ # all\n    a:New, # one\n    a:C # two\n  ]\n{REST}",
    ),
    "a dash alone": (
        f"- Action:\n  -\n    a:B\n  -\n    a:C\n{REST}",
        f"- Action:\n  -\n    a:New\n  -\n    a:C\n{REST}",
    ),
    "folded": (
        f"- Action:\n  - >-\n    a:B\n  - a:C\n{REST}",
        f"- Action:\n  - a:New\n  - a:C\n{REST}",
    ),
    "a question mark": (
        f"- ? Action\n  : [a:B, a:C]\n{REST}",
        f"- ? Action\n  : [a:New, a:C]\n{REST}",
    ),
    "a tag": (f"- Action: [!!str a:B, a:C]\n{REST}", f"- Action: [a:New, a:C]\n{REST}"),
    "wide dashes": (
        f"- Action:\n  -   a:B   # x\n  -   a:C\n{REST}",
        f"- Action:\n  -   a:New   # x\n  -   a:C\n{REST}",
    ),
    "beyond the plane": (
        f"- Sid: x # \U0001f600\n  Action: [a:B, a:C] # \U0001f600\n{REST}",
        f"- Sid: x # \U0001f600\n  Action: [a:New, a:C] # \U0001f600\n{REST}",
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_yaml_in_any_layout(name: str, newline: str) -> None:
    head = "Version: '2012-10-17'\nStatement:\n"
    old, new = ((head + text).replace("\n", newline) for text in LAYOUTS[name])
    edits = (ElementEdit(0, "Action", "Action", (("a:New",), None)),)
    assert changed(old, "p.yaml", edits) == new
