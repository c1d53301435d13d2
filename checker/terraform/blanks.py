"""Where tokens of Terraform's language end, without a look at what they mean."""

from __future__ import annotations

import re
from typing import Final

IDENTIFIER: Final = r"[^\W\d][\w-]*+"  # letters of any script, digits, `_` and `-`
_COMMENT: Final = r"#[^\n]*+|//[^\n]*+|/\*(?s:.*?)\*/"

line_blank: Final = re.compile(rf"(?:[ \t]++|\r(?=\n)|{_COMMENT})*+").match
"""Matches blanks and comments up to the end of a line."""

blank: Final = re.compile(rf"(?:[ \t\r\n]++|{_COMMENT})*+").match
"""Matches blanks and comments over any number of lines."""

identifier: Final = re.compile(IDENTIFIER).match

plain_string: Final = re.compile(r'"((?:[^"\\$%\n]++|\$(?!\$?\{)|%(?!%?\{))*+)"').match
"""Matches a string that stands for what is between its quotes."""

heredoc: Final = re.compile(rf"<<(-?)({IDENTIFIER})[ \t]*+\r?\n").match

_STRING_STEP: Final = re.compile(r'(?:[^"\\$%\n]++|\\.|\$\$\{|%%\{|[$%](?!\{))*+').match
_CODE_STEP: Final = re.compile(rf"""(?:[^"{{}}<#/]++|{_COMMENT}|<(?!<)|/(?![/*]))*+""").match


def heredoc_end(text: str, start: int, marker: str) -> tuple[int, int] | None:
    """Return where the marker's line that closes a heredoc begins, and where its marker ends."""
    found = re.compile(rf"^[ \t]*+{re.escape(marker)}(?=[ \t]*\r?$)", re.MULTILINE).search(
        text, start
    )
    return (found.start(), found.end()) if found else None


def end_of_braces(text: str, start: int, depth: int = 100) -> int:
    """Return the offset after the `}` that closes the `{` before `start`; -1 if there is none."""
    level = 1
    at = start
    while depth:
        step = _CODE_STEP(text, at)
        at = step.end() if step else at
        if at >= len(text):
            return -1
        character = text[at]
        if character == "{":
            level += 1
            at += 1
        elif character == "}":
            level -= 1
            at += 1
            if not level:
                return at
        elif character == '"':
            at = end_of_string(text, at, depth - 1)
        elif opening := heredoc(text, at):
            closing = heredoc_end(text, opening.end(), opening[2])
            at = closing[1] if closing else -1
        else:
            at += 1
        if at < 0:
            return -1
    return -1


def end_of_string(text: str, start: int, depth: int = 100) -> int:
    """Return the offset after the string that opens at `start`; -1 if it is never closed."""
    if plain := plain_string(text, start):
        return plain.end()
    at = start + 1
    while True:
        step = _STRING_STEP(text, at)
        at = step.end() if step else at
        if at >= len(text) or text[at] == "\n":
            return -1
        if text[at] == '"':
            return at + 1
        at = end_of_braces(text, at + 2, depth) if text[at] in "$%" else -1
        if at < 0:
            return -1
