"""Hostile text to text that is safe where it is shown; all escaping is done here. Pure.

Everything a pull request brings is hostile: policy strings, file and branch names, messages that
quote them. One function for each kind of place; a renderer never builds markup of its own from
such text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Final

CODE_LIMIT: Final = 200  # characters of one value that a table or sentence shows

# Characters that show nothing or a gap although Unicode does not file them under format or space.
_BLANK: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_UNSEEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BACKTICKS: Final = re.compile("`+")
_PERCENT: Final = re.compile(r"[^A-Za-z0-9._~/-]")
_PIPE_AFTER_BACKSLASH: Final = re.compile(r"(?<=\\)\|")

# A word that no Markdown renderer makes anything of: no mention, number, link, hash or emphasis.
_PLAIN_WORD: Final = re.compile(
    r"""[("'\u201c]*
        (?: [A-Za-z]+ (?: ['\u2019-] [A-Za-z]+ )* | [0-9]{1,6} (?: - [0-9]{1,6} )? | [\u2192\u2014] )?
        [)"'.,;:!?\u201d]*""",
    re.VERBOSE,
)
_BRACKETED: Final = re.compile(r"(\(?)(.*?)([).,;:!?]*)", re.DOTALL)


def visible(text: str) -> str:
    r"""Return one line in which every character shows: control, bidi and blank ones as `\u{202e}`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"\\u{{{ord(char):x}}}" if _unseen(char) else char for char in text)


@cache
def _unseen(char: str) -> bool:
    if char.isascii():
        return not char.isprintable()
    category = unicodedata.category(char)
    return category in _UNSEEN_CATEGORIES or category == "Zs" or bool(_BLANK.match(char))


def shortened(text: str, limit: int) -> str:
    """Return the text, cut to `limit` characters with an ellipsis as the last."""
    return text if len(text) <= limit else text[: limit - 1] + "\u2026"


def code(text: str, limit: int = CODE_LIMIT) -> str:
    """Return a Markdown code span that shows the text, in one line and at most `limit` long."""
    return _span(shortened(visible(text), limit))


def cell(text: str, limit: int = CODE_LIMIT) -> str:
    r"""Return a code span for a table cell, where `|` ends the cell even inside code.

    `\|` stands for `|`, and nothing stands for a backslash before it, so that pipe is spelt out.
    """
    shown = shortened(visible(text), limit)
    return _span(_PIPE_AFTER_BACKSLASH.sub(r"\\u{7c}", shown)).replace("|", r"\|")


def _span(shown: str) -> str:
    if not shown:
        return "(empty)"
    ticks = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(shown)), default=0))
    # Markdown takes one blank off both ends, but leaves a span of nothing but blanks alone.
    pad = " " if shown.strip(" ") and (shown[0] in " `" or shown[-1] in " `") else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def prose(text: str, *, in_table: bool = False) -> str:
    """Return our own sentence, with user text in backticks, as one line of Markdown.

    Whatever is not a plain word is shown as code, also outside backticks: a user's backtick may
    have moved the limits.
    """
    as_code = cell if in_table else code
    line = ""
    for number, segment in enumerate(text.split("`")):
        for word in [segment] if number % 2 else re.findall(r"\s+|\S+", segment):
            piece = _word(word, as_code) if number % 2 == 0 else as_code(word) if word else ""
            touching = line.endswith("`") and piece.startswith("`")  # would be read as one fence
            line += " " + piece if touching else piece
    return line


def _word(word: str, as_code: Callable[[str], str]) -> str:
    if word.isspace():
        return " "
    if _PLAIN_WORD.fullmatch(word):
        return word
    match = _BRACKETED.fullmatch(word)
    if match is None or not match[2]:
        return as_code(word)
    return match[1] + as_code(match[2]) + match[3]


def fence(text: str, language: str = "") -> str:
    """Return a fenced code block of many lines; characters that do not show are spelt out."""
    body = "\n".join(visible(line) for line in text.splitlines())
    ticks = "`" * max(3, 1 + max((len(run) for run in _BACKTICKS.findall(body)), default=0))
    return f"{ticks}{language}\n{body}\n{ticks}"


def url(base: str, *parts: str) -> str:
    """Return an address below `base`; each part is percent-encoded, its slashes kept."""
    return "/".join([base.rstrip("/"), *(_PERCENT.sub(_percent, part) for part in parts)])


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode(errors="surrogatepass"))


def command_data(text: str) -> str:
    """Return the text as the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """Return the text as a property of a workflow command."""
    return command_data(text).replace(":", "%3A").replace(",", "%2C")
