"""Modules of Terraform written down in `tests/data/terraform`, and what they hold as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from checker.source.tree import Number, Scalar
from checker.template.value import (
    Absent,
    Choice,
    InTemplate,
    Items,
    Joined,
    NotResolved,
    Record,
    Unknown,
    Value,
)

DATA = Path(__file__).parent / "data" / "terraform"
EXPECTED = "expected"


@dataclass(frozen=True, slots=True)
class Written:
    """One module: its files by path, and what is expected of it."""

    name: str
    files: Mapping[str, bytes]
    expected: str


class Memory:
    """Files that are nowhere on disk."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def names(self, folder: str) -> tuple[str, ...]:
        return tuple(sorted(p for p in self.files if p.rpartition("/")[0] == folder))

    def prefetch(self, _: object) -> None:
        return

    def with_texts(self, texts: Mapping[str, bytes]) -> Memory:
        return Memory({**self.files, **texts})

    def everything(self) -> Iterator[str]:
        return iter(self.files)

    def ending(self, endings: tuple[str, ...]) -> list[str]:
        return [path for path in self.files if path.endswith(endings)]


def written(name: str) -> list[Written]:
    """Return the modules of one file of test data."""
    text = (DATA / name).read_text("utf-8")
    found = []
    for part in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition("\n")
        pieces = re.split(r"^--- (.+)\n", rest, flags=re.MULTILINE)[1:]
        sections = dict(zip(pieces[::2], pieces[1::2], strict=True))
        expected = sections.pop(EXPECTED, "")
        files = {path: content.encode() for path, content in sections.items()}
        found.append(Written(title, files, expected))
    return found


def told(found: tuple[InTemplate, ...]) -> str:
    """Return documents as text: where each stands, whose it is, and what it says."""
    return "".join(f"{line}\n" for each in found for line in _lines(each))


def _lines(each: InTemplate) -> Iterator[str]:
    if isinstance(each, NotResolved):
        yield f"LOST {each.address} at {each.at.path}:{each.at.start.line}: {each.problem}"
        return
    kind = f"{each.type or 'any type'}{' ' if each.resource_type else ''}{each.resource_type}"
    yield f"{each.address} | {kind} | {each.owner}: {each.holds} | {each.unit or 'no unit'}"
    where = f"{each.at.path}:{each.at.start.line}-{each.at.last_line}"
    yield f"  {where} {_top(each.value)}"
    for statement in _statements(each.value):
        yield f"    {statement.span.start.line}: {shown(statement)}"


def _top(value: Value) -> str:
    match value:
        case Record(members):
            kept = [m for m in members if shown(m.name) != "Statement"]
            return " ".join(f"{shown(m.name)}={shown(m.value)}" for m in kept) or "-"
        case _:
            return shown(value)


def _statements(value: Value) -> Iterator[Value]:
    if isinstance(value, Record):
        found = value.get("Statement")
        yield from found.values if isinstance(found, Items) else (found,) if found else ()


def shown(value: Value) -> str:
    """Return a value on one line."""
    match value:
        case Scalar(Number(text)):
            return text
        case Scalar(str(text)):
            return text or "''"
        case Scalar(known):
            return str(known).lower()
        case Joined(pieces):
            return "".join(p if isinstance(p, str) else f"<{p.expression}>" for p in pieces)
        case Unknown(expression, _, many):
            return f"<{'*' if many else ''}{expression}>"
        case Absent():
            return "nothing"
        case Choice(premise, then, other):
            return f"({premise.expression} ? {shown(then)} : {shown(other)})"
        case Items(values):
            return f"[{', '.join(map(shown, values))}]"
        case Record(members):
            return f"{{{', '.join(f'{shown(m.name)}: {shown(m.value)}' for m in members)}}}"
