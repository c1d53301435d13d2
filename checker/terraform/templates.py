"""Terraform's templates: quoted strings, heredocs and files for `templatefile`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from checker.source.tree import Scalar
from checker.span import Position, Span
from checker.terraform.blanks import blank, heredoc_end
from checker.terraform.syntax import (
    Condition,
    Expression,
    Interpolation,
    Literal,
    Part,
    Repetition,
    Template,
    Text,
)

if TYPE_CHECKING:
    from checker.terraform.expressions import ExpressionReader

_QUOTED: Final = re.compile(r'[^"\\$%\n]++|\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})').match
_RAW: Final = re.compile(r"[^$%\n]*+(?:[$%](?![$%]?\{)[^$%\n]*+)*+\n?").match
_ESCAPED: Final = {"$${": "${", "%%{": "%{"}
_SIMPLE: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_DIRECTIVE: Final = re.compile(r"(if|else|endif|for|endfor)\b").match


@dataclass(slots=True)
class _Branch:
    """Parts of a template that are being read, and the directive they stand in."""

    opener: Expression | tuple[str, str, Expression] | None
    start: int
    parts: list[Part] = field(default_factory=list)
    then: tuple[Part, ...] | None = None


def quoted_template(reader: ExpressionReader, start: int) -> tuple[Expression, int]:
    """Return the string that opens at `start`."""
    builder = _Builder(reader, start)
    at = start + 1
    text = reader.text
    while True:
        if text.startswith('"', at):
            span = reader.span(start, at + 1)
            return whole_template(builder.done(at), span), at + 1
        if escape := _ESCAPED.get(text[at : at + 3]):
            builder.literal(escape, at, at + 3, exact=False)
            at += 3
        elif text.startswith(("${", "%{"), at):
            at = builder.sequence(at)
        elif found := _QUOTED(text, at):
            exact = text[at] != "\\"
            builder.literal(found[0] if exact else _character(found[0]), at, found.end(), exact)
            at = found.end()
        elif text.startswith(("$", "%"), at):
            builder.literal(text[at], at, at + 1, exact=True)
            at += 1
        elif text.startswith("\\", at):
            raise reader.error(f"`{text[at : at + 2].strip()}` is no escape in a string", at)
        else:
            problem = "a string is never closed" if at >= len(text) else "a line ends in a string"
            raise reader.error(problem, start, at)


def heredoc_template(reader: ExpressionReader, opening: re.Match[str]) -> tuple[Expression, int]:
    """Return a heredoc."""
    start = opening.start()
    closing = heredoc_end(reader.text, opening.end(), opening[2])
    if closing is None:
        problem = f"the heredoc `{opening[2]}` is never closed"
        raise reader.error(problem, start, opening.end() - 1)
    parts = raw_parts(reader, opening.end(), closing[0])
    if opening[1]:
        parts = _flushed(parts)
    return Template(parts, reader.span(start, closing[1])), closing[1]


def template_of_file(reader: ExpressionReader) -> Expression:
    """Return the whole text of a reader as a template."""
    end = len(reader.text)
    return Template(raw_parts(reader, 0, end), reader.span(0, end))


def raw_parts(reader: ExpressionReader, at: int, end: int) -> tuple[Part, ...]:
    """Return the parts of text that has no escapes but those of templates, line by line."""
    builder = _Builder(reader, at)
    text = reader.text
    while at < end:
        if escape := _ESCAPED.get(text[at : at + 3]):
            builder.literal(escape, at, at + 3, exact=False)
            at += 3
        elif text.startswith(("${", "%{"), at):
            at = builder.sequence(at)
        else:
            found = _RAW(text, at, end)
            stop = max(found.end() if found else at, at + 1)
            builder.literal(text[at:stop].replace("\r\n", "\n"), at, stop, exact=True)
            at = stop
    return builder.done(end)


class _Builder:
    """Collects parts, and opens and closes directives."""

    __slots__ = ("branches", "reader", "strip_next")

    def __init__(self, reader: ExpressionReader, start: int) -> None:
        self.reader = reader
        self.branches = [_Branch(None, start)]
        self.strip_next = False

    def literal(self, text: str, at: int, end: int, exact: bool) -> None:  # noqa: FBT001
        """Add text as it is, without the blanks that a `~` before it takes away."""
        if self.strip_next:
            self.strip_next = False
            cut = len(text) - len(text.lstrip())
            text, at = text[cut:], at + cut
        self.branches[-1].parts.append(Text(text, self.reader.span(at, end), exact))

    def strip_last(self) -> None:
        """Take away the blanks before a `~`."""
        parts = self.branches[-1].parts
        if parts and isinstance(last := parts[-1], Text):
            parts[-1] = replace(last, text=last.text.rstrip())

    def sequence(self, at: int) -> int:
        """Add what `${` or `%{` opens at `at`; return the offset after its `}`."""
        reader, start = self.reader, at
        self.strip_next = False
        is_directive = reader.text[at] == "%"
        at += 2
        if reader.text.startswith("~", at):
            self.strip_last()
            at += 1
        if is_directive:
            at = self.directive(at, start)
        else:
            value, at = reader.expression(at, lines=True)
            at = self.end_of_sequence(at)
            part = Interpolation(value, reader.span(start, at))
            self.branches[-1].parts.append(part)
        return at

    def end_of_sequence(self, at: int) -> int:
        """Return the offset after the `}` or `~}` of a sequence."""
        at = self.reader.skip(at, lines=True)
        if self.reader.text.startswith("~", at):
            self.strip_next = True
            at += 1
        if not self.reader.text.startswith("}", at):
            raise self.reader.error("a `}` is missing in a template", at)
        return at + 1

    def directive(self, at: int, start: int) -> int:
        """Open or close a directive; `at` is after its `%{`."""
        reader = self.reader
        skipped = blank(reader.text, at)
        at = skipped.end() if skipped else at
        word = _DIRECTIVE(reader.text, at)
        if word is None:
            raise reader.error("a template has no such directive", at)
        at = word.end()
        match word[1]:
            case "if":
                condition, at = reader.expression(at, lines=True)
                at = self.end_of_sequence(at)
                self.branches.append(_Branch(condition, start))
            case "for":
                key, name, at = reader.loop_names(at)
                collection, at = reader.expression(at, lines=True)
                at = self.end_of_sequence(at)
                self.branches.append(_Branch((key, name, collection), start))
            case "else":
                at = self.end_of_sequence(at)
                self.otherwise(start)
            case closing:
                at = self.end_of_sequence(at)
                self.close(closing, start, at)
        return at

    def otherwise(self, start: int) -> None:
        """Turn to the second half of an `if`."""
        branch = self.branches[-1]
        if branch.opener is None or isinstance(branch.opener, tuple) or branch.then is not None:
            raise self.reader.error("an `else` without its `if` in a template", start)
        branch.then = tuple(branch.parts)
        branch.parts = []

    def close(self, word: str, start: int, end: int) -> None:
        """Close the innermost directive, which must be of this kind."""
        branch = self.branches[-1]
        is_for = isinstance(branch.opener, tuple)
        if branch.opener is None or is_for is not (word == "endfor"):
            raise self.reader.error(f"an `{word}` without its beginning in a template", start)
        self.branches.pop()
        span = self.reader.span(branch.start, end)
        parts = tuple(branch.parts)
        if isinstance(branch.opener, tuple):
            key, name, collection = branch.opener
            self.branches[-1].parts.append(Repetition(key, name, collection, parts, span))
        else:
            then, other = (parts, ()) if branch.then is None else (branch.then, parts)
            self.branches[-1].parts.append(Condition(branch.opener, then, other, span))

    def done(self, end: int) -> tuple[Part, ...]:
        """Return the parts; all directives must be closed."""
        if len(self.branches) > 1:
            raise self.reader.error(
                "a directive of a template is never closed", self.branches[-1].start, end
            )
        return tuple(self.branches[0].parts)


def whole_template(parts: tuple[Part, ...], span: Span) -> Expression:
    """Return what a quoted string is: text, the value of one interpolation alone, or a template."""
    if len(parts) == 1 and isinstance(only := parts[0], Interpolation):
        return only.value
    texts = [part.text for part in parts if isinstance(part, Text)]
    if len(texts) == len(parts):
        return Literal(Scalar("".join(texts), span))
    return Template(parts, span)


def _character(escape: str) -> str:
    """Return what a backslash and its letters stand for."""
    if escape[1] in "uU":
        code = int(f"0x{escape[2:]}", base=0)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    return _SIMPLE[escape[1]]


def _flushed(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the parts of a `<<-` heredoc without the indentation that all its lines have."""
    starts = _line_starts(parts, first=True)
    widths = [
        len(text) - len(text.lstrip())
        for text in (each.text for each in starts)
        if not _empty(text)
    ]
    width = min(widths, default=0)
    return _without(parts, width, {id(each) for each in starts}) if width else parts


def _line_starts(parts: tuple[Part, ...], *, first: bool) -> list[Text]:
    """Return the texts that begin a line; what follows a directive or a value does not."""
    found: list[Text] = []
    begins = first
    for part in parts:
        if isinstance(part, Text):
            if begins:
                found.append(part)
            begins = part.text.endswith("\n")
            continue
        begins = False
        if isinstance(part, Condition):
            found += _line_starts(part.then, first=False) + _line_starts(part.other, first=False)
        elif isinstance(part, Repetition):
            found += _line_starts(part.parts, first=False)
    return found


def _empty(text: str) -> bool:
    return not text or (text.isspace() and text.endswith("\n"))


def _without(parts: tuple[Part, ...], width: int, starts: set[int]) -> tuple[Part, ...]:
    """Return the parts with the first `width` blanks of each line gone."""
    changed: list[Part] = []
    for part in parts:
        match part:
            case Text(text, span) if id(part) in starts:
                cut = min(width, len(text) - len(text.lstrip(" \t")))
                start = Position(span.start.line, span.start.column + cut)
                changed.append(replace(part, text=text[cut:], span=replace(span, start=start)))
            case Condition(_, then, other):
                then, other = (_without(side, width, starts) for side in (then, other))
                changed.append(replace(part, then=then, other=other))
            case Repetition(parts=inner):
                changed.append(replace(part, parts=_without(inner, width, starts)))
            case _:
                changed.append(part)
    return tuple(changed)
