"""The half-sentences that every renderer says in the same words. Pure; hostile text in backticks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from checker.findings import AccessCell, Finding, Report, StatementRef
from checker.policy.model import Caller, CallerKind, Request
from checker.render.run import lines

NOT_CONSIDERED: Final = (
    "Each policy is judged by itself. Other policies, permission boundaries and SCPs of the account "
    "are not looked at; they can take this access away."
)

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


def caller(who: Caller) -> tuple[str, str]:
    """Return our words, if any are needed, and the principal's own name."""
    return _CALLERS[who.kind], who.value


def context(request: Request) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the condition keys with their values, in order of the keys."""
    return tuple(
        (key, (value,) if isinstance(value, str) else value)
        for key, value in sorted(request.context.items())
    )


def statement(ref: StatementRef) -> str:
    """Return what to call a statement: by its Sid if it has one, always by its lines."""
    if ref.sid:
        return f"statement `{ref.sid}`, {lines(ref.span)}"
    return f"the statement on {lines(ref.span)}"


def compared(report: Report) -> str:
    """Return what was compared with what."""
    return f"`{report.base_name or 'nothing'}` with `{report.head_name}`"


def levels(cell: AccessCell) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return today's actions behind a cell by access level, in the order of the catalogue."""
    found: dict[str, list[str]] = {}
    for action, level in cell.known:
        found.setdefault(level, []).append(action)
    return tuple((level, tuple(actions)) for level, actions in found.items())


def said(finding: Finding) -> tuple[str, ...]:
    """Return a finding in a few plain lines: what, an example, why not before, what to do."""
    lines_ = [finding.headline, finding.detail]
    evidence = finding.evidence
    if evidence is not None and evidence.witness is not None:
        request = evidence.witness
        who = " ".join(each for each in caller(request.caller) if each)
        lines_.append(f"Newly allowed: {who} may {request.action} on {request.resource}")
    if evidence is not None and evidence.before:
        lines_.append(f"Before, it was refused: {evidence.before}")
    if evidence is not None and evidence.fix:
        lines_.append(f"Fix: {evidence.fix}")
    return tuple(line for line in lines_ if line)


def ways_to_open(checks: Sequence[str], config: str) -> tuple[str, ...]:
    """Return how a closed gate opens, a sentence each.

    The only place that says it: accepting one finding, by waiver or by review, is a later release.
    """
    settings = ", ".join(f"{check}: warn" for check in checks)
    these = "this check" if len(checks) == 1 else "these checks"
    setting = f"`fail-on: {{{settings}}}` in `{config}` on the base branch"
    return (
        "Change the policy so that the check passes.",
        f"Or set {these} to `warn` for everyone: {setting}, which takes a pull request of its own.",
        "Or someone who may bypass the required check merges.",
    )


def amount(count: int, one: str, many: str = "") -> str:
    """Return `1 finding` or `2 findings`."""
    return f"{count} {one if count == 1 else many or one + 's'}"
