"""`fileset` and `fileexists`, as Terraform 1.11 answered on the same files."""

from __future__ import annotations

from typing import Final

import pytest

from checker.terraform.read import documents_of_module
from tests.terraform_modules import Memory, told

FILES: Final = ("*.json", ".h.json", "[x].json", "a.json", "ab.txt", "b.json", "sub/c.json")
FLAT: Final = tuple(name for name in FILES if "/" not in name)
JSON: Final = tuple(name for name in FLAT if name.endswith(".json"))

ANSWERS: Final = {
    "*": FLAT,
    "**": FILES,
    "**.json": JSON,
    "**/*.json": (*JSON, "sub/c.json"),
    "**/sub/**": ("sub/c.json",),
    "**b.txt": ("ab.txt",),
    "*/**": ("sub/c.json",),
    "../pol/*.txt": ("ab.txt",),
    "./*.txt": ("ab.txt",),
    "?.json": ("*.json", "a.json", "b.json"),
    "[!a].json": ("a.json",),
    "[^a].json": ("*.json", "b.json"),
    "[a-b].json": ("a.json", "b.json"),
    "[a-b]?.txt": ("ab.txt",),
    "\\\\*.json": ("*.json",),
    "\\\\[x\\\\].json": ("[x].json",),
    "a**b.txt": ("ab.txt",),
    "sub": (),
    "sub/**/c.json": ("sub/c.json",),
    "sub/../*.txt": ("ab.txt",),
    "{*.txt,*.json}": FLAT,
    "{a,b}.json": ("a.json", "b.json"),
    "/*.txt": ("ab.txt",),
}


def _made(expression: str) -> str:
    said = f"""
resource "aws_iam_policy" "p" {{
  policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = {expression}, Resource = "*" }}] }})
}}
"""
    files = {f"m/pol/{name}": b"\xff" for name in FILES} | {"m/main.tf": said.encode(), "up.x": b""}
    return told(documents_of_module("m", Memory(files)))


@pytest.mark.parametrize("pattern", ANSWERS)
def test_files_that_a_pattern_matches(pattern: str) -> None:
    expected = f"Action: [{', '.join(sorted(ANSWERS[pattern]))}]"
    assert expected in _made(f'tolist(fileset("pol", "{pattern}"))')


@pytest.mark.parametrize(
    ("folder", "pattern", "expected"),
    [
        ("", "pol/*.txt", "pol/ab.txt"),
        (".", "pol/*.txt", "pol/ab.txt"),
        ("pol/sub", "../*.txt", "../ab.txt"),
        ("..", "*.x", "up.x"),
        ("${path.module}/pol", "*.txt", "ab.txt"),
    ],
)
def test_folders(folder: str, pattern: str, expected: str) -> None:
    assert f"Action: [{expected}]" in _made(f'tolist(fileset("{folder}", "{pattern}"))')


@pytest.mark.parametrize(
    "expression",
    [
        'fileset("/etc", "*")',
        'fileset("../..", "*")',
        'fileset("pol", "{a,{b,c}}.json")',
        'fileset("pol", "[")',
        'fileset("pol", "{a,sub/*}.json")',
    ],
)
def test_what_is_not_known(expression: str) -> None:
    assert "fileset(" in _made(f"tolist({expression})")


@pytest.mark.parametrize(
    ("path", "expected"),
    [("pol/a.json", "yes"), ("pol/z.json", "no"), ("../up.x", "yes"), ("pol", "no")],
)
def test_files_that_are_there(path: str, expected: str) -> None:
    assert f"Action: {expected}" in _made(f'fileexists("{path}") ? "yes" : "no"')


@pytest.mark.parametrize("path", ["/etc/passwd", "../../up.x"])
def test_files_that_nobody_knows_of(path: str) -> None:
    said = _made(f'fileexists("{path}") ? "yes" : "no"')
    assert "yes" in said
    assert "no" in said
