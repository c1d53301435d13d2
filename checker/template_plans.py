"""Plans of Terraform beside the source that they were made from: read with it, and said once with it.

A plan is one deployment, and the source stands for all of them. So neither stands in for the other:
what one of them finds is only left out where the other says the same of the same statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from checker.config import Config
from checker.errors import PolicySyntaxError, UsageError
from checker.findings import AccessCell, Finding, Judged, Kind, Proved, Skipped, UnusedAccess
from checker.judging import ORDER, Part
from checker.source.json_reader import read_json
from checker.source.places import quoted
from checker.template_files import Changed, ChangedTemplate, Versions
from checker.terraform.paths import VARIABLES
from checker.terraform.plan import documents_of_plan
from checker.terraform.plan_file import SHOW, Plan, PlanError, is_plan, plan_of
from checker.terraform.plan_folder import folders_of_plan
from checker.terraform.plan_source import SourceOfPlan, source_of_plan

_UNKNOWN: Final = re.compile(r"\$\{[^{}]*\}")
_PLANNED: Final = "as planned"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


def plan(data: bytes, path: str) -> Plan:
    """Return a plan that a user names.

    Errors: `UsageError`, which says how to write one.
    """
    text = _text(data, path)
    try:
        root = read_json(text, path)
    except PolicySyntaxError as error:
        raise UsageError(f"{quoted(path)} is no plan: {_told(text) or error}") from error
    if not is_plan(root):
        raise UsageError(f"{quoted(path)} is no plan: {_told(text) or SHOW}")
    try:
        return plan_of(root, path)
    except PlanError as error:
        raise UsageError(f"{quoted(path)}: {error}") from error


def _text(data: bytes, path: str) -> str:
    if data.startswith(b"PK\x03\x04"):
        convert = f"`terraform show -json {path} > plan.json`"
        problem = f"a plan in Terraform's own format; write it as JSON with {convert}"
        raise UsageError(f"{quoted(path)} is {problem}")
    try:
        return data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{quoted(path)} is no plan: no UTF-8 text; {SHOW}") from error


def _told(text: str) -> str:
    """Return what a file is that somebody may take for a plan in JSON; "" if it is none of these."""
    start = text.lstrip()[:400]
    if not start:
        return f"it is empty; {SHOW}"
    if '"encrypted_data"' in start:
        return "it is encrypted; write it with `tofu show -json PLAN`"
    if '"@level"' in start or '"@message"' in start:
        return f"it is the log of `plan -json`, not the plan; {SHOW}"
    if start.startswith("{") and '"terraform_version"' in start:
        return f"it is a state; {SHOW}"
    if start.startswith("[command]"):
        return "it begins with a line of a wrapper; set `terraform_wrapper: false`"
    if not start.startswith("{"):
        return f"it is not JSON; {SHOW}"
    return ""


def planned(of: Plan, versions: Versions, config: Config) -> ChangedTemplate:
    """Return the change that a plan is, at the places of its source where that is there."""
    folders = folders_of_plan(of, versions.head)
    notes: tuple[str, ...] = ()
    if len(folders) > 1:
        shown = " and ".join(quoted(folder or ".") for folder in folders[:2])
        more = f" and {len(folders) - 2} more" if len(folders) > 2 else ""
        which = "so its findings have no place in any: put it into the folder that it is of"
        notes = (f"the plan is as much like {shown}{more}, {which}",)
    source: dict[bool, SourceOfPlan] = {}
    if len(folders) == 1:
        (folder,) = folders
        named = f"{folder}/main.tf" if folder else "main.tf"
        values = [name for name in config.parameters_of(named) if name.endswith(VARIABLES)]
        source = {
            before: source_of_plan(of, folder, files, values, before=before)
            for before, files in ((True, versions.base), (False, versions.head))
        }
    before, after = (
        documents_of_plan(of, before=side, source=source.get(side), copies=config.copies)
        for side in (True, False)
    )
    return ChangedTemplate(of.path, of.path, before, after, plan=of.path, notes=notes)


def with_plans(entries: Sequence[Changed], parts: Sequence[Part]) -> list[Part]:
    """Return the parts, of which those of plans do not repeat what the source says.

    A finding of the source that a plan fills in has the plan's values from then on.
    """
    rest = list(parts)
    for index, entry in enumerate(entries):
        if not isinstance(entry, ChangedTemplate) or not entry.plan:
            continue
        of_plan = rest[index]
        skipped = tuple(Skipped(entry.plan, note) for note in entry.notes)
        of_plan = replace(of_plan, skipped=(*of_plan.skipped, *skipped))
        for other, each in enumerate(entries):
            if not isinstance(each, ChangedTemplate) or each.plan or not rest[other].policies:
                continue
            of_plan, rest[other] = _together(of_plan, rest[other])
        rest[index] = replace(of_plan, findings=tuple(map(_as_planned, of_plan.findings)))
    return rest


def _as_planned(finding: Finding) -> Finding:
    if not finding.owner or finding.owner.endswith(_PLANNED):
        return finding
    return replace(finding, owner=f"{finding.owner}, {_PLANNED}")


def _together(of_plan: Part, of_source: Part) -> tuple[Part, Part]:
    """Return what a plan adds to a source, and what the source says with the plan's values."""
    fills: dict[int, list[Finding]] = {}
    left: list[Finding] = []
    for finding in of_plan.findings:
        same = (i for i, each in enumerate(of_source.findings) if is_filled_in(each, finding))
        first = next(same, None)
        if first is None:
            left.append(finding)
        else:
            fills.setdefault(first, []).append(finding)
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


def is_filled_in(finding: Finding, planned: Finding) -> bool:
    """Whether a finding of a plan says no more than one of the source, with its values filled in.

    What is open in the source holds no wildcard, so a value of the plan with one is another thing.
    """
    if (finding.check, finding.kind, finding.severity, finding.at, finding.removed) != (
        planned.check,
        planned.kind,
        planned.severity,
        planned.at,
        planned.removed,
    ):
        return False
    ours, theirs = finding.evidence, planned.evidence
    if finding.kind is not Kind.VIOLATED or ours is None or theirs is None:
        return finding.headline == planned.headline
    if theirs.ambiguous and theirs.ambiguous != ours.ambiguous:
        return False
    if not ours.cells or not theirs.cells:
        return not ours.cells and not theirs.cells and _fills(finding.headline, planned.headline)
    return all(any(_covers(one, other) for one in ours.cells) for other in theirs.cells)


def _covers(cell: AccessCell, planned: AccessCell) -> bool:
    return (
        cell.action == planned.action
        and set(planned.known) <= set(cell.known)
        and _fills(cell.resource, planned.resource)
    )


def _fills(pattern: str, text: str) -> bool:
    """Whether a text is a pattern of the source with texts in place of what is open in it."""
    if pattern == text:
        return True
    parts = _UNKNOWN.split(pattern)
    at = 0
    for index, part in enumerate(parts):
        found = text.find(part, at) if 0 < index < len(parts) - 1 or not index else text.rfind(part)
        is_end = index == len(parts) - 1 and index > 0
        if found < at or (not index and found) or (is_end and found + len(part) != len(text)):
            return False
        if any(sign in text[at:found] for sign in "*?"):
            return False
        at = found + len(part)
    return len(parts) > 1 or at == len(text)


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
