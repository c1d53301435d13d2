"""Names of what nobody can know offline, inside text: `arn:aws:s3:::${Bucket}/*`.

A template refers to values that exist only once it is deployed. In the text of a policy such a
value is a mark: its name between two of Unicode's noncharacters, which are meant for use inside a
program, and which every reader of a file refuses. So no file can write one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

OWN_ACCOUNT: Final = "AWS::AccountId"
REGION: Final = "AWS::Region"
"""What every kind of template has a word for, under one name: CloudFormation's."""

RESERVED: Final = "U+FDD0 to U+FDEF are no characters of a text"
_OPEN: Final = "\ufdd0"
_CLOSE: Final = "\ufdd1"
_FLAG: Final = "?"
_MANY: Final = "["
_RESERVED: Final = re.compile("[\ufdd0-\ufdef]")
_MARK: Final = re.compile(f"({_OPEN}[^{_CLOSE}]*{_CLOSE})")
_UPPER: Final = re.compile(r"[A-Z^]")


def is_reserved(text: str) -> bool:
    """Whether a text holds a character that no file may bring in."""
    return not text.isascii() and _RESERVED.search(text) is not None


def mark(name: str, *, many: bool = False) -> str:
    """Return the text that stands for the value of a name; it survives a change of case.

    many: the value may be a list, an object or nothing, and not only one text.
    """
    return _marked(name, _MANY if many else "")


def _marked(name: str, sign: str) -> str:
    lowered = _UPPER.sub(lambda found: "^" + found[0].lower(), _RESERVED.sub("?", name))
    return f"{_OPEN}{sign}{lowered}{_CLOSE}"


def flag(name: str) -> str:
    """Return the text that stands for a truth value of which nobody knows more than its name."""
    return _marked(name, _FLAG)


def is_flag(text: str) -> bool:
    """Whether a text is the mark of a truth value."""
    return text.startswith(_OPEN + _FLAG)


def is_many(text: str) -> bool:
    """Whether a text is the mark of what may be a list, an object or nothing."""
    return text.startswith(_OPEN + _MANY)


def holds_mark(text: str) -> bool:
    """Whether some of a text is not known."""
    return _OPEN in text


def is_mark(text: str) -> bool:
    """Whether a text is one unknown value and nothing else."""
    return text.startswith(_OPEN) and text.find(_CLOSE) == len(text) - 1


def pieces(text: str) -> Iterator[str]:
    """Yield the text cut at its marks: literal text and marks in order, none of them empty."""
    return (piece for piece in _MARK.split(text) if piece)


def name_of(one: str) -> str:
    """Return the name in a mark."""
    inside = one[1:-1].lstrip(_FLAG + _MANY)
    return re.sub(r"\^(.)", lambda found: _raised(found[1]), inside, flags=re.DOTALL)


def _raised(character: str) -> str:
    return character if character == "^" else character.upper()


def readable(text: str) -> str:
    """Return a text as a person writes it: `${name}` for what is not known."""
    if _OPEN not in text:
        return text
    return _MARK.sub(lambda found: f"${{{name_of(found[0])}}}", text)
