"""Policies of a template as text: an edit of what they mean, made where that is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from checker.findings import PolicyChange
from checker.fixes import editing
from checker.fixes.document import Document
from checker.fixes.edited import Edited
from checker.fixes.editing import Written
from checker.fixes.operations import (
    Insert,
    NoSuchPlaceError,
    Operation,
    Path,
    Remove,
    Replace,
    applied,
    found,
)
from checker.fixes.parts import merged, part_of
from checker.fixes.search import estimated
from checker.source.changes import ChangedFile
from checker.source.documents import content
from checker.source.tree import Mapping, Node, Scalar
from checker.source.tree import Sequence as List
from checker.template.worlds import premises
from checker.template_changes import TemplatePair, Way, ways
from checker.template_files import ChangedTemplate, policy_pairs


@dataclass(frozen=True)
class TemplateTexts:
    """A changed template in one file, and the policy in it that may be edited.

    node: what the policy says, of all documents together. read: what the file holds as a template.
    """

    file: ChangedFile
    address: str
    node: Mapping
    documents: tuple[Mapping, ...]
    read: Callable[[ChangedFile], ChangedTemplate | None]

    @cached_property
    def head(self) -> Written | None:
        """The new version as text and tree, if it can be edited."""
        return editing.written(self.file.after, self.file.path)

    @cached_property
    def base(self) -> Written | None:
        """The old version as text and tree, if it can be copied from."""
        return editing.written(self.file.before, self.file.base_path)

    def edited(self, operations: Sequence[Operation]) -> Edited | None:
        """Return the head file after operations on the policy, which then says just what they say."""
        made = self._raw(operations)
        if made is None or self.head is None:
            return None
        edited = editing.edited(self.head, self.base, "", made)
        pair = self._pair(edited) if edited else None
        policy = merged(pair.after, {}) if pair and the_way(pair, self.file) else None
        try:
            wanted = content(applied(self.node, operations))
        except NoSuchPlaceError:
            return None
        return edited if policy is not None and content(policy.node) == wanted else None

    def again(self, edited: Edited) -> PolicyChange | None:
        """Return what becomes of the policy if the head file has this text."""
        pair = self._pair(edited)
        way = the_way(pair, self.file) if pair else None
        return way.change if way else None

    def is_whole(self, _: Document) -> bool:
        """Return no: a patch would be of values that the template does not hold."""
        return False

    def size(self, new: Document, operations: Sequence[Operation]) -> int:
        """Return how many characters an edit takes away and brings."""
        made = self._raw(operations)
        laid = editing.laid_out(self.head, self.base, "", made) if made and self.head else None
        if laid is None:
            return estimated(new.node, operations)
        return sum(each.end - each.start + len(each.text) for each in laid)

    def _pair(self, edited: Edited) -> TemplatePair | None:
        (made,) = edited.files
        data = made.text.encode("utf-8", "surrogatepass")
        file = ChangedFile(self.file.path, self.file.base_path, self.file.before, data)
        template = self.read(file)
        pairs = policy_pairs(template) if template else ()
        return next((each for each in pairs if each.address == self.address), None)

    def _raw(self, operations: Sequence[Operation]) -> tuple[Operation, ...] | None:
        """Return operations as those of the file's own tree; None where that is not one to one."""
        try:
            return tuple(self._of_tree(each) for each in operations)
        except NoSuchPlaceError:
            return None

    def _of_tree(self, operation: Operation) -> Operation:
        match operation:
            case Remove(at):
                return Remove(self._path(at))
            case Replace(at, value):
                return Replace(self._path(at), self._written(value))
            case Insert(("Statement",), before, value) if len(self.documents) > 1:
                *into, place = self._path(("Statement", str(max(before - 1, 0))))
                if not place.isdecimal():
                    raise NoSuchPlaceError
                return Insert(tuple(into), int(place) + min(before, 1), self._written(value))
            case Insert(into, before, value, name):
                return Insert(self._path(into), before, self._written(value), name)

    def _path(self, path: Path) -> Path:
        """Return where in the file's tree a path of the policy leads, by names that both have."""
        index, inside = part_of(self.documents, path)
        document = self.documents[index]
        root = self._root(document)
        if self.head is None:
            raise NoSuchPlaceError
        there = found(self.head.root, root)
        here: Node | None = document
        for part in inside:
            if there is None or here is None or not _alike(there, here):
                raise NoSuchPlaceError
            there, here = found(there, (part,)), found(here, (part,))
        if there is None or here is None:
            raise NoSuchPlaceError
        return (*root, *inside)

    def _root(self, document: Mapping) -> Path:
        found_at = _path_at(self.head.root, document) if self.head else None
        if found_at is None:
            raise NoSuchPlaceError
        return found_at

    def _written(self, value: Node) -> Node:
        """Return what stands in the old text where a value was read from."""
        if value.span.start == value.span.end or self.base is None:
            raise NoSuchPlaceError
        there = self.base.at(value.span)
        if there is None:
            raise NoSuchPlaceError
        return there


def _alike(one: Node, other: Node) -> bool:
    """Whether two nodes have the same children, by name or number."""
    if isinstance(one, Scalar) or isinstance(other, Scalar):
        return False
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return [e.name for e in one.entries] == [e.name for e in other.entries]
    if isinstance(one, List) and isinstance(other, List):
        return len(one.items) == len(other.items)
    return False


def _path_at(root: Node, node: Node) -> Path | None:
    """Return where in a tree an object stands at the span of another one."""
    for path, each in _objects(root, ()):
        if each.span == node.span:
            return path
    return None


def _objects(node: Node, path: Path) -> Iterator[tuple[Path, Mapping]]:
    if isinstance(node, Mapping):
        yield path, node
        for entry in node.entries:
            yield from _objects(entry.value, (*path, entry.name))
    elif isinstance(node, List):
        for index, item in enumerate(node.items):
            yield from _objects(item, (*path, str(index)))


def the_way(pair: TemplatePair, file: ChangedFile) -> Way | None:
    """Return how a policy is deployed, if it is the same however the template is."""
    if not pair.after or premises([each.value for each in (*pair.before, *pair.after)]):
        return None
    every = tuple(ways(pair, file.path, file.base_path))
    way = every[0] if len(every) == 1 else None
    is_one = isinstance(way, Way) and way.change.after is not None and not way.change.given
    return way if is_one and isinstance(way, Way) else None
