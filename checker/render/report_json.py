"""A report -> JSON for other programs. Pure.

`version` is raised when a key goes or changes its meaning; new keys may come at any time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, cast

from checker.consent import Acceptance, WaiverNote, WaiverState
from checker.findings import (
    AccessCell,
    Evidence,
    Finding,
    Fix,
    Judged,
    Proved,
    Report,
    Standing,
    StatementRef,
    Suggestion,
    UnusedAccess,
)
from checker.policy.catalogue import key_spelled
from checker.policy.model import Caller, CallerKind, Request
from checker.span import Span

VERSION: Final = 1

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"

_IN_BRACES: Final = {
    CallerKind.SERVICE: "Service",
    CallerKind.FEDERATED: "Federated",
    CallerKind.CANONICAL_USER: "CanonicalUser",
}


def render(report: Report, tool_version: str) -> str:
    """Return the report as JSON text, ASCII only, so that nothing in it hides or turns around."""
    return json.dumps(document(report, tool_version), indent=2) + "\n"


def document(report: Report, tool_version: str) -> dict[str, Json]:
    """Return the report as what JSON can hold."""
    return {
        "version": VERSION,
        "tool": {"name": "access-gate", "version": tool_version},
        "result": report.result,
        "base": {"commit": report.base, "name": report.base_name},
        "head": {"commit": report.head, "name": report.head_name},
        "documents": report.documents,
        "ledger": _ledger(report),
        "policies": [_judged(judged) for judged in report.policies],
        "findings": [_finding(finding) for finding in report.findings],
        "diagnostics": [_finding(finding) for finding in report.diagnostics],
        "proved": [_proved(proved) for proved in report.proved],
        "unusedAccess": [_unused(each) for each in report.unused],
        "skipped": [{"path": each.path, "reason": each.reason} for each in report.skipped],
        "notes": list(report.notes),
        "waivers": [_waiver(each) for each in report.waivers],
    }


def _ledger(report: Report) -> dict[str, Json]:
    """Return how many policies were found in how many files, and what became of them."""
    counts = report.ledger
    return {
        "files": report.files,
        "found": len(report.policies),
        **{_camel(standing): counts.get(standing, 0) for standing in Standing},
        "notLookedAt": len(report.skipped),
    }


def _camel(standing: Standing | WaiverState) -> str:
    first, *rest = standing.value.split()
    name = first + "".join(word.capitalize() for word in rest)
    return "withFindings" if standing is Standing.FOUND else name


def _judged(judged: Judged) -> dict[str, Json]:
    return {
        "path": judged.path,
        "address": judged.address,
        "type": judged.type,
        "standing": judged.standing.value,
        "why": judged.why,
    }


def _finding(finding: Finding) -> dict[str, Json]:
    return {
        "check": finding.check,
        "kind": finding.kind.value,
        "severity": finding.severity.value,
        "headline": finding.headline,
        "detail": finding.detail,
        "at": _span(finding.at),
        "address": finding.address,
        "owner": finding.owner,
        "removed": finding.removed,
        "fingerprint": finding.fingerprint,
        "blocks": finding.blocks,
        "accepted": _acceptance(finding.accepted) if finding.accepted else None,
        "evidence": _evidence(finding.evidence) if finding.evidence else None,
        "suggestion": _suggestion(finding.suggestion, finding.at.path)
        if finding.suggestion
        else None,
        "fix": _fix(finding.fix, finding.address) if finding.fix else None,
    }


def _acceptance(accepted: Acceptance) -> dict[str, Json]:
    return {
        "door": accepted.door.value,
        "by": list(accepted.by),
        "reason": accepted.reason,
        "until": accepted.until or None,
    }


def _waiver(waiver: WaiverNote) -> dict[str, Json]:
    return {
        "fingerprint": waiver.fingerprint,
        "owner": waiver.owner,
        "reason": waiver.reason,
        "expires": waiver.expires,
        "state": _camel(waiver.state),
        "isNew": waiver.is_new,
        "at": _span(waiver.at),
    }


def _evidence(evidence: Evidence) -> dict[str, Json]:
    return {
        "witness": request(evidence.witness) if evidence.witness else None,
        "given": dict(evidence.given),
        "before": evidence.before,
        "statements": [_statement(ref) for ref in evidence.statements],
        "stoppedBy": _statement(evidence.stopped_by) if evidence.stopped_by else None,
        "cells": [_cell(cell) for cell in evidence.cells],
        "onlyFutureActions": evidence.only_future_actions,
        "ambiguous": list(evidence.ambiguous),
        "assumptions": list(evidence.assumptions),
        "fix": evidence.fix,
    }


def request(witness: Request) -> dict[str, Json]:
    """Return a request in the form that `access-gate evaluate` takes."""
    return {
        "principal": _principal(witness.caller),
        "action": witness.action,
        "resource": witness.resource,
        "context": {
            key_spelled(key): value if isinstance(value, str) else list(value)
            for key, value in sorted(witness.context.items())
        },
    }


def _principal(caller: Caller) -> Json:
    name = _IN_BRACES.get(caller.kind)
    return {name: caller.value} if name else caller.value


def _statement(ref: StatementRef) -> dict[str, Json]:
    return {"index": ref.index, "sid": ref.sid, "at": _span(ref.span)}


def _cell(cell: AccessCell) -> dict[str, Json]:
    return {
        "action": cell.action,
        "resource": cell.resource,
        "known": [{"action": action, "accessLevel": level} for action, level in cell.known],
        "counts": dict(cell.counts),
        "unasked": cell.unasked,
        "at": _span(cell.span) if cell.span else None,
    }


def _proved(proved: Proved) -> dict[str, Json]:
    return {
        "check": proved.check,
        "path": proved.path,
        "address": proved.address,
        "assumptions": list(proved.assumptions),
    }


def _suggestion(suggestion: Suggestion, path: str) -> dict[str, Json]:
    """Return the lines of a head file, both included, and what to put in their place."""
    return {
        "path": suggestion.path or path,
        "first": suggestion.first,
        "last": suggestion.last,
        "lines": list(suggestion.lines),
    }


def _fix(fix: Fix, address: str) -> dict[str, Json]:
    """Return an edit that was proved: in words, in the text of the head file, and as RFC 6902.

    The patch is of the document at `address` in the file. It makes the check hold, so it is that of
    all findings of the check there; `edits` answer this one, which is all if `alone`.
    """
    return {
        "words": fix.words,
        "edits": [{"at": _span(each.span), "text": each.text} for each in fix.edits],
        "address": address,
        "patch": [cast("Json", json.loads(operation)) for operation in fix.patch],
        "alone": fix.alone,
        "losesAccess": fix.loses,
    }


def _unused(unused: UnusedAccess) -> dict[str, Json]:
    """Return what a policy grants and nobody uses; `recommendation` is as `refine` gives it."""
    return {
        "path": unused.path,
        "address": unused.address,
        "source": unused.source,
        "role": unused.role or None,
        "days": unused.days or None,
        "granted": unused.granted,
        "kept": unused.kept,
        "sizeInPercent": unused.share,
        "recommendation": cast("Mapping[str, Json]", unused.recommendation) or None,
        "why": unused.why,
    }


def _span(span: Span) -> dict[str, Json]:
    """Return lines and columns from 1, in code points, the end exclusive."""
    return {
        "path": span.path,
        "start": {"line": span.start.line, "column": span.start.column},
        "end": {"line": span.end.line, "column": span.end.column},
    }
