"""Changes of a policy document, said once and carried out three ways: on values, as a patch, in text.

An edit speaks of entries as they stand in the document, so that nothing else is ever touched.
"""

from __future__ import annotations

import json
from collections.abc import Sequence as AbstractSequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TypeAlias, cast

from checker.source.tree import Mapping, Node, Number, Scalar, Sequence

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Object: TypeAlias = dict[str, Json]
Operation: TypeAlias = dict[str, Json]

Outcome: TypeAlias = tuple[str, ...] | None
"""What stands in the place of an entry: None leaves it as it is, the empty tuple takes it away."""


@dataclass(frozen=True, slots=True)
class ElementEdit:
    """What becomes of each entry of one element of one statement; some entry stays or comes.

    `name` is the element's as written; `new_name` differs where `NotAction` becomes `Action`.
    """

    statement: int
    name: str
    new_name: str
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """The statement goes."""

    statement: int


Edit: TypeAlias = ElementEdit | Removal


def plain(node: Node) -> Json:
    """Return the value that a node stands for."""
    match node:
        case Scalar():
            if isinstance(node.value, Number):
                return cast("int | float", json.loads(node.value.text))
            return node.value
        case Sequence(items):
            return [plain(item) for item in items]
        case Mapping():
            return plain_object(node)


def plain_object(node: Mapping) -> Object:
    """Return the value that an object stands for."""
    return {entry.name: plain(entry.value) for entry in node.entries}


def edited(document: Object, edits: AbstractSequence[Edit]) -> Object:
    """Return the document after the edits; a document without statements keeps an empty list."""
    new = deepcopy(document)
    listed = new["Statement"]
    statements = listed if isinstance(listed, list) else [listed]
    gone = {edit.statement for edit in edits if isinstance(edit, Removal)}
    for edit in edits:
        statement = statements[edit.statement]
        if isinstance(edit, ElementEdit) and isinstance(statement, dict):
            statements[edit.statement] = _with_element(statement, edit)
    if gone:
        new["Statement"] = [s for index, s in enumerate(statements) if index not in gone]
    elif not isinstance(listed, list):
        new["Statement"] = statements[0]
    return new


def _with_element(statement: Object, edit: ElementEdit) -> Object:
    return {
        (edit.new_name if name == edit.name else name): (
            new_value(value, edit.outcomes) if name == edit.name else value
        )
        for name, value in statement.items()
    }


def new_value(value: Json, outcomes: AbstractSequence[Outcome]) -> Json:
    """Return an element's value after an edit: a text only becomes a list if it must."""
    items = value if isinstance(value, list) else [value]
    kept: list[Json] = []
    for item, outcome in zip(items, outcomes, strict=True):
        kept += [item] if outcome is None else outcome
    return kept if isinstance(value, list) or len(kept) != 1 else kept[0]


def patch(document: Object, edits: AbstractSequence[Edit]) -> tuple[Operation, ...]:
    """Return the edits as RFC 6902 operations, the last statement first so that indices hold."""
    listed = document["Statement"]
    is_list = isinstance(listed, list)
    statements = listed if isinstance(listed, list) else [listed]
    operations: list[Operation] = []
    for edit in sorted(edits, key=lambda each: each.statement, reverse=True):
        at = f"/Statement/{edit.statement}" if is_list else "/Statement"
        if isinstance(edit, Removal):
            operations.append({"op": "remove", "path": at})
            continue
        statement = cast("Object", statements[edit.statement])
        operations += _element_patch(statement[edit.name], edit, at)
    return tuple(operations)


def _element_patch(value: Json, edit: ElementEdit, statement: str) -> list[Operation]:
    at = f"{statement}/{edit.new_name}"
    whole = new_value(value, edit.outcomes)
    if edit.new_name != edit.name:
        return [
            {"op": "remove", "path": f"{statement}/{edit.name}"},
            {"op": "add", "path": at, "value": whole},
        ]
    replacing: list[Operation] = [{"op": "replace", "path": at, "value": whole}]
    if not isinstance(value, list):
        return replacing
    by_entry = _entry_patch(value, edit, at)
    return min(by_entry, replacing, key=lambda operations: len(json.dumps(operations)))


def _entry_patch(value: list[Json], edit: ElementEdit, at: str) -> list[Operation]:
    """Return one operation for each entry that goes or comes, the last first."""
    operations: list[Operation] = []
    for index in reversed(range(len(value))):
        texts = edit.outcomes[index]
        if texts is None:
            continue
        if not texts:
            operations.append({"op": "remove", "path": f"{at}/{index}"})
            continue
        operations.append({"op": "replace", "path": f"{at}/{index}", "value": texts[0]})
        operations += [
            {"op": "add", "path": f"{at}/{index + 1}", "value": text}
            for text in reversed(texts[1:])
        ]
    return operations
