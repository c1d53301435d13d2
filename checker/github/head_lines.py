"""Lines of what was analysed -> lines of the head of the pull request, which is what GitHub shows.

What is analysed is the merge; where the base branch has changed the same file, its lines are others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checker.errors import SourceError
from checker.findings import Finding
from checker.github import placement
from checker.github.anchors import Files, blob_id
from checker.source.changes import Commit, Source, TooLargeError, file_at
from checker.span import Position, Span, whole_file


def spans_in_head(
    findings: Iterable[Finding], files: Files, source: Source, head: Commit
) -> dict[str, Span]:
    """Return where findings stand in the head, by fingerprint, where that is elsewhere.

    A finding whose lines are not there, or which cannot be looked for, is put on the file.
    """
    texts = _Texts(source, head)
    found: dict[str, Span] = {}
    for finding in findings:
        analysed = files.head.get(finding.at.path)
        if finding.removed or analysed is None or texts.has(finding.at.path, analysed):
            continue
        first, last = finding.at.start.line, finding.at.last_line
        shown = texts.of(finding.at.path)
        text = analysed.decode(errors="surrogateescape")
        lines = None if shown is None else placement.moved(first, last, text, shown)
        if lines is None:
            found[finding.fingerprint] = whole_file(finding.at.path)
        elif lines != (first, last):
            start, end = Position(lines[0], 1), Position(lines[1] + 1, 1)
            found[finding.fingerprint] = Span(finding.at.path, start, end)
    return found


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
