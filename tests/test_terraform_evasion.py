"""Changes of Terraform that grant more, where it takes a second look to see that they do."""

from __future__ import annotations

from typing import Final

import pytest

from tests.gate import Files, Gate, allow, compared, policy
from tests.repository import Repository


def _granted(document: str, name: str = "r") -> str:
    return f"""
resource "aws_iam_role_policy" "{name}" {{
  role   = "app"
  policy = {document}
}}
"""


def _encoded(action: str, effect: str = "Allow") -> str:
    statement = f'{{ Effect = "{effect}", Action = "{action}", Resource = "*" }}'
    return f'jsonencode({{ Version = "2012-10-17", Statement = [{statement}] }})'


def _call(source: str, more: str = "") -> str:
    return f'module "m" {{\n  source = {source}\n  {more}\n}}\n'


NARROW: Final = _granted(_encoded("s3:GetObject"))
WIDE: Final = _granted(_encoded("*"))

OF_TWO_PROGRAMS: Final[dict[str, tuple[Files, Files]]] = {
    "instead of a file": ({"main.tf": NARROW}, {"main.tf": WIDE, "main.tofu": NARROW}),
    "instead of a file of JSON": (
        {"main.tf": NARROW, "x.tf.json": "{}"},
        {"main.tf": WIDE, "main.tofu.json": "{}"},
    ),
    "an override of OpenTofu's": (
        {"main.tf": NARROW},
        {"main.tf": WIDE, "z_override.tofu": NARROW},
    ),
    "a Deny of OpenTofu's": (
        {"main.tf": WIDE, "d.tf": _granted(_encoded("iam:*", "Deny"), "d")},
        {"d.tf": None, "d.tofu": _granted(_encoded("iam:*", "Deny"), "d")},
    ),
    "a hidden file": (
        {"main.tf": WIDE, "d.tf": _granted(_encoded("iam:*", "Deny"), "d")},
        {"d.tf": None, ".d.tf": _granted(_encoded("iam:*", "Deny"), "d")},
    ),
    "an override with dots": ({"main.tf": NARROW}, {"a.b_override.tf": WIDE}),
    "no override": ({"main.tf": NARROW}, {"main.tf": WIDE, "override.x.tf": NARROW}),
}
NOT_TAKEN: Final[dict[str, tuple[Files, str]]] = {
    "none": ({"o/main.tf": _call('"../m"', "count = 0")}, ""),
    "none by a loop": ({"o/main.tf": _call('"../m"', "for_each = {}")}, ""),
    "not known how many": ({"o/main.tf": _call('"../m"', "count = 1 / 0")}, ""),
    "overridden": (
        {"o/main.tf": _call('"../m"'), "o/override.tf": _call('"../z"'), "z/main.tf": ""},
        "",
    ),
    "hidden": ({"o/.main.tf": _call('"../m"'), "o/a.tf": ""}, ""),
    "not looked at": ({"o/main.tf": _call('"../m"')}, "paths: ['m/**']\n"),
}


@pytest.mark.parametrize("name", OF_TWO_PROGRAMS)
def test_a_file_that_not_every_program_reads(repository: Repository, name: str) -> None:
    before, after = OF_TWO_PROGRAMS[name]
    assert Gate(repository).report(before, after).blocks


def test_what_only_says_which_versions_are_needed(repository: Repository) -> None:
    said = 'terraform {\n  required_version = ">= 1.8"\n}\n'
    bucket = 'resource "aws_s3_bucket" "b" {}\n'
    after: Files = {"versions.tofu": said, "bucket.tofu": bucket}
    assert not Gate(repository).report({"main.tf": NARROW, "versions.tf": said}, after).blocks


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_a_module_that_its_caller_does_not_take(repository: Repository, name: str) -> None:
    callers, config = NOT_TAKEN[name]
    gate = Gate(repository)
    assert gate.report({"m/main.tf": NARROW, **callers}, {"m/main.tf": WIDE}, config).blocks
    wide = {"m/main.tf": NARROW}
    assert not gate.report({"m/main.tf": WIDE, **callers}, wide, config).blocks


def test_a_module_whose_only_caller_is_gone(repository: Repository) -> None:
    before: Files = {"m/main.tf": NARROW, "o/main.tf": _call('"../m"')}
    assert Gate(repository).report(before, {"m/main.tf": WIDE, "o/main.tf": None}).blocks


def test_a_module_in_a_folder_for_downloaded_ones(repository: Repository) -> None:
    inside = ".terraform/m/main.tf"
    before: Files = {inside: NARROW, "main.tf": _call('"./.terraform/m"')}
    assert Gate(repository).report(before, {inside: WIDE}).blocks


def test_a_call_that_json_escapes(repository: Repository) -> None:
    call = r'{"\u006dodule": {"m": {"s\u006furce": "../m", "action": "*"}}}'
    text = 'variable "action" { default = "s3:GetObject" }\n'
    inner = _granted(_encoded("${var.action}"))
    before: Files = {"m/main.tf": text, "o/main.tf.json": call}
    assert Gate(repository).report(before, {"m/main.tf": text + inner}).blocks


@pytest.mark.parametrize(
    "call",
    ['file ("p.txt")', 'file/**/("p.txt")', '(file\n("p.txt"))', 'templatefile ("p.txt", {})'],
)
def test_a_file_that_is_read_with_a_blank_before_its_bracket(
    repository: Repository, call: str
) -> None:
    gate = Gate(repository)
    narrow, wide = (str(policy(allow(it))).replace("'", '"') for it in ("s3:GetObject", "*"))
    assert gate.report({"main.tf": _granted(call), "p.txt": narrow}, {"p.txt": wide}).blocks


@pytest.mark.parametrize(
    ("folder", "pattern", "new"),
    [
        ("p", "[a-z]*.x", "m/p/a.x"),
        ("p", "{*.y,*.x}", "m/p/a.x"),
        ("", "p/*.x", "m/p/a.x"),
        ("..", "*.x", "a.x"),
        ("p", "../../*.x", "a.x"),
    ],
)
def test_a_new_file_that_a_pattern_matches(
    repository: Repository, folder: str, pattern: str, new: str
) -> None:
    said = f"""
resource "aws_iam_role_policy" "r" {{
  for_each = fileset("{folder}", "{pattern}")
  role     = "app"
  policy   = file("{folder or "."}/${{each.key}}")
}}
"""
    wide = str(policy(allow("*"))).replace("'", '"')
    before: Files = {"m/main.tf": said, "m/p/README": "x"}
    assert Gate(repository).report(before, {new: wide}).blocks


@pytest.mark.parametrize("path", ["flag", "../flag", "${path.module}/flag"])
def test_a_file_that_is_asked_for(repository: Repository, path: str) -> None:
    said = _granted(f'fileexists("{path}") ? {_encoded("*")} : {_encoded("s3:GetObject")}')
    new = "flag" if path.startswith("..") else "m/flag"
    assert Gate(repository).report({"m/main.tf": said}, {new: "x"}).blocks


@pytest.mark.parametrize("name", [r"\u002e", "%{ if true }.%{ endif }"])
def test_a_name_of_a_file_that_is_not_written_out(repository: Repository, name: str) -> None:
    narrow, wide = (str(policy(allow(it))).replace("'", '"') for it in ("s3:GetObject", "*"))
    before: Files = {"m/main.tf": _granted(f'file("../p{name}txt")'), "p.txt": narrow}
    assert Gate(repository).report(before, {"p.txt": wide}).blocks


@pytest.mark.parametrize("name", ["z_override.tf", "z.auto.tfvars", "more.tf"])
def test_a_new_symbolic_link_that_terraform_follows(repository: Repository, name: str) -> None:
    link = repository.git("hash-object", "-w", "--stdin", given=b"../wide.txt")
    base = repository.commit({"m/main.tf": NARROW, "wide.txt": WIDE})
    repository.git("update-index", "--add", "--cacheinfo", f"120000,{link},m/{name}")
    repository.git("commit", "--quiet", "-m", "x")
    head = repository.git("rev-parse", "HEAD")
    assert compared(repository, base, head).blocks


def test_folders_deeper_than_calls_may_be(repository: Repository) -> None:
    base = repository.commit({"main.tf": NARROW})
    tree = repository.tree(("100644", "blob", repository.blob(WIDE), b"main.tf"))
    for _ in range(700):
        tree = repository.tree(("040000", "tree", tree, b"a"))
    head = repository.git("commit-tree", tree, "-p", base, "-m", "x")
    assert compared(repository, base, head).blocks


def test_a_source_that_is_worked_out(repository: Repository) -> None:
    inner = 'variable "action" {}\n' + _granted(_encoded("${var.action}"))
    said = 'locals {\n  source = "./m"\n}\n'
    narrow, wide = (_call("local.source", f'action = "{it}"') for it in ("s3:GetObject", "*"))
    before: Files = {"m/main.tf": inner, "main.tf": said + narrow}
    assert Gate(repository).report(before, {"main.tf": said + wide}).blocks
    assert not Gate(repository).report({"main.tf": said + wide}, {"x.txt": "x"}).blocks


@pytest.mark.parametrize("word", ["false", '"false"'])
def test_a_default_that_stands_in_for_null(repository: Repository, word: str) -> None:
    said = f'variable "a" {{\n  default  = "*"\n  nullable = {word}\n}}\n'
    before: Files = {"main.tf": said + NARROW, "terraform.tfvars": "a = null\n"}
    after = said + _granted(_encoded("${var.a}"))
    assert Gate(repository).report(before, {"main.tf": after}).blocks
