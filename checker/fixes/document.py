"""A policy and the nodes that it was parsed from, before and after some operations."""

from __future__ import annotations

from collections.abc import Callable, Collection
from collections.abc import Sequence as AbstractSequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from checker.errors import PolicySyntaxError
from checker.fixes.operations import NoSuchPlaceError, Operation, Path, applied
from checker.fixes.parts import Whole, statements_of
from checker.policy.model import Policy, PolicyType, Statement
from checker.policy.parse import parse_policy
from checker.policy.parse_node import items
from checker.source.documents import content
from checker.source.tree import Entry, Mapping, Node, Sequence
from checker.span import Span

Read: TypeAlias = Callable[[Mapping], AbstractSequence[Statement]]
"""The statements of a document by the `index` of their nodes; raises `PolicySyntaxError`."""


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document: its node, and each statement beside the node that it stands in.

    numbers: of each statement, which node that is. Of what a template leaves open, several
    statements stand in one node. foreign: nodes, by identity, of what stands in no file, such as a
    policy that is attached by its ARN.
    """

    node: Mapping
    policy: Policy
    statements: tuple[tuple[Mapping, Statement], ...]
    numbers: tuple[int, ...]
    read: Read
    foreign: frozenset[int] = frozenset()

    @property
    def is_list(self) -> bool:
        """Whether its statements stand in a list."""
        return isinstance(self.node.get("Statement"), Sequence)

    def at(self, index: int) -> Path:
        """Return the path of a statement."""
        return ("Statement", str(self.numbers[index])) if self.is_list else ("Statement",)

    def index_of(self, statement: Statement) -> int | None:
        """Return which statement this is, however much of it a check left out; None if it is none."""
        every = [each for _, each in self.statements]
        exact = (place for place, each in enumerate(every) if each is statement)
        found = next(exact, None)
        if found is not None:
            return found
        same = (place for place, each in enumerate(every) if each == statement)
        return next(same, self.place(statement.index, statement.span))

    def place(self, index: int, span: Span) -> int | None:
        """Return which statement has this number and stands here.

        Numbers alone do not tell: a document may be made of several.
        """
        for place, (_, each) in enumerate(self.statements):
            if each.index == index and each.span == span:
                return place
        return None

    def edited(self, operations: Collection[Operation]) -> Document | None:
        """Return the document after the operations; None if they make no policy of it."""
        try:
            node = applied(self.node, operations)
        except NoSuchPlaceError:
            return None
        body = node.get("Statement") if isinstance(node, Mapping) else None
        if body is None or not isinstance(node, Mapping):
            return None
        known: dict[int, list[Statement]] = {}
        for written, statement in self.statements:
            known.setdefault(id(written), []).append(statement)
        pairs: list[tuple[Mapping, Statement]] = []
        numbers: list[int] = []
        for number, each in enumerate(items(body)):
            found = known.get(id(each)) or self._parsed(each)
            if not found or not isinstance(each, Mapping):
                return None
            pairs += ((each, replace(statement, index=number)) for statement in found)
            numbers += [number] * len(found)
        if not pairs:
            return None
        policy = replace(self.policy, statements=tuple(statement for _, statement in pairs))
        return Document(node, policy, tuple(pairs), tuple(numbers), self.read, self.foreign)

    def _parsed(self, node: Node) -> AbstractSequence[Statement]:
        """Return what one node says, parsed as if it stood alone in this document."""
        alone = Sequence((node,), node.span)
        members = (
            Entry(entry.key, alone if entry.name == "Statement" else entry.value)
            for entry in self.node.entries
        )
        try:
            return self.read(Mapping(tuple(members), node.span))
        except PolicySyntaxError:
            return ()

    def without(self, gone: AbstractSet[int]) -> Policy:
        """Return the policy less the statements of some nodes, which go by their identity."""
        kept = tuple(s for each, s in self.statements if id(each) not in gone)
        return replace(self.policy, statements=kept)

    def vanished(self, new: Document) -> tuple[tuple[Mapping, Statement], ...]:
        """Return the statements of this old document that the new one does not have as they were.

        Of several in one node it is the first.
        """
        there = {content(each) for each, _ in new.statements}
        gone = {
            id(pair[0]): pair for pair in reversed(self.statements) if content(pair[0]) not in there
        }
        return tuple(reversed(gone.values()))


def document(node: Node | None, policy: Policy | None) -> Document | None:
    """Return a document; None unless the policy has the statements of the node."""
    if not isinstance(node, Mapping) or policy is None:
        return None
    nodes = statements_of(node)
    pairs = [(each, s) for each, s in zip(nodes, policy.statements) if isinstance(each, Mapping)]  # noqa: B905
    if len(pairs) != len(nodes) or len(nodes) != len(policy.statements):
        return None
    numbers = tuple(range(len(nodes)))
    return Document(node, policy, tuple(pairs), numbers, partial(_plain, policy.type))


def document_of_parts(whole: Whole | None, policy: Policy | None, read: Read) -> Document | None:
    """Return a document that is made of several; None unless the policy is what they say."""
    if whole is None or policy is None:
        return None
    pairs: list[tuple[Mapping, Statement]] = []
    numbers: list[int] = []
    first = 0
    for part in whole.parts:
        nodes = statements_of(part)
        for statement in read(part):
            each = nodes[statement.index]
            if not isinstance(each, Mapping):
                return None
            pairs.append((each, statement))
            numbers.append(first + statement.index)
        first += len(nodes)
    if tuple(statement for _, statement in pairs) != policy.statements:
        return None
    pairs = [(node, own) for (node, _), own in zip(pairs, policy.statements, strict=True)]
    return Document(whole.node, policy, tuple(pairs), tuple(numbers), read, whole.foreign)


def _plain(policy_type: PolicyType, node: Mapping) -> AbstractSequence[Statement]:
    return parse_policy(node, policy_type).statements
