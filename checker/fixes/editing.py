"""Operations carried out on a file's text, and read back: what comes out says just what it should."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from checker.errors import PolicySyntaxError
from checker.fixes.edited import Edited, EditedFile
from checker.fixes.layout import NoLayoutError, splices
from checker.fixes.operations import (
    NoSuchPlaceError,
    Operation,
    Remove,
    applied,
    below,
    children,
    found,
    path_of,
)
from checker.refinement.text_edits import Splice, Text, spliced
from checker.source.documents import content, tree_of
from checker.source.tree import Node, Sequence
from checker.span import Span

_MARK: Final = "\ufeff"  # a byte-order mark counts as no column


@dataclass(frozen=True, slots=True)
class Written:
    """A file's text and what was read from it."""

    source: Text
    path: str
    root: Node

    @property
    def text(self) -> str:
        """The text, without a byte-order mark."""
        return self.source.text

    def holds(self, node: Node) -> bool:
        """Whether the text where a node stands says just what the node says.

        Not so with a value that a template leaves to be filled in.
        """
        there = self.at(node.span)
        return there is not None and content(there) == content(node)

    def at(self, span: Span) -> Node | None:
        """Return what stands at a span, if that is one value."""
        return _at(self.root, span)


def written(data: bytes | None, path: str) -> Written | None:
    """Return a file as text and tree; None for one that is not JSON or YAML in UTF-8."""
    if data is None:
        return None
    try:
        text = data.decode("utf-8").removeprefix(_MARK)
        return Written(Text(text), path, tree_of(text, path))
    except (UnicodeDecodeError, PolicySyntaxError):
        return None


def _at(node: Node, span: Span) -> Node | None:
    """Return the node that stands at a span: the outermost, of several."""
    if node.span == span:
        return node
    for each in children(node).values():
        if each.span.start <= span.start and span.end <= each.span.end:
            return _at(each, span)
    return None


def laid_out(
    head: Written, base: Written | None, address: str, operations: Collection[Operation]
) -> tuple[Splice, ...] | None:
    """Return the splices for operations on the document at an address; they are not proved right."""
    try:
        whole = below(operations, path_of(address))
        return splices(head.source, base.source if base else None, head.root, whole)
    except (NoLayoutError, NoSuchPlaceError, ValueError, IndexError):
        return None


def edited(
    head: Written, base: Written | None, address: str, operations: Collection[Operation]
) -> Edited | None:
    """Return the text in which just these operations are carried out, and nothing else differs."""
    path = path_of(address)
    try:
        wanted = content(applied(head.root, below(operations, path)))
    except NoSuchPlaceError:
        return None
    if not _are_certain(head, base, path, operations):
        return None
    for source in (base, None) if base else (None,):
        made = laid_out(head, source, address, operations)
        if made is None:
            continue
        text = spliced(head.text, made)
        again = _read(text, head.path)
        if again is not None and content(again) == wanted:
            return Edited((EditedFile(head.path, head.source, text, made),))
    return None


def _read(text: str, path: str) -> Node | None:
    try:
        return tree_of(text, path)
    except PolicySyntaxError:
        return None


def _are_certain(
    head: Written, base: Written | None, path: tuple[str, ...], operations: Collection[Operation]
) -> bool:
    """Whether all that comes says in the old text what it is taken to say."""
    values = [each.value for each in operations if not isinstance(each, Remove)]
    sources = [source for source in (base, head) if source]
    return found(head.root, path) is not None and all(
        any(source.holds(part) for source in sources) for value in values for part in _parts(value)
    )


def _parts(value: Node) -> tuple[Node, ...]:
    """Return what a value is made of that was read somewhere."""
    if value.span.start != value.span.end:
        return (value,)
    return value.items if isinstance(value, Sequence) else (value,)
