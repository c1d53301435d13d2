r"""YAML text to the nodes that the same JSON would give, with exact spans.

PyYAML's parser gives events with marks; the tree is built here, because its own composer expands
aliases without a bound and its constructor turns `2012-10-17` into a date. What YAML has and JSON
has not is kept so that it does no harm in an ordinary file and cannot be taken for policy text:

- a value with a tag of its own, `!Sub x`, is the object `{"!Sub": "x"}`;
- a name that is not text is its text (`Null:`, `on:`, `8080:`), or `?1` if it has none;
- numbers, dates and the like that JSON cannot write are their text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import yaml

from checker.errors import PolicySyntaxError
from checker.source.places import DEEPEST, Places, quoted
from checker.source.symbols import RESERVED, is_reserved
from checker.source.tree import Entry, Mapping, Node, Number, Scalar, Sequence
from checker.span import Position, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_TEXT: Final = 1024 * 1024  # characters
MOST_BORROWED: Final = 100_000  # nodes that aliases stand for; a template has a few dozen

_FORBIDDEN: Final = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
).search
_OTHER_BREAKS: Final = re.compile("[\r\x85\u2028\u2029]").search  # lines end at `\n` alone
_JSON_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?").fullmatch
_CORE: Final = "tag:yaml.org,2002:"
_OWN_SCALARS: Final = frozenset(
    f"{_CORE}{name}" for name in ("null", "bool", "int", "float", "timestamp", "value")
)
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE: Final = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})


def read_yaml(text: str, path: str) -> tuple[Node, ...]:
    """Return the documents of a YAML stream; an empty document is null.

    Errors: `PolicySyntaxError` where the text is not YAML, repeats a name in one object, or is
    more than a policy can be: `MOST_TEXT`, `DEEPEST`, `MOST_BORROWED`.
    """
    text = text.removeprefix("\ufeff")
    places = Places(text, path)
    if len(text) > MOST_TEXT:
        raise PolicySyntaxError(
            "is larger than 1 MiB, the most that is read as YAML", places.span(0, 0)
        )
    if bad := _FORBIDDEN(text):
        problem = f"{quoted(bad[0])} is no character of YAML"
        raise PolicySyntaxError(problem, places.span(bad.start(), bad.end()))
    try:
        return tuple(_Builder(places, _events(text)).documents())
    except yaml.YAMLError as error:
        raise _not_yaml(error, places) from None


def _events(text: str) -> Iterator[yaml.Event]:
    """Yield the parser's events; libyaml's, if PyYAML has it: their marks are the same."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    next_event: Callable[[], yaml.Event | None] = loader(text).get_event
    return iter(next_event, None)  # without a step in Python for each of them


def _not_yaml(error: yaml.YAMLError, places: Places) -> PolicySyntaxError:
    """Return the parser's complaint, on one line, where it has its mark."""
    said = [str(error)]
    at = 0
    if isinstance(error, yaml.MarkedYAMLError):
        said = [part for part in (error.problem, error.context) if part]
        mark = error.problem_mark or error.context_mark
        at = min(mark.index, len(places.text)) if mark else 0
    return PolicySyntaxError(f"not YAML: {' '.join(' '.join(said).split())}", places.span(at, at))


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A node that has a name; `size` nodes in all, `height` objects and lists inside each other."""

    node: Node
    size: int
    height: int


_Point: TypeAlias = tuple[int, int, int]
"""A place as the parser has it: offset, line and column, all counted from 0."""


class _Builder:
    """Events to nodes, counting what a reader of the nodes will meet."""

    __slots__ = ("anchors", "borrowed", "end", "events", "is_plain", "places", "size")

    def __init__(self, places: Places, events: Iterator[yaml.Event]) -> None:
        self.places = places
        self.events = events
        self.anchors: dict[str, _Anchor] = {}
        self.size = 0  # nodes so far, those that aliases stand for included
        self.borrowed = 0
        self.end = (0, 0, 0)  # after the last event that has text
        self.is_plain = not _OTHER_BREAKS(places.text)

    def documents(self) -> Iterator[Node]:
        """Yield the root of each document."""
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors.clear()
                yield self.node(next(self.events), DEEPEST)[0]

    def node(self, event: yaml.Event, depth: int) -> tuple[Node, int]:
        """Return the node that `event` begins, and its height."""
        before = self.size
        self.size += 1
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node, height = self.scalar(event), 0
        elif isinstance(event, yaml.AliasEvent):
            self.size = before
            return self.alias(event, depth)
        elif depth == 0:
            raise self.error(f"more than {DEEPEST} objects and lists inside each other", event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node, height = self.sequence(event, depth - 1)
        else:
            node, height = self.mapping(event, depth - 1)
        if anchor := getattr(event, "anchor", None):
            self.anchors[anchor] = _Anchor(node, self.size - before, height)
        return node, height

    def alias(self, event: yaml.AliasEvent, depth: int) -> tuple[Node, int]:
        """Return the node that an alias stands for: the same object, counted again."""
        self.end = _point(event.end_mark)
        found = self.anchors.get(event.anchor or "")
        if found is None:
            raise self.error(f"{quoted(f'*{event.anchor}')} stands for nothing above it", event)
        self.borrowed += found.size
        self.size += found.size
        if self.borrowed > MOST_BORROWED or found.height > depth:
            raise self.error("aliases make this file many times as large as it looks", event)
        return found.node, found.height

    def scalar(self, event: yaml.ScalarEvent) -> Node:
        """Return a string, number, Boolean or null; or the object of a tag of its own."""
        text = event.value
        if is_reserved(text):
            raise self.error(RESERVED, event)
        start, self.end = _point(event.start_mark), _point(event.end_mark)
        if event.style in ("|", ">"):  # its mark may be after blank lines that follow
            end = start[0] + len(self.places.text[start[0] : self.end[0]].rstrip())
            self.end = (end, *_counted(self.places.position(end)))
        span = self.span(start, self.end)
        if event.implicit[0] or event.tag in _OWN_SCALARS:
            return Scalar(_value(text), span)
        return _tagged(event.tag, Scalar(text, span), f"{_CORE}str")

    def sequence(self, event: yaml.SequenceStartEvent, depth: int) -> tuple[Node, int]:
        """Return a list and its height."""
        items: list[Node] = []
        height = 0
        while not isinstance(item := next(self.events), yaml.SequenceEndEvent):
            node, below = self.node(item, depth)
            items.append(node)
            height = max(height, below)
        node = Sequence(tuple(items), self.collection_span(event, item))
        return _tagged(event.tag, node, f"{_CORE}seq"), height + 1

    def mapping(self, event: yaml.Event, depth: int) -> tuple[Node, int]:
        """Return an object and its height."""
        entries: dict[str, Entry] = {}
        merged: list[Entry] = []
        height = 0
        events = self.events
        while not isinstance(first := next(events), yaml.MappingEndEvent):
            key_node, _ = self.node(first, depth)
            key = _key(key_node, first, len(entries))
            value, below = self.node(next(events), depth)
            height = max(height, below)
            name = str(key.value)
            if name in entries:
                line = entries[name].key.span.start.line
                hint = f"it is first on line {line}"
                problem = f"{quoted(name)} stands twice in one object"
                raise PolicySyntaxError(problem, key.span, hint=hint)
            entries[name] = Entry(key, value)
            if name == "<<" and _is_merge(first):
                merged += self.merged(value, first)
        if merged:
            del entries["<<"]
            for entry in merged:
                entries.setdefault(entry.name, entry)
        node = Mapping(tuple(entries.values()), self.collection_span(event, first))
        return _tagged(getattr(event, "tag", None), node, f"{_CORE}map"), height + 1

    def merged(self, value: Node, at: yaml.Event) -> list[Entry]:
        """Return what `<<` brings in, the entries that win first."""
        sources = value.items if isinstance(value, Sequence) else (value,)
        entries: list[Entry] = []
        for source in sources:
            if not isinstance(source, Mapping):
                raise self.error("`<<` merges objects and lists of objects only", at)
            entries += source.entries
        return entries

    def collection_span(self, first: yaml.Event, last: yaml.Event) -> Span:
        """Return a list's or object's span: bracket to bracket, or first to last item."""
        if getattr(first, "flow_style", False):
            self.end = _point(last.end_mark)
        return self.span(_point(first.start_mark), self.end)

    def span(self, start: _Point, end: _Point) -> Span:
        """Return the span between two points; the parser's lines are ours where none is odd."""
        if not self.is_plain:
            return self.places.span(start[0], end[0])
        return Span(
            self.places.path, Position(start[1] + 1, start[2] + 1), Position(end[1] + 1, end[2] + 1)
        )

    def error(self, problem: str, at: yaml.Event) -> PolicySyntaxError:
        """Return the error of one event's text."""
        start, end = _point(at.start_mark), _point(at.end_mark)
        return PolicySyntaxError(problem, self.places.span(start[0], end[0]))


class _Mark(Protocol):
    """A mark of either parser of PyYAML."""

    index: int
    line: int
    column: int


def _point(mark: _Mark | None) -> _Point:
    return (mark.index, mark.line, mark.column) if mark else (0, 0, 0)


def _counted(position: Position) -> tuple[int, int]:
    return position.line - 1, position.column - 1


def _value(text: str) -> str | bool | Number | None:
    """Return what plain text stands for: YAML 1.1's words, JSON's numbers, else itself."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    return Number(text) if _JSON_NUMBER(text) else text


def _tagged(tag: str | None, node: Node, usual: str = "") -> Node:
    """Return `node`; inside an object that names its tag, if the tag is not the usual one."""
    if tag in (None, "!", usual):
        return node
    name = str(tag)
    name = f"!!{name.removeprefix(_CORE)}" if name.startswith(_CORE) else name
    name = name if name.startswith("!") else f"!<{name}>"
    return Mapping((Entry(Scalar(name, node.span), node),), node.span)


def _key(node: Node, event: yaml.Event, count: int) -> Scalar:
    """Return the name that a key stands for; a key that has no text is numbered."""
    if isinstance(node, Scalar):
        if isinstance(node.value, str):
            return node
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, node.span)
    return Scalar(f"?{count + 1}", node.span)


def _is_merge(event: yaml.Event) -> bool:
    return isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]
