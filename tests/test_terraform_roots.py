"""Which root modules a change reaches: through calls, variables and files that are read."""

from __future__ import annotations

from typing import Final

import pytest

from checker.terraform.paths import is_terraform
from checker.terraform.roots import reached_by
from tests.terraform_modules import Memory

FILES: Final = {
    "main.tf": b'module "n" {\n  source = "./net"\n}\n',
    "net/main.tf": b'resource "aws_vpc" "v" {}\n',
    "prod/main.tf": b'module "app" {\n  source = "../modules/app"\n}\n',
    "prod/prod.auto.tfvars": b"a = 1\n",
    "dev/main.tf.json": b'{"module": {"app": {"source": "../modules/app"}}}',
    "modules/app/main.tf": b'module "role" {\n  source = "../role"\n}\n',
    "modules/app/examples/all/main.tf": b'module "app" {\n  source = "../../"\n}\n',
    "modules/role/main.tf": b'resource "aws_iam_policy" "p" {\n  policy = file("${path.module}/p.json")\n}\n',
    "modules/role/p.json": b"{}",
    "lone/main.tofu": b'output "x" {\n  value = file("../shared/word.txt")\n}\n',
    "lone/examples/main.tf": b'module "lone" {\n  source = "../"\n}\n',
    "shared/word.txt": b"x",
    "src/app.py": b"x",
    "prod/.terraform/modules/x/main.tf": b'module "y" {\n  source = "../../../../lone"\n}\n',
}


@pytest.mark.parametrize(
    ("changed", "roots"),
    [
        (["main.tf"], [""]),
        (["net/main.tf"], [""]),
        (["prod/main.tf"], ["prod"]),
        (["prod/prod.auto.tfvars"], ["prod"]),
        (["modules/app/main.tf"], ["dev", "modules/app/examples/all", "prod"]),
        (["modules/role/p.json"], ["dev", "modules/app/examples/all", "prod"]),
        (["shared/word.txt"], ["lone", "lone/examples"]),
        (["lone/main.tofu"], ["lone", "lone/examples"]),
        (["prod/.terraform/modules/x/main.tf"], []),
        (["src/app.py"], []),
        ([], []),
    ],
)
def test_a_change_reaches_the_roots_that_depend_on_it(changed: list[str], roots: list[str]) -> None:
    files = Memory(FILES)
    assert list(reached_by(changed, files, files).roots) == roots


def test_a_call_that_is_gone_still_reaches_the_root_that_made_it() -> None:
    head = Memory({**FILES, "main.tf": b""})
    assert "" in reached_by(["main.tf", "net/main.tf"], Memory(FILES), head).roots


def test_modules_that_call_each_other_are_looked_at_all_the_same() -> None:
    files = Memory(
        {
            "a/main.tf": b'module "b" {\n  source = "../b"\n}\n',
            "b/main.tf": b'module "a" {\n  source = "../a"\n}\n',
        }
    )
    assert reached_by(["a/main.tf"], files, files).roots


def test_what_is_terraform() -> None:
    names = ("a.tf", "b/c.tofu", "d.tf.json", "e.tfvars", "tf", "f.tf.bak", "g.json")
    assert [is_terraform(name) for name in names] == [True, True, True, *[False] * 4]
