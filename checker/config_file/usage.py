"""`unused-access`: where it is reported what of policies nobody uses, and whose use that is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from checker.config import Config, Usage
from checker.config_file import nodes
from checker.errors import ConfigError
from checker.source.globs import Globs
from checker.source.tree import Mapping, Node

_IDENTITY: Final = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+", re.ASCII)
_MEMBERS: Final = ("report", "role")


def read_unused_access(config: Config, node: Node) -> Config:
    """Return the settings with one report for all policies, or with one for each of some paths."""
    if isinstance(node, Mapping) and node.get("report") is None:
        found = (_usage(nodes.glob(e.name, e.key.span), e.value) for e in node.entries)
        return replace(config, usages=tuple(found))
    return replace(config, usages=(_usage(None, node),))


def _usage(paths: Globs | None, node: Node) -> Usage:
    if not isinstance(node, Mapping):
        return Usage(nodes.file(node), paths, "", node.span)
    members = {entry.name: entry.value for entry in nodes.entries(node, _MEMBERS, "setting")}
    report, role = members.get("report"), members.get("role")
    if report is None:
        hint = "name a file or folder of the repository"
        raise ConfigError("there is no `report` here", node.span, hint=hint)
    what = "the ARN of a role or user (such as `arn:aws:iam::111122223333:role/App`)"
    roles = nodes.shaped(role, _IDENTITY, what) if role else ("",)
    if len(roles) != 1:
        raise ConfigError("expected one role here", node.span)
    return Usage(nodes.file(report), paths, roles[0], report.span)
