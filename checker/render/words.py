"""The half-sentences that every renderer says in the same words. Pure; hostile text in backticks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from checker.consent import Acceptance
from checker.findings import AccessCell, Evidence, Finding, Report, Standing, StatementRef
from checker.policy.catalogue import key_spelled
from checker.policy.model import Caller, CallerKind, Request
from checker.render.run import lines

NOT_CONSIDERED: Final = (
    "Each policy is judged by itself. Other policies, permission boundaries and SCPs of the account "
    "are not looked at; they can take this access away."
)

_WAIVERS: Final = "waivers"  # the check of a waiver file that is not understood
_MOST_APPROVERS: Final = 5

_CALLERS: Final = {
    CallerKind.ANONYMOUS: "anyone, without signing in:",
    CallerKind.ROOT_USER: "",
    CallerKind.USER: "",
    CallerKind.ROLE_SESSION: "",
    CallerKind.FEDERATED_USER: "",
    CallerKind.SERVICE: "the service",
    CallerKind.FEDERATED: "someone signed in by",
    CallerKind.CANONICAL_USER: "the canonical user",
    CallerKind.UNIQUE_ID: "the principal with the id",
}

_EXAMPLE: Final = "whoever this policy applies to, such as"


def caller(who: Caller, *, is_example: bool = False) -> tuple[str, str]:
    """Return our words, if any are needed, and the principal's own name."""
    return _EXAMPLE if is_example else _CALLERS[who.kind], who.value


def context(request: Request) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the condition keys with their values, in order of the keys."""
    return tuple(
        (key_spelled(key), (value,) if isinstance(value, str) else value)
        for key, value in sorted(request.context.items())
    )


def statement(ref: StatementRef) -> str:
    """Return what to call a statement: by its Sid if it has one, always by its lines."""
    if ref.sid:
        return f"statement `{ref.sid}`, {lines(ref.span)}"
    return f"the statement on {lines(ref.span)}"


_STANDINGS: Final = {
    Standing.PROVED: "proved",
    Standing.FOUND: "with findings",
    Standing.UNDECIDED: "not decided",
    Standing.NOT_UNDERSTOOD: "not understood",
    Standing.NOTHING_TO_ASK: "with nothing to ask",
    Standing.UNCHANGED: "unchanged",
}


def ledger(report: Report) -> str:
    """Return what became of everything that was found: the numbers add up to those found."""
    files = amount(report.files, "changed file" if report.base else "file")
    said = [f"{amount(len(report.policies), 'policy', 'policies')} found in {files}"]
    if report.policies and not report.files:  # a file of values changed, which holds none itself
        said = [f"{amount(len(report.policies), 'policy', 'policies')} found through other files"]
    said += [f"{count} {_STANDINGS[standing]}" for standing, count in report.ledger.items()]
    if report.skipped:
        said.append(f"{len(report.skipped)} not looked at")
    return ", ".join(said)


def remark(finding: Finding) -> str:
    """Return a likely mistake in one line."""
    return f"{finding.headline} ({finding.detail})" if finding.detail else finding.headline


def compared(report: Report) -> str:
    """Return what was compared with what; of an audit, what was looked at."""
    if not report.base_name:
        return f"Looked at `{report.head_name}`"
    return f"Compared `{report.base_name}` with `{report.head_name}`"


LEVELS: Final = ("Permissions management", "Write", "Tagging", "Read", "List")  # worst first


def levels(cell: AccessCell) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return today's actions behind a cell by access level, the most dangerous first."""
    found: dict[str, list[str]] = {}
    for action, level in cell.known:
        found.setdefault(level, []).append(action)
    return tuple((level, _others(cell, found[level])) for level in _ordered(found))


def _others(cell: AccessCell, names: list[str]) -> tuple[str, ...]:
    """Return the names; none where the one there is stands in the cell already."""
    return () if [name.lower() for name in names] == [cell.action.lower()] else tuple(names)


def counts(cell: AccessCell) -> tuple[str, ...]:
    """Return how many of today's actions are behind a cell, where they are not listed."""
    by_level = dict(cell.counts)
    said = [f"{level}: {amount(by_level[level], 'action')}" for level in _ordered(by_level)]
    if cell.unasked:
        said.append(f"{amount(cell.unasked, 'action')} of today, not asked about one by one")
    return tuple(said)


def _ordered(levels_: Iterable[str]) -> list[str]:
    known = {level: rank for rank, level in enumerate(LEVELS)}
    return sorted(levels_, key=lambda level: (known.get(level, len(LEVELS)), level))


def said(finding: Finding) -> tuple[str, ...]:
    """Return a finding in a few plain lines: what, an example, why not before, what to do."""
    lines_ = [finding.headline, finding.detail]
    evidence = finding.evidence
    if evidence is not None and evidence.witness is not None:
        request = evidence.witness
        who = " ".join(each for each in _named(evidence, request) if each)
        newly = "Newly allowed" if evidence.before else "Allowed"
        lines_.append(f"{newly}: {who} may {request.action} on {request.resource}")
    if evidence is not None and evidence.before:
        lines_.append(f"Before, it was refused: {evidence.before}")
    if evidence is not None and evidence.fix:
        lines_.append(f"Fix: {evidence.fix}")
    if finding.accepted is not None:
        lines_.append(accepted(finding.accepted))
    return tuple(line for line in lines_ if line)


def _named(evidence: Evidence, request: Request) -> tuple[str, str]:
    return caller(request.caller, is_example=evidence.is_example)


def accepted(by: Acceptance) -> str:
    """Return who accepts a finding, why and until when, as a sentence."""
    who = " and ".join(f"`{each}`" for each in by.by)
    if not by.until:
        return f"Accepted by {who}, who approved the head commit"
    return f"Accepted by {who} until `{by.until}`: `{by.reason}`"


def ways_to_open(findings: Sequence[Finding], report: Report, config: str) -> tuple[str, ...]:
    """Return how a gate opens that these findings close, a sentence each. The only place that says it."""
    named = _widest({finding.check for finding in findings})
    if _WAIVERS in named:
        return ("Mend the waiver file; nothing is accepted until it can be read.",)
    settings = ", ".join(f"{check}: warn" for check in named)
    these = "this check" if len(named) == 1 else "these checks"
    setting = f"`fail-on: {{{settings}}}` in `{config}` on the base branch"
    return (
        "Change the policy so that the check passes.",
        *_accepting(findings, report),
        f"Set {these} to `warn` for everyone: {setting}, which takes a pull request of its own.",
        "Someone who may bypass the required check merges.",
    )


def _widest(checks: AbstractSet[str]) -> list[str]:
    """Return checks without those that go by the level of another one: the pairs of a pack."""
    return sorted(each for each in checks if each.rpartition("/")[0] not in checks)


def _accepting(findings: Sequence[Finding], report: Report) -> Iterable[str]:
    """Yield the ways that are for these findings alone, and for no access more than they name."""
    if report.doors is None:
        if report.head and not report.base:  # an audit: it is of what is there, not of a change
            yield (
                "Leave what is there as it is for now: `access-gate audit --write-baseline` writes "
                "the file that says so, which is to be committed."
            )
        return
    if approvers := report.doors.approvers:
        named = ", ".join(f"`{login}`" for login in approvers[:_MOST_APPROVERS])
        more = " or another approver" if len(approvers) > _MOST_APPROVERS else ""
        who = f"one of {named}{more}" if len(approvers) > 1 else named
        yield (
            f"Have {who} approve the head commit in a review, then run the job again; the next "
            "commit needs an approval of its own."
        )
    known_by = findings[0].fingerprint if len(findings) == 1 else "FINGERPRINT"
    where = (
        "which counts in this pull request"
        if report.doors.waivers_from_head
        else "which takes a pull request of its own"
    )
    yield f'Waive it for a time: `access-gate waive {known_by} --reason "…"` writes the entry, {where}.'


def amount(count: int, one: str, many: str = "") -> str:
    """Return `1 finding` or `2 findings`."""
    return f"{count} {one if count == 1 else many or one + 's'}"
