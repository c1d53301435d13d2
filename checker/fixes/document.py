"""A policy and the nodes that it was parsed from, before and after some operations."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from checker.errors import PolicySyntaxError
from checker.fixes.operations import NoSuchPlaceError, Operation, Path, applied
from checker.policy.model import Policy, Statement
from checker.policy.parse import parse_policy
from checker.policy.parse_node import items
from checker.source.documents import content
from checker.source.tree import Entry, Mapping, Node, Sequence
from checker.span import Span


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document: its node, and each statement beside the node that it stands in."""

    node: Mapping
    policy: Policy
    statements: tuple[tuple[Mapping, Statement], ...]

    @property
    def is_list(self) -> bool:
        """Whether its statements stand in a list."""
        return isinstance(self.node.get("Statement"), Sequence)

    def at(self, index: int) -> Path:
        """Return the path of a statement."""
        return ("Statement", str(index)) if self.is_list else ("Statement",)

    def index_of(self, statement: Statement) -> int | None:
        """Return which statement this is, however much of it a check left out; None if it is none."""
        return self.place(statement.index, statement.span)

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
        known = {id(each): statement for each, statement in self.statements}
        pairs: list[tuple[Mapping, Statement]] = []
        for index, each in enumerate(items(body)):
            statement = known.get(id(each)) or self._parsed(each)
            if statement is None or not isinstance(each, Mapping):
                return None
            pairs.append((each, replace(statement, index=index)))
        if not pairs:
            return None
        policy = replace(self.policy, statements=tuple(statement for _, statement in pairs))
        return Document(node, policy, tuple(pairs))

    def _parsed(self, node: Node) -> Statement | None:
        """Return one statement, parsed as if it stood alone in this document."""
        alone = Sequence((node,), node.span)
        members = (
            Entry(entry.key, alone if entry.name == "Statement" else entry.value)
            for entry in self.node.entries
        )
        try:
            return parse_policy(Mapping(tuple(members), node.span), self.policy.type).statements[0]
        except (PolicySyntaxError, IndexError):
            return None

    def without(self, gone: AbstractSet[int]) -> Policy:
        """Return the policy less the statements of some nodes, which go by their identity."""
        kept = tuple(s for each, s in self.statements if id(each) not in gone)
        return replace(self.policy, statements=kept)

    def vanished(self, new: Document) -> tuple[tuple[Mapping, Statement], ...]:
        """Return the statements of this old document that the new one does not have as they were."""
        there = {content(each) for each, _ in new.statements}
        return tuple(pair for pair in self.statements if content(pair[0]) not in there)


def document(node: Node | None, policy: Policy | None) -> Document | None:
    """Return a document; None unless the policy has the statements of the node."""
    if not isinstance(node, Mapping) or policy is None:
        return None
    body = node.get("Statement")
    nodes = items(body) if body is not None else ()
    pairs = [(each, s) for each, s in zip(nodes, policy.statements) if isinstance(each, Mapping)]  # noqa: B905
    if len(pairs) != len(nodes) or len(nodes) != len(policy.statements):
        return None
    return Document(node, policy, tuple(pairs))
