"""From two commits to the files that differ between them, whatever the commits are read through.

A `Source` answers five small questions about a repository; `git.GitSource` and
`github.reading.ApiSource` are the two there are. Everything else is decided here, once, so that
both see the same change. Nothing of either commit is written to disk, executed or followed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from checker.errors import SourceError
from checker.source.renames import renames

MOST_BYTES: Final = 64 * 1024 * 1024  # of one file; AWS's own limits are a thousand times smaller
MOST_AT_ONCE: Final = 256 * 1024  # bytes of a file that is asked for together with others
SHA1_DIGITS: Final = 40  # of an id; a repository of the newer kind has 64
MOST_ENTRIES: Final = (
    2_000_000  # looked at in one comparison: a tree may name itself a million times
)
MOST_PATH: Final = 4_096  # characters; no system can check out a longer path

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class TooLargeError(Exception):
    """A blob is larger than the reader asked for."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as it was written, also where a shallow clone hides its parents."""

    id: str
    tree: str
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """What a tree says of one name."""

    mode: str  # six octal digits
    id: str
    size: int | None = field(default=None, compare=False)  # in bytes, where the source tells

    @property
    def is_tree(self) -> bool:
        """Whether it is a directory."""
        return self.mode == "040000"

    @property
    def is_file(self) -> bool:
        """Whether it is an ordinary file, executable or not."""
        return self.mode.startswith("100")

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return self.mode == "120000"


class Source(Protocol):
    """A repository, read only. Every method raises `SourceError` when it has no answer.

    Names are as git has them: bytes that are not UTF-8 stand as surrogates (`surrogateescape`).
    """

    def commit(self, revision: str) -> Commit:
        """Return the commit that a name, an id or an abbreviated id stands for."""
        ...

    def merge_base(self, one: str, other: str) -> str:
        """Return the id of the best common ancestor of two commits."""
        ...

    def tree(self, tree_id: str) -> Mapping[str, TreeEntry]:
        """Return the entries of one directory, by name."""
        ...

    def trees(self, tree_ids: Sequence[str]) -> Iterable[Mapping[str, TreeEntry]]:
        """Return the entries of several directories, in order."""
        ...

    def whole_tree(self, tree_id: str) -> Mapping[str, TreeEntry] | None:
        """Return everything below a directory, by path; `None` if one answer cannot hold it."""
        ...

    def blob(self, blob_id: str, limit: int = MOST_BYTES) -> bytes:
        """Return a file's bytes, proved to be those of its id; `TooLargeError` beyond `limit`."""
        ...

    def prefetch(self, blob_ids: Collection[str]) -> None:
        """Make blobs ready that will be asked for, if there is a quicker way than one by one."""
        ...


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file that differs, or that moved. `None`: there is no such file on that side."""

    path: str  # fit to be shown and encoded; in head, or in base when it is gone
    base_path: str  # where it stood before; `path` unless it was renamed
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A path of interest that differs and holds nothing that can be read."""

    path: str
    reason: str  # half a sentence that follows the path: "is a symbolic link, …"
    was_file: bool  # base has a file here: what it allows would vanish from sight unnoticed
    id: str = field(default="", compare=False)  # of what stands there, on either side


def changed_files(
    source: Source, base: Commit, head: Commit, want: Callable[[str], bool]
) -> tuple[ChangedFile | UnreadFile, ...]:
    """Return what differs between two commits among the paths that `want` accepts, by path.

    A file that is gone and a new one are one renamed file if their content is equal, or is
    mostly the same (`renames`).
    """
    before: dict[str, TreeEntry] = {}
    after: dict[str, TreeEntry] = {}
    links: dict[str, TreeEntry] = {}
    for path, old, new in differences(source, base.tree, head.tree):
        if old and old.is_file and want(shown(path)):
            before[path] = old
        if new and new.is_file and want(shown(path)):
            after[path] = new
        elif new and not new.is_file:
            links[path] = new
    unread = [entry for path, link in links.items() if (entry := _unread(path, link, before, want))]
    for path in links:
        before.pop(path, None)
    files = _contents(source, before, after)
    return tuple(sorted([*files, *unread], key=lambda file: file.path))


def nothing_before(commit: Commit) -> Commit:
    """Return what a first commit is compared with: a commit without files."""
    return replace(commit, id="", tree="", parents=())


def differences(
    source: Source, old_tree: str, new_tree: str
) -> Iterator[tuple[str, TreeEntry | None, TreeEntry | None]]:
    """Yield every path at which two trees differ, directories aside, with both entries.

    Two whole listings if the source can give them; else a walk that opens a directory only where
    its two ids differ, which gives the same answer. The id "" is a tree with nothing in it.
    """
    if old_tree == new_tree:
        return
    old = source.whole_tree(old_tree) if old_tree else {}
    new = source.whole_tree(new_tree)
    if old is None or new is None:
        yield from _walk(source, old_tree, new_tree)
        return
    for path in old.keys() | new.keys():
        was, now = _leaf(old.get(path)), _leaf(new.get(path))
        if was != now:
            yield path, was, now


def _walk(
    source: Source, old_tree: str, new_tree: str
) -> Iterator[tuple[str, TreeEntry | None, TreeEntry | None]]:
    """Yield what `differences` does. A stack of our own: a hostile tree is as deep as it likes."""
    waiting: list[tuple[str, str | None, str | None]] = [("", old_tree, new_tree)]
    seen = 0
    known: dict[str | None, Mapping[str, TreeEntry]] = {None: {}, "": {}}
    while waiting:
        folder, old_id, new_id = waiting.pop()
        for each in (old_id, new_id):
            if each and each not in known:
                known[each] = source.tree(each)
        old, new = known[old_id], known[new_id]
        seen += len(old) + len(new)
        bounded(seen, folder, "the two commits differ in")
        for name in old.keys() | new.keys():
            was, now = old.get(name), new.get(name)
            if was == now:
                continue
            trees = [entry.id if entry and entry.is_tree else None for entry in (was, now)]
            if any(trees):
                waiting.append((f"{folder}{name}/", trees[0], trees[1]))
            if _leaf(was) or _leaf(now):
                yield folder + name, _leaf(was), _leaf(now)


def bounded(entries: int, path: str, what: str = "a commit has") -> None:
    """Raise `SourceError` for trees that no working tree could hold: more entries, a longer path."""
    if entries > MOST_ENTRIES or len(path) > MOST_PATH:
        problem = (
            f"more than {MOST_ENTRIES} files, or folders nested deeper than any system can hold"
        )
        raise SourceError(f"{what} {problem}")


def shown(path: str) -> str:
    r"""Return a git path fit to be shown and encoded: stray bytes are written `\xff`."""
    return _SURROGATE.sub(lambda match: f"\\x{ord(match[0]) & 0xFF:02x}", path)


def file_at(source: Source, commit: Commit, path: str, limit: int = MOST_BYTES) -> bytes | None:
    """Return the file `path` of a commit; `None` if there is no ordinary file of that name."""
    *folders, name = path.split("/")
    tree_id = commit.tree
    for folder in folders:
        entry = source.tree(tree_id).get(folder)
        if entry is None or not entry.is_tree:
            return None
        tree_id = entry.id
    found = source.tree(tree_id).get(name)
    return source.blob(found.id, limit) if found and found.is_file else None


def proved(data: bytes, blob_id: str) -> bytes:
    """Return `data`, if it is what `blob_id` names: an id is the hash of its content."""
    text = b"blob %d\0" % len(data) + data
    is_sha1 = len(blob_id) == SHA1_DIGITS
    found = hashlib.sha1(text, usedforsecurity=False) if is_sha1 else hashlib.sha256(text)
    if found.hexdigest() != blob_id:
        raise SourceError(f"the file content of {blob_id} is not what its id says")
    return data


def _leaf(entry: TreeEntry | None) -> TreeEntry | None:
    return None if entry is None or entry.is_tree else entry


def _unread(
    path: str, link: TreeEntry, before: Mapping[str, TreeEntry], want: Callable[[str], bool]
) -> UnreadFile | None:
    """Return what to say of a link: it is of interest itself, or hides files that were."""
    was_file = path in before or any(old.startswith(f"{path}/") for old in before)
    if not was_file and not want(shown(path)):
        return None
    what = "a symbolic link" if link.mode == "120000" else "a submodule"
    return UnreadFile(shown(path), f"is {what}, which is never followed", was_file, link.id)


def _contents(
    source: Source, before: Mapping[str, TreeEntry], after: Mapping[str, TreeEntry]
) -> Iterator[ChangedFile | UnreadFile]:
    """Yield each file with what it holds on both sides, renamed ones as one."""
    texts: dict[str, bytes | None] = {}
    source.prefetch(
        [
            entry.id
            for entry in (*before.values(), *after.values())
            if (entry.size or 0) <= MOST_AT_ONCE
        ]
    )
    for entry in [*before.values(), *after.values()]:
        if entry.id not in texts:
            texts[entry.id] = _bytes(source, entry)
    gone = {path: before[path].id for path in sorted(before.keys() - after.keys())}
    new = {path: after[path].id for path in sorted(after.keys() - before.keys())}
    moved = renames(gone, new, texts)
    left = set(moved.values())
    for path in sorted((before.keys() - left) | after.keys()):
        was = before.get(moved.get(path, path))
        now = after.get(path)
        sides = [texts[entry.id] if entry else None for entry in (was, now)]
        if any(entry and texts[entry.id] is None for entry in (was, now)):
            reason = f"is larger than {MOST_BYTES // 1024 // 1024} MiB"
            ids = [entry.id for entry in (was, now) if entry]
            yield UnreadFile(shown(path), reason, was is not None, " ".join(ids))
        else:
            yield ChangedFile(shown(path), shown(moved.get(path, path)), sides[0], sides[1])


def _bytes(source: Source, entry: TreeEntry) -> bytes | None:
    if entry.size is not None and entry.size > MOST_BYTES:
        return None
    try:
        return source.blob(entry.id, MOST_BYTES)
    except TooLargeError:
        return None
