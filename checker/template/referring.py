"""Templates that did not change themselves, but deploy or include a file that did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from posixpath import basename, dirname
from typing import Final

from checker.source.commit_files import CommitFiles

_SUFFIXES: Final = (".cfn", ".json", ".template", ".yaml", ".yml")
_WORDS: Final = (
    b"TemplateURL",
    b"AWS::Include",
    b"AWS::Serverless::Application",
    b"aws:asset:path",
)
_MOST: Final = 500  # files looked at; a folder of templates has a few dozen
_ROUNDS: Final = 3  # files that name each other in a row


def referring(changed: Iterable[str], files: CommitFiles) -> tuple[str, ...]:
    """Return the paths of the files that name a changed one: beside it, or in a folder above."""
    known = {path for path in changed if path.lower().endswith(_SUFFIXES)}
    found: dict[str, None] = {}
    named = set(known)
    for _ in range(_ROUNDS if known else 0):
        names = {basename(path).encode("utf-8", "replace") for path in named}
        around = [path for path in _around(named, files) if path not in known]
        files.prefetch(around)
        named = {path for path in around if _names(files.read(path) or b"", names)}
        if not named:
            break
        known |= named
        found |= dict.fromkeys(sorted(named))
    return tuple(found)


def _around(paths: Iterable[str], files: CommitFiles) -> Iterator[str]:
    """Yield the files in the folders of some paths, and in all folders above these."""
    folders: dict[str, None] = {}
    for path in sorted(paths):
        folder = path
        while folder:
            folder = dirname(folder)
            folders[folder] = None
    every = (path for folder in folders for path in files.names(folder))
    yield from islice((path for path in every if path.lower().endswith(_SUFFIXES)), _MOST)


def _names(data: bytes, names: Iterable[bytes]) -> bool:
    return any(word in data for word in _WORDS) and any(name in data for name in names)
