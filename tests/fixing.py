"""The gate on two versions of one file, in any layout; and what must be true of every fix."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeAlias

import jsonpatch
import yaml

from checker import standards
from checker.checks import Check
from checker.config import Config
from checker.findings import Finding, PolicyChange, Suggestion, TextEdit
from checker.fixes.fixes import with_fixes
from checker.fixes.texts import before_and_after, the_change
from checker.judging import judged
from checker.refinement.text_edits import Splice, Text, spliced
from checker.source.changes import ChangedFile
from checker.source.documents import pairs
from checker.symbolic import solver
from checker.symbolic.question import Budget, Question, Undecided, Violated
from tests import close_versions
from tests.drawing import Draw
from tests.strategies import KEYS, Document, document, policy_types

Json: TypeAlias = Any

CONFIG = Config()
BUDGET = Budget(10.0)


def fixed(
    before: str | None, after: str, path: str = "p.json", config: Config = CONFIG
) -> tuple[Finding, ...]:
    """Return what is found of a change of one file, with fixes."""
    file = _file(before, after, path)
    return with_fixes(config, file, judged(config, BUDGET, file)).findings


def _file(before: str | None, after: str, path: str) -> ChangedFile:
    old = None if before is None else before.encode("utf-8", "surrogatepass")
    return ChangedFile(path, path, old, after.encode("utf-8", "surrogatepass"))


def suggested(text: str, suggestion: Suggestion) -> str:
    """Return a text after GitHub has put a suggestion into it."""
    lines = text.split("\n")
    end = "\r" if suggestion.is_crlf else ""
    new = [line + end for line in suggestion.lines]
    return "\n".join([*lines[: suggestion.first - 1], *new, *lines[suggestion.last :]])


def edited(text: str, edits: tuple[TextEdit, ...]) -> str:
    """Return a text after edits of its spans."""
    source = Text(text)
    return spliced(
        text,
        [Splice(source.offset(e.span.start), source.offset(e.span.end), e.text) for e in edits],
    )


def patched(text: str, finding: Finding, path: str) -> str:
    """Return the document of a finding after the patch of its fix, as JSON, in a file of its own."""
    assert finding.fix
    root: Json = json.loads(text) if path.endswith(".json") else yaml.load(text, yaml.BaseLoader)  # noqa: S506  all values are text
    at = jsonpatch.JsonPointer(finding.address).resolve(root) if finding.address else root
    operations = [json.loads(each) for each in finding.fix.patch]
    return json.dumps(jsonpatch.apply_patch(at, operations))


def check(before: str | None, after: str, path: str = "p.json", config: Config = CONFIG) -> int:
    """Hold every fix of a change to what it promises, and return how many there are."""
    findings = fixed(before, after, path, config)
    offered = [f for f in findings if f.fix]
    for each in offered:
        _check(each, _Asked(before, path, config), after)
    asked = _Asked(before, path, config)
    for name, at in {(f.check, f.address) for f in offered}:
        mine = [f.fix for f in offered if (f.check, f.address) == (name, at) and f.fix]
        every = [edit for fix in mine for edit in fix.edits]
        if all(fix.edits for fix in mine) and len(mine) == asked.broken(name, after, at):
            edits = tuple(dict.fromkeys(every))
            if not _meet(edits):
                assert not asked.broken(name, edited(after, edits), at)
    return len(offered)


def _meet(edits: tuple[TextEdit, ...]) -> bool:
    spans = sorted(each.span for each in edits)
    return any(one.end > other.start for one, other in pairwise(spans))


def _check(finding: Finding, asked: _Asked, after: str) -> None:
    fix = finding.fix
    assert fix
    count = asked.broken(finding.check, after, finding.address)
    assert count
    if fix.edits:
        left = asked.broken(finding.check, edited(after, fix.edits), finding.address)
        assert left < count
        assert not (fix.alone and left)
    if finding.suggestion:
        assert not fix.loses
        assert suggested(after, finding.suggestion) == edited(after, fix.edits)
    if fix.patch and not finding.address:
        assert not asked.broken(finding.check, patched(after, finding, asked.path), path="p.json")


@dataclass(frozen=True)
class _Asked:
    """A check, asked of a text compared with the old one."""

    before: str | None
    path: str
    config: Config

    def broken(self, name: str, text: str, address: str = "", path: str = "") -> int:
        """Return how many statements of a document break a check."""
        file = replace(_file(self.before, text, self.path), path=path or self.path)
        old, new = before_and_after(file)
        count = 0
        for pair in pairs(old, new):
            if pair.address == address and pair.after:
                change = the_change(pair, file, self.config)
                assert change
                asked = (each for each in standards.checks(self.config) if each.id == name)
                count += sum(len(solved(each, change)) for each in asked if not each.implied)
        return count


def solved(check: Check, change: PolicyChange) -> tuple[object, ...]:
    """Return what breaks a check, with all the time that takes."""
    asked = check.ask(change)
    answer = solver.answer(asked, Budget(60.0)) if isinstance(asked, Question) else asked
    assert not isinstance(answer, Undecided)
    return answer.responsible if isinstance(answer, Violated) else ()


def two_documents(draw: Draw) -> tuple[Document, Document]:
    """Return two versions of a document that have much in common."""
    policy_type = draw.one(policy_types())
    before = document(draw, policy_type)
    statements = [
        close_versions._tweaked(draw, s, policy_type, KEYS) if draw.chance(60) else s
        for s in before["Statement"]
    ]
    after = {**before, "Statement": statements}
    if draw.chance(50):
        after = close_versions._changed(draw, after, policy_type)
    return (before, after) if draw.chance(50) else (after, before)


def written(draw: Draw, document: Document, *, is_yaml: bool) -> str:
    """Return a document as text, in one of many layouts."""
    if not is_yaml:
        indent = draw.one((2, 4, 1, "\t", None))
        separators = draw.one(((",", ": "), (",", ":"), (", ", " : ")))
        text = json.dumps(document, indent=indent, separators=separators, ensure_ascii=False)
        text = _joined_lists(text) if draw.chance(30) else text
    else:
        text = yaml.dump(
            document,
            Dumper=draw.one((yaml.SafeDumper, _Indented)),
            sort_keys=False,
            width=10_000,
            allow_unicode=True,
            indent=draw.one((2, 4)),
            default_flow_style=draw.one((False, None)),
            default_style=draw.one((None, '"', "'")),
        )
        text = _commented(draw, text) if draw.chance(60) else text
    text = text.replace("\n", "\r\n") if draw.chance(20) else text
    return text + draw.one(("\n", "", "\n\n")) if not text.endswith("\n") else text


class _Indented(yaml.SafeDumper):
    """Writes lists deeper than their names."""

    def increase_indent(self, flow: bool = False, *_: object, **__: object) -> None:  # noqa: FBT002
        super().increase_indent(flow, False)


def _joined_lists(text: str) -> str:
    return re.sub(
        r"\[\s+([^\[\]{}]*?)\s+\]", lambda m: f"[{re.sub(chr(10) + ' *', ' ', m[1])}]", text
    )


def _commented(draw: Draw, text: str) -> str:
    lines: list[str] = []
    for line in text.split("\n"):
        if draw.chance(20) and line.strip():
            lines.append(f"{line[: len(line) - len(line.lstrip())]}# keep this")
        lines.append(f"{line}  # beside" if draw.chance(20) and line.strip() else line)
    return "\n".join(lines)
