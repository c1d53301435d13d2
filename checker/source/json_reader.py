r"""JSON text to nodes with exact spans, as strict as AWS (iam-semantics G2).

RFC 8259 to the letter, and three things that `json.loads` lets pass are errors: a repeated name,
`NaN` and its like, and half of a surrogate pair. Numbers keep their text. A leading byte-order
mark is dropped and does not count as a column.

A scanner of our own, for its speed and its messages: docs/decisions/0007-a-json-reader-of-our-own.md.
"""

from __future__ import annotations

import re
from typing import Final

from checker.errors import PolicySyntaxError
from checker.source.places import DEEPEST, Places, quoted
from checker.source.symbols import RESERVED, is_reserved
from checker.source.tree import Entry, Mapping, Node, Number, Scalar, Sequence
from checker.span import whole_file

# Possessive (`*+`): a string that is never closed must not be tried again from each character.
_TEXT: Final = r'"([^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+)"'
_BLANK: Final = r"[ \t\r\n]*+"
_STRING: Final = re.compile(_TEXT).match
_NAME: Final = re.compile(f"{_TEXT}{_BLANK}:{_BLANK}").match
_NEXT: Final = re.compile(rf"{_BLANK}([,\]}}]){_BLANK}").match
_OPEN: Final = re.compile(rf"[\[{{]{_BLANK}").match
_ATOM: Final = re.compile(
    r"(true|false|null)|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+"
).match
_NOT_BLANK: Final = re.compile(r"[^ \t\r\n]").search
_ESCAPE: Final = re.compile(
    r'\\(?:(["\\/bfnrt])'
    r"|u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
    r"|u((?![dD][89a-fA-F])[0-9a-fA-F]{4})"
    r"|(?:u[0-9a-fA-F]{4}|u?.))"
)
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]").search
_BARE: Final = re.compile(r"[-+]?[\w$.]+").match

_PLAIN: Final = dict(zip('"\\/bfnrt', '"\\/\b\f\n\r\t', strict=True))
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_NOT_JSON: Final = {
    "'": "strings stand in double quotes",
    "/": "JSON has no comments",
    "#": "JSON has no comments",
    "True": "write `true`",
    "False": "write `false`",
    "None": "write `null`",
    "NaN": "JSON has no such number",
    "Infinity": "JSON has no such number",
    "-Infinity": "JSON has no such number",
}


def read_json(text: str, path: str) -> Node:
    r"""Return the one value that `text` is.

    Units: columns count code points, and lines end at `\n` alone, as on GitHub.
    Errors: `PolicySyntaxError` at the first character that cannot be read.
    """
    text = text.removeprefix("\ufeff")
    reader = _Reader(text, path)
    if half := _SURROGATE(text):
        raise reader.error("half of a surrogate pair is not a character", half.start())
    if is_reserved(text):
        raise PolicySyntaxError(RESERVED, whole_file(path))
    first = _NOT_BLANK(text)
    node, end = reader.value(first.start() if first else len(text), DEEPEST)
    if more := _NOT_BLANK(text, end):
        hint = _NOT_JSON.get(text[more.start()], "a file holds one value")
        raise reader.error("more text after the end of the JSON value", more.start(), hint=hint)
    return node


class _Reader:
    """One text; each method starts at an offset it is given."""

    __slots__ = ("places", "text")

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.places = Places(text, path)

    def value(self, start: int, depth: int) -> tuple[Node, int]:
        """Return the value at `start`, and the offset after it."""
        text = self.text
        if match := _STRING(text, start):
            end = match.end()
            return Scalar(self.string(match[1], start + 1), self.places.line_span(start, end)), end
        if match := _OPEN(text, start):
            if not depth:
                raise self.error(f"more than {DEEPEST} objects and lists inside each other", start)
            read = self.mapping if text[start] == "{" else self.sequence
            return read(start, match.end(), depth - 1)
        if match := _ATOM(text, start):
            end = match.end()
            word = match[1]
            value = _WORDS[word] if word else Number(match[0])
            return Scalar(value, self.places.line_span(start, end)), end
        raise self.bad_value(start)

    def mapping(self, start: int, at: int, depth: int) -> tuple[Node, int]:
        """Return the object that opens at `start` and whose first name is at `at`."""
        text = self.text
        entries: list[Entry] = []
        seen: dict[str, Scalar] = {}
        if text.startswith("}", at):
            return Mapping((), self.places.span(start, at + 1)), at + 1
        while True:
            match = _NAME(text, at)
            if match is None:
                raise self.bad_name(at)
            name = self.string(match[1], at + 1)
            key = Scalar(name, self.places.line_span(at, match.end(1) + 1))
            if name in seen:
                hint = f"it is first on line {seen[name].span.start.line}"
                raise PolicySyntaxError(
                    f"{quoted(name)} stands twice in one object", key.span, hint=hint
                )
            seen[name] = key
            value, end = self.value(match.end(), depth)
            entries.append(Entry(key, value))
            match = _NEXT(text, end)
            if match is None or match[1] == "]":
                raise self.bad_next(end, "}")
            if match[1] == "}":
                end = match.end(1)
                return Mapping(tuple(entries), self.places.span(start, end)), end
            at = match.end()

    def sequence(self, start: int, at: int, depth: int) -> tuple[Node, int]:
        """Return the list that opens at `start` and whose first item is at `at`."""
        text = self.text
        items: list[Node] = []
        if text.startswith("]", at):
            return Sequence((), self.places.span(start, at + 1)), at + 1
        while True:
            value, end = self.value(at, depth)
            items.append(value)
            match = _NEXT(text, end)
            if match is None or match[1] == "}":
                raise self.bad_next(end, "]")
            if match[1] == "]":
                end = match.end(1)
                return Sequence(tuple(items), self.places.span(start, end)), end
            at = match.end()

    def string(self, raw: str, start: int) -> str:
        """Return what `raw`, the inside of a string that starts at `start`, stands for."""
        if "\\" not in raw:
            return raw

        def character(match: re.Match[str]) -> str:
            if match[1]:
                return _PLAIN[match[1]]
            if match[4]:
                return self.character(int(match[4], 16), start + match.start())
            if match[2]:
                high, low = int(match[2], 16), int(match[3], 16)
                return chr(0x10000 + ((high & 0x3FF) << 10 | low & 0x3FF))
            whole = re.fullmatch(r"\\u[0-9a-fA-F]{4}", match[0])
            problem = "is half of a surrogate pair" if whole else "is no escape that JSON has"
            at, to = start + match.start(), start + match.end()
            raise self.error(f"{quoted(match[0])} {problem}", at, to)

        return _ESCAPE.sub(character, raw)

    def character(self, code: int, at: int) -> str:
        """Return the character of an escape, unless it is one that no file may bring in."""
        if is_reserved(chr(code)):
            raise self.error(RESERVED, at)
        return chr(code)

    def error(
        self, problem: str, start: int, end: int | None = None, hint: str = ""
    ) -> PolicySyntaxError:
        """Return the error of the text from `start` to `end`; of one character without an end."""
        last = min(start + 1, len(self.text)) if end is None else end
        return PolicySyntaxError(problem, self.places.span(start, last), hint=hint)

    def bad_value(self, at: int) -> PolicySyntaxError:
        """Return the reason why there is no value at `at`."""
        text = self.text
        if at >= len(text):
            hint = "" if text.strip() else "the file is empty"
            return self.error("the text ends where a value should be", at, hint=hint)
        if text[at] == '"':
            return self.bad_string(at)
        comma = _comma_before(text, at)
        if comma is not None and text[at] == "]":
            return self.error("a comma after the last item of a list", comma, hint="take it away")
        if bare := _BARE(text, at):
            hint = _NOT_JSON.get(bare[0], "strings stand in double quotes")
            return self.error(f"{quoted(bare[0])} is no JSON value", at, bare.end(), hint)
        found = quoted(text[at])
        return self.error(
            f"a value should be here, not {found}", at, hint=_NOT_JSON.get(text[at], "")
        )

    def bad_name(self, at: int) -> PolicySyntaxError:
        """Return the reason why no name with its colon is at `at`."""
        text = self.text
        if at >= len(text):
            return self.error("the text ends inside an object", at, hint="a `}` is missing")
        if text[at] == '"':
            match = _STRING(text, at)
            if match is None:
                return self.bad_string(at)
            self.string(match[1], at + 1)
            return self.error(f"a `:` is missing after {quoted(match[1])}", match.end())
        comma = _comma_before(text, at)
        if comma is not None and text[at] == "}":
            return self.error(
                "a comma after the last member of an object", comma, hint="take it away"
            )
        hint = _NOT_JSON.get(text[at], "names stand in double quotes")
        bare = _BARE(text, at)
        found = bare[0] if bare else text[at]
        return self.error(f"a name should be here, not {quoted(found)}", at, at + len(found), hint)

    def bad_next(self, end: int, closing: str) -> PolicySyntaxError:
        """Return the reason why neither a comma nor `closing` follows the value before `end`."""
        what = "an object" if closing == "}" else "a list"
        more = _NOT_BLANK(self.text, end)
        if more is None:
            at = len(self.text)
            return self.error(f"the text ends inside {what}", at, hint=f"a `{closing}` is missing")
        found, hint = quoted(more[0]), _NOT_JSON.get(more[0], "")
        return self.error(
            f"a `,` or `{closing}` should be here, not {found}", more.start(), hint=hint
        )

    def bad_string(self, at: int) -> PolicySyntaxError:
        """Return the reason why the string that opens at `at` cannot be read."""
        end = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*+').match(self.text, at)
        stop = end.end() if end else at + 1
        if self.text.startswith("\\", stop):  # before a line end, or the end of the text
            stop += 1
        if stop >= len(self.text):
            return self.error("a string is never closed", at, at + 1)
        if self.text[stop] in "\r\n":
            return self.error(
                "a line ends inside a string", at, stop, hint="write `\\n`, or close it"
            )
        return self.error(f"{quoted(self.text[stop])} stands in a string unescaped", stop)


def _comma_before(text: str, at: int) -> int | None:
    """Return where the comma is that only blanks separate from `at`."""
    before = text[:at].rstrip(" \t\r\n")
    return len(before) - 1 if before.endswith(",") else None
