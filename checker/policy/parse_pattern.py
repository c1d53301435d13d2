"""Text with wildcards and policy variables to patterns."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from checker.errors import PolicySyntaxError
from checker.policy.model import Part, Pattern, Variable, Wildcard
from checker.policy.values import lower
from checker.source.symbols import holds_mark, pieces, readable
from checker.span import Span

_WILDCARDS: Final = {"*": Wildcard.ANY_RUN, "?": Wildcard.ANY_ONE}
_ESCAPED: Final = frozenset({"*", "?", "$"})
_NOT_IN_KEY: Final = frozenset("${}'\"*?,")


class _BadVariableError(ValueError):
    """The text of a policy variable is wrong; the argument says how."""


def pattern(text: str, at: Span, *, wildcards: bool, variables: bool) -> Pattern:
    """Return the pattern that a text stands for where wildcards or variables have a meaning."""
    try:
        return Pattern(parts(text, wildcards=wildcards, variables=variables), readable(text), at)
    except _BadVariableError as error:
        hint = "write `${key}` or `${key, 'default'}`, and a plain `$` as `${$}`"
        raise PolicySyntaxError(str(error), at, hint=hint) from None


@lru_cache(maxsize=16384)
def parts(text: str, *, wildcards: bool, variables: bool) -> tuple[Part, ...]:
    """Return the parts of a text; documents repeat their texts, so this remembers."""
    if holds_mark(text):
        return _joined(_with_symbols(text, wildcards=wildcards, variables=variables))
    has_wildcards = wildcards and ("*" in text or "?" in text)
    has_variables = variables and "${" in text
    if not has_variables:
        if not has_wildcards:
            return (text,) if text else ()
        return tuple(_globbed(text))
    return _joined(_with_variables(text, wildcards=wildcards))


def _globbed(text: str) -> Iterator[Part]:
    start = 0
    for position, character in enumerate(text):
        if character in _WILDCARDS:
            if position > start:
                yield text[start:position]
            yield _WILDCARDS[character]
            start = position + 1
    if start < len(text):
        yield text[start:]


def _with_symbols(text: str, *, wildcards: bool, variables: bool) -> Iterator[Part]:
    for piece in pieces(text):
        if holds_mark(piece):
            yield Variable(piece)
        else:
            yield from parts(piece, wildcards=wildcards, variables=variables)


def _with_variables(text: str, *, wildcards: bool) -> Iterator[Part]:
    position = 0
    while (start := text.find("${", position)) != -1:
        yield from _plain(text[position:start], wildcards=wildcards)
        part, position = _variable(text, start + 2)
        yield part
    yield from _plain(text[position:], wildcards=wildcards)


def _plain(text: str, *, wildcards: bool) -> Iterator[Part]:
    if wildcards:
        yield from _globbed(text)
    elif text:
        yield text


def _variable(text: str, start: int) -> tuple[str | Variable, int]:
    """Return what `${` opens just before `start`, and the position after its brace."""
    brace, comma = text.find("}", start), text.find(",", start)
    if comma != -1 and (brace == -1 or comma < brace):
        end = text.find("'}", comma + 3)
        if text[comma : comma + 3] != ", '" or end == -1:
            raise _BadVariableError(
                "the default of a policy variable is not of the form `, 'text'`"
            )
        default = text[comma + 3 : end]
        if "'" in default or "${" in default:
            raise _BadVariableError("the default of a policy variable holds a quote or a variable")
        return Variable(_key(text[start:comma]), default), end + 2
    if brace == -1:
        raise _BadVariableError("a policy variable is not closed: `${` without `}`")
    inside = text[start:brace]
    return (inside if inside in _ESCAPED else Variable(_key(inside))), brace + 1


def _key(text: str) -> str:
    if not text:
        raise _BadVariableError("a policy variable has no name")
    if any(character in _NOT_IN_KEY or character.isspace() for character in text):
        raise _BadVariableError("the name of a policy variable holds a character that none can")
    return lower(text)


def _joined(found: Iterator[Part]) -> tuple[Part, ...]:
    """Return the parts with neighbouring texts made one."""
    joined: list[Part] = []
    for part in found:
        last = joined[-1] if joined else None
        if isinstance(part, str) and isinstance(last, str):
            joined[-1] = last + part
        else:
            joined.append(part)
    return tuple(joined)
