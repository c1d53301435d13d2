"""A real git repository to write commits into."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Repository:
    """A repository to write commits into."""

    folder: Path

    def git(self, *arguments: str, given: bytes | None = None) -> str:
        who = {
            f"GIT_{role}_{what}": "a@b"
            for role in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        command = ["git", "-c", "protocol.file.allow=always", "-C", str(self.folder), *arguments]
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            check=True,
            env=os.environ | who | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
        )
        return done.stdout.decode().strip()

    def commit(self, files: Mapping[str, str | bytes | None], message: str = "x") -> str:
        """Write files, take away those that are `None`, and return the new commit's id."""
        for name, content in files.items():
            path = self.folder / name
            if path.is_symlink() or content is None:
                path.unlink()
            if content is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def tree(self, *entries: tuple[str, str, str, bytes]) -> str:
        """Return the id of a tree that no working folder need be able to hold."""
        lines = b"".join(
            f"{mode} {kind} {sha}\t".encode() + name + b"\0" for mode, kind, sha, name in entries
        )
        return self.git("mktree", "-z", "--missing", given=lines)

    def blob(self, content: str) -> str:
        return self.git("hash-object", "-w", "--stdin", given=content.encode())
