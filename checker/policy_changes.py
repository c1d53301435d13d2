"""From two documents that are the same one to the change of a policy, or what to say where that fails.

The two sides need not be of one type: a service control policy that moves to where identity policies
are is a guardrail that is gone, and a new identity policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from checker.config import Config
from checker.errors import PolicySyntaxError
from checker.findings import PolicyChange
from checker.policy.guess import guess_type
from checker.policy.model import Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.source.changes import ChangedFile
from checker.source.documents import Document, DocumentPair, Found, Unreadable
from checker.source.tree import Node
from checker.span import Span


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """The new document is no policy, or is none that can be read."""

    error: PolicySyntaxError | Unreadable
    address: str
    type: PolicyType | None


@dataclass(frozen=True, slots=True)
class OldNotUnderstood:
    """The old document is no policy. A guardrail may have stopped anything, others allowed nothing."""

    type: PolicyType
    problem: str
    at: Span


Change: TypeAlias = PolicyChange | NotUnderstood | OldNotUnderstood


def policy_changes(pair: DocumentPair, file: ChangedFile, config: Config) -> tuple[Change, ...]:
    """Return what becomes of a document: one change, or two where its type changed."""
    if isinstance(pair.after, Unreadable):
        return (NotUnderstood(pair.after, pair.after.address, None),)
    old_type, new_type = _types(pair, file, config)
    after: Policy | None = None
    if pair.after is not None:
        try:
            after = parse_policy(pair.after.node, new_type)
        except PolicySyntaxError as error:
            return (NotUnderstood(error, pair.after.address, new_type),)
    before, problem = _before(pair.before, old_type)
    found: list[Change] = [problem] if problem else []
    if before is None or after is None or before.type is after.type:
        sides = [(before, after)] if before or after else []
    else:
        sides = [(before, None), (None, after)]
    found += (_change(pair, file, *side) for side in sides)
    return tuple(found)


def _change(
    pair: DocumentPair, file: ChangedFile, before: Policy | None, after: Policy | None
) -> PolicyChange:
    path = file.path if after else file.base_path
    return PolicyChange(path, pair.address, before, after, file.base_path)


def _types(pair: DocumentPair, file: ChangedFile, config: Config) -> tuple[PolicyType, PolicyType]:
    """Return the type of the old and of the new document: as set, or as it looks.

    Where neither tells, both are taken to be what one of them looks like, if the old one can be.
    """
    old_set, new_set = config.type_of(file.base_path), config.type_of(file.path)
    old, new = _guess(pair.before), _guess(pair.after)
    # Some statements name principals and some do not: the parser says which.
    new_type = new_set or new or old or PolicyType.RESOURCE
    if old_set is not None or not isinstance(pair.before, Document):
        return old_set or new_type, new_type
    if new_set is None or not new_set.is_guardrail:
        return (new_type if _is(pair.before.node, new_type) else old or new_type), new_type
    return old or new_type, new_type


def _guess(found: Found | None) -> PolicyType | None:
    return guess_type(found.node) if isinstance(found, Document) else None


def _is(node: Node, kind: PolicyType) -> bool:
    try:
        parse_policy(node, kind)
    except PolicySyntaxError:
        return False
    return True


def _before(found: Found | None, kind: PolicyType) -> tuple[Policy | None, OldNotUnderstood | None]:
    if isinstance(found, Unreadable):
        return None, OldNotUnderstood(kind, found.problem, found.at)
    if found is None:
        return None, None
    try:
        return parse_policy(found.node, kind), None
    except PolicySyntaxError as error:
        return None, OldNotUnderstood(kind, error.problem, error.at)
