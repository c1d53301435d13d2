"""Modules as teams write them: every document that they hold, where it stands and what it says."""

from __future__ import annotations

import pytest

from checker.terraform.read import documents_of_module
from tests.terraform_modules import Memory, Written, told, written

MODULES = [
    each
    for name in ("documents.txt", "estates.txt", "patterns.txt", "grants.txt")
    for each in written(name)
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_every_document_of_a_module_is_found_where_it_stands(module: Written) -> None:
    found = documents_of_module("", Memory(module.files))
    assert told(found) == module.expected


def test_no_module_is_without_its_expectation() -> None:
    assert all(module.expected for module in MODULES)
