"""The fixes of one file, carried out together: asked again after each step, as a whole. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, TypeAlias

from checker.findings import Finding, Kind, Severity, TextEdit
from checker.judging import Part
from checker.refinement.text_edits import Splice, Text, spliced
from checker.source.changes import ChangedFile

Look: TypeAlias = Callable[[ChangedFile], Part]

_MOST_STEPS: Final = 40
_MARK: Final = "\ufeff"


@dataclass(frozen=True, slots=True)
class Applied:
    """A file after its fixes. `left`: what is found in it still, less what was accepted before."""

    data: bytes
    fixed: int
    left: tuple[Finding, ...]


def applied(look: Look, file: ChangedFile, accepted: Collection[str] = ()) -> Applied:
    """Return the new version of a file with every fix in it that can be made.

    Whatever one step brings has to leave fewer findings than there were, of each check no more.
    look: what there is to say about a file, fixes included. accepted: fingerprints of findings that
    are to stay as they are.
    """
    findings = _findings(look, file, accepted)
    first = len(findings)
    for _ in range(_MOST_STEPS):
        for edits in _steps(findings, file.path):
            data = _edited(file.after or b"", edits)
            then = replace(file, after=data)
            left = _findings(look, then, accepted)
            if is_better(findings, left):
                file, findings = then, left
                break
        else:
            break
    return Applied(file.after or b"", first - len(findings), findings)


def _findings(look: Look, file: ChangedFile, accepted: Collection[str]) -> tuple[Finding, ...]:
    return that_count(look(file).findings, accepted)


def that_count(findings: Iterable[Finding], accepted: Collection[str] = ()) -> tuple[Finding, ...]:
    """Return the findings of which an edit should leave fewer."""
    return tuple(
        each
        for each in findings
        if each.fingerprint not in accepted and each.severity is not Severity.NOTE
    )


def _steps(findings: Sequence[Finding], path: str) -> Iterator[tuple[TextEdit, ...]]:
    """Yield edits of a file to try: all that do not meet, then those of each finding alone."""
    fixes = [each.fix.edits for each in findings if each.fix and not each.fix.loses]
    mine = (edits for edits in fixes if all(each.span.path == path for each in edits))
    each_once = [edits for edits in dict.fromkeys(mine) if edits]
    together: tuple[TextEdit, ...] = ()
    for edits in each_once:
        if not _meet((*together, *edits)):
            together = (*together, *edits)
    if len(each_once) > 1:
        yield together
    yield from each_once


def _meet(edits: Sequence[TextEdit]) -> bool:
    spans = sorted(each.span for each in edits)
    return any(one.end > other.start or one == other for one, other in pairwise(spans))


def is_better(before: Sequence[Finding], after: Sequence[Finding]) -> bool:
    """Whether there are fewer findings than before, and of no check more, none of them a new kind."""
    if len(after) >= len(before):
        return False
    kinds = {(each.check, each.kind) for each in after}
    return all(_count(after, check, kind) <= _count(before, check, kind) for check, kind in kinds)


def _count(findings: Sequence[Finding], check: str, kind: Kind) -> int:
    return sum(each.check == check and each.kind is kind for each in findings)


def _edited(data: bytes, edits: Sequence[TextEdit]) -> bytes:
    text = data.decode("utf-8")
    bare = Text(text.removeprefix(_MARK))
    made = [Splice(bare.offset(e.span.start), bare.offset(e.span.end), e.text) for e in edits]
    return (_MARK if text.startswith(_MARK) else "").encode() + spliced(bare.text, made).encode()
