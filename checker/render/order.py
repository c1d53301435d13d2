"""Findings in the order a reader needs them: what closes the gate first, most dangerous first. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from checker.findings import Finding, Kind, Severity

_SEVERITIES: Final = (Severity.BLOCK, Severity.WARN, Severity.NOTE)
_KINDS: Final = (Kind.VIOLATED, Kind.UNREADABLE, Kind.UNDECIDED)
_LEVELS: Final = ("Permissions management", "Write", "Tagging", "Read", "List")


def loudest_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings by severity, then kind, then access level, then place in the files."""
    return tuple(
        sorted(
            findings,
            key=lambda finding: (
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
    ranks = [_LEVELS.index(level) for cell in cells for _, level in cell.known if level in _LEVELS]
    return min(ranks, default=len(_LEVELS))
