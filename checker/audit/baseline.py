"""What a team knows of and lives with for now: a file of findings that do not close the gate. Pure.

A finding about a statement is the same one as long as the statement, and what is denied beside it,
says the same. One that names no statement (a question without an answer, a text that is no policy)
could hide anything that comes later, so it is known only as long as the file stays as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from checker.errors import ConfigError, PolicySyntaxError
from checker.findings import Finding, Kind, Severity
from checker.source.json_reader import read_json
from checker.source.places import quoted
from checker.source.tree import Mapping, Node, Scalar, Sequence
from checker.span import whole_file

DEFAULT_FILE: Final = ".github/access-gate-baseline.json"
_KNOWN: Final = "known: it is in the baseline"
_VERSION: Final = 1
_KEYS: Final = ("fingerprint", "check", "path", "content")


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """A finding that is known. `content`: the digest of the file that it is bound to, or ""."""

    path: str
    check: str
    fingerprint: str
    content: str = ""


def content_of(data: bytes) -> str:
    """Return the digest of a file's bytes, as the baseline has it."""
    return hashlib.sha256(data).hexdigest()[:16]


def known(finding: Finding, content: str) -> Known:
    """Return the entry for a finding. `content`: the digest of its file."""
    bound = "" if _names_statement(finding) else content
    return Known(finding.at.path, finding.check, finding.fingerprint, bound)


def _names_statement(finding: Finding) -> bool:
    return finding.kind is Kind.VIOLATED


def quietened(
    findings: Iterable[Finding], content: str, entries: frozenset[Known]
) -> tuple[Finding, ...]:
    """Return the findings of one file, those that are known as notes."""
    return tuple(_as_note(f) if known(f, content) in entries else f for f in findings)


def _as_note(finding: Finding) -> Finding:
    detail = f"{_KNOWN}; {finding.detail}" if finding.detail else _KNOWN
    return replace(finding, severity=Severity.NOTE, detail=detail)


def written(entries: Iterable[Known]) -> str:
    """Return the text of a baseline: one line for each finding, so that changes read well."""
    rows = [json.dumps(_row(each)) for each in sorted(set(entries))]
    body = ",\n".join(f"    {row}" for row in rows)
    inside = f"[\n{body}\n  ]" if rows else "[]"
    return f'{{\n  "version": {_VERSION},\n  "findings": {inside}\n}}\n'


def _row(entry: Known) -> dict[str, str]:
    row = {"fingerprint": entry.fingerprint, "check": entry.check, "path": entry.path}
    return row | ({"content": entry.content} if entry.content else {})


def parse(text: str, path: str) -> frozenset[Known]:
    """Return the entries of a baseline.

    Errors: `ConfigError` with the place of the mistake.
    """
    try:
        root = read_json(text, path)
    except PolicySyntaxError as error:
        raise ConfigError(error.problem, error.at, hint=error.hint) from error
    entries = root.get("findings") if isinstance(root, Mapping) else None
    number = root.get("version") if isinstance(root, Mapping) else None
    if not isinstance(entries, Sequence) or not isinstance(number, Scalar):
        hint = "`access-gate audit --write-baseline` writes one"
        raise ConfigError("this is no baseline", whole_file(path), hint=hint)
    if str(getattr(number.value, "text", "")) != str(_VERSION):
        raise ConfigError("a baseline of another version (write it anew)", number.span)
    return frozenset(_entry(item) for item in entries.items)


def _entry(node: Node) -> Known:
    if not isinstance(node, Mapping):
        raise ConfigError("an entry of a baseline is an object", node.span)
    given: dict[str, str] = {}
    for entry in node.entries:
        value = entry.value.value if isinstance(entry.value, Scalar) else None
        if entry.name not in _KEYS or not isinstance(value, str):
            problem = f"{quoted(entry.name)} is no text that an entry has"
            raise ConfigError(problem, entry.key.span, hint=f"it has {', '.join(_KEYS)}")
        given[entry.name] = value
    missing = [name for name in _KEYS[:3] if not given.get(name)]
    if missing:
        raise ConfigError(f"an entry of a baseline lacks `{missing[0]}`", node.span)
    return Known(given["path"], given["check"], given["fingerprint"], given.get("content", ""))
