"""Mutated templates: nothing crashes, and a policy that is still written is not passed over."""

from __future__ import annotations

import copy
import json
import random
from typing import Any, Final

import pytest

from checker.cloudformation import documents, is_template
from checker.cloudformation.plain_data import plain
from checker.cloudformation.texts import spelled
from checker.config import Config
from checker.errors import PolicySyntaxError
from checker.findings import Severity
from checker.source.documents import tree_of
from checker.symbolic.question import Budget
from checker.template.value import InTemplate, TemplateDocument
from checker.template_files import ChangedTemplate
from checker.template_judging import judged_template
from tests.templates import Folder
from tests.test_cloudformation_templates import CASES

Path = tuple[str | int, ...]
ROOTS: Final = [plain(tree_of(case.before, case.path)) for case in CASES]
ACTION: Final = "fuzz:Marker"
NAMES: Final = (
    *("Ref", "Fn::Sub", "Fn::GetAtt", "Fn::If", "Fn::Join", "Fn::Select", "Fn::Split", "Condition"),
    *("Fn::FindInMap", "Fn::ImportValue", "Fn::Base64", "Fn::Transform", "Fn::ForEach::X", "!Sub"),
    *("Fn::ToJsonString", "Fn::Length", "Fn::Equals", "?1", "Properties", "Type", "Statement"),
)
ODD: Final[tuple[Any, ...]] = (
    *(None, True, 0, 1.5, "", "*", "${", "${}", "${A.B.C}", "{{resolve:x}}", "{", "[1", {}, []),
    *({"Ref": "AWS::NoValue"}, {"Ref": 1}, {"Fn::If": ["IsProd"]}, {"Fn::GetAtt": []}),
    *({"Fn::Sub": ["a", 1]}, {"Fn::Join": [",", {"Ref": "x"}]}, {"Fn::Select": [99, []]}),
    *({"Fn::ForEach::a": ["x", ["1"], {"y${x}": 1}]}, "AWS::IAM::Role", "AWS::Lambda::Permission"),
    *("AWS::CloudFormation::Stack", "AWS::Organizations::Policy", "AWS::Events::EventBusPolicy"),
)


def below(node: Any, path: Path = ()) -> list[tuple[Path, Any]]:
    found = [(path, node)]
    if isinstance(node, dict | list):
        for step, each in node.items() if isinstance(node, dict) else enumerate(node):
            found += below(each, (*path, step))
    return found


def at(root: Any, path: Path) -> Any:
    for step in path:
        root = root[step]
    return root


def planted(root: Any, dice: random.Random) -> Path | None:
    """Put a statement that nothing else allows into some policy, and return where."""
    holders = [
        (path, node)
        for path, node in below(root)
        if isinstance(node, dict) and "Statement" in node and path[:1] == ("Resources",)
    ]
    if not holders:
        return None
    path, node = dice.choice(holders)
    written = node["Statement"] if isinstance(node["Statement"], list) else [node["Statement"]]
    mark: dict[str, Any] = {"Effect": "Allow", "Action": ACTION, "Resource": "*"}
    if written and isinstance(written[0], dict) and "Principal" in written[0]:
        mark |= {"Principal": {"AWS": "999988887777"}}
    node["Statement"] = [*written, mark]
    return (*path, "Statement", len(written))


def mutated(root: Any, mark: Path, dice: random.Random) -> Path:  # noqa: C901  a kind in each case
    """Change one thing that is not in the planted statement; return where that is now."""
    while True:
        path, node = dice.choice(below(root)[1:])
        holds = mark[: len(path)] == path
        if path[: len(mark)] == mark and path != mark:
            continue
        parent, step, rest = at(root, path[:-1]), path[-1], mark[len(path) :]
        match dice.choice(("put", "drop", "name", "if", "list", "call", "copy")):
            case "put" if not holds:
                parent[step] = copy.deepcopy(dice.choice(ODD))
                return mark
            case "drop" if not holds and isinstance(parent, dict):
                del parent[step]
                return mark
            case "name" if isinstance(step, str):
                new = dice.choice((*NAMES, step.lower(), step + "x"))
                members = {new if name == step else name: each for name, each in parent.items()}
                if len(members) < len(parent):
                    continue
                parent.clear()
                parent.update(members)
                return (*path[:-1], new, *rest) if holds else mark
            case "if":
                parent[step] = {"Fn::If": ["IsProd", node, {"Ref": "AWS::NoValue"}]}
                return (*path, "Fn::If", 1, *rest) if holds else mark
            case "list":
                parent[step] = [node]
                return (*path, 0, *rest) if holds else mark
            case "call":
                name = dice.choice(NAMES)
                parent[step] = {name: node}
                return (*path, name, *rest) if holds else mark
            case "copy" if isinstance(parent, list):
                parent.append(copy.deepcopy(node))
                return mark
            case _:
                continue


def drawn(seed: int) -> tuple[Any, Any, Path | None]:
    """Return a template, and a mutated one with a statement more, which stands at the path."""
    dice = random.Random(seed)  # noqa: S311  dice
    before = dice.choice(ROOTS)
    after = copy.deepcopy(before)
    mark = planted(after, dice)
    for _ in range(dice.choice((0, 1, 1, 2, 3)) if mark else 0):
        mark = mutated(after, mark or (), dice)
    return before, after, mark


def found_in(data: Any) -> tuple[InTemplate, ...]:
    text = json.dumps(data, indent=1)
    return documents(tree_of(text, "t.json"), "t.json", Folder({"t.json": text}))


def is_said(found: tuple[InTemplate, ...]) -> bool:
    """Whether the planted statement is in a document as a statement."""
    return any(
        f'"Action": "{ACTION}"' in spelled(each.value, whole=True)
        for each in found
        if isinstance(each, TemplateDocument)
    )


@pytest.mark.parametrize("seed", range(10))
def test_no_mutated_template_crashes_or_loses_a_policy(seed: int) -> None:
    for number in range(60):
        _, after, mark = drawn(seed * 1_000 + number)
        try:
            found = found_in(after)
        except PolicySyntaxError:
            continue
        text = json.dumps(after)
        in_place = mark is not None and mark[:1] == ("Resources",) and "Conditions" not in after
        called = any(str(step).startswith(("Fn::", "!", "Ref", "Condition")) for step in mark or ())
        if in_place and not called and is_template(tree_of(text, "t.json")):
            assert is_said(found) or len(found) > len(
                [e for e in found if isinstance(e, TemplateDocument)]
            ), text


@pytest.mark.parametrize("seed", range(6))
def test_no_mutated_template_passes_with_a_new_statement(seed: int) -> None:
    for number in range(12):
        before, after, _ = drawn(900_000 + seed * 1_000 + number)
        if any(word in json.dumps(before) for word in ('"Action": "*"', "NotAction")):
            continue  # the new statement is no news
        old, new = found_in(before), found_in(after)
        if is_said(new):
            changed = ChangedTemplate("t.json", "t.json", old, new)
            findings = judged_template(Config(), Budget(10.0), changed).findings
            assert any(each.severity is Severity.BLOCK for each in findings), json.dumps(after)
