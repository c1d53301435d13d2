"""Values that a plan knows, each put where the source writes it.

A plan says what a policy is and not where it stands; the source says where, and leaves some of it
open. Side by side, each known value gets the place of the text that gives it, or of what is around.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from checker.errors import PolicySyntaxError
from checker.source.json_reader import read_json
from checker.source.tree import Mapping, Node, Scalar, Sequence
from checker.span import Span
from checker.template.value import Choice, Items, Joined, Member, Record, Unknown, Value
from checker.terraform.policy_text import policy_value
from checker.terraform.values import Encoded, FailedError, Repeated, known_text, pieces_of

_MOST: Final = 100_000  # pairs of items that are looked at


def aligned(node: Node, source: Value | None, at: Span, *, inside: bool = False) -> Value:
    """Return what a plan knows with the places of the source, or at one place where it has none.

    A text that is a policy stays one, with a place for each of its parts.
    inside: it is a part of a policy, where each text is just that.
    """
    if isinstance(node, Scalar):
        policy = None if inside else _policy(node, source, at)
        return policy or Scalar(node.value, _place(node, source, at))
    if isinstance(node, Sequence):
        return _list(node, source, _span(source, at), inside=inside)
    here = _record_of(source)
    place = here.span if here is not None else _span(source, at)
    members = [
        Member(
            Scalar(entry.key.value, place),
            aligned(
                entry.value,
                here.get(entry.name) if here is not None else None,
                place,
                inside=inside,
            ),
        )
        for entry in node.entries
    ]
    return Record(tuple(members), place)


def _policy(node: Scalar, source: Value | None, at: Span) -> Value | None:
    """Return the policy that a known text is, if it is one."""
    if not isinstance(node.value, str) or '"Statement"' not in node.value:
        return None
    try:
        read = read_json(node.value, at.path)
    except PolicySyntaxError:
        return None
    if not isinstance(read, Mapping):
        return None
    try:
        written = policy_value(source) if source is not None else None
    except FailedError:
        written = None
    return Encoded((), at, _document(read, written, at))


def _document(read: Mapping, written: Value | None, at: Span) -> Value:
    here = _record_of(written)
    place = here.span if here is not None else _span(written, at)
    members: list[Member] = []
    for entry in read.entries:
        inner = here.get(entry.name) if here is not None else None
        value = (
            _body(entry.value, inner, place)
            if entry.name == "Statement"
            else aligned(entry.value, inner, place, inside=True)
        )
        members.append(Member(Scalar(entry.key.value, place), value))
    return Record(tuple(members), place)


def _body(node: Node, source: Value | None, at: Span) -> Value:
    """Return statements; each is that of the source with its Sid, or one that may say the same."""
    statements = node.items if isinstance(node, Sequence) else (node,)
    written = list(_items(source)) if source is not None else []
    place = _span(source, at)
    paired = _paired(statements, written)
    found = [
        aligned(each, other, place, inside=True)
        for each, other in zip(statements, paired, strict=True)
    ]
    return Items(tuple(found), place) if isinstance(node, Sequence) else found[0]


def _paired(statements: tuple[Node, ...], written: list[tuple[Value, bool]]) -> list[Value | None]:
    """Return for each statement that of the source: by Sid, by what it says, by its place."""
    pairing = _Pairing(statements, [value for value, _ in written], _ids(written))
    pairing.by_sid()
    if len(statements) * len(written) <= _MOST:
        pairing.by_content()
    if len(statements) == len(written):
        pairing.by_place([value for value, _ in written])
    return [pairing.found.get(index) for index in range(len(statements))]


def _ids(written: list[tuple[Value, bool]]) -> frozenset[int]:
    return frozenset(id(value) for value, is_many in written if is_many)


@dataclass(slots=True)
class _Pairing:
    """Statements of a plan and those of the source that are left for them."""

    statements: tuple[Node, ...]
    left: list[Value]
    many: frozenset[int]  # which of them stand for any number of statements
    found: dict[int, Value] = field(default_factory=dict)

    def take(self, index: int, value: Value) -> None:
        """Put a statement to one of the source."""
        self.found[index] = value
        if id(value) not in self.many:
            self.left = [each for each in self.left if each is not value]

    def by_sid(self) -> None:
        """Pair those of one Sid."""
        sids = {sid: each for each in reversed(self.left) if (sid := _sid_of(each)) is not None}
        for index, node in enumerate(self.statements):
            said = node.get("Sid") if isinstance(node, Mapping) else None
            sid = str(said.value) if isinstance(said, Scalar) else ""
            if sid in sids:
                self.take(index, sids.pop(sid))

    def by_content(self) -> None:
        """Pair those that may say the same."""
        for index, node in enumerate(self.statements):
            fitting = (each for each in self.left if fits(node, each))
            if index not in self.found and (value := next(fitting, None)) is not None:
                self.take(index, value)

    def by_place(self, written: list[Value]) -> None:
        """Pair those that stand in one place."""
        for index, value in enumerate(written):
            if index not in self.found and any(value is each for each in self.left):
                self.take(index, value)


def _sid_of(value: Value) -> str | None:
    record = _record_of(value)
    sid = record.get("Sid") if record is not None else None
    return known_text(sid) if sid is not None else None


def _list(node: Sequence, source: Value | None, at: Span, *, inside: bool) -> Items:
    written = [value for value, _ in _items(source)] if source is not None else []
    known = {text: each for each in reversed(written) if (text := known_text(each)) is not None}
    rest = [each for each in written if known_text(each) is None]
    can_look = len(node.items) * len(rest) <= _MOST
    found: list[Value] = []
    for item in node.items:
        other = known.get(_text(item)) if isinstance(item, Scalar) else None
        if other is None and can_look:
            other = next((each for each in rest if fits(item, each)), None)
        found.append(aligned(item, other, at, inside=inside))
    return Items(tuple(found), at)


def _text(node: Scalar) -> str:
    return known_text(node) or ""


def _place(node: Scalar, source: Value | None, at: Span) -> Span:
    """Return where the source writes a text: alone, or as the one of a list that it is."""
    if source is None:
        return at
    fitting = (each for each, _ in _items(source) if fits(node, each))
    return _span(next(fitting, source), at)


def _items(value: Value) -> Iterator[tuple[Value, bool]]:
    """Yield the items of a list in any case, or what stands alone; and if one stands for many."""
    match value:
        case Items(values):
            for each in values:
                yield from _items(each)
        case Choice(_, then, other):
            yield from _items(then)
            yield from _items(other)
        case Repeated(value=inner):
            yield inner, True
        case _:
            yield value, False


def _record_of(value: Value | None) -> Record | None:
    """Return the object that a value is in one case or another, if it is one."""
    match value:
        case Record():
            return value
        case Encoded(value=inner):
            return _record_of(inner)
        case Choice(_, then, other):
            return _record_of(then) or _record_of(other)
        case Items((only,)):
            return _record_of(only)
        case _:
            return None


def _span(value: Value | None, at: Span) -> Span:
    """Return the place of a value; what the working out has made has none in a file."""
    return value.span if value is not None and value.span.path else at


def fits(node: Node, value: Value) -> bool:
    """Whether a value of the source may turn out to be what the plan knows."""
    match value:
        case Encoded():
            return isinstance(node, Scalar) and isinstance(node.value, str)
        case Scalar() if isinstance(node, Scalar):
            return known_text(node) == known_text(value)
        case Joined() if isinstance(node, Scalar) and isinstance(node.value, str):
            return is_made_of(node.value, pieces_of(value) or ())
        case Unknown():
            return True
        case Choice(_, then, other):
            return fits(node, then) or fits(node, other)
        case Items():
            written = [each for each, _ in _items(value)]
            items = node.items if isinstance(node, Sequence) else (node,)
            if len(items) * len(written) > _MOST:
                return True
            return all(any(fits(item, each) for each in written) for item in items)
        case Record() if isinstance(node, Mapping):
            pairs = ((entry.value, value.get(entry.name)) for entry in node.entries)
            return all(other is not None and fits(each, other) for each, other in pairs)
        case Record() | Scalar() | Joined() if isinstance(node, Sequence) and len(node.items) == 1:
            return fits(node.items[0], value)
        case _:
            return False


def is_made_of(text: str, pieces: tuple[str | Unknown, ...]) -> bool:
    """Whether a text has these pieces in order, those that nobody knows being any text."""
    at, is_open, last = 0, False, ""
    for index, piece in enumerate(pieces):
        if not isinstance(piece, str):
            is_open = True
            continue
        if is_open:
            if index == len(pieces) - 1:
                last = piece
                break
            at = text.find(piece, at)
            if at < 0:
                return False
        elif not text.startswith(piece, at):
            return False
        at += len(piece)
        is_open = False
    if last:
        return text.endswith(last) and len(text) - len(last) >= at
    return is_open or at == len(text)
