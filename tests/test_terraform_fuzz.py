"""Broken and odd files of Terraform: never a failure of ours, and no policy lost in silence."""

from __future__ import annotations

import os
import random
import re
from typing import Final

import pytest

from checker.template.value import InTemplate, NotResolved
from checker.terraform.carriers import table
from checker.terraform.read import documents_of_module
from tests.terraform_modules import Memory, Written, told, written

HOW_MANY: Final = int(os.environ.get("TERRAFORM_MUTANTS", "400"))
MODULES: Final = [
    each
    for name in ("documents.txt", "estates.txt", "patterns.txt", "grants.txt")
    for each in written(name)
]
PIECES: Final = (
    *"{}[]()\"'$%~?:=.,#\\\n\t*!<>&|-+/0é\x00",
    *("${", "%{", "%{ if true }", "%{ for x in y }", "%{ endif }", "<<E\n", "<<-E\n", "E\n"),
    *("for ", " in ", "...", "=>", "null", "each.key", "count.index", "local.a", "var.x", "[*]"),
    *("jsonencode(", "file(", "templatefile(", "merge(", "toset(", 'dynamic "statement" {\n'),
    *("count = 2\n", "for_each = toset(var.x)\n", "\r\n", "/*", "*/", "//", "\ud7ff"),
    *('variable "x" {}\n', 'module "m" {\n  source = "./"\n}\n', "locals {\n  a = local.a\n}\n"),
)
HEADER: Final = re.compile(r'^resource "(\w+)" "(\w+)" \{', re.MULTILINE)


def mutated(text: str, chance: random.Random) -> str:
    """Return a text with a few edits."""
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(text) + 1)
        end = min(len(text), at + chance.choice((0, 1, 1, 3, 10, 60)))
        match chance.randrange(5):
            case 0:
                text = text[:at] + text[end:]
            case 1:
                text = text[:at] + chance.choice(PIECES) + text[at:]
            case 2:
                text = text[:at] + chance.choice(PIECES) + text[end:]
            case 3:
                text = text[:end] + text[at:end] + text[end:]
            case _:
                other = chance.randrange(len(text) + 1)
                text = text[:at] + text[other : other + 40] + text[at:]
    return text


def mutant(seed: int) -> tuple[Written, dict[str, bytes]]:
    chance = random.Random(seed)  # noqa: S311
    module = chance.choice(MODULES)
    files = dict(module.files)
    path = chance.choice(sorted(files))
    text = mutated(files[path].decode(), chance).encode("utf-8", "replace")
    files[path] = text[:-1] if chance.random() < 0.02 else text
    return module, files


@pytest.mark.parametrize("part", range(4))
def test_no_mutant_is_a_failure_or_loses_a_policy(part: int) -> None:
    for seed in range(part, HOW_MANY, 4):
        module, files = mutant(seed)
        found = documents_of_module("", Memory(files))
        told(found)
        assert nothing_lost(module, files, found), seed


def nothing_lost(module: Written, files: dict[str, bytes], found: tuple[InTemplate, ...]) -> bool:
    """Whether each block that holds a policy is among what was found, or something is lost."""
    whole = b"\n".join(module.files.values()) + b"\n".join(files.values())
    if any(isinstance(each, NotResolved) for each in found):
        return True
    if any(path.endswith(".tofu") or "override" in path for path in files):
        return True
    if any(sign in whole for sign in (b"count", b"for_each", b"override", b"/*", b"type ")):
        return True
    text = b"\n".join(c for p, c in files.items() if p.endswith(".tf") and "/" not in p).decode(
        "utf-8", "replace"
    )
    addresses = " ".join(each.address for each in found)
    return all(
        f"{kind}.{name}" in addresses or not _has_policy(text, start.end())
        for start in HEADER.finditer(text)
        for kind, name in [start.groups()]
        if kind in table().carriers
    )


def _has_policy(text: str, at: int) -> bool:
    """Whether a block says its policy in a line of its own, before the next block."""
    if text[at:].partition("\n")[0].rstrip().endswith("}"):
        return False
    body = re.split(r"^\}", text[at:], maxsplit=1, flags=re.MULTILINE)[0]
    return bool(re.search(r"^  policy +=", body, re.MULTILINE)) and "<<" not in body


def policy(value: str) -> str:
    return f'resource "aws_iam_policy" "p" {{\n  policy = {value}\n}}\n'


def chain(first: str, each: str, length: int) -> str:
    """Return locals of which each is made of the one before."""
    lines = [f"  a0 = {first}"]
    lines += [f"  a{i + 1} = {each.replace('BEFORE', f'local.a{i}')}" for i in range(length)]
    return "\n".join(("locals {", *lines, "}", policy(f"jsonencode(local.a{length})")))


HOSTILE: Final = {
    "parentheses": "a = " + "(" * 5000,
    "brackets": "a = " + "[" * 5000,
    "templates": "a = " + '"${' * 3000,
    "signs": "a = " + "-" * 100_000,
    "comments": "/*" * 50_000,
    "heredocs": "a = <<E\n" * 20_000,
    "labels": 'b "' * 30_000,
    "a long chain": chain("1", "[BEFORE]", 500),
    "twice as large each": chain("[1, 1]", "[BEFORE, BEFORE]", 35),
    "twice as long each": chain('"aa"', '"${BEFORE}${BEFORE}"', 35),
    "words for words": chain('"aa"', 'replace(BEFORE, "a", BEFORE)', 12),
    "loops": policy(f"jsonencode({'[for a in range(999) : ' * 3}a{']' * 3})"),
    "instances": policy('"{}"').replace("{\n", "{\n  count = 100000\n", 1),
    "a module that calls itself": policy('"{}"') + 'module "m" {\n  source = "./"\n}\n',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_take_little_time(name: str) -> None:
    found = documents_of_module("", Memory({"main.tf": HOSTILE[name].encode()}))
    is_lost = any(isinstance(each, NotResolved) for each in found)
    assert is_lost or "<*" in told(found)
