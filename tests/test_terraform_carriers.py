"""The table of carriers is the list that was checked against the provider, and each one is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml

from checker.checks.resource_types import RESOURCE_TYPES
from checker.policy.model import PolicyType
from checker.template.value import TemplateDocument
from checker.terraform.carriers import table
from checker.terraform.read import documents_of_module
from tests.terraform_modules import Memory, shown

CORPUS: Final = Path(__file__).parents[2] / "shared" / "corpus" / "policy-carriers.yaml"
STATEMENT: Final = '{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }'


def carriers() -> Iterator[tuple[str, tuple[str, ...], str]]:
    for name, found in table().carriers.items():
        for carrier in found:
            if carrier.path[0] != "body":
                yield name, carrier.path, carrier.kind


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_the_table_is_the_list_of_the_provider() -> None:
    data = yaml.safe_load(CORPUS.read_text("utf-8"))["terraform"]
    listed = {
        (name, tuple(each["attribute"].replace("[]", "").split(".")), each["kind"])
        for name, found in data.items()
        for each in found
    }
    assert set(carriers()) == listed


@pytest.mark.parametrize(("name", "path", "kind"), list(carriers()))
def test_every_carrier_is_read_on_its_line(name: str, path: tuple[str, ...], kind: str) -> None:
    policy = f"jsonencode({{\n  Statement = [{STATEMENT}]\n}})"
    inner = f"{path[-1]} = {policy}"
    text = f'resource "{name}" "x" {{\n{inner}\n}}\n'
    if len(path) > 1:
        text = f'resource "{name}" "x" {{\n{path[0]} {{\n{inner}\n}}\n}}\n'
    found = documents_of_module("", Memory({"main.tf": text.encode()}))
    if kind == "iot-core":
        assert [each.address for each in found] == [f"{name}.x.policy"]
        return
    document = next(d for d in found if isinstance(d, TemplateDocument) and path[-1] in d.address)
    expected = "scp" if kind == "org-policy-by-type" else kind
    assert str(document.type) == expected
    assert document.at.start.line == len(path) + 1
    assert "s3:GetObject" in shown(document.value)


def test_what_a_policy_is_about_is_a_type_that_the_checks_know() -> None:
    known = table()
    assert set(known.about.values()) <= set(RESOURCE_TYPES)
    assert set(known.about) <= {*known.carriers, *known.grants}
    assert all(
        RESOURCE_TYPES[about].policy_type is PolicyType.RESOURCE for about in known.about.values()
    )


TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "A",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": ["arn:aws:s3:::data/*"],
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": ["red"]}},
        }
    ],
}
HCL: Final = """{
    Version = "2012-10-17"
    Statement = [{
      Sid       = "A"
      Effect    = "Allow"
      Action    = ["s3:GetObject", "s3:PutObject"]
      Resource  = ["arn:aws:s3:::${var.bucket}/*"]
      Condition = { StringEquals = { "aws:PrincipalTag/team" = ["red"] } }
    }]
  }"""
BLOCKS: Final = """data "aws_iam_policy_document" "p" {
  statement {
    sid       = "A"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["arn:aws:s3:::${var.bucket}/*"]
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/team"
      values   = ["red"]
    }
  }
}
"""
VARIABLE: Final = 'variable "bucket" { default = "data" }\n'
RESOURCE: Final = 'resource "aws_iam_policy" "p" {\n  policy = POLICY\n}\n'
JSON: Final = json.dumps(TRUST, indent=2)
OPEN: Final = JSON.replace("data/*", "${bucket}/*")


WAYS: Final = {
    "data source": {
        "main.tf": VARIABLE
        + BLOCKS
        + RESOURCE.replace("POLICY", "data.aws_iam_policy_document.p.json")
    },
    "jsonencode": {"main.tf": VARIABLE + RESOURCE.replace("POLICY", f"jsonencode({HCL})")},
    "heredoc": {
        "main.tf": VARIABLE
        + RESOURCE.replace("POLICY", f"<<E\n{OPEN.replace('${bucket}', '${var.bucket}')}\nE")
    },
    "file": {"main.tf": RESOURCE.replace("POLICY", 'file("p.json")'), "p.json": JSON},
    "templatefile": {
        "main.tf": VARIABLE
        + RESOURCE.replace("POLICY", 'templatefile("p.json", { bucket = var.bucket })'),
        "p.json": OPEN,
    },
    "argument of a module": {
        "main.tf": VARIABLE
        + BLOCKS
        + 'module "m" {\n  source = "./m"\n  p = data.aws_iam_policy_document.p.json\n}\n',
        "m/main.tf": 'variable "p" {}\n' + RESOURCE.replace("POLICY", "var.p"),
    },
    "local": {
        "main.tf": VARIABLE
        + f"locals {{\n  p = {HCL}\n}}\n"
        + RESOURCE.replace("POLICY", "jsonencode(local.p)"),
    },
    "decoded and encoded": {
        "main.tf": RESOURCE.replace("POLICY", 'jsonencode(yamldecode(file("p.yaml")))'),
        "p.yaml": yaml.safe_dump(TRUST),
    },
}


def plain(files: dict[str, str]) -> str:
    (found,) = documents_of_module("", Memory({k: v.encode() for k, v in files.items()}))
    assert isinstance(found, TemplateDocument)
    return shown(found.value)


@pytest.mark.parametrize("way", WAYS)
def test_a_policy_is_the_same_in_every_way_it_is_written(way: str) -> None:
    assert as_json(plain(WAYS[way])) == as_json(plain(WAYS["file"]))


def as_json(text: str) -> str:
    """Return a value's text without the order of its members."""
    return "".join(sorted(text.replace("{", ",").replace("}", ",").replace(" ", "").split(",")))
