"""The files of one commit, as what a template is made of refers to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable


class Files(Protocol):
    """All files of one commit by path, with `/` and without `.` or `..`."""

    def read(self, path: str) -> bytes | None:
        """Return a file's content; None if there is none, or it is no ordinary file."""
        ...

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the paths of the files directly in a folder, sorted; "" is the root."""
        ...


@runtime_checkable
class AllFiles(Files, Protocol):
    """All files of one commit, which can be listed as well."""

    def everything(self) -> Iterable[str]:
        """Yield the path of every file."""
        ...

    def ending(self, endings: tuple[str, ...]) -> Iterable[str]:
        """Return the paths of all files whose names end in one of some ways."""
        ...
