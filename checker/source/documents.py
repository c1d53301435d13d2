"""The policy documents that a file holds, recognised by what is written, not by the file's name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from checker.source.tree import Node
from checker.span import Span


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


@dataclass(frozen=True, slots=True)
class DocumentPair:
    """An old and a new document that are the same one; never both `None`."""

    address: str  # in head, or in base when it is gone
    before: Document | Unreadable | None
    after: Document | Unreadable | None


def documents_in_file(data: bytes, path: str) -> tuple[Document | Unreadable, ...]:
    """Return what a file of a commit holds: nothing for an ordinary one, in next to no time."""
    raise NotImplementedError


def documents_in(text: str, path: str) -> tuple[Document | Unreadable, ...]:
    """Return what a text holds; `path` decides between JSON and YAML where the text leaves it open."""
    raise NotImplementedError


def pairs(
    before: tuple[Document | Unreadable, ...], after: tuple[Document | Unreadable, ...]
) -> tuple[DocumentPair, ...]:
    """Return which old document is which new one: by address; in a list, by content first."""
    raise NotImplementedError
