"""Where the policies of an estate stand, found without the product's own readers.

By searching text and counting brackets, so that what a reader overlooks is missed in nobody's favour.
Enough for files of our own writing; no reader of Terraform.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_STARTS: Final = (
    ("data source", re.compile(r'^data "aws_iam_policy_document" "[\w-]+" (?=\{)', re.MULTILINE)),
    ("jsonencode", re.compile(r"\bjsonencode(?=\()")),
    (
        "argument",
        re.compile(r"\b(?:statements|principals|\w+_statements) *= *(?:concat(?=\()|(?=[\[{]))"),
    ),
    ("permission", re.compile(r'^resource "aws_lambda_permission" "[\w-]+" (?=\{)', re.MULTILINE)),
)
_HEREDOC: Final = re.compile(r"<<-?(\w+)\n(.*?)\n *\1$", re.MULTILINE | re.DOTALL)
_IS_POLICY: Final = re.compile(r"\bStatement\b")
_OPEN: Final = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Written:
    """The text of one policy: in which file, from where to where, and in which way it is written."""

    path: str
    way: str
    start: int
    end: int


def texts(files: Mapping[str, bytes]) -> Iterator[Written]:
    """Yield the texts of all policies that are written in the files of an estate."""
    for path, content in sorted(files.items()):
        text = content.decode()
        if path.endswith((".tf", ".tofu")):
            yield from _in_source(path, text)
        elif _IS_POLICY.search(text):
            yield Written(path, "file", 0, len(text))


def _in_source(path: str, text: str) -> Iterator[Written]:
    found: list[Written] = []
    for way, start in _STARTS:
        for match in start.finditer(text):
            end = closing(text, match.end())
            if way != "jsonencode" or _IS_POLICY.search(text, match.start(), end):
                found.append(Written(path, way, match.start(), end))
    heredocs = (each for each in _HEREDOC.finditer(text) if _IS_POLICY.search(each[2]))
    found += [Written(path, "heredoc", *each.span(2)) for each in heredocs]
    for one in sorted(found, key=lambda each: each.start):
        if not any(o.start < one.start and one.end < o.end for o in found):
            yield one


def closing(text: str, start: int) -> int:
    """Return the place behind the bracket that closes the one at the start."""
    depth = 0
    for match in re.compile(r"[(){}\[\]]").finditer(text, start):
        depth += 1 if match[0] in _OPEN else -1
        if not depth:
            return match.end()
    return len(text)


def enclosing(text: str, place: int) -> tuple[int, int]:
    """Return the innermost braces around a place, from the line on which they open."""
    depth = 0
    for index in range(place - 1, -1, -1):
        depth += {"}": 1, "{": -1}.get(text[index], 0)
        if depth < 0:
            return index, closing(text, index)
    return 0, len(text)


def value_end(text: str, start: int) -> int:
    """Return where a value ends: a list, an object, a string, or an expression on its line."""
    if text[start] in _OPEN:
        return closing(text, start)
    for index in range(start, len(text)):
        if text[index] in _OPEN:
            return value_end(text, closing(text, index))
        if text[index] in ",\n}])" or (text[index] == " " and text[index + 1] == "}"):
            return index
    return len(text)
