"""What was not used, from files on disk: reports, CloudTrail records, folders of either."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable, Iterator
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

_PIECE: Final = 1024 * 1024  # bytes
_START: Final = 64 * 1024  # bytes in which a file shows what it is
_MOST_REPORT: Final = 50 * 1024 * 1024  # bytes of a report, which is read as a whole
_ENDINGS: Final = (".json", ".json.gz", ".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")

Progress = Callable[[int, int], None]
"""Called with the bytes read so far, and those there are."""


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    size: int


def unused_from(name: str, role: str = "", progress: Progress | None = None) -> Unused:
    """Return what the file or folder `name` says was not used; `-` is standard input.

    role: whose usage counts, an ARN; "" takes the only role there is, or everyone's events.
    Errors: `UsageError`.
    """
    if name == "-":
        data = sys.stdin.buffer.read(_MOST_REPORT + 1)
        return of_role(_report(data, "standard input"), role)
    tally = Tally(role)
    reports: list[Unused] = []
    files = _files(Path(name))
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
    if trails:
        return replace(unused_after(tally), role="")
    return of_role(joined(reports), role)


def _files(path: Path) -> tuple[_File, ...]:
    """Return the file, or those under the folder that may hold reports or records."""
    try:
        if not path.is_dir():
            return (_File(path, path.stat().st_size),)
        found = sorted(p for p in path.rglob("*") if p.name.endswith(_ENDINGS) and p.is_file())
        files = tuple(_File(p, p.stat().st_size) for p in found)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    if not files:
        endings = ", ".join(f"`{ending}`" for ending in _ENDINGS[:3])
        raise UsageError(f"{path}: holds no report and no CloudTrail records ({endings}, ...)")
    return files


def _read(file: _File, tally: Tally, read: Callable[[int], None]) -> tuple[Unused, ...] | None:
    """Return the reports of a file; None for CloudTrail records, which go to the tally."""
    name = str(file.path)
    try:
        with file.path.open("rb") as raw:
            opened = _unpacked(raw)
            start = opened.read(_START)
            if not looks_like_records(start):
                rest = opened.read(_MOST_REPORT + 1 - len(start))
                return _report(start + rest, name)
            for record in records(_pieces(start, opened, raw, read), name):
                tally.add(record)
            return None
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"cannot read {name}: {error}") from error


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
        return read_unused(read_json(data.decode("utf-8-sig"), name))
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8 text") from error
    except PolicySyntaxError as error:
        raise UsageError(str(error)) from error
