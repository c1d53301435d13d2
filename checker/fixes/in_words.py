"""What was found in a template that is not edited -> the same with fixes in words."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from checker.config import Config
from checker.findings import Finding, PolicyChange
from checker.fixes.document import Document
from checker.fixes.edited import Edited
from checker.fixes.fixes import MOST_SECONDS
from checker.fixes.mending import Mender, is_open
from checker.fixes.of_ways import document_in, is_one_world, of_loops, pairs_in, ways_of
from checker.fixes.operations import Operation
from checker.fixes.search import estimated
from checker.judging import Part
from checker.template_changes import TemplatePair, Way
from checker.template_files import ChangedTemplate


@dataclass(frozen=True, slots=True)
class NoText:
    """A policy whose text is not at hand, or not to be changed."""

    def edited(self, _: Sequence[Operation]) -> Edited | None:
        """Return nothing."""
        return None

    def again(self, _: Edited) -> PolicyChange | None:
        """Return nothing."""
        return None

    def is_whole(self, _: Document) -> bool:
        """Return no: a patch would be of values that no file holds."""
        return False

    def size(self, new: Document, operations: Sequence[Operation]) -> int:
        """Return about how many characters an edit takes away and brings."""
        return estimated(new.node, operations)


def with_words(
    config: Config, template: ChangedTemplate, part: Part, but: Collection[str] = ()
) -> Part:
    """Return the part with a fix in words for each finding of a policy that depends on no condition.

    but: addresses of policies for which fixes were looked for already.
    """
    open_ = (each for each in part.findings if is_open(each) and each.address not in but)
    wanted = {each.address for each in open_}
    pairs = pairs_in(template) if wanted else {}
    until = time.process_time() + MOST_SECONDS
    fixed: dict[int, Finding] = {}
    for address in sorted(wanted & pairs.keys()):
        mine = [f for f in part.findings if f.address == address]
        fixed |= _of_policy(config, pairs[address], mine, until)
    return replace(part, findings=tuple(fixed.get(id(f), f) for f in part.findings))


def _of_policy(
    config: Config, pair: TemplatePair, findings: Sequence[Finding], until: float
) -> dict[int, Finding]:
    if not is_one_world(pair):
        return {}
    fixed: dict[int, Finding] = {}
    for way in ways_of(pair):
        new = document_in(pair, way) if isinstance(way, Way) else None
        if new is None or not isinstance(way, Way):
            continue
        old = document_in(pair, way, is_old=True)
        left = [each for each in findings if id(each) not in fixed]
        made = Mender(config, way.change, new, old, NoText()).mended(left, until)
        loops = of_loops(new)
        fixed |= {key: each for key, each in made.items() if each.removed or each.at not in loops}
    return fixed
