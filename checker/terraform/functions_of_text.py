"""Terraform's functions that make texts."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Final

from checker.source.tree import Number, Scalar
from checker.span import Span
from checker.template.value import Items, Unknown, Value
from checker.terraform.function_types import (
    Function,
    NotKnownError,
    counted,
    is_nothing,
    listed,
    one,
    whole,
    word,
)
from checker.terraform.functions_of_replacing import replaced
from checker.terraform.values import (
    LONGEST_TEXT,
    Encoded,
    FailedError,
    Piece,
    TooMuchError,
    Written,
    canonical,
    decimal_of,
    json_pieces,
    known_text,
    number_text,
    pieces_of,
    text,
    text_of,
    truth,
    unknown,
)

_VERB: Final = re.compile(
    r"%(?:%|(?P<flags>[+\- #0]*)(?P<width>\d{0,3})(?:\.(?P<places>\d{1,3}))?(?:\[(?P<index>\d+)\])?"
    r"(?P<verb>[vtbcdoxXefgGsq]))"
)


def _pieces(value: Value) -> tuple[Piece, ...]:
    found = pieces_of(value)
    if found is None:
        raise FailedError("a text should be here", value.span)
    return found


def _join(values: tuple[Value, ...], at: Span) -> Value:
    separator = word(one(values, 0, at))
    pieces: list[Piece] = []
    is_first = True
    if len(separator) * sum(len(each.values) for each in values[1:] if isinstance(each, Items)) > (
        LONGEST_TEXT
    ):
        raise TooMuchError("a text longer than is worked out", at)
    items = [item for each in values[1:] for item in listed(each)]
    if len(items) == 1 and isinstance(items[0], Encoded | Written):
        return items[0]  # which knows where it stands
    for each in values[1:]:
        for item in listed(each):
            if isinstance(item, Unknown) and item.many:
                raise NotKnownError
            pieces += ((), (separator,))[not is_first]
            pieces += _pieces(item)
            is_first = False
    return text_of(pieces, at)


def _format(values: tuple[Value, ...], at: Span) -> Value:
    """Return a formatted text; what nobody knows of the format stands for itself."""
    shape = pieces_of(one(values, 0, at))
    if shape is None:
        raise FailedError("a text should be here", at)
    if any(isinstance(piece, Unknown) and piece.many for piece in shape):
        raise NotKnownError
    pieces: list[Piece] = []
    used = 0
    for part in shape:
        if isinstance(part, Unknown):
            pieces.append(part)
            continue
        end = 0
        for found in _VERB.finditer(part):
            pieces.append(part[end : found.start()])
            end = found.end()
            if found[0] == "%%":
                pieces.append("%")
                continue
            used = int(found["index"]) if found["index"] else used + 1
            pieces += _formatted(one(values, used, at), found)
        if "%" in part[end:] or "%" in _VERB.sub("", part):
            raise FailedError("a format that is not known", at)
        pieces.append(part[end:])
    return text_of(pieces, at)


def _formatted(value: Value, found: re.Match[str]) -> tuple[Piece, ...]:
    verb = found["verb"]
    plain = not (found["flags"] or found["width"] or found["places"])
    if verb in "sv" and plain:
        if pieces_of(value) is None:
            return tuple(json_pieces(value)) if verb == "v" else _pieces(value)
        return _pieces(value)
    if pieces_of(value) is not None and known_text(value) is None:
        shown = canonical(value)
        return (unknown(f'format("{found[0]}", {shown})', value.span, many=False),)
    if verb == "q" and plain:
        return tuple(json_pieces(text(word(value), value.span)))
    shape = f"%{found['flags']}{found['width']}" + (
        f".{found['places']}" if found["places"] else ""
    )
    if verb == "s":
        return (f"{shape}s" % word(value),)
    if verb == "t":
        return (word(value),)
    known = decimal_of(value)
    if known is None or verb not in "dxXobfeEgG" or verb == "b":
        raise FailedError("a format that does not suit its value", value.span)
    return ((shape + verb) % (int(known) if verb in "dxXo" else float(known)),)


def _formatlist(values: tuple[Value, ...], at: Span) -> Value:
    lists = [counted(each) for each in values[1:] if isinstance(each, Items)]
    if any(isinstance(each, Unknown) and each.many for each in values[1:]):
        raise NotKnownError
    length = len(lists[0]) if lists else 1
    if any(len(each) != length for each in lists):
        raise FailedError("lists of different lengths", at)
    made: list[Value] = []
    for index in range(length):
        row = [each.values[index] if isinstance(each, Items) else each for each in values[1:]]
        made.append(_format((values[0], *row), at))
    return Items(tuple(made), at)


def _each_piece(change: Callable[[str], str], name: str) -> Function:
    """Return a function that changes each character on its own."""

    def make(values: tuple[Value, ...], at: Span) -> Value:
        pieces = [
            change(piece)
            if isinstance(piece, str)
            else unknown(f"{name}({piece.expression})", at, many=False)
            for piece in _pieces(one(values, 0, at))
        ]
        return text_of(pieces, at)

    return Function(make, is_text=True)


def _known(change: Callable[..., str], count: int) -> Function:
    """Return a function of known texts alone."""

    def make(values: tuple[Value, ...], at: Span) -> Value:
        if len(values) != count:
            raise FailedError(f"the function takes {count} arguments", at)
        return text(change(*[word(each) for each in values]), at)

    return Function(make, is_text=True)


def _trimmed(values: tuple[Value, ...], at: Span) -> Value:
    """Return a text without blanks around it; lines keep their places."""
    string = one(values, 0, at)
    if isinstance(string, Written) and _is_json(string):
        return string
    return text(word(string).strip(_BLANKS), at)


def _is_json(string: Written) -> bool:
    """Whether a text is an object or list in JSON, where blanks around it mean nothing."""
    first = next((p for p in string.pieces if not isinstance(p, str) or p.strip()), "")
    return isinstance(first, str) and first.lstrip()[:1] in ("{", "[")


def _chomped(values: tuple[Value, ...], at: Span) -> Value:
    string = one(values, 0, at)
    if isinstance(string, Written) and _is_json(string):
        return string
    return text(re.sub(r"(\r?\n)+\Z", "", word(string)), at)


def _substr(values: tuple[Value, ...], at: Span) -> Value:
    string, offset, length = word(one(values, 0, at)), whole(one(values, 1, at)), -1
    length = whole(one(values, 2, at))
    if offset < 0:
        offset += len(string)
        if offset < 0:
            raise FailedError("an offset before the text", at)
    end = len(string) if length < 0 else offset + length
    return text(string[offset:end], at)


def _split(values: tuple[Value, ...], at: Span) -> Value:
    separator, string = word(one(values, 0, at)), word(one(values, 1, at))
    if not separator:
        return Items(tuple([text(each, at) for each in string]), at)
    return Items(tuple([text(each, at) for each in string.split(separator)]), at)


def _affix(name: str, *, at_end: bool) -> Function:
    """Return `startswith` or `endswith`, which often need to know one end only."""

    def make(values: tuple[Value, ...], at: Span) -> Value:
        pieces, part = _pieces(one(values, 0, at)), word(one(values, 1, at))
        outer = pieces[-1 if at_end else 0] if pieces else ""
        if not isinstance(outer, str):
            if not part:
                return truth(True, at)  # noqa: FBT003
            raise NotKnownError
        found = outer.endswith(part) if at_end else outer.startswith(part)
        differs = not (part.endswith(outer) if at_end else part.startswith(outer))
        if found or differs or len(pieces) < 2:
            return truth(found, at)
        raise NotKnownError

    del name
    return Function(make)


def _strcontains(values: tuple[Value, ...], at: Span) -> Value:
    pieces, part = _pieces(one(values, 0, at)), word(one(values, 1, at))
    if any(isinstance(piece, str) and part in piece for piece in pieces):
        return truth(True, at)  # noqa: FBT003
    return truth(part in word(values[0]), at)


def _base64decode(string: str) -> str:
    try:
        return base64.b64decode(string, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise NotKnownError from None


def _indent(values: tuple[Value, ...], at: Span) -> Value:
    blanks = " " * max(0, min(whole(one(values, 0, at)), 100))
    pieces = [
        piece.replace("\n", f"\n{blanks}") if isinstance(piece, str) else piece
        for piece in _pieces(one(values, 1, at))
    ]
    return text_of(pieces, at)


def _tostring(values: tuple[Value, ...], at: Span) -> Value:
    value = one(values, 0, at)
    if isinstance(value, Unknown) and value.many:
        raise NotKnownError  # it may be a list or an object, of which there is no text
    return value if is_nothing(value) else text_of(_pieces(value), value.span)


def _tonumber(values: tuple[Value, ...], at: Span) -> Value:
    value = one(values, 0, at)
    if is_nothing(value):
        return value
    word(value)
    found = decimal_of(value)
    if found is None:
        raise FailedError("a number should be here", at)
    return Scalar(Number(number_text(str(found))), at)


def _tobool(values: tuple[Value, ...], at: Span) -> Value:
    value = one(values, 0, at)
    if is_nothing(value):
        return value
    known = word(value)
    if known not in ("true", "false"):
        raise FailedError("a Boolean should be here", at)
    return truth(known == "true", at)


def _title(string: str) -> str:
    return re.sub(r"(^|[^\w])(\w)", lambda found: found[1] + found[2].upper(), string)


def _upper(string: str) -> str:
    """Return a text in capitals, letter by letter: `ß` has none of its own."""
    return "".join([up if len(up := each.upper()) == 1 else each for each in string])


_BLANKS: Final = " \t\n\r\v\f\x85\xa0"

TEXTS: Final[dict[str, Function]] = {
    "join": Function(_join, is_text=True),
    "format": Function(_format, is_text=True),
    "formatlist": Function(_formatlist),
    "lower": _each_piece(str.lower, "lower"),
    "upper": _each_piece(_upper, "upper"),
    "title": _known(_title, 1),
    "replace": Function(replaced, is_text=True),
    "trimspace": Function(_trimmed, is_text=True),
    "trim": _known(lambda string, cut: string.strip(cut) if cut else string, 2),
    "trimprefix": _known(str.removeprefix, 2),
    "trimsuffix": _known(str.removesuffix, 2),
    "chomp": Function(_chomped, is_text=True),
    "strrev": _known(lambda string: string[::-1], 1),
    "substr": Function(_substr, is_text=True),
    "split": Function(_split),
    "startswith": _affix("startswith", at_end=False),
    "endswith": _affix("endswith", at_end=True),
    "strcontains": Function(_strcontains),
    "indent": Function(_indent, is_text=True),
    "base64encode": _known(lambda string: base64.b64encode(string.encode()).decode(), 1),
    "base64decode": _known(_base64decode, 1),
    "tostring": Function(_tostring),
    "tonumber": Function(_tonumber),
    "tobool": Function(_tobool),
    "basename": _known(lambda path: path.rstrip("/").rpartition("/")[2] or path[:1] or ".", 1),
    "dirname": _known(lambda path: path.rpartition("/")[0] or ("/" if path[:1] == "/" else "."), 1),
}
