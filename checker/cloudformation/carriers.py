"""The table of carriers: which property of which resource holds what kind of policy."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from checker.template.carrier import Carrier


@dataclass(frozen=True, slots=True)
class Grant:
    """Properties that together are one statement of a resource policy.

    default: the resource's name where none is written.
    arn: what a bare name stands for.
    conditions: from a property to an operator and a condition key.
    """

    principal: str
    action: str
    resource: str
    default: str
    arn: str
    conditions: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """All that is known of resource types."""

    carriers: Mapping[str, tuple[Carrier, ...]]
    attached: Mapping[str, tuple[Carrier, ...]]
    about: Mapping[str, str]
    other: frozenset[str]
    grants: Mapping[str, Grant]


@cache
def table() -> Table:
    """Return the table that is part of the package."""
    text = files("checker.cloudformation").joinpath("carriers.toml").read_text("utf-8")
    data = tomllib.loads(text)
    return Table(
        {
            name: _carriers({**paths, **data["more"].get(name, {})})
            for name, paths in data["carriers"].items()
        },
        {name: _carriers(paths) for name, paths in data["attached"].items()},
        data["about"],
        frozenset(data["other"]["types"]),
        {name: _grant(said) for name, said in data["statements"].items()},
    )


def _carriers(paths: Mapping[str, str]) -> tuple[Carrier, ...]:
    return tuple(Carrier(tuple(path.split("/")), kind) for path, kind in paths.items())


def _grant(said: Mapping[str, str | Mapping[str, str]]) -> Grant:
    conditions = said.get("conditions", {})
    pairs = conditions.items() if isinstance(conditions, Mapping) else ()
    operators = {name: text.partition(" ") for name, text in pairs}
    return Grant(
        str(said["principal"]),
        str(said["action"]),
        str(said["resource"]),
        str(said.get("default", "")),
        str(said.get("arn", "")),
        {name: (operator, key) for name, (operator, _, key) in operators.items()},
    )
