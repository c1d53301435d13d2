"""The stages in order: from two commits to a report.

Every stage is a function from one type to the next; what cannot be read or decided is a finding,
and does not hide what there is to say about the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from checker.config import Config
from checker.findings import Report, Standing
from checker.judging import Part, joined, judged, once_in_order
from checker.source.changes import (
    ChangedFile,
    Commit,
    Source,
    UnreadFile,
    changed_files,
    differences,
    nothing_before,
    shown,
)
from checker.source.commit_files import CommitFiles
from checker.source.places import quoted
from checker.source.trees import Trees
from checker.symbolic.question import Budget
from checker.template_files import (
    Changed,
    ChangedTemplate,
    Versions,
    modules,
    with_changed_parameters,
    with_changed_parts,
    with_templates,
)
from checker.template_judging import judged_template

if TYPE_CHECKING:
    from checker.refinement.whose import Reported
    from checker.terraform.plan_file import Plan

Step = Callable[[int, int], None]

_WORTH_A_PROCESS: Final = 16  # files; fewer are done before a second process has started


@dataclass(frozen=True, slots=True)
class Names:
    """The two commits, and what a reader calls them. `base` is None if nothing was there."""

    base: Commit | None
    head: Commit
    base_name: str
    head_name: str
    notes: tuple[str, ...] = ()
    tree: Path | None = None  # the working tree, where there is one
    plans: tuple[Plan, ...] = ()  # what plans say of the change, besides the files


@dataclass(frozen=True, slots=True)
class Outcome:
    """A report, and the files of both sides that it speaks of."""

    report: Report
    files: tuple[ChangedFile, ...]


def run(
    config: Config,
    source: Source,
    names: Names,
    budget: Budget,
    jobs: int = 1,
    *,
    step: Step | None = None,
) -> Outcome:
    """Return what there is to say about the change from base to head.

    `jobs`: over how many processes the files are spread; the report is the same for any number.
    `step`: hears how many files are done, of how many.
    """
    changed = compared_files(config, source, names)
    reported = _reported(config, source, names)
    versions = versions_of(source, names)
    entries = with_templates_of(config, source, names, changed, versions)
    parts = _spread(partial(_looked_at, config, budget, reported), entries, jobs, step)
    looks = list(zip(entries, parts, strict=True))
    if any(part.findings for part in parts):
        from checker.fixes.looking import with_fixes_of_templates  # noqa: PLC0415  see `_looked_at`

        parts = with_fixes_of_templates(config, versions, changed, looks)
    if names.plans:
        from checker.template_plans import with_plans  # noqa: PLC0415  few runs have any

        parts = with_plans(entries, parts)
    whole = joined(parts)
    files = _spoken_of(changed, whole, versions)
    report = Report(
        base=names.base.id if names.base else "",
        head=names.head.id,
        base_name=names.base_name,
        head_name=names.head_name,
        findings=once_in_order(whole.findings),
        proved=whole.proved,
        skipped=whole.skipped,
        documents=sum(each.standing is not Standing.UNCHANGED for each in whole.policies),
        notes=(*names.notes, *_moved(files)),
        files=len(changed),
        policies=whole.policies,
        diagnostics=tuple(sorted(whole.diagnostics, key=lambda f: (f.at.path, f.at.start))),
        unused=whole.unused,
    )
    return Outcome(report, files)


def versions_of(source: Source, names: Names) -> Versions:
    """Return all files of both commits."""
    base = names.base or nothing_before(names.head)
    trees = Trees(source)
    return Versions(CommitFiles(source, base, trees), CommitFiles(source, names.head, trees))


def with_templates_of(
    config: Config,
    source: Source,
    names: Names,
    changed: Sequence[ChangedFile | UnreadFile],
    versions: Versions,
) -> tuple[Changed, ...]:
    """Return what has changed, with templates in place of the files that they are made of."""
    base = names.base or nothing_before(names.head)
    differing = differences(source, base.tree, names.head.tree)
    paths = {shown(path) for path, _, _ in differing}
    more = with_changed_parameters(paths, versions, config)
    seen = paths | {file.path for file in more}
    more += tuple(
        file for file in with_changed_parts(paths, versions, config) if file.path not in seen
    )
    of_terraform = modules(paths, versions, config)
    rest = with_templates((*changed, *more), of_terraform, versions, config)
    return (*_planned(config, names, versions), *of_terraform, *rest)


def _planned(config: Config, names: Names, versions: Versions) -> Iterator[ChangedTemplate]:
    if names.plans:
        from checker.plan_reading import planned  # noqa: PLC0415  few runs have any

        yield from (planned(each, versions, config) for each in names.plans)


def _spoken_of(
    changed: Sequence[ChangedFile | UnreadFile], whole: Part, versions: Versions
) -> tuple[ChangedFile, ...]:
    """Return the files that a report speaks of; of templates also some that did not change."""
    paths = dict.fromkeys(judged.path for judged in whole.policies)
    paths |= dict.fromkeys(finding.at.path for finding in whole.findings)
    fixes = (finding.fix for finding in whole.findings if finding.fix)
    paths |= dict.fromkeys(edit.span.path for fix in fixes for edit in fix.edits)
    files = [file for file in changed if isinstance(file, ChangedFile)]
    found = [file for file in files if file.path in paths or file.base_path in paths]
    known = {path for file in files for path in (file.path, file.base_path)}
    found += (
        ChangedFile(path, path, versions.base.read(path), versions.head.read(path))
        for path in paths
        if path not in known
    )
    return tuple(found)


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


def _reported(config: Config, source: Source, names: Names) -> tuple[Reported, ...]:
    """Return what is reported of who uses what, where the settings name a report."""
    if not config.usages:
        return ()
    from checker.reported_use import reported_use  # noqa: PLC0415  see `_looked_at`

    return reported_use(config, source, names.base, names.head, names.tree)


def _looked_at(
    config: Config, budget: Budget, reported: Sequence[Reported], entry: Changed
) -> Part:
    """Return what there is to say about one entry; what few of them need is loaded for these."""
    if isinstance(entry, ChangedTemplate):
        part = judged_template(config, budget, entry)
    else:
        part = judged(config, budget, entry)
        if part.findings and isinstance(entry, ChangedFile):
            from checker.fixes.fixes import with_fixes  # noqa: PLC0415

            part = with_fixes(config, entry, part)
    if not reported:
        return part
    from checker.unused_access import of_template, unused_access  # noqa: PLC0415

    if isinstance(entry, ChangedTemplate):
        return joined((part, of_template(config, reported, part)))
    return joined((part, unused_access(config, budget, reported, entry)))


def _spread(
    look: Callable[[Changed], Part], changed: Sequence[Changed], jobs: int, step: Step | None
) -> list[Part]:
    if jobs <= 1 or len(changed) < _WORTH_A_PROCESS:
        return list(_counted(map(look, changed), len(changed), step))
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415  only for many files

    with ProcessPoolExecutor(max_workers=jobs) as pool:
        parts = pool.map(look, changed, chunksize=8)
        return list(_counted(parts, len(changed), step))


def _counted(parts: Iterator[Part], total: int, step: Step | None) -> Iterator[Part]:
    """Yield the parts as they come, and say so."""
    for done, part in enumerate(parts, 1):
        if step:
            step(done, total)
        yield part
