"""Whether one statement is another one with values in place of what that leaves open.

What is open in a template is one text without wildcards and policy variables, so that whoever has
accepted the open statement has accepted it with any such text, and with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from checker.source.tree import Scalar
from checker.span import whole_file
from checker.template.value import Absent, Choice, Items, Joined, Record, Unknown, Value
from checker.template.worlds import meaning

_MOST: Final = 10_000  # pairs of items that are looked at
_SPECIAL: Final = re.compile(r"[*?$]").search
_VARIABLE: Final = re.compile(r"[*?$]|[\w-]+:[\w/.-]+(?:, *'[^']*')?").fullmatch
_LABEL: Final = "Sid"
_NOWHERE: Final = whole_file("")


def is_filled_in(planned: Value, source: Value) -> bool:
    """Whether a value is one of a template with texts for what is open."""
    if meaning(planned) == meaning(source):
        return True
    match planned, source:
        case _, Choice(_, then, other):
            return is_filled_in(planned, then) or is_filled_in(planned, other)
        case Record(), Record():
            return _is_record(planned, source)
        case (Items(), _) | (_, Items()):
            return _is_list(planned, source)
        case Scalar(str(text)), Unknown(many=False):
            return not _SPECIAL(text)
        case Scalar(str(text)), Joined(pieces):
            return is_text(text, pieces)
        case _:
            return False


def _is_record(planned: Record, source: Record) -> bool:
    names = [_names(each) for each in (planned, source)]
    if None in names or names[0] != names[1]:
        return False
    pairs = ((planned.get(name), source.get(name)) for name in names[0] or ())
    return all(
        one is not None and other is not None and is_filled_in(one, other) for one, other in pairs
    )


def _names(record: Record) -> frozenset[str] | None:
    """Return the names of the members that say something; None if one is not known."""
    found: set[str] = set()
    for each in record.members:
        if not isinstance(each.name, Scalar):
            return None
        if each.name.value != _LABEL and not isinstance(each.value, Absent):
            found.add(str(each.name.value))
    return frozenset(found)


def _is_list(planned: Value, source: Value) -> bool:
    """Whether each item is one of the source, and each of the source is there."""
    ours, theirs = list(_items(planned)), list(_items(source))
    if len(ours) * len(theirs) > _MOST:
        return False
    return all(any(is_filled_in(each, other) for other in theirs) for each in ours) and all(
        any(is_filled_in(each, other) for each in ours) for other in theirs
    )


def _items(value: Value) -> Iterator[Value]:
    if isinstance(value, Items):
        yield from (each for each in value.values if not isinstance(each, Absent))
    else:
        yield value


def is_text(text: str, pieces: tuple[str | Unknown, ...]) -> bool:
    """Whether a text has these pieces in order, and nothing special in place of the open ones."""
    at, is_open = 0, False
    for index, piece in enumerate(pieces):
        if not isinstance(piece, str):
            is_open = True
            continue
        is_last = index == len(pieces) - 1
        found = text.rfind(piece) if is_open and is_last else text.find(piece, at)
        if (
            found < at
            or (not is_open and found != at)
            or (is_last and found + len(piece) != len(text))
        ):
            return False
        if _SPECIAL(text, at, found):
            return False
        at, is_open = found + len(piece), False
    return not _SPECIAL(text, at) if is_open else at == len(text)


def is_shown_text(text: str, pattern: str) -> bool:
    """Whether a text is a pattern as a reader is shown it, `${…}` for what is open, filled in."""
    return text == pattern or is_text(text, tuple(_pieces(pattern)))


def _pieces(pattern: str) -> Iterator[str | Unknown]:
    """Yield known texts, and what is open between them; policy variables are known."""
    known, at = "", 0
    while (start := pattern.find("${", at)) >= 0:
        end = _end(pattern, start + 2)
        inner = pattern[start + 2 : end - 1]
        if end < 0 or (_VARIABLE(inner) and not inner.startswith("AWS::")):
            known += pattern[at : start + 2]
            at = start + 2
            continue
        if known or start > at:
            yield known + pattern[at:start]
        yield Unknown(inner, _NOWHERE)
        known, at = "", end
    if known or at < len(pattern):
        yield known + pattern[at:]


def _end(pattern: str, at: int) -> int:
    """Return where the braces end that are open at an offset; -1 if they never do."""
    depth = 1
    while at < len(pattern):
        depth += (pattern[at] == "{") - (pattern[at] == "}")
        at += 1
        if not depth:
            return at
    return -1
