"""From the answers to what is said of them: findings and proofs."""

from __future__ import annotations

from dataclasses import replace

from checker.checks import Check
from checker.explain import identity, pinpoint
from checker.explain.identity import fingerprint
from checker.findings import Evidence, Finding, Kind, PolicyChange, Proved, Severity
from checker.lint.diagnostic import Diagnostic
from checker.policy.model import Statement
from checker.source.documents import Trouble, Unreadable
from checker.source.symbols import unread_policy_of
from checker.span import Span, whole_file
from checker.symbolic.assumptions import ASSUMPTIONS
from checker.symbolic.question import (
    Answer,
    Holds,
    Question,
    Responsible,
    Undecided,
    Violated,
)

UNREADABLE = "unreadable"
DIAGNOSTICS = "diagnostics"
_UNREAD = "the text of this policy is not known here: `managed-policies` may name a copy of it"
MOST_SHOWN = 100  # statements of one policy that get a finding each


def findings(
    check: Check, change: PolicyChange, question: Question, answer: Answer, severity: Severity
) -> tuple[Finding, ...]:
    """Return what a check found: one finding for each responsible statement."""
    match answer:
        case Holds():
            return ()
        case Undecided(reason=reason):
            return (undecided(check, change, reason, severity),)
        case Violated(responsible=responsible):
            shown, rest = responsible[:MOST_SHOWN], responsible[MOST_SHOWN:]
            each = _evidence(check, question, answer, shown)
            found = [
                _violated(check, change, question, r, evidence, severity)
                for r, evidence in zip(shown, each, strict=True)
            ]
            if rest:
                found.append(_more(check, change, rest, severity))
            if answer.unanswered:
                found.append(undecided(check, change, answer.unanswered, severity))
            return tuple(found)


def proved(check: Check, change: PolicyChange, answer: Holds) -> Proved:
    """Return what is proved of a document."""
    says = {assumption.id: assumption.says for assumption in ASSUMPTIONS}
    needed = tuple(says[name] for name in answer.assumptions)
    return Proved(check.id, change.path, change.address, needed)


def _evidence(
    check: Check, question: Question, violated: Violated, responsible: tuple[Responsible, ...]
) -> list[Evidence]:
    """Return the evidence; of a Deny that is gone, that it was the one that stopped the request."""
    about = check.about()
    every = pinpoint.evidence(question, violated, responsible, compares=check.compares, about=about)
    if check.implied:
        return [replace(evidence, statements=()) for evidence in every]
    if not check.removes:
        return list(every)
    return [_of_deny(r.statement, each) for r, each in zip(responsible, every, strict=True)]


def _of_deny(statement: Statement, evidence: Evidence) -> Evidence:
    if evidence.stopped_by is None:
        gone = pinpoint.reference(statement)
        name = pinpoint.named(statement)
        evidence = replace(evidence, stopped_by=gone, before=f"{name} denied it")
    return replace(evidence, statements=())


def _more(
    check: Check, change: PolicyChange, rest: tuple[Responsible, ...], severity: Severity
) -> Finding:
    """Return one finding for all statements beyond those that are explained one by one."""
    witness = next((flow.witness for flow in rest[0].flows if flow.witness), None)
    return Finding(
        check=check.id,
        kind=Kind.VIOLATED,
        severity=severity,
        headline=f"{check.says}: in {len(rest)} more statements of this policy",
        detail=f"the first {MOST_SHOWN} are explained one by one, these are not",
        at=rest[0].statement.span,
        address=change.address,
        fingerprint=fingerprint(
            check.id, change.path, change.address, f"more {identity.either_side(change)}"
        ),
        evidence=Evidence(
            witness=witness,
            statements=tuple(pinpoint.reference(each.statement) for each in rest),
            before="",
            is_example=change.after is not None and not change.after.type.has_principals,
        ),
        removed=check.removes,
    )


def _violated(
    check: Check,
    change: PolicyChange,
    question: Question,
    responsible: Responsible,
    evidence: Evidence,
    severity: Severity,
) -> Finding:
    statement = responsible.statement
    about = identity.through(question, statement)
    return Finding(
        check=check.id,
        kind=Kind.VIOLATED,
        severity=severity,
        headline=f"{check.says}: {_access(check, evidence)}",
        detail=_detail(check, evidence),
        at=_place(check, statement, evidence),
        address=change.address,
        fingerprint=fingerprint(check.id, change.path, change.address, about),
        evidence=evidence,
        removed=check.removes,
    )


def _place(check: Check, statement: Statement, evidence: Evidence) -> Span:
    """Return where the finding stands: on the Deny that is weaker, if no statement is to blame."""
    stopped = evidence.stopped_by
    if check.removes and not check.implied and stopped is not None:
        return stopped.span
    return statement.span


def _access(check: Check, evidence: Evidence) -> str:
    """Return what is newly allowed, in the policy's own words."""
    cells = evidence.cells
    if not cells:
        witness = evidence.witness
        return "" if witness is None else f"`{witness.action}` on `{witness.resource}`"
    unread = dict.fromkeys(unread_policy_of(cell.action) for cell in cells)
    if all(unread):
        return f"whatever {_listed(list(unread))} {'denies' if check.removes else 'grants'}"
    actions = list(dict.fromkeys(cell.action for cell in cells))
    resources = list(dict.fromkeys(cell.resource for cell in cells))
    return f"{_listed(actions)} on {_listed(resources)}"


def _listed(texts: list[str]) -> str:
    shown = ", ".join(f"`{text}`" for text in texts[:2])
    more = len(texts) - 2
    return f"{shown} and {more} more" if more > 0 else shown


def _detail(check: Check, evidence: Evidence) -> str:
    if evidence.witness is None:
        return "only if AWS reads an open construct in an unusual way"
    if evidence.only_future_actions:
        return "only actions that AWS may add later are new: no action of today is"
    if any(":policy/" in unread_policy_of(cell.action) for cell in evidence.cells):
        return _UNREAD
    return check.why(evidence.witness)


def undecided(check: Check, change: PolicyChange, reason: str, severity: Severity) -> Finding:
    """Return what is said of a question without an answer."""
    policy = change.after or change.before
    about = f"undecided {reason}\n{identity.either_side(change)}"
    return Finding(
        check=check.id,
        kind=Kind.UNDECIDED,
        severity=severity,
        headline=f"Not decided: {check.says[0].lower()}{check.says[1:]}",
        detail=f"{reason}; an unanswered question is no pass",
        at=policy.span if policy else whole_file(change.path),
        address=change.address,
        fingerprint=fingerprint(check.id, change.path, change.address, about),
        removed=change.after is None,
    )


def not_compared(at: Span, address: str, why: str, severity: Severity, content: str) -> Finding:
    """Return what is said of a guardrail whose old version nobody understands.

    content: names what both versions of the file hold, as in the two functions below.
    """
    return Finding(
        check="deny-weakened",
        kind=Kind.UNDECIDED,
        severity=severity,
        headline="Not decided: a Deny is weaker",
        detail=f"{why}; an unanswered question is no pass",
        at=at,
        address=address,
        fingerprint=fingerprint("deny-weakened", at.path, address, f"undecided {why}\n{content}"),
        removed=True,
    )


def new_policy(change: PolicyChange, severity: Severity) -> Finding:
    """Return what is said of a policy that was not there before, whatever it grants."""
    policy = change.after
    kind = f"{policy.type} " if policy else ""
    return Finding(
        check="new-policy",
        kind=Kind.VIOLATED,
        severity=severity,
        headline=f"New {kind}policy",
        detail="the settings want every new policy to be looked at: `new-policy: block`",
        at=policy.span if policy else whole_file(change.path),
        address=change.address,
        fingerprint=fingerprint(
            "new-policy", change.path, change.address, identity.either_side(change)
        ),
    )


def diagnostic(change: PolicyChange, found: Diagnostic, severity: Severity) -> Finding:
    """Return what is said of a likely mistake; it never blocks."""
    check = f"{DIAGNOSTICS}/{found.name}"
    quiet = severity is Severity.NOTE or found.severity is Severity.NOTE
    return Finding(
        check=check,
        kind=Kind.DIAGNOSTIC,
        severity=Severity.NOTE if quiet else Severity.WARN,
        headline=found.says[0].upper() + found.says[1:],
        detail=found.hint,
        at=found.at,
        address=change.address,
        fingerprint=fingerprint(check, change.path, change.address, found.about),
    )


def together(finding: Finding, other: Answer | None, change: PolicyChange) -> Finding:
    """Return a finding about two kinds of access with the other one named."""
    about = f"{finding.fingerprint}\n{identity.either_side(change)}"
    known_by = fingerprint(finding.check, change.path, change.address, about)
    finding = replace(finding, fingerprint=known_by)  # of the other kind there may be more too
    if not isinstance(other, Violated):
        return finding
    statement = other.responsible[0].statement
    line = f"the statement on line {statement.span.start.line}"
    name = f"statement `{statement.sid}`" if statement.sid else line
    witness = other.witness
    about = f"`{witness.action}` on `{witness.resource}`, which " if witness else "what "
    return replace(finding, detail=f"together with {about}{name} allows: {finding.detail}")


def unreadable(
    problem: str, at: Span, hint: str, address: str, severity: Severity, content: str
) -> Finding:
    """Return what is said of a document that cannot be read."""
    return Finding(
        check=UNREADABLE,
        kind=Kind.UNREADABLE,
        severity=severity,
        headline=f"Not understood: {problem}",
        detail=hint,
        at=at,
        address=address,
        fingerprint=fingerprint(UNREADABLE, at.path, address, f"{problem}\n{content}"),
    )


def not_read(found: Unreadable, severity: Severity, content: str) -> Finding:
    """Return what is said of text that gave no document."""
    finding = unreadable(found.problem, found.at, found.hint, found.address, severity, content)
    if found.trouble is Trouble.NOT_READ_YET:
        return replace(finding, headline=f"Not looked at: the file {found.problem}")
    return finding
