"""A report -> SARIF 2.1.0, as code scanning reads it. Pure.

Text goes into `message.text`, which nobody renders, and never into `message.markdown`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from checker.findings import Finding, Report, Severity, StatementRef
from checker.render import words
from checker.render.escape import url, visible
from checker.render.order import loudest_first
from checker.render.report_json import Json
from checker.span import Span

_MOST_RESULTS: Final = 5_000  # GitHub keeps no more
_MOST_STATEMENTS: Final = 20
_LEVELS: Final = {Severity.BLOCK: "error", Severity.WARN: "warning", Severity.NOTE: "note"}
_SAYS: Final = {
    "no-new-access": "A request is allowed that was not allowed before",
    "deny-weakened": "A request is no longer denied, and another policy may allow it",
    "new-policy": "A policy is new",
    "access-not-granted": "Critical access is granted",
    "reference-policy": "More is allowed than the reference policy allows",
    "no-public-access": "A stranger is allowed something",
    "trusted-access": "Somebody is allowed something who is not trusted",
    "confused-deputy": "A service is trusted for whomever it acts",
    "unreadable": "A policy is not understood",
    "unused-access": "A policy grants what nobody uses",
    "diagnostics": "Something looks like a mistake",
}
_DANGER: Final = {Severity.BLOCK: "8.0", Severity.WARN: "5.0", Severity.NOTE: "2.0"}


def render(report: Report, tool_version: str) -> str:
    """Return the findings as the text of one SARIF file, ASCII only."""
    findings = loudest_first(report.findings)[:_MOST_RESULTS]
    results = [_result(finding) for finding in findings]
    if any(finding.accepted for finding in findings):  # then every result has to say
        for result, finding in zip(results, findings, strict=True):
            result["suppressions"] = _suppressions(finding)
    run: dict[str, Json] = {
        "tool": {
            "driver": {"name": "access-gate", "version": tool_version, "rules": _rules(findings)}
        },
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    document: dict[str, Json] = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(document, indent=2) + "\n"


def _rules(findings: Iterable[Finding]) -> list[Json]:
    """Return a rule for each check; its severity is that of its loudest finding."""
    loudest: dict[str, Finding] = {}
    for finding in findings:
        loudest.setdefault(finding.check, finding)
    return [
        {
            "id": check,
            "shortDescription": {"text": _described(check)},
            "defaultConfiguration": {"level": _LEVELS[finding.severity]},
            "properties": {
                "security-severity": _DANGER[finding.severity],
                "tags": ["security", "iam"],
            },
        }
        for check, finding in loudest.items()
    ]


def _described(check: str) -> str:
    """Return what a check finds, as code scanning lists it; of a group or pack with its name."""
    family, _, name = check.partition("/")
    says = _SAYS.get(family, check)
    return f"{says} ({visible(name)})" if name else says


def _result(finding: Finding) -> dict[str, Json]:
    statements = finding.evidence.statements if finding.evidence else ()
    return {
        "ruleId": finding.check,
        "level": _LEVELS[Severity.NOTE if finding.accepted else finding.severity],
        "message": {"text": "\n".join(visible(line) for line in words.said(finding))},
        "locations": [_location(finding.in_head or finding.at, is_gone=finding.in_head is None)],
        "relatedLocations": [
            _related(number, ref) for number, ref in enumerate(statements[:_MOST_STATEMENTS], 1)
        ],
        # Not `primaryLocationLineHash`: the upload computes that, and warns if ours differs.
        "partialFingerprints": {"accessGate/v1": finding.fingerprint},
    }


def _suppressions(finding: Finding) -> list[Json]:
    if finding.accepted is None:
        return []
    why = visible(words.accepted(finding.accepted))
    return [{"kind": "external", "status": "accepted", "justification": why}]


def _related(number: int, ref: StatementRef) -> dict[str, Json]:
    text: dict[str, Json] = {"text": visible(words.statement(ref))}
    return {"id": number, "message": text, **_location(ref.span)}


def _location(span: Span, *, is_gone: bool = False) -> dict[str, Json]:
    place: dict[str, Json] = {"artifactLocation": {"uri": url("", span.path).removeprefix("/")}}
    if not is_gone:
        place["region"] = _region(span)
    return {"physicalLocation": place}


def _region(span: Span) -> dict[str, Json]:
    if span.start == span.end:
        return {"startLine": span.start.line}
    return {
        "startLine": span.start.line,
        "startColumn": span.start.column,
        "endLine": span.end.line,
        "endColumn": span.end.column,
    }
