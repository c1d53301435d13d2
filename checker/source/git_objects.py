"""The objects of a local repository, through one `git cat-file --batch`.

The repository may be a stranger's: its configuration must not start a program, so nothing here
runs hooks, filters or fetches, and the user's own configuration and `GIT_*` play no part.
Names of revisions go through standard input, where none can be taken for an option.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Final

from checker.errors import SourceError
from checker.source.changes import MOST_BYTES, TooLargeError

OPTIONS: Final = (
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
_CHUNK: Final = 1024 * 1024
_AT_ONCE: Final = 60  # ids asked for in a row: the smallest pipe there is holds as many


class StoppedError(Exception):
    """Git gave no answer: there is no repository, or it was stopped."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as git stores it; no content where that is more than was asked for."""

    id: str
    kind: bytes  # b"tree"
    content: bytes | None

    def whole(self) -> bytes:
        """Return the content, or raise `TooLargeError`."""
        if self.content is None:
            raise TooLargeError
        return self.content


@dataclass(frozen=True, slots=True)
class _Batch:
    """The process that answers for objects, and its two ends."""

    process: subprocess.Popen[bytes]
    ask: IO[bytes]
    answer: IO[bytes]


class GitObjects:
    """The objects of the repository around `folder`; git is started when one is asked for."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._batch: _Batch | None = None

    def close(self) -> None:
        """End the git process, if there is one."""
        batch, self._batch = self._batch, None
        if batch is not None:
            batch.process.kill()
            batch.process.communicate()

    def one(self, name: str, limit: int = MOST_BYTES) -> Stored | None:
        """Return the object of a name; `None` if there is none.

        Errors: `StoppedError`.
        """
        if re.search("[\n\0\ud800-\udc7f\udd00-\udfff]", name):  # two names, or none
            return None
        self._ask([name])
        return self._answer(limit)

    def many(self, ids: Sequence[str], limit: int = MOST_BYTES) -> Iterator[Stored | None]:
        """Yield the objects of ids, in order; many times as quick as one after the other.

        Errors: `StoppedError`.
        """
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            self._ask(some)
            yield from [self._answer(limit) for _ in some]

    def _ask(self, names: Sequence[str]) -> None:
        batch = self._batch = self._batch or self._start()
        lines = "".join([f"{name}\n" for name in names])
        try:
            batch.ask.write(lines.encode("utf-8", "surrogateescape"))
            batch.ask.flush()
        except BrokenPipeError:
            raise StoppedError from None

    def _answer(self, limit: int) -> Stored | None:
        if self._batch is None:
            raise StoppedError
        answer = self._batch.answer
        header = answer.readline()
        if not header:
            raise StoppedError
        match = _HEADER(header)
        if match is None:
            return None
        size = int(match[3])
        content = _exactly(answer, size, keep=size <= limit)
        _exactly(answer, 1, keep=False)  # the line end after the content
        return Stored(match[1].decode(), match[2], content if size <= limit else None)

    def _start(self) -> _Batch:
        try:
            process = subprocess.Popen(  # noqa: S603  fixed arguments
                ["git", *OPTIONS, "-C", self._folder, "cat-file", "--batch"],  # noqa: S607
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
            )
        except OSError as error:
            raise SourceError(f"git cannot be started: {error.strerror}") from error
        if process.stdin is None or process.stdout is None:
            raise SourceError("git cannot be started: it has no standard input or output")
        return _Batch(process, process.stdin, process.stdout)


def environment() -> dict[str, str]:
    """Return the environment without what would point git elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | _ENVIRONMENT


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
