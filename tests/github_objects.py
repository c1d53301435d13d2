"""Commits, trees and blobs for the fake GitHub: from dictionaries, or from a local repository."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Entry:
    path: str
    mode: str
    sha: str
    size: int | None = None

    @property
    def type(self) -> str:
        return {"040000": "tree", "160000": "commit"}.get(self.mode, "blob")


@dataclass(frozen=True)
class Objects:
    """Objects by id; `refs` are names of commits."""

    commits: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    trees: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    blobs: Mapping[str, bytes] = field(default_factory=dict)
    refs: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def named(self, ref: str) -> str | None:
        sha = self.refs.get(ref, ref)
        return sha if sha in self.commits else None

    def commit(self, sha: str) -> tuple[str, tuple[str, ...]] | None:
        return self.commits.get(sha)

    def tree(self, sha: str, *, recursive: bool) -> tuple[Entry, ...] | None:
        entries = self.trees.get(sha)
        if entries is None or not recursive:
            return entries
        return tuple(inner for entry in entries for inner in self._with_inner(entry))

    def _with_inner(self, entry: Entry) -> Iterator[Entry]:
        yield entry
        for inner in (self.tree(entry.sha, recursive=True) or ()) if entry.type == "tree" else ():
            yield Entry(f"{entry.path}/{inner.path}", inner.mode, inner.sha, inner.size)

    def blob(self, sha: str) -> bytes | None:
        return self.blobs.get(sha)

    def merge_base(self, one: str, other: str) -> str | None:
        return self.bases.get((self.refs.get(one, one), self.refs.get(other, other)))


@dataclass(frozen=True)
class GitObjects:
    """The objects of a real repository on this machine."""

    folder: Path

    def named(self, ref: str) -> str | None:
        found = self._git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        return found.decode().strip() if found else None

    def commit(self, sha: str) -> tuple[str, tuple[str, ...]] | None:
        text = self._object("commit", sha)
        if text is None:
            return None
        head = [line.split(" ", 1) for line in text.decode().split("\n\n", 1)[0].split("\n")]
        tree = next(value for key, value in head if key == "tree")
        return tree, tuple(value for key, value in head if key == "parent")

    def tree(self, sha: str, *, recursive: bool) -> tuple[Entry, ...] | None:
        flags = ["-r", "-t"] if recursive else []
        if self._git("cat-file", "-e", f"{sha}^{{tree}}") is None:
            return None
        listed = self._git("ls-tree", "-z", "-l", *flags, sha) or b""
        return tuple(_entry(line) for line in listed.split(b"\0") if line)

    def blob(self, sha: str) -> bytes | None:
        return self._object("blob", sha)

    def merge_base(self, one: str, other: str) -> str | None:
        found = self._git("merge-base", one, other)
        return found.decode().strip() if found else None

    def files(self, base: str, head: str) -> list[dict[str, str]]:
        """Return the files of a pull request as `GET /pulls/N/files` would, three dots and all."""
        start = self.merge_base(base, head) or base
        raw = (self._git("diff-tree", "-r", "-z", "-M", "--raw", start, head) or b"").split(b"\0")
        parts = iter(raw[:-1])
        found: list[dict[str, str]] = []
        for header in parts:
            *_, old_id, new_id, letter = header.decode().split(" ")
            path = next(parts).decode()
            new = next(parts).decode() if letter[0] in "RC" else path
            word = {"A": "added", "D": "removed", "R": "renamed", "C": "copied"}.get(letter[0])
            file = {"filename": new, "status": word or "modified"}
            file["sha"] = new_id if letter[0] != "D" else old_id
            if new != path:
                file["previous_filename"] = path
            diff = self._git(
                "diff", "-M", "--no-color", "--no-ext-diff", start, head, "--", path, new
            )
            _, mark, patch = (diff or b"").decode(errors="replace").partition("\n@@")
            if mark:
                file["patch"] = "@@" + patch.removesuffix("\n")
            found.append(file)
        return found

    def _object(self, kind: str, sha: str) -> bytes | None:
        return self._git("cat-file", kind, sha)

    def _git(self, *arguments: str) -> bytes | None:
        command = ["git", "-c", "safe.directory=*", "-C", str(self.folder), *arguments]
        done = subprocess.run(command, capture_output=True, check=False)
        return done.stdout if done.returncode == 0 else None


class AnyObjects(Protocol):
    def named(self, ref: str) -> str | None: ...
    def commit(self, sha: str) -> tuple[str, tuple[str, ...]] | None: ...
    def tree(self, sha: str, *, recursive: bool) -> tuple[Entry, ...] | None: ...
    def blob(self, sha: str) -> bytes | None: ...
    def merge_base(self, one: str, other: str) -> str | None: ...


def _entry(line: bytes) -> Entry:
    info, path = line.split(b"\t", 1)
    mode, _, sha, size = info.decode().split()
    number = int(size) if size.isdigit() else None
    return Entry(path.decode(errors="replace"), mode, sha, number)
