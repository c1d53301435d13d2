"""Policies in files on disk that a command names: read, and written back."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from checker.errors import UsageError, located
from checker.policy.guess import guess_type
from checker.policy.model import Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.policy.parse_node import mapping
from checker.source.documents import Document, documents_in
from checker.source.json_reader import read_json
from checker.source.tree import Mapping, Node
from checker.source.yaml_reader import read_yaml

_MOST_BYTES: Final = 5 * 1024 * 1024
_ENDINGS: Final = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Found:
    """A policy document of a file."""

    address: str  # JSON pointer in the file
    node: Mapping
    policy: Policy


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A file of policies, as it was read."""

    name: str
    text: str
    found: tuple[Found, ...]


def policy_file(name: str, kind: str | None) -> PolicyFile:
    """Return the policies of a file; `-` is standard input. `kind`: their type, if it is told.

    Errors: `UsageError`, `PolicySyntaxError`.
    """
    path = "standard input" if name == "-" else name
    try:
        text = contents(name).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text") from error
    nodes: list[tuple[str, Node]] = []
    for each in documents_in(text, path):
        if not isinstance(each, Document):
            raise UsageError(located(each.problem, each.at, each.hint))
        nodes.append((each.address, each.node))
    found = tuple(found_at(*each, kind) for each in nodes or [("", _root(text, path))])
    return PolicyFile(path, text, found)


def _root(text: str, path: str) -> Node:
    """Return the whole file, for the parser to say what is wrong with it."""
    if not path.lower().endswith((".yaml", ".yml")):
        return read_json(text, path)
    roots = read_yaml(text, path)
    if len(roots) != 1:
        raise UsageError(f"{path}: holds {len(roots)} documents, not one policy")
    return roots[0]


def found_at(address: str, node: Node, kind: str | None) -> Found:
    """Return a parsed document.

    Errors: `PolicySyntaxError`.
    """
    document = mapping(node, "a policy")
    told = PolicyType(kind) if kind else guess_type(node) or PolicyType.IDENTITY
    return Found(address, document, parse_policy(document, told))


def contents(name: str) -> bytes:
    """Return the bytes of a file; `-` is standard input.

    Errors: `UsageError`.
    """
    try:
        if name == "-":
            data = sys.stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with Path(name).open("rb") as opened:
                data = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror or error}") from error
    if len(data) > _MOST_BYTES:
        raise UsageError(f"{name} is larger than 5 MiB, the most that is read")
    return data


def written(file: PolicyFile, text: str) -> None:
    """Put a new text into the file that it was read from.

    Errors: `UsageError`.
    """
    if file.name == "standard input":
        raise UsageError("standard input cannot be written in place (name the file)")
    if text == file.text:
        return
    try:
        Path(file.name).write_bytes(text.encode("utf-8"))
    except OSError as error:
        raise UsageError(f"cannot write {file.name}: {error.strerror or error}") from error


def policy_paths(folder: Path) -> list[Path]:
    """Return the files under a folder that may hold policies; hidden ones are left out."""
    if folder.is_file():
        return [folder]
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in _ENDINGS
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    )
