"""Findings that say again what a louder or equal one about the same document has said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from checker.findings import Finding, Kind, Severity
from checker.span import Span

_ORDER: Final = (Severity.BLOCK, Severity.WARN, Severity.NOTE)


def without_echoes(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings about one document less those that another one stands for.

    A Deny that is weaker is told by the new access that it used to stop. A combination that a
    statement grants is told by the finding of the same pack about that statement.
    """
    kept = [f for f in findings if not any(_tells(other, f) for other in findings)]
    return tuple(_with_combinations(each, findings) for each in kept)


def _tells(other: Finding, echo: Finding) -> bool:
    if other is echo or _ORDER.index(other.severity) > _ORDER.index(echo.severity):
        return False
    if echo.check == "deny-weakened" and echo.kind is Kind.VIOLATED:
        return other.check == "no-new-access" and _stopped_at(other) == echo.at
    return _is_combination_of(other, echo)


def _stopped_at(finding: Finding) -> Span | None:
    evidence = finding.evidence
    return evidence.stopped_by.span if evidence and evidence.stopped_by else None


def _is_combination_of(pack: Finding, pair: Finding) -> bool:
    both_failed = pack.kind is pair.kind is Kind.VIOLATED
    return both_failed and pair.at == pack.at and pair.check.startswith(f"{pack.check}/")


def _with_combinations(finding: Finding, findings: Sequence[Finding]) -> Finding:
    told = [f for f in findings if _is_combination_of(finding, f) and _tells(finding, f)]
    if not told:
        return finding
    names = [f"`{each.check.rpartition('/')[2]}`" for each in told]
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return replace(
        finding, detail=f"{finding.detail}; also in combination: {', '.join(names[:2])}{more}"
    )
