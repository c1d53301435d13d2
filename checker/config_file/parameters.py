"""`parameters`: files with the values of a template's parameters, by path of the template."""

from __future__ import annotations

from dataclasses import replace

from checker.config import Config, Parameters
from checker.config_file import nodes
from checker.source.tree import Node, Sequence


def read_parameters(config: Config, node: Node) -> Config:
    """Return the settings with the files of a mapping of paths to one file or several."""
    found: list[Parameters] = []
    for entry in nodes.mapping(node, "paths to files").entries:
        items = entry.value.items if isinstance(entry.value, Sequence) else (entry.value,)
        files = tuple(nodes.file(item) for item in items)
        found.append(Parameters(nodes.glob(entry.name, entry.key.span), files, entry.value.span))
    return replace(config, parameters=tuple(found))
