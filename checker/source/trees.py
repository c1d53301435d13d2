"""The directories of a repository by their ids.

Two commits share nearly all of theirs, and what lies below an id never changes: it is read, and
looked through, once for both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from checker.source.changes import Source, TreeEntry, bounded, shown

_NOTHING: Final[Mapping[str, TreeEntry]] = {}


class Trees:
    """What each directory holds, under names fit to be shown. The id "" is one with nothing in it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: dict[str, Mapping[str, TreeEntry]] = {"": _NOTHING}
        self._asked = {""}  # ids whose whole content was asked for
        self._whole = {""}  # ids below which all is known
        self._paths: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {}

    def entries(self, tree_id: str) -> Mapping[str, TreeEntry]:
        """Return the entries of one directory."""
        if tree_id not in self._known:
            self._known[tree_id] = _shown(self._source.tree(tree_id))
        return self._known[tree_id]

    def listed(self, tree_id: str) -> None:
        """Know all that lies below a directory, if one answer of the source holds that."""
        if tree_id not in self._asked:
            self._asked.add(tree_id)
            whole = self._source.whole_tree(tree_id)
            if whole is not None:
                self._sort_in(tree_id, whole)

    def read_all(self, tree_id: str) -> None:
        """Know all that lies below a directory, in as few steps as there are."""
        self.listed(tree_id)
        level = [tree_id]
        while level := [each for each in level if each not in self._whole]:
            unknown = [each for each in level if each not in self._known]
            for each, entries in zip(unknown, self._source.trees(unknown), strict=True):
                self._known[each] = _shown(entries)
            self._whole.update(level)
            level = list(
                dict.fromkeys(id_ for each in level for id_ in _folders(self._known[each]))
            )

    def paths(self, tree_id: str, endings: tuple[str, ...]) -> tuple[str, ...]:
        """Return the paths of the files below a directory whose names end in one of some ways.

        Errors: `SourceError` where there are too many; a tree may name itself a million times.
        """
        self.read_all(tree_id)
        found = self._paths.setdefault(endings, {})
        waiting = [tree_id]
        while waiting:
            folder = waiting[-1]
            inner = _folders(self.entries(folder))
            if missing := [each for each in inner if each not in found]:
                waiting += missing
                continue
            waiting.pop()
            found[folder] = self._joined(folder, endings, found)
        return found[tree_id]

    def _joined(
        self, tree_id: str, endings: tuple[str, ...], below: Mapping[str, Sequence[str]]
    ) -> tuple[str, ...]:
        """Return the paths of one directory; those of the directories in it are known."""
        paths: list[str] = []
        for name, entry in self.entries(tree_id).items():
            if entry.is_tree:
                paths += [f"{name}/{path}" for path in below[entry.id]]
                bounded(len(paths), paths[-1] if paths else "")
            elif (entry.is_file or entry.is_link) and name.endswith(endings):
                paths.append(name)
        return tuple(paths)

    def _sort_in(self, tree_id: str, whole: Mapping[str, TreeEntry]) -> None:
        """Sort the paths below a directory into the directories that they are in."""
        folders: dict[str, dict[str, TreeEntry]] = {"": {}}
        ids = {"": tree_id}
        for path, entry in whole.items():
            if entry.is_tree:
                folders.setdefault(path, {})
                ids[path] = entry.id
            folder, _, name = path.rpartition("/")
            folders.setdefault(folder, {})[shown(name)] = entry
        for path, entries in folders.items():
            if path in ids:
                self._known[ids[path]] = entries


def _folders(entries: Mapping[str, TreeEntry]) -> list[str]:
    return list(dict.fromkeys(entry.id for entry in entries.values() if entry.is_tree))


def _shown(entries: Mapping[str, TreeEntry]) -> dict[str, TreeEntry]:
    return {shown(name): entry for name, entry in entries.items()}
