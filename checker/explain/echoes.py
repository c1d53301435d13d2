"""Findings that say again what a louder or equal one about the same document has said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from checker.explain.identity import digest
from checker.findings import Finding, Kind, Severity
from checker.span import Span

_ORDER: Final = (Severity.BLOCK, Severity.WARN, Severity.NOTE)


def without_echoes(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings about one document less those that another one stands for.

    A Deny that is weaker is told by the new access that it used to stop. A combination that a
    statement grants is told by the finding of the same pack about that statement, or by the first
    combination of the pack that goes through it.
    """
    kept = [f for f in findings if not any(_tells(other, f) for other in findings)]
    return tuple(_gathered([_with_combinations(each, findings) for each in kept]))


def _gathered(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield findings, of which the combinations of one pack through one statement are one."""
    groups: dict[object, list[Finding]] = {}
    for each in findings:
        pack = each.check.rpartition("/")[0]
        is_pair = each.kind is Kind.VIOLATED and "/" in pack
        key = (pack, each.at, each.severity) if is_pair else id(each)
        groups.setdefault(key, []).append(each)
    for first, *rest in groups.values():
        yield _of_pack(first, rest) if rest else first


def _of_pack(first: Finding, rest: Sequence[Finding]) -> Finding:
    """Return one finding of a pack for several of its combinations.

    Who accepts it accepts all of them, and no other.
    """
    pack, _, name = first.check.rpartition("/")
    known_by = digest(first.fingerprint, *(each.fingerprint for each in rest))
    whole = replace(first, check=pack, fingerprint=known_by, detail=f"`{name}`: {first.detail}")
    return _naming(whole, rest)


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
    return _naming(finding, told) if told else finding


def _naming(finding: Finding, told: Sequence[Finding]) -> Finding:
    """Return a finding that names the combinations that it stands for."""
    names = [f"`{each.check.rpartition('/')[2]}`" for each in told]
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return replace(
        finding, detail=f"{finding.detail}; also in combination: {', '.join(names[:2])}{more}"
    )
