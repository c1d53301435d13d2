"""Lines of what was analysed -> lines of the head of the pull request, which is what GitHub shows.

What is analysed is the merge; where the base branch has changed the same file, its lines are others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from checker.errors import SourceError
from checker.findings import Finding
from checker.github import placement
from checker.github.anchors import Files, blob_id
from checker.source.changes import Commit, Source, TooLargeError, file_at
from checker.span import Position, Span, whole_file


@dataclass(frozen=True, slots=True)
class InHead:
    """What a reader of the pull request is shown.

    findings: with the statements that they name where these stand in the head. at: where a finding
    itself stands there, by fingerprint, if that is elsewhere; one whose lines are not there is put on
    the file.
    """

    findings: tuple[Finding, ...]
    at: Mapping[str, Span]


def in_head(findings: Iterable[Finding], files: Files, source: Source, head: Commit) -> InHead:
    """Return findings as the head of the pull request shows them."""
    texts = _Texts(source, head)
    shown: list[Finding] = []
    at: dict[str, Span] = {}
    for finding in findings:
        place = finding.at if finding.removed else _moved(finding.at, files, texts)
        if place != finding.at:
            at[finding.fingerprint] = place or whole_file(finding.at.path)
        shown.append(_with_statements(finding, files, texts))
    return InHead(tuple(shown), at)


def _moved(span: Span, files: Files, texts: _Texts) -> Span | None:
    """Return where the lines of a span stand in the head; None if they are not there."""
    analysed = files.head.get(span.path)
    if analysed is None or texts.has(span.path, analysed):
        return span
    shown = texts.of(span.path)
    text = analysed.decode(errors="surrogateescape")
    first, last = span.start.line, span.last_line
    lines = None if shown is None else placement.moved(first, last, text, shown)
    if lines is None or lines == (first, last):
        return span if lines else None
    return Span(span.path, Position(lines[0], 1), Position(lines[1] + 1, 1))


def _with_statements(finding: Finding, files: Files, texts: _Texts) -> Finding:
    evidence = finding.evidence
    if evidence is None or finding.removed:
        return finding
    statements = tuple(
        replace(ref, span=_moved(ref.span, files, texts) or ref.span) for ref in evidence.statements
    )
    return replace(finding, evidence=replace(evidence, statements=statements))


class _Texts:
    """The files of a commit, each read once, and only where it is not what was analysed."""

    def __init__(self, source: Source, head: Commit) -> None:
        self._source = source
        self._head = head
        self._ids: Mapping[str, str] | None = None
        self._texts: dict[str, str | None] = {}

    def has(self, path: str, analysed: bytes) -> bool:
        """Tell whether the head has exactly this content at a path."""
        if self._ids is None:
            self._ids = self._listed()
        known = self._ids.get(path)
        if known is not None:
            return known == blob_id(analysed, len(known))
        return self.of(path) == analysed.decode(errors="surrogateescape")

    def of(self, path: str) -> str | None:
        if path not in self._texts:
            try:
                data = file_at(self._source, self._head, path)
            except (SourceError, TooLargeError):
                data = None
            text = None if data is None else data.decode(errors="surrogateescape")
            self._texts[path] = text
        return self._texts[path]

    def _listed(self) -> Mapping[str, str]:
        """Return the object ids of the head by path, if one answer holds them all."""
        try:
            entries = self._source.whole_tree(self._head.tree) or {}
        except SourceError:
            return {}
        return {path: entry.id for path, entry in entries.items() if entry.is_file}
