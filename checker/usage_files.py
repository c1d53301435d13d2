"""What was not used, from files on disk: reports, CloudTrail records, folders of either."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from checker.errors import PolicySyntaxError, UsageError
from checker.refinement.api import of_role
from checker.refinement.cloudtrail import Tally, looks_like_records, records
from checker.refinement.tracking import unused_after
from checker.refinement.unused import read_unused
from checker.refinement.usage import Unused, joined
from checker.source.json_reader import read_json

ENDINGS: Final = (".json", ".json.gz", ".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
"""Of the files of a folder that are read."""

_PIECE: Final = 1024 * 1024  # bytes
_START: Final = 64 * 1024  # bytes in which a file shows what it is
_MOST_REPORT: Final = 50 * 1024 * 1024  # bytes of a report, which is read as a whole

Progress = Callable[[int, int], None]
"""Called with the bytes read so far, and those there are."""


@dataclass(frozen=True, slots=True)
class UsageFile:
    """A file that may hold a report or records, wherever it is."""

    name: str
    size: int
    opened: Callable[[], BinaryIO]


def unused_from(name: str, role: str = "", progress: Progress | None = None) -> Unused:
    """Return what the file or folder `name` says was not used; `-` is standard input.

    role: whose usage counts, an ARN; "" takes the only role there is, or everyone's events.
    Errors: `UsageError`.
    """
    if name == "-":
        data = sys.stdin.buffer.read(_MOST_REPORT + 1)
        return of_role(_report(data, "standard input"), role)
    found = unused_in(on_disk(Path(name)), name, role, progress)
    if len(found) == 1 and found[0].follows:
        return replace(found[0], role="")
    return of_role(found, role)


def unused_in(
    files: Sequence[UsageFile], name: str, role: str = "", progress: Progress | None = None
) -> tuple[Unused, ...]:
    """Return what the files say was not used: by role, or one answer from CloudTrail's records.

    role: whose records count, an ARN; "" for everyone's. `name` names all of the files.
    Errors: `UsageError`.
    """
    tally = Tally(role)
    reports: list[Unused] = []
    total = sum(file.size for file in files)
    before = 0
    trails = 0
    for file in files:

        def read(count: int, before: int = before) -> None:
            if progress is not None:
                progress(before + count, total)

        found = _read(file, tally, read)
        trails += found is None
        reports += found or ()
        before += file.size
    if trails and reports:
        raise UsageError(f"{name}: holds CloudTrail records and reports: give one of the two")
    if trails and not tally.count:
        whose = f"of `{role}`" if role else "of anybody"
        raise UsageError(
            f"{name}: holds no event {whose}, so nothing can be told of what is unused"
        )
    return (unused_after(tally),) if trails else joined(reports)


def none_in(name: str) -> UsageError:
    """Return the error of a folder that holds nothing to read."""
    endings = ", ".join(f"`{ending}`" for ending in ENDINGS[:3])
    return UsageError(f"{name}: holds no report and no CloudTrail records ({endings}, ...)")


def on_disk(path: Path) -> tuple[UsageFile, ...]:
    """Return the file, or those under the folder that may hold reports or records.

    Errors: `UsageError`.
    """
    try:
        if not path.is_dir():
            return (_file(path),)
        found = sorted(p for p in path.rglob("*") if p.name.endswith(ENDINGS) and p.is_file())
        files = tuple(_file(p) for p in found)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    if not files:
        raise none_in(str(path))
    return files


def _file(path: Path) -> UsageFile:
    return UsageFile(str(path), path.stat().st_size, lambda: path.open("rb"))


def _read(file: UsageFile, tally: Tally, read: Callable[[int], None]) -> tuple[Unused, ...] | None:
    """Return the reports of a file; None for CloudTrail records, which go to the tally."""
    try:
        with file.opened() as raw:
            opened = _unpacked(raw)
            start = opened.read(_START)
            if not looks_like_records(start):
                rest = opened.read(_MOST_REPORT + 1 - len(start))
                return _report(start + rest, file.name)
            for record in records(_pieces(start, opened, raw, read), file.name):
                tally.add(record)
            return None
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"cannot read {file.name}: {error}") from error


def _unpacked(raw: BinaryIO) -> BinaryIO:
    """Return the file, or what is in it if it is gzip by its first bytes."""
    magic = raw.read(2)
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if magic == b"\x1f\x8b" else raw  # type: ignore[return-value]


def _pieces(
    start: bytes, opened: BinaryIO, raw: BinaryIO, read: Callable[[int], None]
) -> Iterator[bytes]:
    yield start
    while piece := opened.read(_PIECE):
        read(raw.tell())
        yield piece
    read(raw.tell())


def _report(data: bytes, name: str) -> tuple[Unused, ...]:
    if len(data) > _MOST_REPORT:
        raise UsageError(f"{name} is larger than 50 MiB, the most that is read of a report")
    try:
        found = read_unused(read_json(data.decode("utf-8-sig"), name))
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8 text") from error
    except PolicySyntaxError as error:
        raise UsageError(str(error)) from error
    return tuple(each if each.role else replace(each, file=name) for each in found)
