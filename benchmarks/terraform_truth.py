"""What is read of root modules of Terraform, beside what Terraform itself makes of them.

    python -m benchmarks.terraform_truth FOLDER...

Needs `terraform` on the path, and the providers of the modules where `terraform init` finds them;
what a plan asks AWS for it asks whomever the environment names (`AWS_ENDPOINT_URL`). Each folder is
copied, planned, and the JSON of every policy of the plan is compared with the document of the same
address. What the plan does not know is not compared; nothing is applied.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from pathlib import Path
from typing import Final, TypeAlias

from checker.source.symbols import is_reserved
from checker.source.tree import Mapping as ObjectNode
from checker.source.tree import Node, Number, Scalar
from checker.source.tree import Sequence as ListNode
from checker.template.value import TemplateDocument
from checker.template.worlds import MOST_WORLDS, premises, settled
from checker.terraform.read import documents_of_module
from checker.terraform.values import number_text

Json: TypeAlias = "str | bool | int | float | list[Json] | dict[str, Json] | None"
_LISTS: Final = frozenset({"Action", "NotAction", "Resource", "NotResource"})
_PRINCIPALS: Final = frozenset({"Principal", "NotPrincipal"})


class Folder:
    """The files below a folder on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: str) -> bytes | None:
        """Return a file's content."""
        found = self.root / path
        return found.read_bytes() if found.is_file() else None

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the files directly in a folder."""
        found = self.root / folder
        files = (p for p in sorted(found.iterdir()) if p.is_file()) if found.is_dir() else ()
        return tuple(str(p.relative_to(self.root)) for p in files)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what differs, and how often each was so; 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.terraform_truth")
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    counts: Counter[str] = Counter()
    for folder in parser.parse_args(arguments).folders:
        planned = _planned(folder)
        if planned is None:
            counts["refused by Terraform"] += 1
            continue
        for verdict, address in compared(folder, planned):
            counts[verdict] += 1
            if verdict in ("differs", "not found"):
                print(f"{folder}: {address} {verdict}")
    print(", ".join(f"{number} {verdict}" for verdict, number in counts.most_common()))
    return int(bool(counts["differs"] or counts["not found"]))


def _planned(folder: Path) -> Json:
    """Return the plan of a root module; None where Terraform refuses it."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "module"
        shutil.copytree(folder, copy)
        for command in (("init", "-backend=false"), ("plan", "-refresh=false", "-out=plan")):
            words = ["terraform", *command, "-input=false", "-no-color"]
            done = subprocess.run(words, cwd=copy, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{folder}: {done.stderr.strip()}", file=sys.stderr)
                return None
        shown = subprocess.run(
            ["terraform", "show", "-json", "plan"], cwd=copy, capture_output=True, check=True
        )
        plan: Json = json.loads(shown.stdout)
        return plan


def compared(folder: Path, plan: Json) -> Iterator[tuple[str, str]]:
    """Yield the address of each policy of a plan, and whether the same is read of its source."""
    read: dict[str, list[TemplateDocument]] = {}
    lost = False
    for each in documents_of_module("", Folder(folder)):
        if isinstance(each, TemplateDocument):
            read.setdefault(each.address, []).append(each)
            read.setdefault(each.address.partition("@")[0], []).append(each)
        else:
            lost = True
    changes = plan.get("resource_changes") if isinstance(plan, dict) else None
    for change in changes if isinstance(changes, list) else ():
        for address, policy in _policies(change):
            documents = read.get(address, [])
            if not documents:
                yield ("not followed" if lost else "not found"), address
            for document in documents[:1]:
                yield _verdict(document, policy), address


def _policies(change: Json) -> Iterator[tuple[str, Json]]:
    """Yield the policies that a resource will have, each under its address."""
    made = change.get("change") if isinstance(change, dict) else None
    after = made.get("after") if isinstance(made, dict) else None
    if not isinstance(change, dict) or not isinstance(after, dict) or change["mode"] != "managed":
        return
    for name, value in after.items():
        if isinstance(value, str) and '"Statement"' in value:
            try:
                yield f"{change['address']}.{name}", json.loads(value)
            except ValueError:
                continue


def _verdict(document: TemplateDocument, policy: Json) -> str:
    asked = premises([document.value])
    ways = islice(product((True, False), repeat=len(asked)), MOST_WORLDS)
    nodes = [settled(document.value, dict(zip(asked, way, strict=True))) for way in ways]
    shown = [_data(node) for node in nodes if node is not None]
    if any(_normal(each) == _normal(policy) for each in shown):
        return "the same"
    return (
        "open" if any(is_reserved(json.dumps(e, ensure_ascii=False)) for e in shown) else "differs"
    )


def _data(node: Node) -> Json:
    match node:
        case Scalar(Number(written)):
            return number_text(written)
        case Scalar(value):
            return value if isinstance(value, str | bool) else None
        case ListNode(items):
            return [_data(each) for each in items]
        case ObjectNode(entries):
            return {entry.name: _data(entry.value) for entry in entries}


def _normal(policy: Json) -> object:
    """Return what a policy says, however its lists are written and sorted."""
    if not isinstance(policy, dict):
        return policy
    statements = [json.dumps(_statement(s), sort_keys=True) for s in _many(policy.get("Statement"))]
    return policy.get("Version"), sorted(statements)


def _statement(statement: Json) -> Json:
    if not isinstance(statement, dict):
        return statement
    found: dict[str, Json] = {}
    for name, value in statement.items():
        if value in (None, "", [], {}):
            continue
        if name in _LISTS:
            found[name] = _texts(value)
        elif name in _PRINCIPALS:
            found[name] = _by_name({"AWS": "*"} if value == "*" else value)
        elif name == "Condition" and isinstance(value, dict):
            found[name] = {test: _by_name(keys) for test, keys in value.items() if keys}
        else:
            found[name] = value
    return found


def _by_name(value: Json) -> Json:
    return {k: _texts(v) for k, v in value.items()} if isinstance(value, Mapping) else value


def _texts(value: Json) -> list[Json]:
    return [*sorted({each if isinstance(each, str) else json.dumps(each) for each in _many(value)})]


def _many(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [] if value is None else [value]


if __name__ == "__main__":
    sys.exit(main())
