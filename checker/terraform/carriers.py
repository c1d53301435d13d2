"""The table of carriers: which argument of which resource holds what kind of policy."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from checker.template.carrier import Carrier


@dataclass(frozen=True, slots=True)
class Grant:
    """Arguments that together are one statement of a resource policy."""

    principal: str
    action: str
    default_action: str
    resource: str
    qualifier: str
    default: str
    arn: str
    conditions: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Arguments that grant something by its name: all of `to` name who gets it, `of` what it is."""

    to: tuple[str, ...]
    kind: str
    of: str
    what: str


@dataclass(frozen=True, slots=True)
class Table:
    """All that is known of resource types.

    attachments: from a kind of owner to the argument that names it, and under "policies" to that
        of the policies' ARNs.
    owners: the same for policies that are written where they are attached.
    """

    carriers: Mapping[str, tuple[Carrier, ...]]
    about: Mapping[str, str]
    attachments: Mapping[str, Mapping[str, str]]
    owners: Mapping[str, Mapping[str, str]]
    other: frozenset[str]
    grants: Mapping[str, Grant]
    assignments: Mapping[str, Assignment]


@cache
def table() -> Table:
    """Return the table that is part of the package."""
    text = files("checker.terraform").joinpath("carriers.toml").read_text("utf-8")
    data = tomllib.loads(text)
    return Table(
        {
            name: _carriers({**paths, **data["more"].get(name, {})})
            for name, paths in data["carriers"].items()
        },
        data["about"],
        data["attachments"],
        data["owners"],
        frozenset(data["other"]["types"]),
        {name: _grant(said) for name, said in data["grants"].items()},
        {
            name: Assignment(tuple(said["to"]), said["kind"], said["of"], said["what"])
            for name, said in data["assignments"].items()
        },
    )


def _carriers(paths: Mapping[str, str]) -> tuple[Carrier, ...]:
    return tuple([Carrier(tuple(path.split(".")), kind) for path, kind in paths.items()])


def _grant(said: Mapping[str, str | Mapping[str, str]]) -> Grant:
    conditions = said.get("conditions", {})
    pairs = conditions.items() if isinstance(conditions, Mapping) else ()
    texts = {name: value for name, value in said.items() if isinstance(value, str)}
    return Grant(
        texts["principal"],
        texts["action"],
        texts.get("default_action", ""),
        texts["resource"],
        texts.get("qualifier", ""),
        texts.get("default", ""),
        texts.get("arn", ""),
        {name: _pair(both) for name, both in pairs},
    )


def _pair(both: str) -> tuple[str, str]:
    operator, _, key = both.partition(" ")
    return operator, key
