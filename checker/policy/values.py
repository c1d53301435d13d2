"""What the texts of typed condition values mean, in a policy as in a request.

Each function returns None for a text that is no value of its type. Letters are folded by
`lower` alone: IAM ignores the case of A to Z, and `str.lower` would go further.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from re import ASCII
from re import compile as regex
from typing import Final

_NUMBER: Final = regex(r"-?[0-9]+(\.[0-9]+)?")
_EPOCH: Final = regex(r"[0-9]+(\.[0-9]+)?")
_YEAR: Final = regex(r"[0-9]{4}")
# The six forms of https://www.w3.org/TR/NOTE-datetime; a time always has an offset.
_DATE: Final = regex(
    r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)"
    r"(T(?P<hour>\d\d):(?P<minute>\d\d)(:(?P<second>\d\d)(\.(?P<fraction>\d+))?)?"
    r"(?P<offset>Z|[+-]\d\d:\d\d))?)?)?",
    ASCII,
)
_LONGEST: Final = 400  # characters of a number: far past any use, and cheap to compute with
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UPPER_TO_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def lower(text: str) -> str:
    """Return a text with the letters A to Z in lower case, and no others."""
    return text.lower() if text.isascii() else text.translate(_UPPER_TO_LOWER)


def boolean(text: str) -> bool | None:
    """Return the truth value that `true` or `false`, in any case, stands for."""
    return {"true": True, "false": False}.get(lower(text))


def number(text: str) -> Fraction | None:
    """Return the exact value of an integer or decimal; no exponent, no plus sign."""
    return Fraction(text) if len(text) <= _LONGEST and _NUMBER.fullmatch(text) else None


@lru_cache(maxsize=4096)
def instant(text: str) -> Fraction | None:
    """Return the seconds since 1970 in UTC of a date; four digits are a year."""
    if len(text) > _LONGEST:
        return None
    if _EPOCH.fullmatch(text) and not _YEAR.fullmatch(text):
        return Fraction(text)
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (
        int(found[name] or default)
        for name, default in zip(
            ("year", "month", "day", "hour", "minute", "second"), (0, 1, 1, 0, 0, 0), strict=True
        )
    )
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _START
        offset = _offset(found["offset"] or "Z")
    except ValueError:
        return None
    digits = found["fraction"] or "0"
    return Fraction(moment // timedelta(seconds=1)) + Fraction(f"0.{digits}") - offset


def other_instant(text: str) -> Fraction | None:
    """Return the other instant that a date of four digits may mean: seconds since 1970."""
    return Fraction(text) if _YEAR.fullmatch(text) else None


def _offset(text: str) -> int:
    if text == "Z":
        return 0
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 23 or minutes > 59:
        raise ValueError(text)
    return (-1 if text[0] == "-" else 1) * (hours * 3600 + minutes * 60)


@lru_cache(maxsize=4096)
def network(text: str) -> IPv4Network | IPv6Network | None:
    """Return a CIDR block, its host bits cleared; an address is a block of one."""
    prefix = text.partition("/")[2]
    if ("/" in text and not (prefix.isascii() and prefix.isdigit())) or "%" in text:
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def address(text: str) -> IPv4Address | IPv6Address | None:
    """Return one IP address."""
    if "%" in text:
        return None
    try:
        return ip_address(text)
    except ValueError:
        return None


def binary(text: str) -> bytes | None:
    """Return the bytes that a base-64 text encodes."""
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError):
        return None
