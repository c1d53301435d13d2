"""A report, and who accepts what of it -> the report in which that no longer closes the gate.

An accepted finding stays a finding: it is shown, with who accepts it and until when.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from checker.acceptance.waivers import Waiver
from checker.consent import Acceptance, Door, WaiverNote, WaiverState
from checker.errors import ConfigError
from checker.explain.identity import fingerprint
from checker.findings import Finding, Kind, Report, Severity
from checker.span import whole_file

WAIVERS: Final = "waivers"  # the check of a waiver file that is not understood


@dataclass(frozen=True, slots=True)
class Waivers:
    """The waivers of both sides of a change. `from_head`: those of the head count, else the base's.

    A `ConfigError` stands for a file that is not understood.
    """

    base: tuple[Waiver, ...] | ConfigError
    head: tuple[Waiver, ...] | ConfigError
    path: str
    from_head: bool
    max_days: int
    today: date  # in UTC


def waived(report: Report, waivers: Waivers) -> Report:
    """Return the report with what is waived accepted, and with what there is to say of waivers."""
    counting = waivers.head if waivers.from_head else waivers.base
    valid: dict[str, Waiver] = {}
    if not isinstance(counting, ConfigError):
        valid = {w.fingerprint: w for w in counting if _state(w, waivers) is None}
    findings = [
        replace(each, accepted=_by(valid[each.fingerprint])) if each.fingerprint in valid else each
        for each in report.findings
    ]
    notes = list(report.notes)
    if isinstance(waivers.head, ConfigError):
        findings.append(_not_understood(waivers.head, waivers.path))
    elif isinstance(waivers.base, ConfigError) and not waivers.from_head:
        notes.append(f"no waiver counts, because {waivers.base}; this change repairs it")
    used = {f.fingerprint for f in report.findings}
    said = tuple(_said(waivers, used))
    return replace(report, findings=tuple(findings), waivers=said, notes=tuple(notes))


def _by(waiver: Waiver) -> Acceptance:
    return Acceptance(Door.WAIVER, (waiver.owner,), waiver.reason, waiver.expires.isoformat())


def _state(waiver: Waiver, waivers: Waivers) -> WaiverState | None:
    """Return why a waiver does not count; None where it does."""
    left = (waiver.expires - waivers.today).days
    if left < 0:
        return WaiverState.EXPIRED
    return WaiverState.TOO_LONG if left > waivers.max_days else None


def _said(waivers: Waivers, used: Collection[str]) -> Iterator[WaiverNote]:
    """Yield every waiver of either side that is, or will be, of any effect."""
    old = () if isinstance(waivers.base, ConfigError) else waivers.base
    new = () if isinstance(waivers.head, ConfigError) else waivers.head
    added = tuple(waiver for waiver in new if waiver not in old)
    counting = new if waivers.from_head else old
    for waiver in (*counting, *(each for each in added if each not in counting)):
        state = _state(waiver, waivers)
        if state is None and waiver not in counting:
            state = WaiverState.NOT_YET
        if state is None:
            is_used = waiver.fingerprint in used
            state = WaiverState.USED if is_used else WaiverState.UNUSED
        yield WaiverNote(
            waiver.fingerprint,
            waiver.owner,
            waiver.reason,
            waiver.expires.isoformat(),
            waiver.at,
            state,
            is_new=waiver in added,
        )


def _not_understood(mistake: ConfigError, path: str) -> Finding:
    return Finding(
        check=WAIVERS,
        kind=Kind.UNREADABLE,
        severity=Severity.BLOCK,
        headline=f"No waiver counts: {mistake.problem}",
        detail=mistake.hint,
        at=mistake.at or whole_file(path),
        fingerprint=fingerprint(WAIVERS, path, "", str(mistake)),
    )


def approved(report: Report, reviewers: Sequence[str], seen: Collection[str]) -> Report:
    """Return the report with what reviewers approve accepted.

    seen: the fingerprints of what the head that they approve does, compared with where it left the
    base branch. More than that, from changes on the base branch since, nobody has approved.
    """
    if not reviewers:
        return report
    by = Acceptance(Door.REVIEW, tuple(reviewers))
    findings = tuple(
        replace(each, accepted=by) if _is_open(each) and each.fingerprint in seen else each
        for each in report.findings
    )
    return replace(report, findings=findings)


def _is_open(finding: Finding) -> bool:
    """Whether a review can accept a finding: a waiver file must be mended."""
    return finding.blocks and finding.check != WAIVERS
