"""The policies of a template, in each way in which it may be deployed."""

from __future__ import annotations

from collections import Counter

from checker.fixes.document import Document, document_of_parts
from checker.fixes.parts import merged
from checker.source.tree import Mapping
from checker.span import Span
from checker.template.worlds import premises
from checker.template_changes import NotFollowed, TemplatePair, Way, ways
from checker.template_files import ChangedTemplate, policy_pairs


def pairs_in(template: ChangedTemplate) -> dict[str, TemplatePair]:
    """Return the policies of a module by address, old beside new."""
    return {each.address: each for each in policy_pairs(template) if each.after}


def ways_of(pair: TemplatePair) -> list[Way | NotFollowed]:
    """Return the ways in which a policy of a module may be deployed."""
    before = pair.before[0].at.path if pair.before else pair.first.at.path
    return list(ways(pair, pair.first.at.path, before))


def document_in(pair: TemplatePair, way: Way, *, is_old: bool = False) -> Document | None:
    """Return what a policy of a module says on one side, deployed in one way."""
    whole = merged(pair.before if is_old else pair.after, way.world)
    policy = way.change.before if is_old else way.change.after
    return document_of_parts(whole, policy, way.statements)


def is_one_world(pair: TemplatePair) -> bool:
    """Whether a policy depends on no condition that is known only once it is deployed."""
    return not premises(document.value for document in pair.documents)


def of_loops(document: Document) -> frozenset[Span]:
    """Return where several statements stand that are written once, in a block or an object."""
    nodes = {id(node): node for node, _ in document.statements}.values()
    counts = Counter(node.span for node in nodes if not _is_in_quotes(node))
    return frozenset(at for at, count in counts.items() if count > 1)


def _is_in_quotes(node: Mapping) -> bool:
    """Whether a statement and all in it have one place: that of a text in which it is written."""
    return all(entry.value.span == node.span for entry in node.entries)
