"""What was found in modules of Terraform -> the same with fixes, made where the policies are written."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from checker.findings import Finding, Fix
from checker.fixes.document import document_of_parts
from checker.fixes.fixes import MOST_SECONDS
from checker.fixes.mending import AND_MORE, Mender, is_open
from checker.fixes.module_texts import Modules, ModuleTexts
from checker.fixes.of_ways import is_one_world, of_loops, pairs_in, ways_of
from checker.fixes.parts import merged
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
        if not left or not isinstance(way, Way) or modules.is_late():
            continue
        mender = _mender(modules, name, pair, way)
        if mender is None:
            continue
        loops = of_loops(mender.new)
        for key, each in mender.mended(left, modules.until).items():
            is_one = each.removed or each.at not in loops
            if each.fix and each.fix.edits:
                fixed[key] = each if is_one else _of_all(each, each.fix)
            elif is_one and is_one_world(pair):
                fixed[key] = each
    every = [f for f in findings if is_open(f)]
    return {
        key: _beside(each, sum(other.check == each.check for other in every), fixed)
        for key, each in fixed.items()
    }


def _mender(modules: Modules, name: str, pair: TemplatePair, way: Way) -> Mender | None:
    whole, before = (merged(side, way.world) for side in (pair.after, pair.before))
    new = document_of_parts(whole, way.change.after, way.statements)
    old = document_of_parts(before, way.change.before, way.statements)
    if whole is None or new is None:
        return None
    texts = ModuleTexts(modules, name, pair, way, whole, before)
    return Mender(modules.config, way.change, new, old, texts)


def _of_all(finding: Finding, fix: Fix) -> Finding:
    """Return a finding about one of several statements that are written once."""
    lines = range(finding.at.start.line, finding.at.last_line + 1)
    places = (each.span for each in fix.edits if each.span.path == finding.at.path)
    if not any(each.start.line in lines for each in places):
        return finding
    return _in_words(finding, fix, f"{fix.words}, as in all that is made there")


def _in_words(finding: Finding, fix: Fix, words: str) -> Finding:
    evidence = finding.evidence and replace(finding.evidence, fix=words)
    return replace(finding, fix=replace(fix, words=words), evidence=evidence)


def _beside(finding: Finding, count: int, fixed: dict[int, Finding]) -> Finding:
    """Return a fixed finding; that there are more of its check, of this way or of another one."""
    fix = finding.fix
    same = sum(f.check == finding.check and f.fix == fix for f in fixed.values())
    if fix is None or not fix.alone or same == count:
        return finding
    return _in_words(finding, replace(fix, alone=False), fix.words + AND_MORE)
