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
from enum import Enum
from typing import Final, TypeAlias

from checker.errors import UsageError

MOST_RECORD: Final = 16 * 1024 * 1024  # characters; CloudTrail's own limit is 256 KB

_OPENING: Final = re.compile(r'(?:\{\s*+"(?:Records|Events)"\s*+:\s*+)?+\[').match
_BLANK: Final = re.compile(r"\s*+").match
_BETWEEN: Final = re.compile(r"[\s,]*+").match
_EVENT: Final = re.compile(r'"event(?:Name|Source)"|"CloudTrailEvent"').search
_DECODE: Final = json.JSONDecoder().raw_decode

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
    reader.ended()


class _Place(Enum):
    """Where in a file the reader is."""

    OUTSIDE = "before a list or a record"
    LIST = "in the list of records"
    AFTER = "after the list, in the object around it"
    REST = "in other members of that object"


class _Reader:
    """What of a file is not read yet, and where in it that is."""

    __slots__ = ("_at", "_buffer", "_name", "_place", "_read", "_wrapped")

    def __init__(self, name: str) -> None:
        self._name = name
        self._buffer = ""
        self._at = 0  # what is before is read
        self._read = 0  # characters before the buffer
        self._place = _Place.OUTSIDE
        self._wrapped = False  # the list stands in an object

    def fed(self, text: str) -> Iterator[Record]:
        """Yield the records that are whole now."""
        self._read += self._at
        self._buffer = self._buffer[self._at :] + text
        self._at = 0
        while (value := self._value()) is not None:
            yield from self._records(value)
        if len(self._buffer) - self._at > MOST_RECORD:
            raise self._error("a record is larger than 16 MiB, which none of CloudTrail is")

    def ended(self) -> None:
        """Return if the file is whole."""
        rest = self._buffer[self._at :]
        match self._place:
            case _Place.OUTSIDE:
                if rest.strip():
                    self._decoded(rest)
            case _Place.LIST | _Place.AFTER:
                raise self._error("the file ends inside the list of records: is it whole?")
            case _Place.REST:
                self._decoded('{"": 0' + rest)

    def _value(self) -> object:
        """Return the next value that is whole; None if there is none yet."""
        while True:
            blank = _BETWEEN if self._place is _Place.LIST else _BLANK
            if found := blank(self._buffer, self._at):
                self._at = found.end()
            if self._at >= len(self._buffer) or self._place is _Place.REST:
                return None
            if not self._moved():
                return self._decoded_next()

    def _moved(self) -> bool:
        """Return whether the text leads into a list or out of one, and go there."""
        if self._place is _Place.OUTSIDE:
            if opening := _OPENING(self._buffer, self._at):
                self._at = opening.end()
                self._place = _Place.LIST
                self._wrapped = opening[0].startswith("{")
                return True
            return False
        next_one = self._buffer[self._at]
        if self._place is _Place.LIST:
            if next_one != "]":
                return False
            self._at += 1
            self._place = _Place.AFTER if self._wrapped else _Place.OUTSIDE
            return True
        if next_one not in "},":
            raise self._error("a `}` is missing after the list of records")
        self._at += next_one == "}"
        self._place = _Place.OUTSIDE if next_one == "}" else _Place.REST
        return True

    def _decoded_next(self) -> object:
        try:
            value, self._at = _DECODE(self._buffer, self._at)
        except (ValueError, RecursionError):
            return None  # not whole yet; if it never is, the end says so
        if value is None:
            raise self._error("a record of CloudTrail is an object")
        return value

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
    reads: bool = False  # there are management events that only read, whoever's
    writes: bool = False

    def add(self, record: Record) -> None:
        """Count one record, if it is the role's. A refused attempt is a use as well."""
        if record.get("managementEvent") is False:
            pass  # a trail of data events alone says nothing of others
        elif _reads(record):
            self.reads = True
        else:
            self.writes = True
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


def _reads(record: Record) -> bool:
    told = record.get("readOnly")
    if isinstance(told, bool):
        return told
    return str(record["eventName"]).startswith(("Describe", "Get", "Head", "List"))


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
