"""Patterns of file names, as `fileset` has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_PIECE: Final = re.compile(
    r"(?P<any>\*+)|(?P<one>\?)|\\(?P<escaped>.)|\[(?P<not>\^?)(?P<set>(?:\\.|[^\]\\\[])+)\]"
    r"|\{(?P<sides>[^{}\[\]\\]*)\}|(?P<plain>[^*?\\\[\]{}])",
    re.DOTALL,
)
_MEMBER: Final = re.compile(r"\\?(.)(?:(-)\\?(.))?", re.DOTALL).findall
_SPECIAL: Final = re.compile(r"[*?\\\[\]{}]").search


class NotUnderstoodError(Exception):
    """A pattern is refused by Terraform, or means more than is read of patterns."""


def is_plain(name: str) -> bool:
    """Whether a name in a pattern stands for itself alone."""
    return not _SPECIAL(name)


def expression_of(pattern: str) -> str:
    """Return a pattern of paths as a regular expression.

    Errors: `NotUnderstoodError`.
    """
    names = pattern.split("/")
    made = ["(?:[^/]+/)*" if name == "**" else f"{_of_name(name)}/" for name in names[:-1]]
    last = "(?:[^/]+/)*[^/]+" if names[-1] == "**" else _of_name(names[-1])
    return "".join(made) + last


def _of_name(pattern: str) -> str:
    return "".join(_pieces(pattern))


def _pieces(pattern: str) -> Iterator[str]:
    """Yield what the parts of the pattern of one name are as regular expressions."""
    at = 0
    while at < len(pattern):
        found = _PIECE.match(pattern, at)
        if found is None:
            raise NotUnderstoodError
        at = found.end()
        if found["any"]:
            yield "[^/]*"
        elif found["one"]:
            yield "[^/]"
        elif found["set"]:
            yield f"(?!/)[{found['not']}{''.join(_members(found['set']))}]"
        elif found["sides"] is not None:
            yield f"(?:{'|'.join(_of_name(side) for side in found['sides'].split(','))})"
        else:
            yield re.escape(found["escaped"] or found["plain"])


def _members(text: str) -> Iterator[str]:
    for first, is_range, last in _MEMBER(text):
        if is_range and last < first:
            raise NotUnderstoodError
        yield re.escape(first) + (f"-{re.escape(last)}" if is_range else "")
