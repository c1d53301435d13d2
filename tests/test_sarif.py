"""SARIF, held to OASIS's schema as npm @microsoft/jest-sarif 1.0.0-beta.0 ships it."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from inline_snapshot import snapshot

from checker.config import CHECKS
from checker.findings import Finding, Suggestion
from checker.render import sarif
from checker.render.annotations import commands
from tests.reports import AMBIGUOUS, EMPTY, REPORT, UNREADABLE, WITH_EVIDENCE, finding

SCHEMA = json.loads(
    gzip.decompress((Path(__file__).parent / "data" / "sarif-2.1.0.json.gz").read_bytes())
)


def made(*findings: Finding) -> Any:
    document = json.loads(sarif.render(replace(REPORT, findings=findings), "1.2.0"))
    jsonschema.Draft4Validator(SCHEMA).validate(document)
    return document["runs"][0]


@pytest.mark.parametrize("report", [REPORT, EMPTY], ids=["findings", "nothing"])
def test_sarif_keeps_to_its_schema(report: Any) -> None:
    assert len(made(*report.findings)["results"]) == len(report.findings)


def test_a_result() -> None:
    assert made(WITH_EVIDENCE)["results"][0] == snapshot(
        {
            "ruleId": "no-new-access",
            "level": "error",
            "message": {
                "text": """\
New access: `s3:PutObject` on `arn:aws:s3:::prod-audit-logs/*`
Newly allowed: arn:aws:iam::111122223333:role/build-agent may s3:PutObject on arn:aws:s3:::prod-audit-logs/a
Before, it was refused: `KeepAuditLogs` denied it
Fix: put `KeepAuditLogs` back\
"""
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "policies/build.json"},
                        "region": {"startLine": 3, "startColumn": 5, "endLine": 8, "endColumn": 6},
                    }
                }
            ],
            "relatedLocations": [
                {
                    "id": 1,
                    "message": {"text": "statement `WriteArtifacts`, lines 3-8"},
                    "physicalLocation": {
                        "artifactLocation": {"uri": "policies/build.json"},
                        "region": {"startLine": 3, "startColumn": 5, "endLine": 8, "endColumn": 6},
                    },
                }
            ],
            "partialFingerprints": {"accessGate/v1": "3f9c2a7be1d04c58"},
        }
    )


def test_rules_are_the_checks_and_as_grave_as_their_gravest_finding() -> None:
    rules = made(AMBIGUOUS, WITH_EVIDENCE, UNREADABLE)["tool"]["driver"]["rules"]
    assert [(rule["id"], rule["defaultConfiguration"]["level"]) for rule in rules] == [
        ("no-new-access", "error"),
        ("readable", "error"),
    ]


def test_a_point_has_only_a_line() -> None:
    location = made(UNREADABLE)["results"][0]["locations"][0]["physicalLocation"]
    assert location["region"] == {"startLine": 1}
    assert location["artifactLocation"]["uri"] == "policies/a%2Cb%3Ac.json"


def test_a_policy_that_is_gone_has_no_lines() -> None:
    gone = replace(finding(), removed=True)
    location = made(gone)["results"][0]["locations"][0]["physicalLocation"]
    assert "region" not in location


def test_a_deny_that_is_gone_stands_where_it_is_put_back() -> None:
    back = Suggestion(7, 8, ("a", "b", "c"), path="policies/new.json")
    gone = replace(finding(), removed=True, suggestion=back)
    place = made(gone)["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "policies/new.json"
    assert (place["region"]["startLine"], place["region"]["endLine"]) == (7, 9)
    told = commands(replace(REPORT, findings=(gone,)))
    assert "file=policies/new.json,line=7,endLine=8::" in told


def test_hostile_text_is_ascii_and_visible() -> None:
    text = sarif.render(replace(REPORT, findings=(finding(headline="\u202e`\ud800"),)), "1")
    assert text.isascii()
    assert "\\\\u{202e}" in text


@pytest.mark.parametrize("check", [*CHECKS, "access-not-granted/audit-trail"])
def test_a_rule_says_what_it_finds(check: str) -> None:
    (rule,) = made(replace(WITH_EVIDENCE, check=check))["tool"]["driver"]["rules"]
    said = rule["shortDescription"]["text"]
    assert rule["id"] == check
    assert " " in said
    assert said.endswith(" (audit-trail)") is check.endswith("/audit-trail")
