"""`fail-on`: what closes the gate, for all checks, check by check, and path by path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from checker.config import CHECKS, EVERY_CHECK, Config, FailOn, Levels
from checker.config_file import nodes
from checker.errors import ConfigError
from checker.findings import Severity
from checker.packs import PACKS
from checker.source.globs import Globs
from checker.source.tree import Entry, Mapping, Node

LEVELS: Final = {"block": Severity.BLOCK, "warn": Severity.WARN, "off": None}
_PATHS: Final = "paths"
_NEVER_BLOCKS: Final = "diagnostics"
_FAMILY: Final = "access-not-granted"  # a group is `access-not-granted/its-name`


def read_fail_on(config: Config, node: Node) -> Config:
    """Return the settings with one level for all, or with those of a mapping."""
    if not isinstance(node, Mapping):
        return replace(config, fail_on=FailOn({EVERY_CHECK: _level(node)}))
    known = tuple(entry for entry in node.entries if entry.name != _PATHS)
    everywhere = dict(_of_check(entry) for entry in known)
    paths = node.get(_PATHS)
    return replace(config, fail_on=FailOn(everywhere, _in_paths(paths) if paths else ()))


def unknown_groups(node: Node, config: Config) -> Iterator[ConfigError]:
    """Yield the levels that are set for groups and packs that do not exist."""
    pairs = {f"{pack.name}/{both.name}" for pack in PACKS.values() for both in pack.combinations}
    known = {group.name for group in config.critical} | set(PACKS) | pairs
    for entry in _entries(node):
        family, slash, name = entry.name.partition("/")
        if family == _FAMILY and slash and name not in known:
            yield nodes.unknown(name, entry.key.span, tuple(sorted(known)), "group or pack")


def _entries(node: Node) -> Iterator[Entry]:
    """Yield the levels of checks, those of single paths included."""
    for entry in node.entries if isinstance(node, Mapping) else ():
        if entry.name != _PATHS:
            yield entry
        elif isinstance(entry.value, Mapping):
            for path in entry.value.entries:
                yield from _entries(path.value)


def _in_paths(node: Node) -> tuple[tuple[Globs, Levels], ...]:
    what = "paths to levels"
    return tuple(
        (nodes.glob(entry.name, entry.key.span), _levels(entry.value))
        for entry in nodes.mapping(node, what).entries
    )


def _levels(node: Node) -> Levels:
    if not isinstance(node, Mapping):
        return {EVERY_CHECK: _level(node)}
    return dict(_of_check(entry) for entry in node.entries)


def _of_check(entry: Entry) -> tuple[str, Severity | None]:
    family, slash, _ = entry.name.partition("/")
    if entry.name not in CHECKS and not (slash and family == _FAMILY):
        raise nodes.unknown(entry.name, entry.key.span, (*CHECKS, _PATHS), "check")
    level = _level(entry.value)
    if entry.name == _NEVER_BLOCKS and level is Severity.BLOCK:
        hint = "use warn or off"
        raise ConfigError("`diagnostics` never block", entry.value.span, hint=hint)
    return entry.name, level


def _level(node: Node) -> Severity | None:
    if isinstance(node, Mapping):
        hint = "levels for single paths stand under `paths`"
        raise ConfigError("expected block, warn or off here", node.span, hint=hint)
    return LEVELS[nodes.chosen(node, tuple(LEVELS), "level")]
