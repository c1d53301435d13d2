"""Values of a policy in Terraform's language: cut out of the old text where that fits, else anew."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from checker.fixes.hcl_layout import Quote
from checker.fixes.hcl_source import Child, Group, Kind, Source
from checker.fixes.layout import NoLayoutError
from checker.fixes.operations import children
from checker.policy.parse_node import items
from checker.source.tree import Entry, Mapping, Node, Number, Scalar, Sequence
from checker.span import Span
from checker.terraform.blanks import identifier

ARGUMENTS: Final = {
    "Sid": "sid",
    "Effect": "effect",
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
BLOCKS: Final = {
    "Principal": "principals",
    "NotPrincipal": "not_principals",
    "Condition": "condition",
}
_TEXTS: Final = frozenset({"Sid", "Effect"})
_SHORT: Final = 60  # characters of a list that fits on one line
_SEQUENCE: Final = re.compile(r"([$%])\{")


Uses: TypeAlias = AbstractMapping[int, tuple[Node, str]]
"""Of each node of the old policy, by its identity, what it is part of, and under which name."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes what comes.

    base: the old files, by path; without it, all is written anew. uses: what comes is cut out where
    the old policy has it, as a reference perhaps, and not where the value of that is written.
    """

    base: Callable[[str], Source | None] | None
    uses: Uses

    def value(self, node: Node, *, is_short: bool) -> Quote:
        """Return a value, on one line where the text around it is on one."""
        cut = self._cut_value(node)
        if cut is not None and not (is_short and len(cut.lines) > 1):
            return cut
        return Quote(tuple(_lines(node, is_short=is_short)))

    def texts(self, node: Node) -> Quote:
        """Return a value as the list that an argument of a statement is."""
        if isinstance(node, Sequence):
            return self.value(node, is_short=False)
        return Quote((f"[{self.value(node, is_short=True).lines[0]}]",))

    def member(self, name: str, node: Node, *, is_short: bool) -> Quote:
        """Return a member of an object."""
        found = self._held(node)
        key = _key(name)
        if found is not None and found[1].start < found[1].value and found[2] is Kind.OBJECT:
            source, child, _ = found
            key = source.text.text[child.start : child.value].rstrip(" \t=:")
        return _after(f"{key} = ", self.value(node, is_short=is_short))

    def argument(self, element: str, node: Node) -> Quote:
        """Return an argument of a statement."""
        value = self.value(node, is_short=True) if element in _TEXTS else self.texts(node)
        return _after(f"{ARGUMENTS[element]} = ", value)

    def statement(self, node: Node) -> Quote:
        """Return a statement as a block.

        Errors: `NoLayoutError` for what no block can say.
        """
        if not isinstance(node, Mapping):
            raise NoLayoutError
        if cut := self._cut_block(node.span, ("statement",)):
            return cut
        arguments = [e for e in node.entries if e.name in ARGUMENTS]
        blocks = [e for e in node.entries if e.name in BLOCKS]
        if len(arguments) + len(blocks) < len(node.entries):
            raise NoLayoutError
        parts = [self.argument(each.name, each.value) for each in arguments]
        return _block("statement", [*parts, *(b for e in blocks for b in self.blocks(e))])

    def blocks(self, element: Entry) -> list[Quote]:
        """Return the blocks for all principals, or for all conditions.

        Errors: `NoLayoutError`.
        """
        if element.name == "Condition":
            if not isinstance(element.value, Mapping):
                raise NoLayoutError
            return [b for test in element.value.entries for b in self.conditions(test)]
        kinds = element.value.entries if isinstance(element.value, Mapping) else ()
        if not kinds:
            everyone = Entry(Scalar("*", element.value.span), element.value)
            return [self.principals(BLOCKS[element.name], everyone)]
        return [self.principals(BLOCKS[element.name], each) for each in kinds]

    def principals(self, name: str, kind: Entry) -> Quote:
        """Return the block for principals of one kind."""
        if cut := self._cut_block(kind.key.span, (name,)):
            return cut
        shown = Quote((f"type = {quoted_text(kind.name)}",))
        return _block(name, [shown, _after("identifiers = ", self.texts(kind.value))])

    def conditions(self, test: Entry) -> list[Quote]:
        """Return the blocks for the conditions of one operator."""
        keys = test.value.entries if isinstance(test.value, Mapping) else ()
        return [self.condition(test.name, each) for each in keys]

    def condition(self, test: str, key: Entry) -> Quote:
        """Return the block for a condition on one key."""
        if cut := self._cut_block(key.key.span, ("condition",)):
            return cut
        shown = (f"test = {quoted_text(test)}", f"variable = {quoted_text(key.name)}")
        parts = [*(Quote((line,)) for line in shown), _after("values = ", self.texts(key.value))]
        return _block("condition", parts)

    def _cut_value(self, node: Node) -> Quote | None:
        found = self._held(node)
        return _cut(found[0], found[1].value, found[1].end) if found else None

    def _cut_block(self, span: Span, types: tuple[str, ...]) -> Quote | None:
        source = self._source(span)
        block = source.block_around(span, types) if source else None
        if source is None or block is None:
            return None
        start, end = source.text.offset(block.span.start), source.text.offset(block.span.end)
        return _cut(source, start, end, is_apart=_is_apart(source, start))

    def _held(self, node: Node) -> tuple[Source, Child, Kind] | None:
        """Return the part of an old list, object or body that is a value, and its file."""
        if id(node) in self.uses:
            above, name = self.uses[id(node)]
            source = self._source(above.span)
            group = source.group(above.span) if source else None
            place = _place(group, above, name) if group else None
            if source is not None and group is not None and place is not None:
                return source, group.children[place], group.kind
        source = self._source(node.span)
        found = source.holder(node.span) if source else None
        if source is None or found is None:
            return None
        return source, found[0].children[found[1]], found[0].kind

    def _source(self, span: Span) -> Source | None:
        is_written = span.start != span.end
        return self.base(span.path) if self.base and is_written else None


def _place(group: Group, above: Node, name: str) -> int | None:
    """Return which part of a group says what a node says that is so called."""
    if group.kind is Kind.LIST:
        return int(name) if len(group.children) == len(items(above)) else None
    return group.named(ARGUMENTS.get(name, "") if group.kind is Kind.BODY else name)


def uses_in(policy: Node) -> Uses:
    """Return of each node below a policy what it is part of."""
    found: dict[int, tuple[Node, str]] = {}
    waiting = [policy]
    while waiting:
        above = waiting.pop()
        for name, node in children(above).items():
            found[id(node)] = (above, name)
            waiting.append(node)
    return found


def _cut(source: Source, start: int, end: int, *, is_apart: bool = False) -> Quote:
    text = source.text.text
    line = text[source.text.line_start(start) :]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    first, *rest = re.split("\r?\n", text[start:end])
    return Quote((first, *(each.removeprefix(indent) for each in rest)), is_apart)


def _is_apart(source: Source, start: int) -> bool:
    """Whether a blank line stands above a block and its comments; the first of a body shows none."""
    above = source.text.text[: source.text.line_start(start)].splitlines()
    while above and above[-1].lstrip().startswith(("#", "//")):
        above.pop()
    return not above or not above[-1].strip() or above[-1].rstrip().endswith("{")


def _after(lead: str, quote: Quote) -> Quote:
    return Quote((lead + quote.lines[0], *quote.lines[1:]))


def _block(name: str, parts: list[Quote]) -> Quote:
    inner: list[str] = []
    for part in parts:
        if inner and part.is_apart:
            inner.append("")
        inner += (f"  {line}" if line else line for line in part.lines)
    return Quote((f"{name} {{", *inner, "}"), is_apart=True)


def _lines(node: Node, *, is_short: bool) -> Iterator[str]:
    """Yield the lines of a value that is written anew."""
    short = _on_one_line(node)
    is_list = isinstance(node, Sequence) and all(isinstance(each, Scalar) for each in node.items)
    if is_short or isinstance(node, Scalar) or (is_list and len(short) < _SHORT) or not items(node):
        yield short
        return
    if isinstance(node, Mapping):
        yield "{"
        for entry in node.entries:
            lines = [*_lines(entry.value, is_short=False)]
            lines[0] = f"{_key(entry.name)} = {lines[0]}"
            yield from (f"  {line}" for line in lines)
        yield "}"
        return
    yield "["
    for item in items(node):
        lines = [*_lines(item, is_short=False)]
        lines[-1] += ","
        yield from (f"  {line}" for line in lines)
    yield "]"


def _on_one_line(node: Node) -> str:
    match node:
        case Scalar(str(text)):
            return quoted_text(text)
        case Scalar(Number(text)):
            return text
        case Scalar(value):
            return json.dumps(value)
        case Sequence(found):
            return f"[{', '.join(map(_on_one_line, found))}]"
        case Mapping(entries):
            members = (f"{_key(e.name)} = {_on_one_line(e.value)}" for e in entries)
            return f"{{ {', '.join(members)} }}" if entries else "{}"


def _key(name: str) -> str:
    found = identifier(name, 0)
    return name if found and found.end() == len(name) else quoted_text(name)


def quoted_text(text: str) -> str:
    """Return a text as a string of Terraform's."""
    return _SEQUENCE.sub(r"\1\1{", json.dumps(text, ensure_ascii=False))
