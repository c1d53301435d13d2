"""A local repository, read through one `git cat-file --batch`.

The repository may be a stranger's: its configuration must not start a program, so nothing here
runs hooks, filters or fetches, and the user's own configuration and `GIT_*` play no part.
Names of revisions go through standard input, where none can be taken for an option.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from checker.errors import SourceError
from checker.source.changes import (
    MOST_BYTES,
    Commit,
    TooLargeError,
    TreeEntry,
    proved,
)
from checker.source.places import quoted

_DEFAULT_BRANCHES: Final = (
    "refs/remotes/origin/HEAD",
    "refs/remotes/origin/main",
    "refs/remotes/origin/master",
    "refs/heads/main",
    "refs/heads/master",
)
_OPTIONS: Final = (
    "--no-optional-locks",
    "--no-replace-objects",
    "-c",
    "safe.directory=*",  # naming the repository is the trust that git asks for
)
_ENVIRONMENT: Final = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ALLOW_PROTOCOL": "",  # a partial clone would fetch what it lacks, by a program it names
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_HEADER: Final = re.compile(rb"([0-9a-f]{40,64}) (commit|tree|blob|tag) ([0-9]+)\n").fullmatch
_PARENT: Final = re.compile(r"([^\^~]+)(?:\^([1-9]?)|~1?)").fullmatch
_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}").fullmatch
_CHUNK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Batch:
    """The process that answers for objects, and its two ends."""

    process: subprocess.Popen[bytes]
    ask: IO[bytes]
    answer: IO[bytes]


class GitSource:
    """A `Source` over the repository around `folder`; close it, or use it in a `with`."""

    def __init__(self, folder: str | Path = ".") -> None:
        self._folder = str(folder)
        self._batch: _Batch | None = None

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
        batch, self._batch = self._batch, None
        if batch is not None:
            batch.process.kill()
            batch.process.communicate()

    def commit(self, revision: str) -> Commit:
        """Return the commit that a name, an id or an abbreviated id stands for.

        A commit says who its parents are also where a shallow clone hides them, so `HEAD^` is
        looked up by hand when git does not know it.
        """
        found = self._object(f"{revision}^{{commit}}") if revision.strip() else None
        if found is not None:
            return _commit(found[0], found[2])
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
        raise SourceError("there is no default branch to compare with (name a base commit)")

    def tree_folder(self) -> Path | None:
        """Return the top folder of the working tree; None for a repository without one."""
        code, said, _ = self._run("rev-parse", "--show-toplevel")
        return Path(said.rstrip("\n")) if code == 0 and said.strip() else None

    def tree(self, tree_id: str) -> Mapping[str, TreeEntry]:
        """Return the entries of one directory, by name."""
        return _entries(self._content(tree_id, b"tree"), len(tree_id) // 2)

    def whole_tree(self, tree_id: str) -> None:
        """Return `None`: a walk that opens what differs is quicker here."""

    def blob(self, blob_id: str, limit: int = MOST_BYTES) -> bytes:
        """Return a file's bytes, proved to be those of its id; `TooLargeError` beyond `limit`."""
        return proved(self._content(blob_id, b"blob", limit), blob_id)

    def prefetch(self, blob_ids: Collection[str]) -> None:
        """Do nothing: git gives one as quickly as many."""

    def _content(self, object_id: str, kind: bytes, limit: int = MOST_BYTES) -> bytes:
        found = self._object(object_id, limit)
        if found is None or found[1] != kind:
            hint = " (it is a partial clone)" if self._is_partial() else ""
            raise SourceError(f"the repository lacks the {kind.decode()} {object_id}{hint}")
        return found[2]

    def _object(self, name: str, limit: int = MOST_BYTES) -> tuple[str, bytes, bytes] | None:
        """Return the id, type and content of an object; `None` if there is none of that name."""
        if re.search("[\n\0\ud800-\udc7f\udd00-\udfff]", name):  # two names, or none
            return None
        line = name.encode("utf-8", "surrogateescape")
        batch = self._batch = self._batch or self._start()
        try:
            batch.ask.write(line + b"\n")
            batch.ask.flush()
            header = batch.answer.readline()
        except BrokenPipeError:
            header = b""
        if not header:
            raise self._no_repository()
        match = _HEADER(header)
        if match is None:
            return None
        size = int(match[3])
        content = _exactly(batch.answer, size, keep=size <= limit)
        _exactly(batch.answer, 1, keep=False)  # the line end after the content
        if size > limit:
            raise TooLargeError
        return match[1].decode(), match[2], content

    def _start(self) -> _Batch:
        try:
            process = subprocess.Popen(  # noqa: S603  fixed arguments
                ["git", *_OPTIONS, "-C", self._folder, "cat-file", "--batch"],  # noqa: S607
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
        except OSError as error:
            raise SourceError(f"git cannot be started: {error.strerror}") from error
        if process.stdin is None or process.stdout is None:
            raise SourceError("git cannot be started: it has no standard input or output")
        return _Batch(process, process.stdin, process.stdout)

    def _run(self, *arguments: str, more: Mapping[str, str] | None = None) -> tuple[int, str, str]:
        """Return the exit code, output and complaint of one git command."""
        done = subprocess.run(  # noqa: S603  fixed arguments and ids
            ["git", *_OPTIONS, "-C", self._folder, *arguments],  # noqa: S607
            capture_output=True,
            check=False,
            env=_environment() | dict(more or {}),
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


def _environment() -> dict[str, str]:
    """Return the environment without what would point git elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | _ENVIRONMENT


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


def _exactly(stream: IO[bytes], size: int, *, keep: bool) -> bytes:
    """Return the next `size` bytes; throw them away, in pieces, if they are not to be kept."""
    if keep:
        found = stream.read(size)
        if len(found) < size:
            raise SourceError("git stopped in the middle of an answer")
        return found
    while size > 0:
        piece = stream.read(min(size, _CHUNK))
        if not piece:
            raise SourceError("git stopped in the middle of an answer")
        size -= len(piece)
    return b""
