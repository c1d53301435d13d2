"""action.yml, entrypoint.py, the command, the README and the version say the same thing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

import checker
import entrypoint
from checker import cli

ROOT = Path(__file__).resolve().parent.parent
ACTION: Mapping[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def table(name: str) -> list[str]:
    """Return the first column of the table between two comments of the README."""
    text = README.partition(f"<!-- {name} -->")[2].partition(f"<!-- /{name} -->")[0]
    return re.findall(r"^\| `([^`]+)` \|", text, flags=re.MULTILINE)


def test_each_input_but_the_token_is_passed_on() -> None:
    assert list(ACTION["inputs"]) == ["github-token", *entrypoint.INPUTS]


def test_each_input_is_a_flag_of_diff(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["diff", "--help"])
    flags = set(re.findall(r"--([a-z][a-z-]+)", capsys.readouterr().out))
    assert set(entrypoint.INPUTS) <= flags


def test_the_readme_has_each_input_in_order() -> None:
    assert table("inputs") == list(ACTION["inputs"])


def test_the_readme_has_each_output_in_order() -> None:
    assert table("outputs") == list(ACTION["outputs"])


def test_no_input_is_required() -> None:
    assert not [name for name, given in ACTION["inputs"].items() if given["required"]]


def test_the_description_fits_the_marketplace() -> None:
    assert len(ACTION["description"]) < 125


def test_the_image_is_built_or_pinned() -> None:
    image = ACTION["runs"]["image"]
    assert image == "Dockerfile" or re.fullmatch(r"docker://[^@]+@sha256:[0-9a-f]{64}", image)


def test_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert checker.__version__ == project["version"]


def test_an_input_travels_in_one_piece() -> None:
    environ = {"INPUT_FAIL-ON": "--head=x", "INPUT_PATHS": "a/*.json\nb/*.json\n", "INPUT_BASE": ""}
    passed = entrypoint.arguments(environ)
    assert passed[0] == "diff"
    assert passed[1:] == ["--paths=a/*.json\nb/*.json", "--fail-on=--head=x"]


def test_the_token_is_no_argument() -> None:
    environ = {"INPUT_GITHUB-TOKEN": "a secret", "GITHUB_TOKEN": "another"}
    assert entrypoint.arguments(environ) == ["diff"]
