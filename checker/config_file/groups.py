"""`critical`: named groups of actions, resources and conditions that no policy may grant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from checker.config import Config, Group
from checker.config_file import nodes
from checker.errors import ConfigError, PolicySyntaxError
from checker.packs import PACKS
from checker.policy.model import Pattern
from checker.policy.parse_condition import parse_conditions
from checker.policy.parse_listed import listed_action, listed_resource
from checker.source.places import quoted
from checker.source.tree import Entry, Node
from checker.span import Span


def read_critical(config: Config, node: Node) -> Config:
    """Return the settings with the groups of a mapping of names to groups."""
    found = tuple(_group(entry) for entry in nodes.mapping(node, "names to groups").entries)
    return replace(config, critical=found)


def _group(entry: Entry) -> Group:
    name = nodes.name(entry)
    if name in PACKS:
        hint = "the names of packs are taken; `packs` switches one on"
        raise ConfigError(f"{quoted(name)} is the name of a pack", entry.key.span, hint=hint)
    group = Group(name, "", ())
    for part in nodes.entries(entry.value, tuple(_PARTS), "part of a group"):
        group = _PARTS[part.name](group, part.value)
    if not group.why:
        hint = "say in a sentence why nobody may have this: reviewers read it"
        raise ConfigError(f"the group `{name}` has no `why`", entry.key.span, hint=hint)
    if not group.actions and not group.resources:
        problem = f"the group `{name}` names neither `actions` nor `resources`"
        raise ConfigError(problem, entry.key.span)
    return group


def _why(group: Group, node: Node) -> Group:
    return replace(group, why=nodes.sentence(node))


def _actions(group: Group, node: Node) -> Group:
    return replace(group, actions=_patterns(node, listed_action))


def _resources(group: Group, node: Node) -> Group:
    return replace(group, resources=_patterns(node, listed_resource))


def _conditions(group: Group, node: Node) -> Group:
    try:
        conditions, _ = parse_conditions(node, variables=False)
    except PolicySyntaxError as error:
        raise nodes.as_config_error(error) from error
    if not conditions:
        raise ConfigError("there is no condition here", node.span)
    return replace(group, conditions=conditions)


def _patterns(node: Node, read: Callable[[str, Span], Pattern]) -> tuple[Pattern, ...]:
    return tuple(found for found in nodes.each(node, read) if isinstance(found, Pattern))


_PARTS: Final[dict[str, Callable[[Group, Node], Group]]] = {
    "why": _why,
    "actions": _actions,
    "resources": _resources,
    "conditions": _conditions,
}
