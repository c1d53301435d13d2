"""A finding and the files of a pull request -> where its comment stands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from checker.findings import Finding
from checker.github import placement
from checker.github.placement import Anchor, FileAnchor, LineAnchor
from checker.github.pull import PullFile
from checker.span import Position, Span


@dataclass(frozen=True, slots=True)
class Files:
    """The files as they were analysed, by path: the bytes of both sides."""

    head: Mapping[str, bytes] = field(default_factory=dict)
    base: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Diff:
    """What GitHub shows of a pull request; `text` fetches a file of its head by object id."""

    files: Sequence[PullFile]
    text: Callable[[str], str]

    def of_new(self, path: str) -> PullFile | None:
        """Return the file that has this path in the head."""
        return next((each for each in self.files if each.path == path), None)

    def of_old(self, path: str) -> PullFile | None:
        """Return the file that had this path in the base."""
        return next((each for each in self.files if each.old_path == path), None)


def anchor(finding: Finding, diff: Diff, files: Files) -> Anchor | None:
    """Return where to comment on a finding; `None` if its file is not in the diff."""
    file = diff.of_old(finding.at.path) if finding.removed else diff.of_new(finding.at.path)
    return next((place for place in _places(finding, file, diff, files) if place), None)


def _places(
    finding: Finding, file: PullFile | None, diff: Diff, files: Files
) -> Iterator[Anchor | None]:
    """Yield where the comment might stand, the most useful place first."""
    found = None
    if finding.removed:
        yield _old_side(finding.at, diff, files)
    elif file:
        found = shown_lines(finding.at, diff, files)
    if file and found:
        yield placement.added(file.path, *found, file.patch)
    if not finding.removed:
        yield from _of_parts(finding, diff, files)
    if finding.evidence and finding.evidence.stopped_by:
        yield _old_side(finding.evidence.stopped_by.span, diff, files)
    if file and found:
        yield placement.beside_deleted(file.path, *found, file.patch)
        yield placement.in_context(file.path, *found, file.patch)
    if file:
        yield FileAnchor(file.path)


def _of_parts(finding: Finding, diff: Diff, files: Files) -> Iterator[Anchor | None]:
    """Yield where what is new stands, which in a module may be far from its statement."""
    for span in finding.evidence.parts if finding.evidence else ():
        file = diff.of_new(span.path)
        found = shown_lines(span, diff, files) if file else None
        if file and found:
            yield placement.added(file.path, *found, file.patch)


def suggested(finding: Finding, diff: Diff, files: Files) -> LineAnchor | None:
    """Return the lines that the finding's suggestion replaces; None if no comment can stand there."""
    suggestion = finding.suggestion
    if suggestion is None or (finding.removed and not suggestion.path):
        return None
    path = suggestion.path or finding.at.path
    first, last = Position(suggestion.first, 1), Position(suggestion.last + 1, 1)
    found = shown_lines(Span(path, first, last), diff, files)
    file = diff.of_new(path)
    return placement.inside(file.path, *found, file.patch) if file and found else None


def shown_lines(span: Span, diff: Diff, files: Files) -> tuple[int, int] | None:
    """Return the lines of a span of the analysed head in the head that GitHub shows."""
    file = diff.of_new(span.path)
    analysed = files.head.get(span.path)
    if file is None or analysed is None or file.blob == blob_id(analysed, len(file.blob)):
        return span.start.line, span.last_line
    text = analysed.decode(errors="surrogateescape")
    return placement.moved(span.start.line, span.last_line, text, diff.text(file.blob))


def blob_id(content: bytes, digits: int = 40) -> str:
    """Return the name git gives to a file's content; 64 digits in a SHA-256 repository."""
    make = hashlib.sha256 if digits == 64 else hashlib.sha1
    return make(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _old_side(span: Span, diff: Diff, files: Files) -> Anchor | None:
    file = diff.of_old(span.path)
    content = files.base.get(span.path)
    if file is None or content is None:
        return None
    lines = content.decode(errors="surrogateescape").split("\n")
    wanted = range(span.start.line, min(span.last_line, len(lines)) + 1)
    return placement.deleted(
        file.path, {number: lines[number - 1] for number in wanted}, file.patch
    )
