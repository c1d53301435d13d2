"""The policy documents that a file holds, recognised by what is written, not by the file's name.

Looked for in three places: a file that is a policy; a list of policies, which a YAML stream of
several documents is as well; and an object with policies as values, under names that say so
(`Policy`, `PolicyDocument`, `TrustPolicy`) or as all of its values. A policy anywhere else, in a
template or in a string, is not read yet and said to be so; an ordinary file gives nothing.

What is meant to be a policy counts as one: `{"Version": "2012-10-17", "statement": …}` is a document,
and `policy.parse` says what is wrong with it.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias
from urllib.parse import unquote

from checker.errors import PolicySyntaxError
from checker.source import signs
from checker.source.json_reader import read_json
from checker.source.places import Places, quoted
from checker.source.tree import Mapping, Node, Number, Scalar, Sequence
from checker.source.yaml_reader import MOST_TEXT, read_yaml
from checker.span import Span, whole_file

MOST_JSON: Final = 5 * 1024 * 1024  # bytes

_ENCODINGS: Final = (  # of UTF-32 before those of UTF-16, which are their beginnings
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """Something meant to be a policy; whether it is one, `policy.parse` says."""

    node: Node
    address: str  # JSON pointer in the file; "" is the whole file
    span: Span
    listed: bool = False  # it stands in a list, so its address changes when a neighbour goes


class Trouble(StrEnum):
    """Why text with signs of a policy gave no document."""

    BROKEN = "broken"  # meant to be a policy, and the text cannot be read: closes the gate
    TOO_LARGE = "too-large"  # has signs of a policy and is too large to be read: closes the gate
    NOT_READ_YET = "not-read-yet"  # a policy in a place that is not looked into: for the ledger


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Text with signs of a policy that gave no document."""

    trouble: Trouble
    problem: str  # as in `PolicySyntaxError`: one line, lower case, user text in backticks
    at: Span
    hint: str = ""
    address: str = ""


Found: TypeAlias = Document | Unreadable


@dataclass(frozen=True, slots=True)
class DocumentPair:
    """An old and a new document that are the same one; never both `None`."""

    address: str  # in head, or in base when it is gone
    before: Found | None
    after: Found | None


def documents_in_file(data: bytes, path: str) -> tuple[Found, ...]:
    """Return what a file of a commit holds: nothing for an ordinary one, in next to no time."""
    encoding = next((name for mark, name in _ENCODINGS if data.startswith(mark)), "utf-8")
    bare = data.replace(b"\0", b"")  # what is left of UTF-16 without its mark
    if not signs.possible(bare):
        return ()
    try:
        return documents_in(data.decode(encoding), path)
    except UnicodeDecodeError as error:
        if not signs.written(bare.decode("utf-8", "replace")):
            return ()
        before = data[: error.start].decode(encoding, "replace")
        at = Places(before, path).span(len(before), len(before))
        problem = f"the file is not {encoding.upper()} text"
        return (Unreadable(Trouble.BROKEN, problem, at, "save it as UTF-8"),)


def documents_in(text: str, path: str) -> tuple[Found, ...]:
    """Return what a text holds; `path` decides between JSON and YAML, else the first character."""
    bare = text.replace("\0", "")
    if not signs.possible(bare.encode("utf-8", "replace")):
        return ()
    is_yaml = _is_yaml(text, path)
    most = MOST_TEXT if is_yaml else MOST_JSON
    if len(text) > most:
        problem = f"larger than {most // 1024 // 1024} MiB, the most that is read"
        large = Unreadable(Trouble.TOO_LARGE, problem, whole_file(path))
        return (large,) if signs.written(bare) else ()
    try:
        root = tree_of(text, path)
    except PolicySyntaxError as error:
        return _broken(error, bare, is_template=is_yaml and "{{" in text)
    return tuple(_without_tags(found) if is_yaml else found for found in _found(root))


def tree_of(text: str, path: str) -> Node:
    """Return what a text says, whatever that is; a YAML stream of several documents is a list.

    Errors: `PolicySyntaxError`.
    """
    roots = read_yaml(text, path) if _is_yaml(text, path) else (read_json(text, path),)
    return roots[0] if len(roots) == 1 else Sequence(roots, whole_file(path))


def _is_yaml(text: str, path: str) -> bool:
    if path.lower().endswith((".yaml", ".yml")):
        return True
    return not path.lower().endswith(".json") and text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "[")


def pairs(before: tuple[Found, ...], after: tuple[Found, ...]) -> tuple[DocumentPair, ...]:
    """Return which old document is which new one.

    By address; in a list, where an address is only a place in a row, by equal content first.
    """
    olds = {found.address: found for found in before}
    same = _equal(before, after)
    taken = set(same.values())
    paired: list[DocumentPair] = []
    for found in after:
        address = same.get(found.address, found.address)
        is_free = found.address in same or address not in taken
        old = olds.pop(address, None) if is_free else None
        paired.append(DocumentPair(found.address, old, found))
    return (*paired, *(DocumentPair(address, old, None) for address, old in olds.items()))


def content(node: Node) -> object:
    """Return what a node says, without where; equal for nodes that say the same."""
    match node:
        case Scalar(Number(text)):
            return ("number", text)
        case Scalar(value):
            return (type(value).__name__, value)
        case Sequence(items):
            return tuple(content(item) for item in items)
        case Mapping(entries):
            return frozenset((entry.name, content(entry.value)) for entry in entries)


def _equal(before: tuple[Found, ...], after: tuple[Found, ...]) -> dict[str, str]:
    """Return the old address of each listed document that stood in the old list as well."""
    olds: dict[object, list[str]] = {}
    for found in before:
        if isinstance(found, Document) and found.listed:
            olds.setdefault(content(found.node), []).append(found.address)
    same: dict[str, str] = {}
    for found in after:
        if isinstance(found, Document) and found.listed:
            addresses = olds.get(content(found.node))
            if addresses:
                same[found.address] = addresses.pop(0)
    return same


def _broken(error: PolicySyntaxError, text: str, *, is_template: bool) -> tuple[Found, ...]:
    """Return what to say of text that is neither JSON nor YAML: nothing, unless it has signs."""
    if not signs.written(text):
        return ()
    if is_template:
        return (_not_read("", "a policy inside a text template", error.at),)
    return (Unreadable(Trouble.BROKEN, error.problem, error.at, error.hint),)


def _found(root: Node) -> Iterator[Found]:
    """Yield the documents of a file, then one word on the first policy in another place."""
    if signs.is_policy(root):
        yield Document(root, "", root.span)
        return
    wrapper, inside = signs.unwrapped(root)
    values = dict(signs.children(wrapper, inside))
    policies = [address for address in values if signs.is_policy(values[address], alone=False)]
    listed = isinstance(root, Sequence)
    if not listed and not wrapper and len(policies) < len(values):
        policies = [address for address in policies if signs.is_holder(address)]
    for address in policies:
        node = values.pop(address)
        yield Document(node, address, node.span, listed)
    if signs.is_loose_statement(root) or isinstance(root, Scalar):
        values = {"": root}
    for above, value in values.items():
        for address, node in signs.below(value, above):
            if what := _misplaced(node, root):
                yield _not_read(address, what, node.span)
                return


def _misplaced(node: Node, root: Node) -> str:
    """Return what `node` looks like, in words, if that is a policy in a place that is not read."""
    if isinstance(node, Scalar):
        text = node.value if isinstance(node.value, str) else ""
        is_sign = signs.written(text) or ("%22" in text and signs.written(unquote(text)))
        return "a policy inside a string" if is_sign else ""
    if signs.is_policy(node, alone=False):
        return f"a policy inside {signs.carrier(root)}"
    return "a statement without a policy around it" if signs.is_loose_statement(node) else ""


def _not_read(address: str, what: str, at: Span) -> Unreadable:
    problem = f"holds what looks like {what}, which is not read yet"
    return Unreadable(Trouble.NOT_READ_YET, problem, at, address=address)


def _without_tags(found: Found) -> Found:
    """Return a document; an error instead, if it has what YAML has and policies have not."""
    if isinstance(found, Unreadable):
        return found
    for _, node in signs.below(found.node):
        for entry in node.entries if isinstance(node, Mapping) else ():
            if entry.name.startswith(("!", "?")):
                tag = f"the tag {quoted(entry.name)}"
                what = tag if entry.name.startswith("!") else "a name that is not text"
                problem = f"{what} has no meaning in a policy"
                return Unreadable(Trouble.BROKEN, problem, entry.key.span, "", found.address)
    return found
