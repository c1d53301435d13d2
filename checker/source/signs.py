"""Signs that text or a node is meant to be a policy, however badly it is written.

Two kinds of mistake, of which the second is the worse: to take an ordinary file for a policy, and
to pass over a policy because of a typing error. So a sign is never one word alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from checker.source.tree import Mapping, Node, Scalar, Sequence

VERSIONS: Final = ("2012-10-17", "2008-10-17")

# Names may be written with escapes, so an escape that can be an ASCII letter is a possible sign.
_POSSIBLE: Final = (
    b"statement",
    *(b"2012-10-17", b"2008-10-17"),
    *(b"\\u00", b"\\x", b"\\\n", b"\\\r\n"),
)
_QUOTE: Final = r"[\"'\\]*+"
_WRITTEN: Final = tuple(
    re.compile(pattern, re.IGNORECASE).search
    for pattern in (
        rf"[\"']statement[\"']|\bstatement{_QUOTE}\s*+:",
        r"20(?:12|08)-10-17",
        rf"[\"'](?:effect|(?:not)?action)[\"']|\b(?:effect|(?:not)?action){_QUOTE}\s*+:",
    )
)
_ELEMENTS: Final = frozenset(
    [
        "sid",
        "effect",
        "principal",
        "notprincipal",
        "action",
        "notaction",
        "resource",
        "notresource",
        "condition",
    ]
)
_ACTIONS: Final = frozenset({"action", "notaction"})
_EFFECTS: Final = frozenset({"allow", "deny"})
_DOCUMENT: Final = frozenset({"version", "id", "statement"})
_WRAPPERS: Final = frozenset({"PolicyVersion", "Role"})
_HOLDERS: Final = re.compile(r".*policy(?:document)?").fullmatch


def possible(data: bytes) -> bool:
    """Return whether a file may hold a policy at all: a quick no for nearly every file."""
    lower = data.lower()
    if any(sign in lower for sign in _POSSIBLE):
        return True
    return b"effect" in lower and b"action" in lower


def written(text: str) -> bool:
    """Return whether text that nobody can parse was meant to hold a policy."""
    return sum(1 for search in _WRITTEN if search(text)) >= 2


def is_policy(node: Node, *, alone: bool = True) -> bool:
    """Return whether an object is meant to be a policy.

    `alone`: nothing stands around it. Else it may be a schema of policies, which has their names.
    """
    if not isinstance(node, Mapping):
        return False
    names = {_plain(entry.name): entry.value for entry in node.entries}
    if any(is_statement(item) for item in _items(names.get("statement"))):
        return True
    if _version(names.get("version")):
        others = [name for name in names if name not in ("version", "id")]
        near = get_close_matches("statement", others, n=1, cutoff=0.75)
        return (
            not others
            or bool(near)
            or any(is_statement(item) for value in names.values() for item in _items(value))
        )
    statements = node.get("Statement")
    return alone and isinstance(statements, Mapping | Sequence) and names.keys() <= _DOCUMENT


def is_statement(node: Node) -> bool:
    """Return whether an object has at least two elements of a statement."""
    if not isinstance(node, Mapping):
        return False
    return len({_plain(entry.name) for entry in node.entries} & _ELEMENTS) >= 2


def is_loose_statement(node: Node) -> bool:
    """Return whether an object is a statement beyond doubt, though no policy is around it."""
    if not isinstance(node, Mapping):
        return False
    names = {_plain(entry.name): entry.value for entry in node.entries}
    effect = names.get("effect")
    allows = isinstance(effect, Scalar) and str(effect.value).casefold() in _EFFECTS
    return allows and bool(names.keys() & _ACTIONS)


def is_holder(name: str) -> bool:
    """Return whether a name says that its value is a policy, as `KeyPolicy` does."""
    return bool(_HOLDERS(_plain(name)))


def unwrapped(root: Node) -> tuple[str, Node]:
    """Return the object that the command line of AWS prints inside another one, and its address.

    `aws iam get-policy-version` prints `{"PolicyVersion": {"Document": …}}`.
    """
    if isinstance(root, Mapping) and len(root.entries) == 1:
        (entry,) = root.entries
        if entry.name in _WRAPPERS:
            return f"/{entry.name}", entry.value
    return "", root


def carrier(root: Node) -> str:
    """Return what kind of file holds policies deeper inside, in words."""
    if not isinstance(root, Mapping):
        return "a list"
    names = {entry.name for entry in root.entries}
    if "AWSTemplateFormatVersion" in names or "Resources" in names:
        return "a CloudFormation template"
    if "terraform_version" in names:
        return "a Terraform plan" if "format_version" in names else "a Terraform state"
    if names & {"resource", "data", "provider", "terraform", "module"}:
        return "Terraform in JSON"
    if {"apiVersion", "kind"} <= names:
        return "a Kubernetes object"
    if {"service", "provider"} <= names:
        return "a Serverless configuration"
    if names & {"openapi", "swagger"}:
        return "an OpenAPI description"
    return "another document"


def below(root: Node, address: str = "") -> Iterator[tuple[str, Node]]:
    """Yield `root`, which stands at `address`, and every node under it with its JSON pointer."""
    waiting: list[tuple[str, Node]] = [(address, root)]
    while waiting:
        here, node = waiting.pop()
        yield here, node
        waiting += reversed(list(children(here, node)))


def children(address: str, node: Node) -> Iterator[tuple[str, Node]]:
    """Yield the values directly under the node at `address`, with their JSON pointers."""
    match node:
        case Mapping():
            for entry in node.entries:
                name = entry.name.replace("~", "~0").replace("/", "~1")
                yield f"{address}/{name}", entry.value
        case Sequence():
            for index, item in enumerate(node.items):
                yield f"{address}/{index}", item
        case Scalar():
            return


def _plain(name: str) -> str:
    """Return a name without what people get wrong: case, separators, plural, blanks."""
    return re.sub(r"[\s_-]", "", name.casefold()).removesuffix("s")


def _items(node: Node | None) -> tuple[Node, ...]:
    if isinstance(node, Sequence):
        return node.items
    return (node,) if node else ()


def _version(node: Node | None) -> bool:
    return isinstance(node, Scalar) and isinstance(node.value, str) and node.value in VERSIONS
