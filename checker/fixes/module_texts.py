"""Policies of Terraform's modules as text: an edit of one, and what it makes of all modules.

The same text may be in several policies and in several modules: an edit is only one if every module
that the edited files reach has fewer findings after it, and no policy in them loses what it had.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Final

from checker.config import Config
from checker.findings import Finding, PolicyChange
from checker.fixes import hcl_source, proving
from checker.fixes.applying import is_better, that_count
from checker.fixes.document import Document
from checker.fixes.edited import Edited
from checker.fixes.hcl_editing import Editor
from checker.fixes.hcl_source import Source
from checker.fixes.hcl_writing import Uses, Writer, uses_in
from checker.fixes.of_ways import document_in, pairs_in, ways_of
from checker.fixes.operations import (
    Insert,
    NoSuchPlaceError,
    Operation,
    Remove,
    Replace,
    applied,
)
from checker.fixes.parts import Whole, by_document, merged, says_the_same
from checker.fixes.search import estimated
from checker.policy.model import Effect
from checker.source.tree import Sequence as List
from checker.template.worlds import is_alike, meaning
from checker.template_changes import NotFollowed, TemplatePair, Way
from checker.template_files import ChangedTemplate, Versions, modules
from checker.template_judging import judged_template

MOST_MODULES: Final = 20  # that one edit is read again in
MOST_POLICIES: Final = 100  # that one edit changes


@dataclass
class Modules:
    """The modules of a change, as an edit of their files is proved: what is read is kept.

    found: what there is to say about each module before any edit. until: when to try no more, on
    the clock of the processor.
    """

    config: Config
    versions: Versions
    found: dict[str, tuple[ChangedTemplate, tuple[Finding, ...]]]
    until: float = 0.0
    _reached: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    _read: tuple[Edited, dict[str, ChangedTemplate]] | None = None

    def source(self, path: str) -> Source | None:
        """Return a file of the new version as text."""
        return hcl_source.source(self.versions.head.read(path), path)

    def old_source(self, path: str) -> Source | None:
        """Return a file of the old version as text."""
        return hcl_source.source(self.versions.base.read(path), path)

    def is_late(self) -> bool:
        """Whether it is time to stop."""
        return time.process_time() >= self.until

    def again(self, edited: Edited) -> dict[str, ChangedTemplate]:
        """Return all modules that an edit reaches, read with it."""
        if self._read is not None and self._read[0] == edited:
            return self._read[1]
        texts = {each.path: each.text.encode("utf-8", "surrogatepass") for each in edited.files}
        versions = self.versions.edited(texts)
        found = {each.path: each for each in modules(frozenset(texts), versions, self.config)}
        self._read = edited, found
        return found

    def is_better(self, edited: Edited) -> bool:
        """Whether there is less to find after an edit, of each check no more, in no policy worse."""
        read = self.again(edited)
        if not read or len(read) > MOST_MODULES:
            return False
        before = [f for name in read if name in self.found for f in self.found[name][1]]
        after: list[Finding] = []
        for template in read.values():
            if self.is_late():
                return False
            after += judged_template(self.config, proving.BUDGET, template).findings
        return is_better(that_count(before), that_count(after))

    def before(self, name: str, after: ChangedTemplate) -> ChangedTemplate:
        """Return a module before an edit; one in which nothing has changed is as the old one."""
        known = self.found.get(name)
        if known is not None:
            return known[0]
        return ChangedTemplate(name, name, after.before, after.before, is_module=True)


@dataclass(frozen=True)
class ModuleTexts:
    """One policy of a module, in one way that it may be deployed, which may be edited."""

    modules: Modules
    module: str
    pair: TemplatePair
    way: Way
    whole: Whole
    old: Whole | None

    def edited(self, operations: Sequence[Operation]) -> Edited | None:
        """Return the files after operations on the policy, which then says just what they say."""
        for made in sorted(self._laid(operations), key=self._strays):
            if self.modules.is_late():
                return None
            if self._says(made, operations) and self.modules.is_better(made) and self._keeps(made):
                return made
        return None

    def again(self, edited: Edited) -> PolicyChange | None:
        """Return what becomes of the policy, deployed in this way, if files say this."""
        pair = self._pair(edited)
        way = _like(self.way, ways_of(pair)) if pair else None
        return way.change if way else None

    def is_whole(self, _: Document) -> bool:
        """Return no: a patch would be of values that no file holds."""
        return False

    def size(self, new: Document, operations: Sequence[Operation]) -> int:
        """Return how many characters an edit takes away and brings."""
        made = next(self._laid(operations), None)
        if made is None:
            return estimated(new.node, operations)
        return sum(each.size for each in made.files)

    def _strays(self, edited: Edited) -> int:
        """Return by how many lines more files differ from their old version after an edit."""
        strays = 0
        for each in edited.files:
            old = self.modules.old_source(each.path)
            lines = Counter(old.text.text.split("\n") if old else ())
            strays += _apart(lines, each.text) - _apart(lines, each.source.text)
        return strays

    def _laid(self, operations: Sequence[Operation]) -> Iterator[Edited]:
        """Yield the files after operations, in one manner or another; none is proved right."""
        old, uses = self.modules.old_source, self._uses
        writers = (Writer(old, uses), Writer(old, {}), Writer(None, {}))
        seen: list[Edited] = []
        for written in dict.fromkeys((tuple(operations), self._lifted(operations))):
            try:
                own = by_document(self.whole, written, self.old)
            except NoSuchPlaceError:
                continue
            for writer, inside in product(writers, (True, False)):
                editor = Editor(self.modules.source, writer, inside)
                made = editor.edited([(self.whole.parts[n], each) for n, each in own.items()])
                if made is not None and made not in seen:
                    seen.append(made)
                    yield made

    @cached_property
    def _uses(self) -> Uses:
        return uses_in(self.old.node) if self.old else {}

    def _lifted(self, operations: Sequence[Operation]) -> tuple[Operation, ...]:
        """Return operations on lists as ones that put back the whole old list: a loop, perhaps."""
        found: dict[Operation, None] = {}
        for each in operations:
            above = None if isinstance(each, Remove) else self._uses.get(id(each.value))
            if above is None or not isinstance(above[0], List) or isinstance(each, Remove):
                return tuple(operations)
            path = each.into if isinstance(each, Insert) else each.at[:-1]
            if path[-1:] in ((), ("Statement",)):
                return tuple(operations)
            found[Replace(path, above[0])] = None
        return tuple(found)

    def _pair(self, edited: Edited) -> TemplatePair | None:
        template = self.modules.again(edited).get(self.module)
        return pairs_in(template).get(self.pair.address) if template else None

    def _says(self, edited: Edited, operations: Sequence[Operation]) -> bool:
        """Whether the policy says just what is meant, deployed in this way."""
        pair = self._pair(edited)
        way = _like(self.way, ways_of(pair)) if pair else None
        policy = merged(pair.after, way.world) if pair and way else None
        try:
            wanted = applied(self.whole.node, operations)
        except NoSuchPlaceError:
            return False
        return policy is not None and says_the_same(policy.node, wanted)

    def _keeps(self, edited: Edited) -> bool:
        """Whether no other policy, and no other way to deploy this one, loses what it had."""
        changed = 0
        for name, template in self.modules.again(edited).items():
            now, then = pairs_in(self.modules.before(name, template)), pairs_in(template)
            if now.keys() != then.keys():
                return False
            for address, pair in then.items():
                if _says_alike(now[address], pair):
                    continue
                changed += 1
                is_own = (name, address) == (self.module, self.pair.address)
                if changed > MOST_POLICIES or self.modules.is_late():
                    return False
                if not _is_kept(now[address], pair, but=self.way if is_own else None):
                    return False
        return True


def _apart(lines: Counter[str], text: str) -> int:
    there = Counter(text.split("\n"))
    return (lines - there).total() + (there - lines).total()


def _says_alike(one: TemplatePair, other: TemplatePair) -> bool:
    if len(one.after) != len(other.after):
        return False
    return all(
        (now.type, now.targets) == (then.type, then.targets)
        and (is_alike(now.value, then.value) or meaning(now.value) == meaning(then.value))
        for now, then in zip(one.after, other.after, strict=True)
    )


def _like(way: Way, others: Sequence[Way | NotFollowed]) -> Way | None:
    """Return the same way among others, of which fewer things may be asked than before."""
    asked = set(way.change.given)
    found = (each for each in others if isinstance(each, Way) and asked >= set(each.change.given))
    return max(found, key=lambda each: len(each.change.given), default=None)


def _is_kept(now: TemplatePair, then: TemplatePair, but: Way | None) -> bool:
    """Whether a policy still allows, in every way, all that it allowed before its change as well."""
    after = ways_of(then)
    for way in ways_of(now):
        other = _like(way, after) if isinstance(way, Way) else None
        if not isinstance(way, Way) or other is None:
            return False
        is_done = but is not None and way.change.given == but.change.given
        if not is_done and not _loses_nothing(now, way, then, other):
            return False
    return True


def _loses_nothing(now: TemplatePair, way: Way, then: TemplatePair, other: Way) -> bool:
    before, head, after = way.change.before, way.change.after, other.change.after
    if before is None or head is None:
        return after is None or head is not None
    old, new = document_in(now, way), document_in(then, other)
    if after is None or old is None or new is None:
        return False
    gone, fresh = old.vanished(new), new.vanished(old)
    allows = [s for _, s in gone if s.effect is Effect.ALLOW]
    denies = [s for _, s in fresh if s.effect is Effect.DENY]
    return all(proving.is_kept(before, head, after, each) for each in allows) and all(
        proving.is_denied_before(each, before, head) for each in denies
    )
