"""Findings and a report that every renderer is tried on."""

from __future__ import annotations

from checker.findings import (
    AccessCell,
    Evidence,
    Finding,
    Judged,
    Kind,
    Proved,
    Report,
    Severity,
    Skipped,
    Standing,
    StatementRef,
)
from checker.policy.model import Caller, CallerKind, Request
from checker.render.run import Run
from checker.render.sources import Sources
from checker.span import Position, Span, whole_file

BASE, HEAD = "a1b2c3d" + "0" * 33, "e4f5a6b" + "0" * 33

OLD_BUILD = """{
  "Statement": [
    {
      "Sid": "KeepAuditLogs",
      "Effect": "Deny",
      "Action": "s3:*",
      "Resource": "arn:aws:s3:::prod-audit-logs/*"
    },
    {
      "Sid": "WriteArtifacts",
      "Effect": "Allow",
      "Action": "s3:Put*",
      "Resource": "arn:aws:s3:::*"
    }
  ]
}
"""
NEW_BUILD = """{
  "Statement": [
    {
      "Sid": "WriteArtifacts",
      "Effect": "Allow",
      "Action": "s3:Put*",
      "Resource": "arn:aws:s3:::*"
    }
  ]
}
"""
SOURCES = Sources(
    head={"policies/build.json": NEW_BUILD, "template.yaml": "A: 1\nB:\n  C: 1\n"},
    base={"policies/build.json": OLD_BUILD},
)
RUN = Run(
    version="1.2.0",
    server="https://github.com",
    repository="acme/infra",
    run_id="987654321",
    head=HEAD,
    base=BASE,
)


def span(path: str, first: int, last: int) -> Span:
    return Span(path, Position(first, 5), Position(last, 6))


def finding(
    number: int = 1,
    path: str = "policies/build.json",
    lines: tuple[int, int] = (3, 8),
    severity: Severity = Severity.BLOCK,
    headline: str = "New access: `s3:PutObject` on `arn:aws:s3:::prod-audit-logs/*`",
) -> Finding:
    """Return a finding without evidence whose fingerprint is its number."""
    return Finding(
        check="no-new-access",
        kind=Kind.VIOLATED,
        severity=severity,
        headline=headline,
        at=span(path, *lines),
        fingerprint=f"{number:016x}",
    )


WITH_EVIDENCE = Finding(
    check="no-new-access",
    kind=Kind.VIOLATED,
    severity=Severity.BLOCK,
    headline="New access: `s3:PutObject` on `arn:aws:s3:::prod-audit-logs/*`",
    at=span("policies/build.json", 3, 8),
    fingerprint="3f9c2a7be1d04c58",
    evidence=Evidence(
        witness=Request(
            Caller(CallerKind.ROLE_SESSION, "arn:aws:iam::111122223333:role/build-agent"),
            "s3:PutObject",
            "arn:aws:s3:::prod-audit-logs/a",
            {"aws:sourceip": "203.0.113.7", "aws:tagkeys": ("a", "b")},
        ),
        statements=(StatementRef(0, "WriteArtifacts", span("policies/build.json", 3, 8)),),
        before="`KeepAuditLogs` denied it",
        stopped_by=StatementRef(0, "KeepAuditLogs", span("policies/build.json", 3, 8)),
        cells=(
            AccessCell(
                "s3:Put*",
                "arn:aws:s3:::prod-audit-logs/*",
                (("s3:PutObject", "Write"), ("s3:PutObjectAcl", "Permissions management")),
            ),
        ),
        assumptions=("an account number has twelve digits",),
        fix="put `KeepAuditLogs` back",
    ),
)
AMBIGUOUS = Finding(
    check="no-new-access",
    kind=Kind.VIOLATED,
    severity=Severity.WARN,
    headline="New access, under one reading: `sts:AssumeRole` on `DeployRole`",
    detail="quote the ARN in full to settle it",
    at=Span("template.yaml", Position(3, 3), Position(3, 7)),
    address="/Resources/DeployRole",
    fingerprint="a07714d0c2f9be31",
    evidence=Evidence(
        witness=None,
        statements=(),
        before="",
        ambiguous=("whether a `*` inside the value of a policy variable is a wildcard",),
        only_future_actions=True,
    ),
)
UNDECIDED = Finding(
    check="no-public-access",
    kind=Kind.UNDECIDED,
    severity=Severity.BLOCK,
    headline="Not decided: may a stranger use `queue`",
    detail="the question took longer than its budget of 30 seconds",
    at=span("policies/queue.json", 2, 2),
    fingerprint="00112233445566ff",
)
UNREADABLE = Finding(
    check="readable",
    kind=Kind.UNREADABLE,
    severity=Severity.BLOCK,
    headline="unknown statement element `Acton` (did you mean `Action`?)",
    at=whole_file("policies/a,b:c.json"),
    fingerprint="00112233445566aa",
    removed=False,
)
REPORT = Report(
    base=BASE,
    head=HEAD,
    base_name="main",
    head_name="#7 merged",
    findings=(AMBIGUOUS, UNDECIDED, WITH_EVIDENCE, UNREADABLE),
    proved=(
        Proved("no-new-access", "policies/reader.json", ""),
        Proved("no-new-access", "template.yaml", "/Resources/A", ("an ARN holds no blanks",)),
    ),
    skipped=(Skipped("policies/link.json", "is a symbolic link"),),
    documents=5,
    files=7,
    policies=(
        Judged("policies/build.json", "", "resource", Standing.FOUND),
        Judged("policies/a,b:c.json", "", "", Standing.NOT_UNDERSTOOD, "unknown element"),
        Judged("policies/queue.json", "", "resource", Standing.UNDECIDED, "it took too long"),
        Judged("policies/reader.json", "", "identity", Standing.PROVED),
        Judged("policies/old.json", "", "identity", Standing.NOTHING_TO_ASK, "it is gone"),
        Judged("template.yaml", "/Resources/A", "identity", Standing.PROVED),
    ),
    notes=("this pull request changes `.github/access-gate.yml`",),
)
EMPTY = Report(
    base=BASE, head=HEAD, base_name="main", head_name="#7 merged", findings=(), documents=2, files=2
)
