"""CloudTrail records, read in constant memory from however large a file.

What comes in are pieces of bytes; who opens files and takes them out of gzip is another's work.
Known are the files that CloudTrail writes (`{"Records": [...]}`), lists of records, one record a
line, and what `lookup-events` prints.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from checker.errors import UsageError

MOST_RECORD: Final = 16 * 1024 * 1024  # characters; CloudTrail's own limit is 256 KB

_OPENING: Final = re.compile(r'\s*+(?:\{\s*+"(?:Records|Events)"\s*+:\s*+)?+\[').match
_BETWEEN: Final = re.compile(r"[\s,]*+").match
_EVENT: Final = re.compile(r'"event(?:Name|Source)"').search

Record: TypeAlias = Mapping[str, object]
Event: TypeAlias = tuple[str, str]  # event source and event name


def records(pieces: Iterable[bytes], name: str) -> Iterator[Record]:
    """Yield the records of one file, whose bytes come in pieces.

    Errors: `UsageError` where the file is not whole or not CloudTrail's; `name` names it.
    """
    reader = _Reader(name)
    decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
    for piece in pieces:
        yield from reader.fed(decode(piece))
    yield from reader.ended()


class _Reader:
    """What of a file is not read yet, and whether it is a list."""

    __slots__ = ("_buffer", "_in_list", "_is_over", "_is_start", "_name", "_read")

    def __init__(self, name: str) -> None:
        self._name = name
        self._buffer = ""
        self._read = 0  # characters before the buffer
        self._is_start = True
        self._in_list = False
        self._is_over = False

    def fed(self, text: str) -> Iterator[Record]:
        """Yield the records that are whole now."""
        self._buffer += text
        if self._is_over:
            self._buffer = ""
            return
        at = self._start() if self._is_start else 0
        for value, end in self._values(at):
            at = end
            yield from self._records(value)
        self._read += at
        self._buffer = self._buffer[at:]
        if len(self._buffer) > MOST_RECORD:
            raise self._error("a record is larger than 16 MiB, which none of CloudTrail is")

    def ended(self) -> Iterator[Record]:
        """Yield what the end of the file makes whole."""
        if self._is_over:
            return
        rest = self._buffer.strip()
        if self._in_list:
            raise self._error("the file ends inside the list of records: is it whole?")
        if rest:
            self._decoded(rest)
        yield from ()

    def _start(self) -> int:
        self._is_start = not self._buffer.strip()
        opening = _OPENING(self._buffer)
        self._in_list = opening is not None
        return opening.end() if opening else 0

    def _values(self, at: int) -> Iterator[tuple[object, int]]:
        """Yield the values that are whole, with the offset after each."""
        decode = json.JSONDecoder().raw_decode
        while True:
            between = _BETWEEN(self._buffer, at)
            at = between.end() if between else at
            if self._in_list and self._buffer.startswith("]", at):
                self._is_over = True
                return
            if at >= len(self._buffer):
                return
            try:
                value, at = decode(self._buffer, at)
            except (ValueError, RecursionError):
                return  # not whole yet; if it never is, the end says so
            yield value, at

    def _decoded(self, text: str) -> object:
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self._error(f"not JSON: {error}") from None

    def _records(self, value: object) -> Iterator[Record]:
        if not isinstance(value, Mapping):
            raise self._error("a record of CloudTrail is an object")
        listed = value.get("Records")
        if isinstance(listed, list):
            for item in listed:
                yield from self._records(item)
        elif isinstance(inner := value.get("CloudTrailEvent"), str):
            yield from self._records(self._decoded(inner))
        elif isinstance(value.get("eventName"), str) and isinstance(value.get("eventSource"), str):
            yield value
        else:
            raise self._error(
                "a record has no `eventSource` and `eventName`: is this CloudTrail's?"
            )

    def _error(self, problem: str) -> UsageError:
        return UsageError(f"{self._name}: {problem} (near character {self._read + 1:,})")


@dataclass(slots=True)
class Tally:
    """What was seen so far: as much memory as there are different events, not records."""

    role: str = ""  # an ARN; "" counts everyone
    count: int = 0  # records that were counted
    first: str = ""
    last: str = ""
    events: dict[Event, None] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Count one record, if it is the role's. A refused attempt is a use as well."""
        if self.role and not _is_of(record, self.role):
            return
        if record.get("eventType") == "AwsServiceEvent":  # nobody called for it
            return
        self.count += 1
        self.events[str(record["eventSource"]), str(record["eventName"])] = None
        time = record.get("eventTime")
        if isinstance(time, str):
            self.first = min(self.first or time, time)
            self.last = max(self.last, time)


def _is_of(record: Record, role: str) -> bool:
    identity = record.get("userIdentity")
    if not isinstance(identity, Mapping):
        return False
    if identity.get("arn") == role:
        return True
    session = identity.get("sessionContext")
    issuer = session.get("sessionIssuer") if isinstance(session, Mapping) else None
    return isinstance(issuer, Mapping) and issuer.get("arn") == role


def looks_like_records(start: bytes) -> bool:
    """Return whether the start of a file is CloudTrail's rather than a report's."""
    text = start.decode("utf-8", "replace")
    return bool(_EVENT(text)) or re.match(r'\ufeff?\s*\{\s*"Records"', text) is not None
