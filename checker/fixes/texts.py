"""A changed file as text: how an edit of one of its documents looks there, and what it makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from checker.config import Config
from checker.findings import PolicyChange
from checker.fixes import editing
from checker.fixes.document import Document
from checker.fixes.edited import Edited
from checker.fixes.editing import Written
from checker.fixes.operations import Operation, Remove, found, is_written, path_of
from checker.fixes.search import estimated
from checker.policy_changes import policy_changes
from checker.source.changes import ChangedFile
from checker.source.documents import DocumentPair, Found, content, documents_in_file, pairs


@dataclass(frozen=True)
class Texts:
    """A changed file, and the address of the document in it that may be edited.

    before: what was read from its old version.
    """

    file: ChangedFile
    before: tuple[Found, ...]
    config: Config
    address: str

    @cached_property
    def head(self) -> Written | None:
        """The new version as text and tree, if it can be edited."""
        return editing.written(self.file.after, self.file.path)

    @cached_property
    def base(self) -> Written | None:
        """The old version as text and tree, if it can be copied from."""
        return editing.written(self.file.before, self.file.base_path)

    def edited(self, operations: Sequence[Operation]) -> Edited | None:
        """Return the head file after operations on the document."""
        if self.head is None or not is_written(operations):
            return None
        return editing.edited(self.head, self._source(operations), self.address, operations)

    def _source(self, operations: Sequence[Operation]) -> Written | None:
        return None if all(isinstance(each, Remove) for each in operations) else self.base

    def again(self, edited: Edited) -> PolicyChange | None:
        """Return what becomes of the document if the head file has this text."""
        (made,) = edited.files
        file = replace(self.file, after=made.text.encode("utf-8", "surrogatepass"))
        after = documents_in_file(file.after or b"", file.path)
        for pair in pairs(self.before, after):
            if pair.address == self.address:
                return the_change(pair, file, self.config)
        return None

    def is_whole(self, new: Document) -> bool:
        """Whether the document says in the text all that it is taken to say."""
        there = found(self.head.root, path_of(self.address)) if self.head else None
        return there is not None and content(there) == content(new.node)

    def size(self, new: Document, operations: Sequence[Operation]) -> int:
        """Return how many characters an edit takes away and brings."""
        made = None
        if self.head is not None:
            source = self._source(operations)
            made = editing.laid_out(self.head, source, self.address, operations)
        if made is None:
            return estimated(new.node, operations)
        return sum(each.end - each.start + len(each.text) for each in made)


def before_and_after(file: ChangedFile) -> tuple[tuple[Found, ...], tuple[Found, ...]]:
    """Return the documents of both versions of a file."""
    before = documents_in_file(file.before, file.base_path) if file.before is not None else ()
    after = documents_in_file(file.after, file.path) if file.after is not None else ()
    return before, after


def the_change(pair: DocumentPair, file: ChangedFile, config: Config) -> PolicyChange | None:
    """Return what becomes of a document, if that is one change of a policy that is still there."""
    every = policy_changes(pair, file, config)
    change = every[0] if len(every) == 1 else None
    return change if isinstance(change, PolicyChange) and change.after else None
