"""`managed-policies`: copies of policies that templates attach by their ARNs."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from checker.config import Config, ManagedCopy
from checker.config_file import nodes
from checker.errors import ConfigError
from checker.source.places import quoted
from checker.source.tree import Node

_ARN: Final = re.compile(r"arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/[\x21-\x7e]+")


def read_managed_policies(config: Config, node: Node) -> Config:
    """Return the settings with the files of a mapping of ARNs to files."""
    found: list[ManagedCopy] = []
    for entry in nodes.mapping(node, "ARNs to files").entries:
        if _ARN.fullmatch(entry.name) is None:
            hint = "write it as `arn:aws:iam::aws:policy/ReadOnlyAccess`"
            problem = f"{quoted(entry.name)} is not the ARN of a managed policy"
            raise ConfigError(problem, entry.key.span, hint=hint)
        found.append(ManagedCopy(entry.name, nodes.file(entry.value), entry.value.span))
    return replace(config, managed=tuple(found))
