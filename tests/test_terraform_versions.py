"""A module is read again if, and only if, something that was read of it is another thing."""

from __future__ import annotations

from typing import Final

import pytest

from checker.terraform.defaults import Version
from checker.terraform.tree import Defaults
from tests.terraform_modules import Memory

FILES: Final = {
    "app/main.tf": b"""
variable "on" { default = false }
variable "name" {}
module "inner" { source = "../inner" }
resource "aws_iam_policy" "one" { policy = file("${path.module}/policy.json") }
resource "aws_iam_policy" "some" { policy = file("${path.module}/p/${var.name}.json") }
resource "aws_iam_policy" "other" {
  count  = var.on ? 1 : 0
  policy = module.inner.policy
}
""",
    "app/policy.json": b"{}",
    "app/p/one.json": b"{}",
    "inner/main.tf": b'output "policy" { value = "{}" }',
    "README.md": b"",
}
NONE: Final[tuple[list[str], None]] = ([], None)


@pytest.mark.parametrize(
    ("path", "content", "is_other"),
    [
        ("README.md", b"What is new here", False),
        ("app/p/one.txt", b"1", True),  # looked for by a pattern: nobody knows the name
        ("app/main.tf", FILES["app/main.tf"] + b"\n", True),
        ("app/more.tf", b"", True),
        ("app/policy.json", b"[]", True),
        ("app/p/one.json", b"[]", True),
        ("app/p/two.json", b"{}", True),
        ("app/terraform.tfvars", b'name = "one"', True),
        ("inner/main.tf", b'output "policy" { value = "[]" }', True),
        ("inner/more.tf", b"", True),
    ],
)
@pytest.mark.parametrize("defaults", Defaults)
def test_what_is_read_again(
    path: str, content: bytes, *, is_other: bool, defaults: Defaults
) -> None:
    known: list[Version] = []
    old = Version("app", Memory(FILES), NONE, known)
    assert old.read(defaults) is old
    assert Version("app", Memory(FILES), NONE, known).read(defaults) is old
    changed = Memory({**FILES, path: content})
    new = Version("app", changed, NONE, known)
    assert (new.read(defaults) is new) == is_other
    alone = Version("app", changed, NONE, [])
    assert new.documents(defaults) == alone.documents(defaults)
    assert new.is_off == alone.is_off


def test_another_meaning_of_defaults_is_read_by_itself() -> None:
    known: list[Version] = []
    old = Version("app", Memory(FILES), NONE, known)
    assert old.is_off
    new = Version("app", Memory(FILES), NONE, known)
    assert new.read(Defaults.UNKNOWN) is new
    assert new.read(Defaults.COUNT) is old
    assert old.read(Defaults.UNKNOWN) is new
