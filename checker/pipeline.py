"""The stages in order: from two commits to a report.

Every stage is a function from one type to the next; what cannot be read or decided is a finding,
and does not hide what there is to say about the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from checker.config import Config
from checker.findings import Report, Standing
from checker.judging import Part, joined, judged
from checker.source.changes import (
    ChangedFile,
    Commit,
    Source,
    UnreadFile,
    changed_files,
    nothing_before,
)
from checker.source.places import quoted
from checker.symbolic.question import Budget

_WORTH_A_PROCESS: Final = 16  # files; fewer are done before a second process has started


@dataclass(frozen=True, slots=True)
class Names:
    """The two commits, and what a reader calls them. `base` is None if nothing was there."""

    base: Commit | None
    head: Commit
    base_name: str
    head_name: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A report, and the files of both sides that it speaks of."""

    report: Report
    files: tuple[ChangedFile, ...]


def run(config: Config, source: Source, names: Names, budget: Budget, jobs: int = 1) -> Outcome:
    """Return what there is to say about the change from base to head.

    `jobs`: over how many processes the files are spread; the report is the same for any number.
    """
    changed = compared_files(config, source, names)
    parts = _spread(config, changed, budget, jobs)
    whole = joined(parts)
    files = tuple(
        entry
        for entry, part in zip(changed, parts, strict=True)
        if isinstance(entry, ChangedFile) and part.policies
    )
    report = Report(
        base=names.base.id if names.base else "",
        head=names.head.id,
        base_name=names.base_name,
        head_name=names.head_name,
        findings=tuple(sorted(whole.findings, key=lambda f: (f.at.path, f.at.start, f.check))),
        proved=whole.proved,
        skipped=whole.skipped,
        documents=sum(each.standing is not Standing.UNCHANGED for each in whole.policies),
        notes=(*names.notes, *_moved(files)),
        files=len(changed),
        policies=whole.policies,
        diagnostics=tuple(sorted(whole.diagnostics, key=lambda f: (f.at.path, f.at.start))),
    )
    return Outcome(report, files)


def _moved(files: Sequence[ChangedFile]) -> Iterator[str]:
    """Yield a word on each policy that moved: elsewhere it may be somebody else's."""
    for file in files:
        if file.after is not None and file.before is not None and file.path != file.base_path:
            path, old = quoted(file.path), quoted(file.base_path)
            yield f"{path} was {old} before, and is compared with it"


def compared_files(
    config: Config, source: Source, names: Names
) -> tuple[ChangedFile | UnreadFile, ...]:
    """Return the files to look at that differ between the two commits."""
    base = names.base or nothing_before(names.head)
    return changed_files(source, base, names.head, config.paths.matches)


def _spread(
    config: Config, changed: Sequence[ChangedFile | UnreadFile], budget: Budget, jobs: int
) -> list[Part]:
    look = partial(judged, config, budget)
    if jobs <= 1 or len(changed) < _WORTH_A_PROCESS:
        return [look(entry) for entry in changed]
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415  only for many files

    with ProcessPoolExecutor(max_workers=jobs) as pool:
        return list(pool.map(look, changed, chunksize=8))
