"""A whole Terraform estate: what of it is found and read, and what is answered about its policies."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from benchmarks import estate_ledger
from benchmarks.estate import shown
from benchmarks.estate_ledger import Ledger, Memory, is_right, judged, keys, told
from benchmarks.planting import Lines, plants, with_plants
from benchmarks.rewriting import rewritten
from checker.findings import Finding, Severity, Standing
from checker.terraform.read import documents_of_module
from tests.gate import Gate
from tests.repository import Repository

READ: Final = {  # policies with all text known, with symbols, partly opaque, opaque
    "live/accounts": (12, 2, 0, 0),
    "live/backup": (3, 2, 0, 0),
    "live/ci": (6, 17, 0, 0),
    "live/data-platform": (14, 19, 0, 0),
    "live/dev/orders": (0, 13, 0, 0),
    "live/eks": (5, 16, 0, 1),
    "live/legacy": (6, 8, 0, 0),
    "live/ml": (3, 5, 0, 0),
    "live/network": (0, 12, 0, 0),
    "live/notifications": (3, 15, 0, 0),
    "live/observability": (2, 8, 0, 0),
    "live/org": (9, 4, 0, 0),
    "live/payments": (3, 11, 0, 0),
    "live/prod/orders": (0, 11, 0, 0),
    "live/sandbox": (5, 2, 0, 0),
    "live/security": (4, 15, 0, 0),
    "live/tenants": (4, 11, 1, 0),
    "live/web": (3, 9, 0, 1),
}
SAYS_THE_SAME: Final = {  # of what is planted
    "modules/ecr-repository/main.tf:61: a condition is gone",  # nobody calls it for Lambda
}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return estate_ledger.estate()


@pytest.fixture(scope="module")
def ledger(files: dict[str, bytes]) -> Ledger:
    return estate_ledger.read(files)


def changed(files: dict[str, bytes], ledger: Ledger) -> tuple[dict[str, bytes], list[Lines]]:
    """Return the estate with one change in the text of each policy, and where these are."""
    new = dict(files)
    planted: list[Lines] = []
    for path, content in files.items():
        text = content.decode()
        of_each = (
            (number, plants(written, text))
            for number, written in enumerate(ledger.texts)
            if written.path == path
        )
        ones = [found[number % len(found)] for number, found in of_each if found]
        text, lines = with_plants(text, ones)
        new[path] = text.encode()
        planted += lines
    return new, planted


def test_every_policy_is_found_and_read_as_far_as_it_was_before(ledger: Ledger) -> None:
    found = {
        root: tuple(map(len, (row.known, row.symbolic, row.partly, row.opaque)))
        for root, row in ledger.rows.items()
    }
    assert found == READ
    assert len(ledger.texts) == 183
    assert any(line.startswith("| **all** | 265 | 82 | 180 | 1 | 2 |") for line in shown(ledger))


def test_what_says_the_same_in_another_way_passes(files: dict[str, bytes], ledger: Ledger) -> None:
    assert sum(rewritten(path, content) != content for path, content in files.items()) > 60
    estate_ledger.reformatted(ledger, files)
    assert [row.wrong for row in ledger.rows.values() if row.wrong] == []


def test_a_change_in_each_policy_is_found_in_its_statement(
    files: dict[str, bytes], ledger: Ledger
) -> None:
    new, planted = changed(files, ledger)
    found: list[Finding] = []
    answered = every = 0
    for row in ledger.rows.values():
        after = documents_of_module(row.root, Memory(new))
        part = judged(row.root, row.documents, after)
        standings = {each.address: each.standing for each in part.policies}
        of = keys(row.documents, after, changed_only=True)
        assert {standings[key] for key in of.values()} == {Standing.FOUND}
        found += part.findings
        every += len(row.policies)
        answered += len(of.keys() & row.policies - row.partly.keys() - row.opaque.keys())
    missed = [lines for lines in planted if not any(is_right(f, lines, ()) for f in found)]
    assert len(planted) > 170
    # What a Deny no longer stops is said where it is allowed, by whichever policy that is.
    assert {told(each) for each in missed if not each.planted.weakens_deny} == SAYS_THE_SAME
    assert answered / every >= 0.95


VALUES: Final = (  # a value that policies are made of far away: what is found, and where it stands
    (
        "live/tenants/tenants.yaml",
        ("features: [reports]", "features: [reports, uploads]"),
        {"live/tenants/exports.tf:64", "modules/service-role/main.tf:65"},
    ),
    (
        "live/tenants/tenants.yaml",
        ('"333344445555"', '"999988887777"'),
        {"modules/service-role/main.tf:47"},
    ),
    (
        "live/eks/variables.tf",
        ('["payments/"]', '["payments/", "orders/"]'),
        {"live/eks/irsa.tf:127"},
    ),
    (
        "live/security/terraform.tfvars",
        ('"444455556666",', '"444455556666", "999988887777",'),
        {"live/security/detection.tf:36", "live/security/trail.tf:26"},
    ),
    (
        "live/ci/main.tf",
        ('["payments-*"]', '["payments-*", "*"]'),
        {"live/ci/deploy.tf:43", "live/ci/deploy.tf:55"},
    ),
    (
        "live/org/variables.tf",
        ('"eu-central-1"', '"eu-central-1", "us-east-1"'),
        {"live/org/scp.tf:73"},
    ),
    (
        "live/dev/orders/main.tf",
        ("boundary/workload", "boundary/o"),
        {"live/dev/orders/main.tf:18"},
    ),
    (
        "live/ml/bedrock.tf",
        ('"feedback"]', '"feedback", "*"]'),
        {"live/ml/templates/sessions.json:4"},
    ),
)


@pytest.mark.parametrize(("path", "edit", "expected"), VALUES)
def test_a_change_of_a_value_is_found_in_the_policies_that_are_made_of_it(
    files: dict[str, bytes],
    ledger: Ledger,
    path: str,
    edit: tuple[str, str],
    expected: set[str],
) -> None:
    old, put = (each.encode() for each in edit)
    new = files | {path: files[path].replace(old, put)}
    assert new != files
    found = set()
    for row in ledger.rows.values():
        if path in row.files:
            part = judged(row.root, row.documents, documents_of_module(row.root, Memory(new)))
            blocked = (f for f in part.findings if f.severity is Severity.BLOCK)
            found |= {f"{each.at.path}:{each.at.start.line}" for each in blocked}
    assert found == expected


def test_one_pull_request_over_the_estate_is_commented_where_it_changes_it(
    files: dict[str, bytes], ledger: Ledger, tmp_path: Path
) -> None:
    root = Repository(tmp_path)
    root.git("init", "--quiet", "--initial-branch=main")
    paths = ("live/tenants/policies/importer.json", "live/sandbox/main.tofu", "live/org/rcp.tf")
    new, planted = changed(files, ledger)
    kept = {path: new[path].decode() for path in paths}
    every = {path: content.decode() for path, content in files.items()}
    report = Gate(root).report(every, {**every, **kept})
    ours = [lines for lines in planted if lines.planted.of.path in paths]
    assert {f.at.path for f in report.findings if f.severity is Severity.BLOCK} >= set(paths)
    assert len(ours) > 8
    assert [
        told(lines)
        for lines in ours
        if not any(is_right(finding, lines, ()) for finding in report.findings)
    ] == []
