"""The standards put to every policy of a commit, whatever changed last."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from checker import standards
from checker.audit.baseline import Known, content_of, known, quietened
from checker.audit.cache import Cache
from checker.config import Config, FailOn, NewPolicy
from checker.explain import say
from checker.findings import Judged, Report, Standing
from checker.judging import Part, by_path, joined, judged, once_in_order
from checker.pipeline import Outcome
from checker.progress import Progress
from checker.source import signs
from checker.source.changes import ChangedFile, UnreadFile
from checker.symbolic.question import Budget
from checker.template_files import Changed, ChangedTemplate
from checker.template_judging import judged_template

_WORTH_A_PROCESS: Final = 16  # files; fewer are done before a second process has started
_CHUNK: Final = 4  # files at a time for one process

TextOf = Callable[[str], bytes | None]


@dataclass(frozen=True, slots=True)
class FileResult:
    """What one file gives. `content`, `text`: its digest and text, where there are findings.

    of: the template that the file's policies are deployed by; several may use one file.
    """

    path: str
    part: Part
    content: str = ""
    text: str = ""
    of: str = ""


def in_order(results: Iterable[FileResult]) -> tuple[FileResult, ...]:
    """Return results as every run, and every number of shards, has them."""
    return tuple(sorted(results, key=lambda result: (result.path, result.of)))


@dataclass(frozen=True, slots=True)
class Audit:
    """The outcome of an audit, or of one shard of it.

    files: those with anything to say, by path. gone: entries of the baseline that nothing fits.
    """

    head: str
    head_name: str
    looked_at: int
    files: tuple[FileResult, ...]
    gone: tuple[Known, ...] = ()


@dataclass(frozen=True, slots=True)
class Means:
    """What an audit may use, none of which changes what it finds."""

    cache: Cache
    progress: Progress
    jobs: int = 1


def settings_of(config: Config) -> Config:
    """Return what of the settings an audit depends on: all checks are off that compare.

    There is nothing to compare with, and no policy is new. Likely mistakes are told of what somebody
    is just writing; of policies that have stood for years they would bury what breaks a standard.
    """
    compare = {check.id for check in standards.checks(config) if check.compares}
    off = dict.fromkeys((*sorted(compare), "new-policy", say.DIAGNOSTICS))
    levels = config.fail_on
    in_paths = tuple((paths, {**given, **off}) for paths, given in levels.in_paths)
    fail_on = FailOn({**levels.everywhere, **off}, in_paths)
    asked = replace(config, fail_on=fail_on, new_policy=NewPolicy.COMPARE)
    return replace(asked, json_file="", sarif_file="")


def results(
    config: Config, budget: Budget, files: Sequence[Changed], means: Means, text_of: TextOf
) -> tuple[FileResult, ...]:
    """Return what there is to say about each file, the same for any number of processes.

    text_of: the content of a file, by its path; what a template says may stand in several.
    """
    parts: dict[int, Part] = {}
    waiting: list[int] = []
    for number, file in enumerate(files):
        found = _without_asking(file, means.cache)
        if found is None:
            waiting.append(number)
        else:
            parts[number] = found
    means.progress.step(len(parts), len(files))
    asked = _judged(config, budget, [files[number] for number in waiting], means.jobs)
    for number, part in zip(waiting, asked, strict=True):
        parts[number] = part
        means.cache.keep(files[number], part)
        means.progress.step(len(parts), len(files))
    means.progress.end()
    found_in = [
        result
        for number, file in enumerate(files)
        for result in _results(file, parts[number], text_of)
        if result.part != Part()
    ]
    return in_order(found_in)


def _without_asking(file: Changed, cache: Cache) -> Part | None:
    """Return what is known of a file: nothing if it has no sign of a policy, or what is kept."""
    if isinstance(file, ChangedFile):
        if file.after is None:
            return None
        if not signs.possible(file.after.replace(b"\0", b"")):
            return Part()
    return cache.part(file)


def _judged(config: Config, budget: Budget, files: Sequence[Changed], jobs: int) -> Iterator[Part]:
    look = partial(_looked_at, config, budget)
    if jobs <= 1 or len(files) < _WORTH_A_PROCESS:
        yield from map(look, files)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415  only for many files

    with ProcessPoolExecutor(max_workers=jobs) as pool:
        yield from pool.map(look, files, chunksize=_CHUNK)


def _looked_at(config: Config, budget: Budget, file: Changed) -> Part:
    if isinstance(file, ChangedTemplate):
        part = judged_template(config, budget, file)
    else:
        part = judged(config, budget, file)
    if not part.findings:
        return part
    from checker.fixes.fixes import with_fixes  # noqa: PLC0415  only where something is found
    from checker.fixes.in_words import with_words  # noqa: PLC0415

    if isinstance(file, ChangedTemplate):
        return with_words(config, file, part)
    return with_fixes(config, file, part) if isinstance(file, ChangedFile) else part


def _results(file: Changed, part: Part, text_of: TextOf) -> Iterator[FileResult]:
    """Yield what is said about each file: of a template, those that its policies stand in."""
    if not isinstance(file, ChangedTemplate):
        yield _result(file, part)
        return
    for path, of_path in by_path(part):
        data = text_of(path)
        there = ChangedFile(path, path, None, data) if data is not None else None
        found = _result(there or UnreadFile(path, "", was_file=False), of_path)
        yield replace(found, of=file.path)


def _result(file: ChangedFile | UnreadFile, part: Part) -> FileResult:
    part = replace(part, policies=tuple(_without_question(each) for each in part.policies))
    if not part.findings or not isinstance(file, ChangedFile) or file.after is None:
        return FileResult(file.path, part)
    text = file.after.decode("utf-8", "replace")
    return FileResult(file.path, part, content_of(file.after), text)


def _without_question(policy: Judged) -> Judged:
    if policy.standing is not Standing.NOTHING_TO_ASK:
        return policy
    return replace(policy, why="no check that is on asks about it")


def with_baseline(found: Audit, entries: frozenset[Known], looked_at: frozenset[Known]) -> Audit:
    """Return an audit with what is known as notes. `looked_at`: entries on files of this audit."""
    files = tuple(
        replace(
            each,
            part=replace(each.part, findings=quietened(each.part.findings, each.content, entries)),
        )
        for each in found.files
    )
    return replace(found, files=files, gone=tuple(sorted(looked_at - set(everything(found)))))


def everything(found: Audit) -> Iterator[Known]:
    """Yield an entry of a baseline for each finding."""
    for file in found.files:
        for finding in file.part.findings:
            yield known(finding, file.content)


def outcome(found: Audit) -> Outcome:
    """Return the report on an audit, with the files that it speaks of."""
    whole = joined(each.part for each in found.files)
    report = Report(
        base="",
        head=found.head,
        base_name="",
        head_name=found.head_name,
        findings=once_in_order(whole.findings),
        proved=whole.proved,
        skipped=whole.skipped,
        documents=len(whole.policies),
        notes=tuple(_notes(found)),
        files=found.looked_at,
        policies=whole.policies,
    )
    files = (
        ChangedFile(each.path, each.path, None, each.text.encode())
        for each in found.files
        if each.part.findings
    )
    return Outcome(report, tuple(files))


def _notes(found: Audit) -> Iterator[str]:
    if not found.looked_at:
        yield f"no file of `{found.head_name}` is of the paths to look at"
    for entry in found.gone:
        what = f"`{entry.check}` in `{entry.path}` ({entry.fingerprint})"
        yield f"gone since the baseline: {what}; `access-gate audit --write-baseline` drops it"


def processors() -> int:
    """Return how many processors there are for us."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
