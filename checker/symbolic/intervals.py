"""Points on a scale: is there one inside these intervals and outside those, and how it is written.

Between two neighbouring bounds all points are alike, so the bounds, the points just beside them and
one point between each two are all there is to try.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise
from typing import Final

from checker.policy import values
from checker.symbolic.atoms import Interval, Scale

_FIRST_IPV6: Final = 2**32
_LAST: Final = _FIRST_IPV6 + 2**128 - 1
_PREFERRED: Final = {
    Scale.NUMBER: (Fraction(1), Fraction(0)),
    Scale.INSTANT: (Fraction(1767225600),),  # 2026-01-01
    Scale.ADDRESS: (Fraction(int(IPv4Address("203.0.113.7"))),),
}
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST: Final = (datetime(1, 1, 1, tzinfo=UTC) - _START) // timedelta(seconds=1)
_EAST: Final = 23 * 3600 + 59 * 60  # the offset that puts a date into the last day before year 1


def points(scale: Scale, intervals: Iterable[Interval]) -> Iterator[Fraction]:
    """Yield a point of every class that the intervals tell apart, the pleasant ones first."""
    yield from _PREFERRED[scale]
    bounds = sorted(
        {b for i in intervals for b in (i.low, i.high) if b is not None},
    )
    for bound in bounds:
        yield from (p for p in (bound, bound + 1, bound - 1) if _exists(scale, p))
    if scale is not Scale.ADDRESS:
        yield from ((a + b) / 2 for a, b in pairwise(bounds))
    else:
        yield from (Fraction(0), Fraction(_FIRST_IPV6))


def _exists(scale: Scale, point: Fraction) -> bool:
    match scale:
        case Scale.ADDRESS:
            return 0 <= point <= _LAST
        case Scale.INSTANT:
            return point >= _EARLIEST - _EAST
        case Scale.NUMBER:
            return True


def point(inside: Iterable[Interval], outside: Iterable[Interval], scale: Scale) -> Fraction | None:
    """Return a point in all of `inside` and none of `outside`, or None if there is none."""
    wanted, unwanted = tuple(inside), tuple(outside)
    for candidate in points(scale, (*wanted, *unwanted)):
        if all(i.has(candidate) for i in wanted) and not any(i.has(candidate) for i in unwanted):
            return candidate
    return None


def written(scale: Scale, value: Fraction) -> str:
    """Return a point as a request carries it."""
    match scale:
        case Scale.NUMBER:
            return _decimal(value)
        case Scale.ADDRESS:
            number = int(value)
            if number < _FIRST_IPV6:
                return str(IPv4Address(number))
            return str(IPv6Address(number - _FIRST_IPV6))
        case Scale.INSTANT:
            return _instant(value)


def _decimal(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1  # bounds are decimals and points are halfway between: this ends
    digits = str(abs(value.numerator * 10**places // value.denominator)).zfill(places + 1)
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _instant(value: Fraction) -> str:
    whole = value.numerator // value.denominator
    part = value - whole
    fraction = _decimal(part)[1:] if part else ""
    offset, shown = (_EAST, "+23:59") if whole < _EARLIEST else (0, "Z")
    try:
        moment = _START + timedelta(seconds=whole + offset)
    except OverflowError:
        return _decimal(value)  # past the year 9999; seconds since 1970 are a date too
    return f"{moment.year:04}-{moment:%m-%dT%H:%M:%S}{fraction}{shown}"


def read(scale: Scale, text: str) -> Fraction | None:
    """Return the point that a request's text stands for, or None if it stands for none."""
    match scale:
        case Scale.NUMBER:
            return values.number(text)
        case Scale.INSTANT:
            return values.instant(text)
        case Scale.ADDRESS:
            address = values.address(text)
            if address is None:
                return None
            return Fraction(int(address) + (0 if address.version == 4 else _FIRST_IPV6))
