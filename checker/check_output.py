"""The result of one check in every format of the command line. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import Final

import checker
from checker.api import CheckResult
from checker.errors import UsageError
from checker.findings import Evidence, Finding, Kind, Proved, Report, Severity, StatementRef
from checker.policy.model import Policy, Request
from checker.policy.requests import parse_request
from checker.render import sarif, words
from checker.render.annotations import commands
from checker.render.escape import cell, code, prose, visible

FORMATS: Final = ("text", "json", "markdown", "sarif", "github")
_KINDS: Final = {"FAIL": Kind.VIOLATED, "UNDECIDED": Kind.UNDECIDED}


def shown(result: CheckResult, check: str, policy: Policy, file: str, form: str) -> str:
    """Return the result of a check of a policy in one of `FORMATS`."""
    match form:
        case "text":
            return _text(result, policy)
        case "json":
            return json.dumps(result.to_dict(), indent=2) + "\n"
        case "markdown":
            return _markdown(result, check, policy, file)
        case "sarif":
            return sarif.render(_report(result, check, policy, file), checker.__version__)
        case "github":
            return commands(_report(result, check, policy, file))
        case _:
            raise UsageError(f"unknown format `{form}` (use one of {', '.join(FORMATS)})")


def _text(result: CheckResult, policy: Policy) -> str:
    lines = [f"{result.result}: {result.message}"]
    for reason in result.reasons:
        span = policy.statements[reason.statement_index].span
        lines.append(f"  {span.path}:{span.start.line}: {reason.description}")
    request = _request(result)
    if request is not None:
        lines.append("For example this request:")
        lines += [f"  {name:<10} {value}" for name, value in _rows(request, policy)]
    lines += [f"{title}: {text}" for title, texts in _more(result) for text in texts]
    return "\n".join(visible(line) for line in lines) + "\n"


def _markdown(result: CheckResult, check: str, policy: Policy, file: str) -> str:
    blocks = [f"**{result.result}:** {prose(result.message)}"]
    if result.reasons:
        blocks.append("\n".join(f"- {prose(reason.description)}" for reason in result.reasons))
    request = _request(result)
    if request is not None:
        rows = [f"| {name} | {cell(value)} |" for name, value in _rows(request, policy)]
        blocks.append("\n".join(["| Part | Request |", "|---|---|", *rows]))
    for title, texts in _more(result):
        blocks += [f"{title}: {prose(text)}" for text in texts]
    blocks.append(f"<sub>access-gate {checker.__version__}, {code(check)} of {code(file)}</sub>")
    return "\n\n".join(blocks) + "\n"


def _request(result: CheckResult) -> Request | None:
    return None if result.witness is None else parse_request(result.witness)


def _rows(request: Request, policy: Policy) -> list[tuple[str, str]]:
    """Return the parts of a witness, in words where the caller stands for others."""
    is_example = not policy.type.has_principals
    who = words.caller(request.caller, is_example=is_example)
    rows = [
        ("principal", " ".join(each for each in who if each)),
        ("action", request.action),
        ("resource", request.resource),
    ]
    context = words.context(request)
    return rows + [("with", f"{key} = {', '.join(values)}") for key, values in context]


def _more(result: CheckResult) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (
        ("depends on", result.ambiguous),
        ("assumes", result.assumptions),
        ("note", result.notes if result.result == "FAIL" else ()),
    )


def _report(result: CheckResult, check: str, policy: Policy, file: str) -> Report:
    """Return the result as the report of a run on one file."""
    proved = (Proved(check, file, "", result.assumptions),) if result.result == "PASS" else ()
    return Report(
        base="",
        head="",
        base_name="",
        head_name=file,
        findings=_findings(result, check, policy),
        proved=proved,
    )


def _findings(result: CheckResult, check: str, policy: Policy) -> tuple[Finding, ...]:
    kind = _KINDS.get(result.result)
    if kind is None:
        return ()
    places = [policy.statements[reason.statement_index] for reason in result.reasons]
    refs = [StatementRef(each.index, each.sid, each.span) for each in places]
    if not refs:
        return (_finding(result.message, check, kind, policy, None),)
    return tuple(
        _finding(reason.description, check, kind, policy, _evidence(result, ref, policy))
        for reason, ref in zip(result.reasons, refs, strict=True)
    )


def _finding(
    says: str, check: str, kind: Kind, policy: Policy, evidence: Evidence | None
) -> Finding:
    at = evidence.statements[0].span if evidence else policy.span
    identity = f"{check}\0{at.path}\0{says}".encode("utf-8", "surrogatepass")
    return Finding(
        check=check,
        kind=kind,
        severity=Severity.BLOCK,
        headline=says.removesuffix("."),
        at=at,
        fingerprint=hashlib.sha256(identity).hexdigest()[:16],
        evidence=evidence,
    )


def _evidence(result: CheckResult, ref: StatementRef, policy: Policy) -> Evidence:
    return Evidence(
        witness=_request(result),
        statements=(ref,),
        before="",
        is_example=not policy.type.has_principals,
        ambiguous=result.ambiguous,
        assumptions=result.assumptions,
    )
