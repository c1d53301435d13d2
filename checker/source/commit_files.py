"""The files of one commit by path, for templates that are made of several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from checker.errors import SourceError
from checker.source.changes import (
    MOST_AT_ONCE,
    Commit,
    Source,
    TooLargeError,
    TreeEntry,
    bounded,
)
from checker.source.trees import Trees


class CommitFiles:
    """A `template.files.Files` over a commit; what was read once is not asked for again."""

    def __init__(self, source: Source, commit: Commit, trees: Trees | None = None) -> None:
        """Take what is known of directories already, as from another commit of the repository."""
        self._source = source
        self._root = commit.tree
        self._trees = trees or Trees(source)
        self._folders: dict[str, Mapping[str, TreeEntry]] = {}
        self._files: dict[str, bytes | None] = {}

    def read(self, path: str) -> bytes | None:
        """Return a file's content; None if there is none, or it is no ordinary file."""
        if path not in self._files:
            folder, _, name = path.rpartition("/")
            entry = self._entries(folder).get(name)
            self._files[path] = self._blob(path, entry) if entry and entry.is_file else None
        return self._files[path]

    def with_texts(self, texts: Mapping[str, bytes]) -> CommitFiles:
        """Return the same files, of which some that are there have another content."""
        other = CommitFiles(self._source, Commit("", self._root, ()), self._trees)
        other._files = {**self._files, **texts}
        return other

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the paths of the files directly in a folder, sorted; "" is the root.

        Symbolic links are among them, and cannot be read.
        """
        start = f"{folder}/" if folder else ""
        entries = self._entries(folder).items()
        return tuple(sorted(start + name for name, it in entries if it.is_file or it.is_link))

    def prefetch(self, paths: Iterable[str]) -> None:
        """Make files ready that will be read."""
        ids = []
        for path in paths:
            folder, _, name = path.rpartition("/")
            entry = self._entries(folder).get(name)
            if entry and entry.is_file and (entry.size or 0) <= MOST_AT_ONCE:
                ids.append(entry.id)
        self._source.prefetch(ids)

    def everything(self) -> Iterator[str]:
        """Yield the path of every file."""
        self._trees.read_all(self._root)
        waiting = [""]
        seen = 0
        while waiting:
            folder = waiting.pop()
            yield from self.names(folder)
            start = f"{folder}/" if folder else ""
            entries = self._entries(folder)
            waiting += (start + name for name, entry in entries.items() if entry.is_tree)
            seen += len(entries)
            bounded(seen, folder)

    def ending(self, endings: tuple[str, ...]) -> tuple[str, ...]:
        """Return the paths of all files whose names end in one of some ways."""
        return self._trees.paths(self._root, endings)

    def _entries(self, folder: str) -> Mapping[str, TreeEntry]:
        if folder not in self._folders:
            self._folders[folder] = self._trees.entries(self._tree(folder))
        return self._folders[folder]

    def _tree(self, folder: str) -> str:
        """Return the id of a folder; "" where there is none."""
        if not folder:
            self._trees.listed(self._root)
            return self._root
        above, _, name = folder.rpartition("/")
        missing = []
        while above not in self._folders and above:  # from the top: a tree is as deep as it likes
            missing.append(above)
            above = above.rpartition("/")[0]
        for each in reversed(missing):
            self._entries(each)
        entry = self._entries(folder.rpartition("/")[0]).get(name)
        return entry.id if entry and entry.is_tree else ""

    def _blob(self, path: str, entry: TreeEntry) -> bytes:
        try:
            return self._source.blob(entry.id)
        except TooLargeError:
            raise SourceError(f"`{path}` is too large to be read") from None
