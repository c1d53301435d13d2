"""The files of one commit, with all that was asked of them.

What is made of files alone is the same for other files that give the same answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from checker.template.files import AllFiles

_Answer: TypeAlias = bytes | tuple[str, ...] | None

_READ: Final = "read"
_NAMES: Final = "names"
_EVERYTHING: Final = "everything"
_ENDING: Final = "ending"


class Answers:
    """An `AllFiles` that knows what it answered."""

    def __init__(self, files: AllFiles) -> None:
        self.files = files
        self._given: dict[tuple[str, ...], _Answer] = {}

    def read(self, path: str) -> bytes | None:
        """Return a file's content; None if there is none, or it is no ordinary file."""
        found = self._given[_READ, path] = self.files.read(path)
        return found

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the paths of the files directly in a folder, sorted; "" is the root."""
        found = self._given[_NAMES, folder] = self.files.names(folder)
        return found

    def everything(self) -> Iterable[str]:
        """Return the path of every file."""
        found = self._given[_EVERYTHING,] = tuple(self.files.everything())
        return found

    def ending(self, endings: tuple[str, ...]) -> Iterable[str]:
        """Return the paths of all files whose names end in one of some ways."""
        found = self._given[_ENDING, *endings] = tuple(self.files.ending(endings))
        return found

    def are_those_of(self, other: Answers) -> bool:
        """Whether the files of another one give all answers that these gave."""
        return all(
            answer == _answer(other.files, *question) for question, answer in self._given.items()
        )


def _answer(files: AllFiles, what: str, *about: str) -> _Answer:
    if what == _READ:
        return files.read(about[0])
    if what == _NAMES:
        return files.names(about[0])
    return tuple(files.ending(about) if what == _ENDING else files.everything())
