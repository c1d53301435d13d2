"""Templates for tests: read from text, and made for each place that holds policies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from checker.cloudformation import documents
from checker.cloudformation.texts import spelled
from checker.source.documents import tree_of
from checker.template.value import InTemplate, NotResolved, TemplateDocument, Value

Json: TypeAlias = Any


@dataclass(frozen=True)
class Folder:
    """Files by path, as a commit has them."""

    files: Mapping[str, str] = field(default_factory=dict)

    def read(self, path: str) -> bytes | None:
        found = self.files.get(path)
        return None if found is None else found.encode()

    def names(self, folder: str) -> tuple[str, ...]:
        return tuple(sorted(p for p in self.files if p.rpartition("/")[0] == folder))


def read(
    text: str,
    path: str = "t.yaml",
    given: Mapping[str, Value] | None = None,
    files: Mapping[str, str] | None = None,
) -> tuple[InTemplate, ...]:
    """Return what a template holds."""
    return documents(tree_of(text, path), path, Folder({path: text, **(files or {})}), given)


def held(found: tuple[InTemplate, ...]) -> dict[str, str]:
    """Return the documents by address, spelled out."""
    return {
        d.address: spelled(d.value, whole=True) for d in found if isinstance(d, TemplateDocument)
    }


def lost(found: tuple[InTemplate, ...]) -> list[NotResolved]:
    return [each for each in found if isinstance(each, NotResolved)]


def indented(text: str, by: int) -> str:
    return "\n".join(" " * by + line if line else line for line in text.split("\n"))


def one_resource(kind: str, properties: str, more: str = "") -> str:
    """Return a template with one resource, whose properties are indented by six."""
    head = "AWSTemplateFormatVersion: '2010-09-09'\n"
    if kind.startswith("AWS::Serverless::"):
        head += "Transform: AWS::Serverless-2016-10-31\n"
    lines = f"{head}Resources:\n  Held:\n    Type: {kind}\n    Properties:\n"
    return lines + more + properties + "\n"


def as_lines(document: Json) -> str:
    """Return a policy as JSON with a line for each statement."""
    statements = ",\n".join("    " + json.dumps(each) for each in document["Statement"])
    return f'{{\n  "Version": "{document["Version"]}",\n  "Statement": [\n{statements}\n  ]\n}}'
