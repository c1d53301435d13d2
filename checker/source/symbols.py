"""Names of what nobody can know offline, inside text: `arn:aws:s3:::${Bucket}/*`.

A template refers to values that exist only once it is deployed. In the text of a policy such a
value is a mark: its name between two of Unicode's noncharacters, which are meant for use inside a
program, and which every reader of a file refuses. So no file can write one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

OWN_ACCOUNT: Final = "AWS::AccountId"
REGION: Final = "AWS::Region"
"""What every kind of template has a word for, under one name: CloudFormation's."""

RESERVED: Final = "U+FDD0 to U+FDEF are no characters of a text"
_OPEN: Final = "\ufdd0"
_CLOSE: Final = "\ufdd1"
_CONTENT: Final = "\ufdd2"
_PART: Final = "\ufdd3"
_FLAG: Final = "?"
_MANY: Final = "["
_RESERVED: Final = re.compile("[\ufdd0-\ufdef]")
_MARK: Final = re.compile(f"({_OPEN}[^{_CLOSE}]*{_CLOSE})")
_ESCAPED: Final = re.compile(r"[^a-z0-9_.,;!+=&<>~#\u0080-\U0010ffff-]")
_ESCAPES: Final = dict(zip(":/*?$'\"{}[]^()@%|\\ ", "0123456789-_.,;!+=&", strict=True))
_UNESCAPED: Final = {escape: sign for sign, escape in _ESCAPES.items()}
ALLOW_OF: Final = "Allow of the statement "
EFFECT_OF: Final = "effect "
"""Begin the names of truth values on which it depends if a policy has a statement that allows."""
ACTIONS_OF: Final = "actions of "
RESOURCES_OF: Final = "resources of "
"""Begin the names of what a managed policy grants, whose text is nowhere in the template."""
THAT_DENIES: Final = " that it denies"
"""Ends them where they are of what it denies."""
_PHRASE: Final = re.compile(rf"\$\{{((?:{ACTIONS_OF}|{RESOURCES_OF})[^{{}}]*)\}}")
_ARN: Final = re.compile(
    r"arn:aws:\$\{([^{}]*)#service\}:\$\{\1#region\}:\$\{\1#account\}:\$\{\1#resource\}"
)


def unread_policy_of(text: str) -> str:
    """Return which policy a readable text says the actions or resources of; "" if it says none."""
    for phrase in (f"the {ACTIONS_OF}", f"the {RESOURCES_OF}"):
        if text.startswith(phrase):
            return text.removeprefix(phrase).removesuffix(THAT_DENIES)
    return ""


def is_reserved(text: str) -> bool:
    """Whether a text holds a character that no file may bring in."""
    return not text.isascii() and _RESERVED.search(text) is not None


def mark(name: str, *, many: bool = False) -> str:
    """Return the text that stands for the value of a name; it survives a change of case.

    many: the value may be a list, an object or nothing, and not only one text.
    """
    return _marked(name, _MANY if many else "")


def _marked(name: str, sign: str, content: str = "") -> str:
    plain = _ESCAPED.sub(lambda found: _escaped(found[0]), _RESERVED.sub("?", name))
    return f"{_OPEN}{sign}{plain}{content}{_CLOSE}"


def _escaped(character: str) -> str:
    """Return a character that means something to a policy, or changes in lower case, as none."""
    return f"^{_ESCAPES.get(character, character.lower())}"


def part_of(one: str, part: str) -> str:
    """Return the mark of a part of an unknown text; different texts have different parts."""
    return f"{one.removesuffix(_CLOSE)}{_PART}{part}{_CLOSE}"


def flag(about: str, content: str = "") -> str:
    """Return the text that stands for a truth value of which nobody knows more than its name.

    about, content: what it is called, and what else it depends on, marks included; it is another
        truth value where one of them is another text.
    """
    held = sha256(repr((about, content)).encode("utf-8", "backslashreplace")).hexdigest()
    return _marked(readable(about), _FLAG, _CONTENT + held[:32])


def is_flag(text: str) -> bool:
    """Whether a text is the mark of a truth value."""
    return text.startswith(_OPEN + _FLAG)


def is_of_statement(text: str) -> bool:
    """Whether a text is the truth value of there being a statement at all."""
    return is_flag(text) and name_of(text).startswith((ALLOW_OF, EFFECT_OF))


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
    """Return the name in a mark, on one line."""
    inside = one[1:-1].lstrip(_FLAG + _MANY).partition(_CONTENT)[0].replace(_PART, "#")
    name = re.sub(
        r"\^(.)", lambda found: _UNESCAPED.get(found[1], found[1].upper()), inside, flags=re.DOTALL
    )
    return " ".join(name.split())


def readable(text: str) -> str:
    """Return a text as a person writes it: `${name}` for what is not known.

    The four unknown fields of an unknown ARN are that ARN again.
    """
    if _OPEN not in text:
        return text
    named = _MARK.sub(lambda found: f"${{{name_of(found[0])}}}", text)
    return _PHRASE.sub(r"the \1", _ARN.sub(r"${\1}", named))
