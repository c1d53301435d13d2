"""The files of one commit by path, for templates that are made of several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from checker.errors import SourceError
from checker.source.changes import Commit, Source, TooLargeError, TreeEntry, shown

_SMALL: Final = 256 * 1024  # bytes; more than any file of a module has


class CommitFiles:
    """A `template.files.Files` over a commit; what was read once is not asked for again."""

    def __init__(self, source: Source, commit: Commit) -> None:
        self._source = source
        self._root = commit.tree
        self._folders: dict[str, dict[str, TreeEntry]] = {}
        self._files: dict[str, bytes | None] = {}
        self._is_listed = False

    def read(self, path: str) -> bytes | None:
        """Return a file's content; None if there is none, or it is no ordinary file."""
        if path not in self._files:
            folder, _, name = path.rpartition("/")
            entry = self._entries(folder).get(name)
            self._files[path] = self._blob(path, entry) if entry and entry.is_file else None
        return self._files[path]

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the paths of the files directly in a folder, sorted; "" is the root."""
        start = f"{folder}/" if folder else ""
        entries = self._entries(folder)
        return tuple(sorted(start + name for name, entry in entries.items() if entry.is_file))

    def prefetch(self, paths: Iterable[str]) -> None:
        """Make files ready that will be read."""
        ids = []
        for path in paths:
            folder, _, name = path.rpartition("/")
            entry = self._entries(folder).get(name)
            if entry and entry.is_file and (entry.size or 0) <= _SMALL:
                ids.append(entry.id)
        self._source.prefetch(ids)

    def everything(self) -> Iterator[str]:
        """Yield the path of every file."""
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            yield from self.names(folder)
            start = f"{folder}/" if folder else ""
            entries = self._entries(folder)
            waiting += (start + name for name, entry in entries.items() if entry.is_tree)

    def _entries(self, folder: str) -> Mapping[str, TreeEntry]:
        if not self._folders:
            self._folders = self._listed()
        if self._is_listed:
            return self._folders.get(folder, {})
        if folder not in self._folders:
            above, _, name = folder.rpartition("/")
            tree = self._root
            if folder:
                entry = self._entries(above).get(name)
                tree = entry.id if entry and entry.is_tree else ""
            found = self._source.tree(tree) if tree else {}
            self._folders[folder] = {shown(each): entry for each, entry in found.items()}
        return self._folders[folder]

    def _listed(self) -> dict[str, dict[str, TreeEntry]]:
        """Return every folder's entries, if the source can list them at once."""
        whole = self._source.whole_tree(self._root) if self._root else {}
        self._is_listed = whole is not None
        found: dict[str, dict[str, TreeEntry]] = {}
        for path, entry in (whole or {}).items():
            folder, _, name = shown(path).rpartition("/")
            found.setdefault(folder, {})[name] = entry
        return found

    def _blob(self, path: str, entry: TreeEntry) -> bytes:
        try:
            return self._source.blob(entry.id)
        except TooLargeError:
            raise SourceError(f"`{path}` is too large to be read") from None
