"""Who accepts what, in the words of every renderer. Pure; hostile text in backticks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from checker.consent import Acceptance, WaiverNote, WaiverState
from checker.findings import Finding, Report
from checker.render.words import amount

_MOST: Final = 20
_STATES: Final = {
    WaiverState.EXPIRED: "has expired: take it out, or have it accepted anew",
    WaiverState.TOO_LONG: "does not count: it ends later than `waiver-max-days` allows",
    WaiverState.NOT_YET: "is new in this change, and counts once it is on the base branch",
    WaiverState.USED: "is new in this change, and in use",
    WaiverState.UNUSED: "is new in this change, and fits no finding",
}


def status(by: Acceptance) -> str:
    """Return who accepts a finding until when, in a few words."""
    who = " and ".join(f"`{each}`" for each in by.by)
    return f"accepted by {who}" + (f" until `{by.until}`" if by.until else "")


def open_ones(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings that close the gate."""
    return tuple(finding for finding in findings if finding.blocks)


def waivers(report: Report) -> Iterator[str]:
    """Yield a line on each waiver that a reader should know of, then how many fit no finding.

    That many matter only where something is found that nobody has accepted: one may have been meant.
    """
    told = [each for each in report.waivers if _is_told(each)]
    for each in told[:_MOST]:
        fingerprint, owner = f"`{each.fingerprint}`", f"`{each.owner}`"
        until = f"until `{each.expires}`, because `{each.reason}`"
        yield f"the waiver of {fingerprint} by {owner}, {until}, {_STATES[each.state]}"
    if len(told) > _MOST:
        yield f"and {amount(len(told) - _MOST, 'more waiver')} of this kind"
    unused = sum(each.state is WaiverState.UNUSED and not each.is_new for each in report.waivers)
    if unused and any(finding.accepted is None for finding in report.findings):
        fit = "waiver fits", "waivers fit"
        yield f"{amount(unused, *fit)} no finding of this change"


def _is_told(waiver: WaiverNote) -> bool:
    return waiver.is_new or waiver.state in {WaiverState.EXPIRED, WaiverState.TOO_LONG}
