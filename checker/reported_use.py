"""The reports of unused permissions that the settings name, from the base commit of a change.

As with the settings themselves, a change cannot bring its own. Where there is a working tree, a file
that no commit holds may stand there; nothing outside the repository is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from checker.config import Config, Usage
from checker.errors import ConfigError, UsageError
from checker.refinement.usage import Unused
from checker.refinement.whose import Reported
from checker.source.changes import Commit, Source, TooLargeError, TreeEntry, shown
from checker.source.places import quoted
from checker.usage_files import ENDINGS, UsageFile, none_in, on_disk, unused_in

MOST_FILES: Final = 2_000
_LATER: Final = "is not in the base commit yet, where reports are read"


def reported_use(
    config: Config, source: Source, base: Commit | None, head: Commit, tree: Path | None = None
) -> tuple[Reported, ...]:
    """Return what is reported of the policies of each path.

    tree: the working tree, where there is one.
    Errors: `ConfigError` for a path that is nowhere, `UsageError` for a file that is no report.
    """
    known: dict[tuple[str, str], Reported] = {}
    for usage in config.usages:
        whose = usage.file, usage.role
        if whose not in known:
            known[whose] = _reported(usage, source, base, head, tree)
    return tuple(
        Reported(usage.paths, usage.file, usage.role, found.reports, found.problem)
        for usage in config.usages
        for found in (known[usage.file, usage.role],)
    )


def _reported(
    usage: Usage, source: Source, base: Commit | None, head: Commit, tree: Path | None
) -> Reported:
    def reported(reports: tuple[Unused, ...] = (), problem: str = "") -> Reported:
        return Reported(usage.paths, usage.file, usage.role, reports, problem)

    path = usage.file.rstrip("/")
    entry = _entry(source, base, path) if base else None
    if base and entry:
        return reported(unused_in(_files(source, entry, path), path, usage.role))
    on_tree = _on_tree(tree, path)
    if on_tree is not None:
        return reported(unused_in(on_disk(on_tree), path, usage.role))
    if _entry(source, head, path):
        return reported(problem=f"{quoted(usage.file)} {_LATER}")
    problem = f"the report {quoted(usage.file)} is not in the base commit"
    raise ConfigError(problem, usage.at)


def _entry(source: Source, commit: Commit, path: str) -> TreeEntry | None:
    """Return what a commit has at a path; None for nothing, or for a link."""
    *folders, name = path.split("/")
    tree_id = commit.tree
    for folder in folders:
        found = source.tree(tree_id).get(folder)
        if found is None or not found.is_tree:
            return None
        tree_id = found.id
    entry = source.tree(tree_id).get(name)
    return entry if entry and (entry.is_tree or entry.is_file) else None


def _files(source: Source, entry: TreeEntry, path: str) -> tuple[UsageFile, ...]:
    if entry.is_file:
        return (_file(source, entry, path),)
    files = []
    for each, found in _below(source, entry.id, path):
        if not found.is_file:
            raise UsageError(f"{quoted(shown(each))} is a link, which is never followed")
        files.append(_file(source, found, shown(each)))
        if len(files) > MOST_FILES:
            raise UsageError(f"{quoted(path)} holds more than {MOST_FILES:,} files")
    if not files:
        raise none_in(quoted(path))
    return tuple(files)


def _below(source: Source, tree_id: str, path: str) -> Iterator[tuple[str, TreeEntry]]:
    """Yield the files under a folder that may hold reports, in order of their paths."""
    for name, entry in sorted(source.tree(tree_id).items()):
        if entry.is_tree:
            yield from _below(source, entry.id, f"{path}/{name}")
        elif name.endswith(ENDINGS):
            yield f"{path}/{name}", entry


def _file(source: Source, entry: TreeEntry, path: str) -> UsageFile:
    def opened() -> BytesIO:
        try:
            return BytesIO(source.blob(entry.id))
        except TooLargeError:
            raise UsageError(f"{quoted(path)} is larger than 64 MiB") from None

    return UsageFile(path, entry.size or 0, opened)


def _on_tree(tree: Path | None, path: str) -> Path | None:
    """Return a file of the working tree; links that lead out of it lead nowhere."""
    if tree is None:
        return None
    found = (tree / path).resolve()
    return found if found.is_relative_to(tree.resolve()) and found.exists() else None
