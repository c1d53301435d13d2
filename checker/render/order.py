"""Findings in the order a reader needs them: what closes the gate first, most dangerous first. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from checker.findings import Finding, Kind, Severity
from checker.render import words

_SEVERITIES: Final = (Severity.BLOCK, Severity.WARN, Severity.NOTE)
_KINDS: Final = (Kind.VIOLATED, Kind.UNREADABLE, Kind.UNDECIDED, Kind.ADVICE)


def loudest_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings, accepted ones last, by severity, then kind, then access level, then place in the files."""
    return tuple(
        sorted(
            findings,
            key=lambda finding: (
                finding.accepted is not None,
                _SEVERITIES.index(finding.severity),
                _KINDS.index(finding.kind),
                _danger(finding),
                finding.at,
                finding.check,
                finding.fingerprint,
            ),
        )
    )


def _danger(finding: Finding) -> int:
    """Return the rank of the most dangerous access level; 0 is the most dangerous."""
    cells = finding.evidence.cells if finding.evidence else ()
    found = {level for cell in cells for level, _ in words.levels(cell)}
    found |= {level for cell in cells for level, _ in cell.counts}
    ranks = [words.LEVELS.index(level) for level in found if level in words.LEVELS]
    if any(cell.unasked for cell in cells):
        return 0
    return min(ranks, default=len(words.LEVELS))
