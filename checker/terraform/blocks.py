"""A file of Terraform's language: its blocks, each read only when somebody asks for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from checker.errors import PolicySyntaxError
from checker.span import Span
from checker.terraform.blanks import end_of_braces, identifier, line_blank, plain_string
from checker.terraform.expressions import ExpressionReader
from checker.terraform.syntax import Argument, Block, Body

_LINE_END: Final = re.compile(r"\r?\n|\Z").match
DEEPEST: Final = 30  # blocks inside each other


@dataclass(frozen=True, slots=True)
class Header:
    """A block of a file that has not been read: its type and labels, and where its body is."""

    type: str
    labels: tuple[str, ...]
    start: int  # the type
    inside: int  # after the `{`
    end: int  # after the `}`


class File:
    """One file: arguments and headers at once, bodies on demand."""

    __slots__ = ("_bodies", "arguments", "headers", "problems", "reader")

    def __init__(self, text: str, path: str) -> None:
        self.reader = BodyReader(text.removeprefix("\ufeff"), path)
        self.arguments: list[Argument] = []
        self.headers: list[Header] = []
        self.problems: list[PolicySyntaxError] = []
        self._bodies: dict[int, Block] = {}
        try:
            self._scan()
        except PolicySyntaxError as error:
            self.problems.append(error)

    def block(self, header: Header) -> Block:
        """Return one block, read.

        Errors: `PolicySyntaxError` at the first place that is not Terraform's language.
        """
        if found := self._bodies.get(header.start):
            return found
        body, end = self.reader.body(header.inside, DEEPEST)
        if end != header.end:
            raise self.reader.error("a block that ends in another place than its braces", end)
        block = Block(header.type, header.labels, body, self.span(header))
        self._bodies[header.start] = block
        return block

    def span(self, header: Header) -> Span:
        """Return the lines of a block, to its closing brace."""
        return self.reader.span(header.start, header.end)

    def text(self, header: Header) -> str:
        """Return the text of a block as it stands in the file."""
        return self.reader.text[header.start : header.end]

    def _scan(self) -> None:
        reader, text = self.reader, self.reader.text
        at = reader.skip(0, lines=True)
        while at < len(text):
            name = identifier(text, at)
            if name is None:
                raise reader.error("a block or an argument should be here", at)
            after = reader.skip(name.end(), lines=False)
            if text.startswith("=", after):
                argument, at = reader.argument(name[0], at, after)
                self.arguments.append(argument)
            else:
                header = reader.header(name[0], at, after)
                self.headers.append(header)
                at = reader.line_end(header.end)
            at = reader.skip(at, lines=True)


class BodyReader(ExpressionReader):
    """Reads bodies of blocks."""

    __slots__ = ()

    def argument(self, name: str, start: int, at: int) -> tuple[Argument, int]:
        """Return the argument whose `=` is at `at`, and the offset after its line."""
        value, end = self.expression(at + 1, lines=False)
        found = Argument(name, value, self.places.line_span(start, start + len(name)))
        return found, end

    def header(self, type_: str, start: int, at: int) -> Header:
        """Return a block's header; its labels begin at `at`."""
        labels: list[str] = []
        text = self.text
        while not text.startswith("{", at):
            if plain := plain_string(text, at):
                labels.append(plain[1])
                at = plain.end()
            elif name := identifier(text, at):
                labels.append(name[0])
                at = name.end()
            else:
                raise self.error("a `=` or a `{` should be here", at)
            at = self.skip(at, lines=False)
        end = end_of_braces(text, at + 1)
        if end < 0:
            raise self.error(f"a block `{type_}` is never closed", start, at + 1)
        return Header(type_, tuple(labels), start, at + 1, end)

    def line_end(self, at: int) -> int:
        """Return the offset after the line end that must follow an argument or a block."""
        at = self.skip(at, lines=False)
        found = _LINE_END(self.text, at)
        if found is None:
            raise self.error("a line end should be here", at)
        return found.end()

    def body(self, at: int, depth: int) -> tuple[Body, int]:
        """Return the body at `at`, after its `{`, and the offset after its `}`."""
        if not depth:
            raise self.error(f"more than {DEEPEST} blocks inside each other", at)
        text = self.text
        arguments: list[Argument] = []
        blocks: list[Block] = []
        seen: set[str] = set()
        single = self.single_line(at)
        at = self.skip(at, lines=True)
        while not text.startswith("}", at):
            name = identifier(text, at)
            if name is None:
                raise self.error("an argument, a block or a `}` should be here", at)
            after = self.skip(name.end(), lines=False)
            if text.startswith("=", after) and not text.startswith("==", after):
                if name[0] in seen:
                    raise self.error(f"`{name[0]}` stands twice in one block", at, name.end())
                seen.add(name[0])
                argument, end = self.argument(name[0], at, after)
                arguments.append(argument)
            else:
                header = self.header(name[0], at, after)
                inner, end = self.body(header.inside, depth - 1)
                blocks.append(Block(name[0], header.labels, inner, self.span(at, end)))
            after = self.skip(end, lines=False)
            if single and text.startswith("}", after):
                at = after
            else:
                at = self.skip(self.line_end(end), lines=True)
        return Body(tuple(arguments), tuple(blocks)), at + 1

    def single_line(self, at: int) -> bool:
        """Whether a body begins on the line of its brace, and so must end on it."""
        found = line_blank(self.text, at)
        after = found.end() if found else at
        return _LINE_END(self.text, after) is None


@lru_cache(maxsize=4096)
def read_file(text: str, path: str) -> File:
    """Return a file; the same text at the same path is read once."""
    return File(text, path)
