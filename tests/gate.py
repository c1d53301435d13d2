"""The gate on two commits of a small repository, up to the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from checker import pipeline, settings
from checker.config import DEFAULT_FILE
from checker.findings import Finding, Report
from checker.pipeline import Names
from checker.source.git import GitSource
from checker.symbolic.question import Budget
from tests.repository import Repository

Json: TypeAlias = Any
Files: TypeAlias = Mapping[str, Json]  # a policy, or text; None: the file is gone


def policy(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Json, resource: Json = "*", **more: Json) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Json, resource: Json = "*", **more: Json) -> Json:
    return allow(action, resource, **more) | {"Effect": "Deny"}


@dataclass(frozen=True)
class Gate:
    """A repository that the gate is put to."""

    repository: Repository

    def report(
        self, before: Files, after: Files, config: str = "", inputs: Mapping[str, str] | None = None
    ) -> Report:
        """Return what is said of a commit with `after` on one with `before` and the settings."""
        files = {DEFAULT_FILE: config, **before} if config else dict(before)
        base = self.repository.commit(_texts(files))
        head = self.repository.commit(_texts(after))
        return compared(self.repository, base, head, inputs)

    def findings(self, before: Files, after: Files, config: str = "") -> tuple[Finding, ...]:
        return self.report(before, after, config).findings


def compared(
    repository: Repository, base: str, head: str, inputs: Mapping[str, str] | None = None
) -> Report:
    """Return what is said of one commit on another."""
    with GitSource(repository.folder) as source:
        names = Names(source.commit(base), source.commit(head), "main", "topic")
        config = settings.settings(source, names.base, inputs or {}, from_disk=False)
        return pipeline.run(config, source, names, Budget(10.0)).report


def said(report: Report) -> list[str]:
    """Return the findings in short: where, which check, how loud."""
    return [f"{f.at.path} {f.check} {f.severity}" for f in report.findings]


def _texts(files: Files) -> dict[str, str | None]:
    return {
        path: content if isinstance(content, str | None) else json.dumps(content, indent=2)
        for path, content in files.items()
    }
