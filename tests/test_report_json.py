from __future__ import annotations

import json
from dataclasses import replace

from inline_snapshot import snapshot

from checker.findings import Fix, TextEdit
from checker.render import report_json
from tests.reports import EMPTY, REPORT, WITH_EVIDENCE, finding


def test_json_report() -> None:
    report = replace(REPORT, findings=(WITH_EVIDENCE,))
    assert json.loads(report_json.render(report, "1.2.0")) == snapshot(
        {
            "version": 1,
            "tool": {"name": "access-gate", "version": "1.2.0"},
            "result": "fail",
            "base": {"commit": "a1b2c3d000000000000000000000000000000000", "name": "main"},
            "head": {"commit": "e4f5a6b000000000000000000000000000000000", "name": "#7 merged"},
            "documents": 5,
            "ledger": {
                "files": 7,
                "found": 6,
                "proved": 2,
                "withFindings": 1,
                "undecided": 1,
                "notUnderstood": 1,
                "nothingToAsk": 1,
                "unchanged": 0,
                "notLookedAt": 1,
            },
            "policies": [
                {
                    "path": "policies/build.json",
                    "address": "",
                    "type": "resource",
                    "standing": "found",
                    "why": "",
                },
                {
                    "path": "policies/a,b:c.json",
                    "address": "",
                    "type": "",
                    "standing": "not understood",
                    "why": "unknown element",
                },
                {
                    "path": "policies/queue.json",
                    "address": "",
                    "type": "resource",
                    "standing": "undecided",
                    "why": "it took too long",
                },
                {
                    "path": "policies/reader.json",
                    "address": "",
                    "type": "identity",
                    "standing": "proved",
                    "why": "",
                },
                {
                    "path": "policies/old.json",
                    "address": "",
                    "type": "identity",
                    "standing": "nothing to ask",
                    "why": "it is gone",
                },
                {
                    "path": "template.yaml",
                    "address": "/Resources/A",
                    "type": "identity",
                    "standing": "proved",
                    "why": "",
                },
            ],
            "findings": [
                {
                    "check": "no-new-access",
                    "kind": "violated",
                    "severity": "block",
                    "headline": "New access: `s3:PutObject` on `arn:aws:s3:::prod-audit-logs/*`",
                    "detail": "",
                    "at": {
                        "path": "policies/build.json",
                        "start": {"line": 3, "column": 5},
                        "end": {"line": 8, "column": 6},
                    },
                    "address": "",
                    "owner": "",
                    "removed": False,
                    "fingerprint": "3f9c2a7be1d04c58",
                    "blocks": True,
                    "accepted": None,
                    "evidence": {
                        "witness": {
                            "principal": "arn:aws:iam::111122223333:role/build-agent",
                            "action": "s3:PutObject",
                            "resource": "arn:aws:s3:::prod-audit-logs/a",
                            "context": {"aws:SourceIp": "203.0.113.7", "aws:TagKeys": ["a", "b"]},
                        },
                        "given": {},
                        "before": "`KeepAuditLogs` denied it",
                        "statements": [
                            {
                                "index": 0,
                                "sid": "WriteArtifacts",
                                "at": {
                                    "path": "policies/build.json",
                                    "start": {"line": 3, "column": 5},
                                    "end": {"line": 8, "column": 6},
                                },
                            }
                        ],
                        "stoppedBy": {
                            "index": 0,
                            "sid": "KeepAuditLogs",
                            "at": {
                                "path": "policies/build.json",
                                "start": {"line": 3, "column": 5},
                                "end": {"line": 8, "column": 6},
                            },
                        },
                        "cells": [
                            {
                                "action": "s3:Put*",
                                "resource": "arn:aws:s3:::prod-audit-logs/*",
                                "known": [
                                    {"action": "s3:PutObject", "accessLevel": "Write"},
                                    {
                                        "action": "s3:PutObjectAcl",
                                        "accessLevel": "Permissions management",
                                    },
                                ],
                                "counts": {},
                                "unasked": 0,
                                "at": None,
                            }
                        ],
                        "onlyFutureActions": False,
                        "ambiguous": [],
                        "assumptions": ["an account number has twelve digits"],
                        "fix": "put `KeepAuditLogs` back",
                    },
                    "suggestion": None,
                    "fix": None,
                }
            ],
            "diagnostics": [],
            "proved": [
                {
                    "check": "no-new-access",
                    "path": "policies/reader.json",
                    "address": "",
                    "assumptions": [],
                },
                {
                    "check": "no-new-access",
                    "path": "template.yaml",
                    "address": "/Resources/A",
                    "assumptions": ["an ARN holds no blanks"],
                },
            ],
            "unusedAccess": [],
            "skipped": [{"path": "policies/link.json", "reason": "is a symbolic link"}],
            "notes": ["this pull request changes `.github/access-gate.yml`"],
            "waivers": [],
        }
    )


def test_json_report_is_plain_ascii() -> None:
    hostile = replace(finding(), headline="\u202e\ud800\n")
    assert report_json.render(replace(EMPTY, findings=(hostile,)), "1").isascii()


def test_a_fix_is_words_edits_and_a_patch() -> None:
    at = WITH_EVIDENCE.at
    fix = Fix(
        "remove it",
        (TextEdit(at, "{}"),),
        ('{"op": "remove", "path": "/Statement/0"}',),
        alone=False,
    )
    finding = replace(WITH_EVIDENCE, fix=fix, address="/Policy")
    said = report_json.document(replace(REPORT, findings=(finding,)), "1.2.0")
    assert isinstance(said["findings"], list)
    assert said["findings"][0]["fix"] == snapshot(
        {
            "words": "remove it",
            "edits": [
                {
                    "at": {
                        "path": "policies/build.json",
                        "start": {"line": 3, "column": 5},
                        "end": {"line": 8, "column": 6},
                    },
                    "text": "{}",
                }
            ],
            "address": "/Policy",
            "patch": [{"op": "remove", "path": "/Statement/0"}],
            "alone": False,
            "losesAccess": False,
        }
    )
