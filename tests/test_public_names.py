"""The names of the contract are functions, whatever else was imported before."""

from __future__ import annotations

import subprocess
import sys

import pytest

NAMES = (
    "check_access_not_granted",
    "check_no_new_access",
    "check_no_public_access",
    "check_trusted_access",
    "evaluate",
    "refine",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_stays_a_function(name: str) -> None:
    """A package of the same name, once imported, would stand in front of the function."""
    code = (
        "import checker.cli, checker.least_privilege, checker.commands, checker.api\n"
        f"from checker import {name}\n"
        f"assert callable({name}) and checker.{name} is {name}\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
