"""What was found in modules of Terraform -> the same with fixes, made where the policies are written."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from checker.findings import Finding
from checker.fixes.document import Document
from checker.fixes.fixes import MOST_SECONDS
from checker.fixes.mending import AND_MORE, Mender, is_open
from checker.fixes.module_texts import Modules, ModuleTexts, document_in, pairs_in, ways_of
from checker.fixes.parts import merged
from checker.span import Span
from checker.template_changes import TemplatePair, Way

MOST_ALTOGETHER: Final = 30.0  # seconds, for the modules of one change


def with_module_fixes(modules: Modules, names: Iterable[str]) -> dict[str, tuple[Finding, ...]]:
    """Return what was found in some modules, with a fix for each finding that has one."""
    last = time.process_time() + MOST_ALTOGETHER
    fixed: dict[str, tuple[Finding, ...]] = {}
    for name in names:
        modules.until = min(last, time.process_time() + MOST_SECONDS)
        fixed[name] = _of_module(modules, name)
    return fixed


def _of_module(modules: Modules, name: str) -> tuple[Finding, ...]:
    template, findings = modules.found[name]
    wanted = {each.address for each in findings if is_open(each)}
    pairs = pairs_in(template) if wanted else {}
    fixed: dict[int, Finding] = {}
    for address in sorted(wanted & pairs.keys()):
        mine = [f for f in findings if f.address == address]
        fixed |= _of_policy(modules, name, pairs[address], mine)
    return tuple(fixed.get(id(each), each) for each in findings)


def _of_policy(
    modules: Modules, name: str, pair: TemplatePair, findings: Sequence[Finding]
) -> dict[int, Finding]:
    """Return those findings of a policy that have a fix, with it: in any way it may be deployed."""
    fixed: dict[int, Finding] = {}
    ways = ways_of(pair)
    for way in ways:
        left = [each for each in findings if id(each) not in fixed]
        mender = _mender(modules, name, pair, way) if left and isinstance(way, Way) else None
        if mender is None:
            continue
        made = mender.mended(left, modules.until)
        told = () if len(ways) > 1 else _told_apart(mender.new)
        fixed |= {
            key: each
            for key, each in made.items()
            if each.removed or each.at in told or (each.fix and each.fix.edits)
        }
    every = [f for f in findings if is_open(f)]
    return {
        key: _beside(each, sum(other.check == each.check for other in every), fixed)
        for key, each in fixed.items()
    }


def _told_apart(document: Document) -> frozenset[Span]:
    """Return where statements stand of which words alone tell which one is meant: not those of a loop.

    What is proved of a fix in words is proved of one way to deploy the policy, besides.
    """
    counts = Counter(node.span for node in {id(n): n for n, _ in document.statements}.values())
    return frozenset(span for span, count in counts.items() if count == 1)


def _mender(modules: Modules, name: str, pair: TemplatePair, way: Way) -> Mender | None:
    whole = merged(pair.after, way.world)
    new, old = document_in(pair, way), document_in(pair, way, is_old=True)
    if whole is None or new is None or modules.is_late():
        return None
    texts = ModuleTexts(modules, name, pair, way, whole.node, whole.parts)
    return Mender(modules.config, way.change, new, old, texts)


def _beside(finding: Finding, count: int, fixed: dict[int, Finding]) -> Finding:
    """Return a fixed finding; that there are more of its check, of this way or of another one."""
    fix, evidence = finding.fix, finding.evidence
    same = sum(f.check == finding.check and f.fix == fix for f in fixed.values())
    if fix is None or evidence is None or not fix.alone or same == count:
        return finding
    words = fix.words + AND_MORE
    fix = replace(fix, words=words, alone=False)
    return replace(finding, fix=fix, evidence=replace(evidence, fix=words))
