"""From what callers of the Python API hold (a dict, JSON text, a policy) to a `Policy`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from collections.abc import Mapping as AbstractMapping
from typing import Final, TypeAlias

from checker.errors import PolicySyntaxError
from checker.policy.guess import guess_type
from checker.policy.model import Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.source.json_reader import read_json
from checker.source.tree import Entry, Mapping, Node, Sequence, from_python
from checker.span import whole_file

NAME: Final = "policy"  # stands for the file in messages

PolicyLike: TypeAlias = Policy | AbstractMapping[str, object] | str


def policy_of(value: PolicyLike, policy_type: PolicyType, name: str = NAME) -> Policy:
    """Return the policy that a dict or a JSON text holds, or the policy itself.

    Errors: `PolicySyntaxError`, placed in the text, or in the dict as `json.dumps` indents it.
    """
    if isinstance(value, Policy):
        return value
    if isinstance(value, str):
        return parse_policy(read_json(value, name), policy_type)
    try:
        return parse_policy(from_python(value, whole_file(name)), policy_type)
    except TypeError as error:
        raise PolicySyntaxError(str(error), whole_file(name)) from error
    except PolicySyntaxError:
        # Only now is it worth knowing the place: say it in the text a reader would print.
        return parse_policy(read_json(json.dumps(value, indent=2), name), policy_type)


def guessed_type(value: PolicyLike) -> PolicyType:
    """Return what a policy that names principals looks like: of a role, or of another resource."""
    if isinstance(value, Policy):
        return value.type
    try:
        node = read_json(value, NAME) if isinstance(value, str) else from_python(value)
    except TypeError as error:
        raise PolicySyntaxError(str(error), whole_file(NAME)) from error
    is_trust = guess_type(node) is PolicyType.TRUST
    return PolicyType.TRUST if is_trust else PolicyType.RESOURCE


def policy_as_stored(value: PolicyLike, policy_type: PolicyType) -> Policy:
    """Return the policy of a dict as a service holds it, for the judge of one request.

    AWS refuses to save a condition with one key in two spellings, and so do the checks. A dict from
    elsewhere may hold one all the same: then both spellings must hold, like any two conditions.
    """
    if isinstance(value, Policy | str):
        return policy_of(value, policy_type)
    try:
        return policy_of(value, policy_type)
    except PolicySyntaxError as error:
        try:
            return parse_policy(_spellings_apart(from_python(value)), policy_type)
        except PolicySyntaxError:
            raise error from None  # it names the place


def _spellings_apart(node: Node) -> Node:
    """Return the document with operators repeated so that no key stands twice under one."""
    match node:
        case Mapping():
            entries: list[Entry] = []
            for entry in node.entries:
                value = _spellings_apart(entry.value)
                if entry.name == "Condition" and isinstance(value, Mapping):
                    value = Mapping(tuple(_repeated(value)), value.span)
                entries.append(Entry(entry.key, value))
            return Mapping(tuple(entries), node.span)
        case Sequence(items=items):
            return Sequence(tuple(_spellings_apart(item) for item in items), node.span)
        case _:
            return node


def _repeated(block: Mapping) -> Iterator[Entry]:
    for operator in block.entries:
        rows: list[dict[str, Entry]] = [{}]
        keys = operator.value.entries if isinstance(operator.value, Mapping) else ()
        for key in keys:
            row = next((row for row in rows if key.name.lower() not in row), None)
            if row is None:
                row = {}
                rows.append(row)
            row[key.name.lower()] = key
        if len(rows) == 1:
            yield operator
        for row in rows if len(rows) > 1 else ():
            yield Entry(operator.key, Mapping(tuple(row.values()), operator.value.span))
