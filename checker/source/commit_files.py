"""The files of one commit by path, for templates that are made of several."""

from __future__ import annotations

from collections.abc import Iterator

from checker.errors import SourceError
from checker.source.changes import Commit, Source, TooLargeError, TreeEntry, shown


class CommitFiles:
    """A `template.files.Files` over a commit; what was read once is not asked for again."""

    def __init__(self, source: Source, commit: Commit) -> None:
        self._source = source
        self._root = commit.tree
        self._folders: dict[str, dict[str, TreeEntry]] = {}
        self._files: dict[str, bytes | None] = {}

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

    def everything(self) -> Iterator[str]:
        """Yield the path of every file."""
        whole = self._source.whole_tree(self._root) if self._root else {}
        if whole is not None:
            yield from (shown(path) for path, entry in whole.items() if entry.is_file)
            return
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            yield from self.names(folder)
            start = f"{folder}/" if folder else ""
            entries = self._entries(folder)
            waiting += (start + name for name, entry in entries.items() if entry.is_tree)

    def _entries(self, folder: str) -> dict[str, TreeEntry]:
        if folder not in self._folders:
            above, _, name = folder.rpartition("/")
            tree = self._root
            if folder:
                entry = self._entries(above).get(name)
                tree = entry.id if entry and entry.is_tree else ""
            found = self._source.tree(tree) if tree else {}
            self._folders[folder] = {shown(each): entry for each, entry in found.items()}
        return self._folders[folder]

    def _blob(self, path: str, entry: TreeEntry) -> bytes:
        try:
            return self._source.blob(entry.id)
        except TooLargeError:
            raise SourceError(f"`{path}` is too large to be read") from None
