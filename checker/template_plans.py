"""Plans of Terraform beside the source that they were made from: what both find is said once.

A plan is one deployment, and the source stands for all of them. So neither stands in for the other:
what one of them finds is only left out where the other says the same of the same statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from checker.findings import (
    AccessCell,
    Evidence,
    Finding,
    Judged,
    Kind,
    Proved,
    Skipped,
    UnusedAccess,
)
from checker.judging import ORDER, Part
from checker.source.places import quoted
from checker.span import Span
from checker.template.filled import is_filled_in, is_shown_text
from checker.template.value import Choice, InTemplate, Items, Record, TemplateDocument, Value
from checker.template_files import Changed, ChangedTemplate


def with_plans(entries: Sequence[Changed], parts: Sequence[Part]) -> list[Part]:
    """Return the parts, of which those of plans do not repeat what the source or a plan says.

    A finding of the source that a plan fills in has the plan's values from then on.
    """
    rest = list(parts)
    plans = [(i, e) for i, e in enumerate(entries) if isinstance(e, ChangedTemplate) and e.plan]
    said: set[str] = set()
    for index, entry in plans:
        of_plan = rest[index]
        skipped = tuple(Skipped(entry.plan, note) for note in entry.notes)
        of_plan = replace(of_plan, skipped=(*of_plan.skipped, *skipped))
        for other, each in enumerate(entries):
            if isinstance(each, ChangedTemplate) and not each.plan and rest[other].policies:
                of_plan, rest[other] = _together(of_plan, rest[other], _Sides.of(entry, each))
        new = [each for each in of_plan.findings if each.fingerprint not in said]
        said.update(each.fingerprint for each in new)
        which = f" in {quoted(entry.plan)}" if len(plans) > 1 else ""
        rest[index] = replace(
            of_plan, findings=tuple(_as_planned(each, f"as planned{which}") for each in new)
        )
    return rest


def _as_planned(finding: Finding, words: str) -> Finding:
    return replace(finding, owner=f"{finding.owner}, {words}") if finding.owner else finding


def _together(of_plan: Part, of_source: Part, sides: _Sides) -> tuple[Part, Part]:
    """Return what a plan adds to a source, and what the source says with the plan's values."""
    fills: dict[int, list[Finding]] = {}
    left: list[Finding] = []
    there: dict[tuple[object, ...], list[int]] = {}
    for index, each in enumerate(of_source.findings):
        there.setdefault(_about(each), []).append(index)
    for finding in of_plan.findings:
        near = there.get(_about(finding), ())
        same = [i for i in near if sides.is_same(of_source.findings[i], finding)]
        if same:
            of_owner = (i for i in same if of_source.findings[i].owner == finding.owner)
            fills.setdefault(next(of_owner, same[0]), []).append(finding)
        else:
            left.append(finding)
    findings = tuple(
        _filled(each, fills.get(index, [])) for index, each in enumerate(of_source.findings)
    )
    known = {(each.path, each.address) for each in of_source.policies}
    worst = _worst((*of_source.policies, *of_plan.policies))
    proved = {(p.check, p.path, p.address) for p in of_source.proved}
    kept = {(each.path, each.address) for each in of_source.unused}
    return (
        replace(
            of_plan,
            findings=tuple(left),
            policies=tuple(p for p in of_plan.policies if (p.path, p.address) not in known),
            proved=tuple(_not_in(of_plan.proved, proved)),
            unused=tuple(_unsaid(of_plan.unused, kept)),
        ),
        replace(
            of_source,
            findings=findings,
            policies=tuple(worst[each.path, each.address] for each in of_source.policies),
        ),
    )


def _not_in(proved: Iterable[Proved], known: set[tuple[str, str, str]]) -> Iterator[Proved]:
    return (each for each in proved if (each.check, each.path, each.address) not in known)


def _unsaid(unused: Iterable[UnusedAccess], known: set[tuple[str, str]]) -> Iterator[UnusedAccess]:
    return (each for each in unused if (each.path, each.address) not in known)


def _worst(judged: Iterable[Judged]) -> dict[tuple[str, str], Judged]:
    """Return the worst that became of each policy."""
    found: dict[tuple[str, str], Judged] = {}
    for each in judged:
        key = each.path, each.address
        before = found.setdefault(key, each)
        if ORDER.index(each.standing) > ORDER.index(before.standing):
            found[key] = each
    return found


def _about(finding: Finding) -> tuple[object, ...]:
    return (finding.check, finding.kind, finding.severity, finding.at, finding.removed)


_Statements: TypeAlias = Mapping[Span, Sequence[Value]]


@dataclass(frozen=True, slots=True)
class _Sides:
    """A plan and a template, whose findings may be the same: their statements, old and new."""

    plan: tuple[_Statements, _Statements]
    source: tuple[_Statements, _Statements]

    @classmethod
    def of(cls, plan: ChangedTemplate, source: ChangedTemplate) -> _Sides:
        """Return the two."""
        one, other = ((by_place(e.before), by_place(e.after)) for e in (plan, source))
        return cls(one, other)

    def is_same(self, finding: Finding, planned: Finding) -> bool:
        """Whether a finding of the plan says no more than one of the source, with values filled in.

        What is open in the source holds no wildcard, so one of the plan with one is another thing.
        """
        ours, theirs = finding.evidence, planned.evidence
        if finding.kind is not Kind.VIOLATED or ours is None or theirs is None:
            return finding.headline == planned.headline
        if not set(theirs.ambiguous) <= set(ours.ambiguous) or not _cover(ours, theirs):
            return False
        return self.say_the_same(finding, ours, theirs)

    def say_the_same(self, finding: Finding, ours: Evidence, theirs: Evidence) -> bool:
        """Whether the statements of a finding of the plan are those of the source, filled in."""
        stopped = [each.stopped_by.span if each.stopped_by else None for each in (ours, theirs)]
        spans = [{ref.span for ref in each.statements} for each in (ours, theirs)]
        side = 0 if finding.removed else 1
        if stopped[0] is not None and not side and not (spans[0] or spans[1]):
            spans = [{stopped[0]}] * 2  # nothing is left but the Deny that was there
        if stopped[0] != stopped[1] or spans[0] != spans[1] or not spans[0]:
            return False
        for span in spans[0]:
            planned, written = (each[side].get(span, []) for each in (self.plan, self.source))
            if not planned or not all(
                any(is_filled_in(each, other) for other in written) for each in planned
            ):
                return False
        return True


def by_place(documents: Iterable[InTemplate]) -> _Statements:
    """Return the statements by the places where they stand: several that are made of one text."""
    found: dict[Span, list[Value]] = {}
    for document in documents:
        if isinstance(document, TemplateDocument):
            for statement in _statements(document.value):
                found.setdefault(statement.span, []).append(statement)
    return found


def _statements(value: Value) -> Iterator[Value]:
    match value:
        case Choice(_, then, other):
            yield from _statements(then)
            yield from _statements(other)
        case Items(values):
            for each in values:
                yield from _statements(each)
        case Record():
            body = value.get("Statement")
            if body is None:
                yield value
            else:
                yield from _statements(body)
        case _:
            yield value


def _cover(ours: Evidence, theirs: Evidence) -> bool:
    """Whether all that a plan newly allows is what the source newly allows, filled in."""
    if not ours.cells or not theirs.cells:
        return not ours.cells and not theirs.cells
    return all(any(_covers(one, other) for one in ours.cells) for other in theirs.cells)


def _covers(cell: AccessCell, planned: AccessCell) -> bool:
    return (
        cell.action == planned.action
        and set(planned.known) <= set(cell.known)
        and is_shown_text(planned.resource, cell.resource)
    )


def _filled(finding: Finding, planned: Sequence[Finding]) -> Finding:
    """Return a finding of the source with the values of a plan, if it is one that it has.

    It stays what it is known by, and what is proved of an edit stays proved of the source.
    """
    if len(planned) != 1:
        return finding
    (only,) = planned
    if finding.evidence is None or only.evidence is None:
        return finding
    evidence = replace(only.evidence, fix=finding.evidence.fix)
    return replace(finding, headline=only.headline, evidence=evidence)
