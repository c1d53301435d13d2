"""Terraform's language written as JSON (`.tf.json`)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from checker.errors import PolicySyntaxError
from checker.source.json_reader import read_json
from checker.source.tree import Entry, Mapping, Node, Scalar, Sequence
from checker.span import Span
from checker.template.value import Value
from checker.terraform.blocks import DEEPEST, File, Header
from checker.terraform.expressions import OnePlaceReader
from checker.terraform.syntax import (
    Argument,
    Block,
    Body,
    Expression,
    Literal,
    Object,
    Tuple,
)
from checker.terraform.templates import raw_parts, whole_template
from checker.terraform.values import FailedError, from_node

_ESCAPED: Final = re.compile(r"\\u00([2-7][0-9a-fA-F])")
_LABELS: Final = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "module": 1,
    "variable": 1,
    "output": 1,
    "provider": 1,
    "check": 1,
}
_BLOCKS: Final = frozenset(
    {
        "statement", "principals", "not_principals", "condition", "dynamic", "content",
        "inline_policy", "lifecycle", "s3_access_point", "details", "constraints",
    }
)  # fmt: skip
"""Members that are blocks inside the resources whose blocks are looked at."""


class JsonFile(File):
    """A `.tf.json` file: its blocks are made of members."""

    __slots__ = ("_members",)

    def __init__(self, text: str, path: str) -> None:
        self._members: dict[int, tuple[Header, Node]] = {}
        super().__init__(text, path)

    def _scan(self) -> None:
        reader = self.reader
        root = read_json(reader.text, reader.places.path)
        for entry in _entries(root):
            if entry.name == "//":
                continue
            for labels, node in _labelled(entry.value, _LABELS.get(entry.name, 0)):
                header = Header(entry.name, labels, len(self.headers), 0, 0)
                self._members[header.start] = (header, node)
                self.headers.append(header)

    def block(self, header: Header) -> Block:
        """Return one block, made of its members."""
        node = self._members[header.start][1]
        keep_all = header.type == "locals"
        body = _body(node, DEEPEST, blocks=frozenset() if keep_all else _BLOCKS)
        return Block(header.type, header.labels, body, node.span)

    def span(self, header: Header) -> Span:
        """Return the lines of a block."""
        return self._members[header.start][1].span

    def text(self, header: Header) -> str:
        """Return the text of a block as it stands in the file, without needless escapes."""
        span = self.span(header)
        breaks = [-1, *self.reader.places.breaks]
        start = breaks[span.start.line - 1] + span.start.column
        text = self.reader.text[start : breaks[span.end.line - 1] + span.end.column]
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


@lru_cache(maxsize=1024)
def read_json_file(text: str, path: str) -> File:
    """Return a file; the same text at the same path is read once."""
    return JsonFile(text, path)


def values_of_json(text: str, path: str) -> dict[str, Value]:
    """Return the values of a file of variables written as JSON.

    Errors: `FailedError` where it is not one.
    """
    try:
        return {each.name: from_node(each.value) for each in _entries(read_json(text, path))}
    except PolicySyntaxError as error:
        raise FailedError(error.problem, error.at) from None


def _entries(node: Node) -> tuple[Entry, ...]:
    """Return the members of an object, or of all the objects of a list."""
    match node:
        case Mapping(entries):
            return entries
        case Sequence(items):
            return tuple([entry for item in items for entry in _entries(item)])
        case _:
            raise PolicySyntaxError("an object should be here", node.span)


def _labelled(node: Node, levels: int) -> list[tuple[tuple[str, ...], Node]]:
    if not levels:
        whole = node.items if isinstance(node, Sequence) else (node,)
        return [((), each) for each in whole]
    found: list[tuple[tuple[str, ...], Node]] = []
    for entry in _entries(node):
        if entry.name != "//":
            found += [
                ((entry.name, *rest), inner) for rest, inner in _labelled(entry.value, levels - 1)
            ]
    return found


def _body(node: Node, depth: int, *, blocks: frozenset[str] = _BLOCKS) -> Body:
    if not depth:
        raise PolicySyntaxError(f"more than {DEEPEST} blocks inside each other", node.span)
    arguments: list[Argument] = []
    inner: list[Block] = []
    for entry in _entries(node):
        if entry.name == "//":
            continue
        if entry.name in blocks and isinstance(entry.value, Mapping | Sequence):
            levels = 1 if entry.name == "dynamic" else 0
            for labels, each in _labelled(entry.value, levels):
                inner += [
                    Block(entry.name, labels, _body(one, depth - 1), one.span)
                    for one in (each.items if isinstance(each, Sequence) else (each,))
                ]
        else:
            value = expression(entry.value, raw=entry.name in ("depends_on", "provider"))
            arguments.append(Argument(entry.name, value, entry.key.span))
    return Body(tuple(arguments), tuple(inner))


def expression(node: Node, *, raw: bool = False) -> Expression:
    """Return the expression that a JSON value is: its strings are templates."""
    match node:
        case Scalar(str(text), span) if not raw and ("${" in text or "%{" in text):
            return _template(text, span)
        case Scalar():
            return Literal(node)
        case Sequence(items, span):
            return Tuple(tuple([expression(each) for each in items]), span)
        case Mapping(entries, span):
            members = [(expression(entry.key), expression(entry.value)) for entry in entries]
            return Object(tuple(members), span)


def _template(text: str, at: Span) -> Expression:
    """Return a template; all of it stands where its string stands."""
    reader = OnePlaceReader(text, at)
    try:
        parts = raw_parts(reader, 0, len(text))
    except PolicySyntaxError as error:
        raise PolicySyntaxError(error.problem, at) from None
    return whole_template(parts, at)
