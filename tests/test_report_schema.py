"""`docs/report.schema.json` says of the JSON report what is so, and all of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import jsonschema
import pytest

from checker.acceptance.accepted import Waivers, approved, waived
from checker.acceptance.waivers import Waiver
from checker.findings import Report
from checker.render import report_json
from checker.span import whole_file
from tests.gate import Gate, allow, policy
from tests.reports import EMPTY, REPORT, UNDECIDED, WITH_EVIDENCE
from tests.repository import Repository
from tests.steps import ROOT

SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))


def strict(schema: Any) -> Any:
    """Return a schema that takes no key but those that it names."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: strict(value) for key, value in schema.items()}
    return (
        found | {"additionalProperties": False}
        if "required" in found and "properties" in found
        else found
    )


def accepted() -> Report:
    mine = Waiver("3" * 32, "ann", "why", date(2026, 12, 1), whole_file("w.yml"))
    taken = replace(WITH_EVIDENCE, fingerprint=mine.fingerprint)
    sides = Waivers((mine,), (), "w.yml", False, 90, date(2026, 11, 21))
    report = waived(replace(REPORT, findings=(taken, UNDECIDED)), sides)
    return approved(report, ("ann",), {UNDECIDED.fingerprint})


@pytest.mark.parametrize("report", [REPORT, EMPTY, accepted()], ids=["full", "empty", "accepted"])
def test_every_report_is_as_the_schema_says(report: Report) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    document = report_json.document(report, "1")
    jsonschema.Draft202012Validator(strict(SCHEMA)).validate(document)


def test_a_real_report_too(repository: Repository) -> None:
    before = {"role.json": policy(allow("s3:GetObject")), "broken.json": policy(allow("s3:Get*"))}
    after = {
        "role.json": policy(allow(["s3:GetObject", "s3:Put*"])),
        "broken.json": '{"Version": "2012-10-17", "Statement": [',
    }
    report = Gate(repository).report(before, after, "packs: [destruction]\n")
    assert report.findings
    document = json.loads(report_json.render(report, "1"))
    jsonschema.Draft202012Validator(strict(SCHEMA)).validate(document)


def test_the_schema_refuses_what_is_none() -> None:
    document: dict[str, Any] = {**report_json.document(REPORT, "1"), "version": 2}
    assert list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(document))
