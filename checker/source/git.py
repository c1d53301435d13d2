"""A local repository, read through git; `git_objects` says what keeps a stranger's harmless."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from checker.errors import SourceError
from checker.source.changes import (
    MOST_BYTES,
    Commit,
    TooLargeError,
    TreeEntry,
    proved,
)
from checker.source.git_objects import OPTIONS, GitObjects, StoppedError, Stored, environment
from checker.source.places import quoted

_DEFAULT_BRANCHES: Final = (
    "refs/remotes/origin/HEAD",
    "refs/remotes/origin/main",
    "refs/remotes/origin/master",
    "refs/heads/main",
    "refs/heads/master",
)
_PARENT: Final = re.compile(r"([^\^~]+)(?:\^([1-9]?)|~1?)").fullmatch
_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}").fullmatch
_WORTH_KEEPING: Final = 1024 * 1024  # bytes of a blob that will be asked for


class GitSource:
    """A `Source` over the repository around `folder`; close it, or use it in a `with`."""

    def __init__(self, folder: str | Path = ".") -> None:
        self._folder = str(folder)
        self._objects = GitObjects(self._folder)
        self._blobs: dict[str, bytes] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the git process, if there is one."""
        self._objects.close()

    def commit(self, revision: str) -> Commit:
        """Return the commit that a name, an id or an abbreviated id stands for.

        A commit says who its parents are also where a shallow clone hides them, so `HEAD^` is
        looked up by hand when git does not know it.
        """
        found = self._object(f"{revision}^{{commit}}") if revision.strip() else None
        if found is not None:
            return _commit(found.id, found.whole())
        if parent := _PARENT(revision):
            parents = self.commit(parent[1]).parents
            number = int(parent[2] or 1)
            if number <= len(parents):
                return self.commit(parents[number - 1])
        raise self._no_commit(revision)

    def has(self, revision: str) -> bool:
        """Tell whether a name stands for a commit."""
        return self._object(f"{revision}^{{commit}}") is not None

    def merge_base(self, one: str, other: str) -> str:
        """Return the id of the best common ancestor of two commits."""
        ids = [self.commit(revision).id for revision in (one, other)]
        code, said, _ = self._run("merge-base", *ids)
        if code != 0:
            hint = "`git fetch --unshallow`, or `fetch-depth: 0`" if self._is_shallow() else ""
            tail = f" (this clone is shallow: {hint})" if hint else ""
            raise SourceError(f"{quoted(one)} and {quoted(other)} have no common ancestor{tail}")
        return said.strip()

    def staged(self) -> Commit:
        """Return what the next commit would hold: git writes the trees of the index, as for one.

        A hook may be given an index of its own, as in `git commit FILE`.
        """
        index = {"GIT_INDEX_FILE": found} if (found := os.environ.get("GIT_INDEX_FILE")) else {}
        code, said, complaint = self._run("write-tree", more=index)
        if code != 0:
            raise SourceError(f"what is staged cannot be read: {complaint}")
        return Commit(said.strip(), said.strip(), ())

    def default_base(self, head: str = "HEAD") -> tuple[str, str]:
        """Return where `head` left the default branch: the commit's id, the branch's name."""
        for branch in _DEFAULT_BRANCHES:
            if self._object(f"{branch}^{{commit}}"):
                return self.merge_base(branch, head), branch.split("/", 2)[2]
        problem = "there is no default branch to compare with"
        if self._is_shallow():  # such a clone often has but one branch
            fetch = "git remote set-branches origin '*' && git fetch --unshallow origin"
            raise SourceError(f"{problem}: this clone is shallow (run `{fetch}`, or name a base)")
        raise SourceError(f"{problem} (name a base commit)")

    def tree_folder(self) -> Path | None:
        """Return the top folder of the working tree; None for a repository without one."""
        code, said, _ = self._run("rev-parse", "--show-toplevel")
        return Path(said.rstrip("\n")) if code == 0 and said.strip() else None

    def tree(self, tree_id: str) -> Mapping[str, TreeEntry]:
        """Return the entries of one directory, by name."""
        return _entries(self._content(tree_id, b"tree"), len(tree_id) // 2)

    def trees(self, tree_ids: Sequence[str]) -> Iterator[Mapping[str, TreeEntry]]:
        """Yield the entries of several directories, in order."""
        for tree_id, found in zip(tree_ids, self._many(tree_ids, MOST_BYTES), strict=True):
            yield _entries(self._checked(found, tree_id, b"tree"), len(tree_id) // 2)

    def whole_tree(self, tree_id: str) -> None:
        """Return `None`: a walk that opens what differs is quicker here."""

    def blob(self, blob_id: str, limit: int = MOST_BYTES) -> bytes:
        """Return a file's bytes, proved to be those of its id; `TooLargeError` beyond `limit`."""
        known = self._blobs.get(blob_id)
        if known is None:
            return proved(self._content(blob_id, b"blob", limit), blob_id)
        if len(known) > limit:
            raise TooLargeError
        return known

    def prefetch(self, blob_ids: Collection[str]) -> None:
        """Read what is not large, and keep it: of many blobs git gives each more quickly."""
        missing = [each for each in dict.fromkeys(blob_ids) if each not in self._blobs]
        for blob_id, found in zip(missing, self._many(missing, _WORTH_KEEPING), strict=True):
            if found and found.kind == b"blob" and found.content is not None:
                self._blobs[blob_id] = proved(found.content, blob_id)

    def _content(self, object_id: str, kind: bytes, limit: int = MOST_BYTES) -> bytes:
        return self._checked(self._object(object_id, limit), object_id, kind)

    def _checked(self, found: Stored | None, object_id: str, kind: bytes) -> bytes:
        if found is None or found.kind != kind:
            hint = " (it is a partial clone)" if self._is_partial() else ""
            raise SourceError(f"the repository lacks the {kind.decode()} {object_id}{hint}")
        return found.whole()

    def _object(self, name: str, limit: int = MOST_BYTES) -> Stored | None:
        """Return an object; `None` if there is none of that name."""
        try:
            return self._objects.one(name, limit)
        except StoppedError:
            raise self._no_repository() from None

    def _many(self, ids: Sequence[str], limit: int) -> Iterator[Stored | None]:
        try:
            yield from self._objects.many(ids, limit)
        except StoppedError:
            raise self._no_repository() from None

    def _run(self, *arguments: str, more: Mapping[str, str] | None = None) -> tuple[int, str, str]:
        """Return the exit code, output and complaint of one git command."""
        done = subprocess.run(  # noqa: S603  fixed arguments and ids
            ["git", *OPTIONS, "-C", self._folder, *arguments],  # noqa: S607
            capture_output=True,
            check=False,
            env=environment() | dict(more or {}),
        )
        said, complaint = (out.decode("utf-8", "replace") for out in (done.stdout, done.stderr))
        return done.returncode, said, " ".join(complaint.split())

    def _is_shallow(self) -> bool:
        return self._run("rev-parse", "--is-shallow-repository")[1].strip() == "true"

    def _is_partial(self) -> bool:
        return bool(self._run("config", "--get-regexp", r"^remote\..*\.promisor$")[1])

    def _no_repository(self) -> SourceError:
        """Return why git gave no answer at all."""
        self.close()
        code, _, complaint = self._run("rev-parse", "--git-dir")
        why = complaint.removeprefix("fatal: ") if code else "git stopped without an answer"
        return SourceError(f"{quoted(self._folder)}: {why}")

    def _no_commit(self, revision: str) -> SourceError:
        """Return the error of a revision that is not there, with what would bring it."""
        problem = f"there is no commit {quoted(revision)} here"
        if not self._is_shallow():
            return SourceError(f"{problem} (check the name, or fetch it)")
        fetch = f"--depth=1 origin {revision}" if _ID(revision) else "--unshallow origin"
        return SourceError(
            f"{problem}: this clone is shallow (run `git fetch {fetch}`, or check out with"
            " `fetch-depth: 0`)"
        )


def person() -> str:
    """Return whom git takes for the author of a commit here; "" where nobody told it."""
    return _told("config", "--get", "user.email")


def top() -> Path:
    """Return the folder of the repository around the current one, which it is where there is none."""
    return Path(_told("rev-parse", "--show-toplevel") or ".")


def _told(*arguments: str) -> str:
    """Return what git says with the user's own configuration; "" where it says nothing."""
    try:
        done = subprocess.run(  # noqa: S603  fixed arguments
            ["git", *arguments],  # noqa: S607
            capture_output=True,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "surrogateescape").strip() if done.returncode == 0 else ""


def _commit(commit_id: str, content: bytes) -> Commit:
    """Return what a commit's first lines say."""
    head = content.split(b"\n\n", 1)[0].decode("ascii", "replace").split("\n")
    fields = [line.partition(" ") for line in head]
    trees = [value for name, _, value in fields if name == "tree"]
    parents = tuple(value for name, _, value in fields if name == "parent")
    if not trees:
        raise SourceError(f"the commit {commit_id} names no tree")
    return Commit(commit_id, trees[0], parents)


def _entries(content: bytes, size: int) -> dict[str, TreeEntry]:
    """Return the entries of a tree object, whose ids have `size` bytes."""
    entries: dict[str, TreeEntry] = {}
    at = 0
    while at < len(content):
        blank, end = content.find(b" ", at), content.find(b"\0", at)
        if not at < blank < end or end + size >= len(content) + 1:
            raise SourceError("a directory of the repository is damaged")
        mode = content[at:blank].decode("ascii", "replace").zfill(6)
        name = content[blank + 1 : end].decode("utf-8", "surrogateescape")
        at = end + 1 + size
        if name in entries or "/" in name:  # no git would write it, and one entry would hide
            raise SourceError("a directory of the repository is damaged")
        entries[name] = TreeEntry(mode, content[end + 1 : at].hex())
    return entries
