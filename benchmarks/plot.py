"""Plots as SVG by hand: lines over logarithmic axes, readable on light and on dark paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from math import floor, log10
from typing import Final, TypeAlias

Point: TypeAlias = tuple[float, float]

_WIDTH: Final = 720
_HEIGHT: Final = 380
_LEFT: Final = 64
_RIGHT: Final = 32
_TOP: Final = 60
_BOTTOM: Final = 44
_COLOURS: Final = ("#2f6fde", "#d1571b", "#2c8a4b", "#8a4fbf")
_STYLE: Final = (
    "text{font:12px system-ui,sans-serif;fill:#57606a}.title{font-size:14px;font-weight:600}"
    ".grid{stroke:#8c959f;stroke-opacity:.25}.line{fill:none;stroke-width:2.2}"
)


class _Axis:
    """A logarithmic or linear axis from pixels `start` to `end`."""

    def __init__(self, values: Sequence[float], start: float, end: float, *, log: bool) -> None:
        self._log = log
        low, high = min(values), max(values)
        if log:
            low, high = 10.0 ** floor(log10(low)), 10.0 ** -floor(-log10(high))
        self._low, self._high, self._start, self._end = low, high, start, end

    def place(self, value: float) -> float:
        """Return the pixel of a value."""
        low, high, at = self._low, self._high, value
        if self._log:
            low, high, at = log10(low), log10(high), log10(value)
        return self._start + (self._end - self._start) * (at - low) / (high - low)

    def ticks(self) -> list[float]:
        """Return the values that are marked: powers of ten, or five steps."""
        if not self._log:
            return [self._low + (self._high - self._low) * i / 5 for i in range(6)]
        first, last = round(log10(self._low)), round(log10(self._high))
        return [10.0**power for power in range(first, last + 1)]


def shares(title: str, series: Mapping[str, Sequence[float | None]]) -> str:
    """Return a plot of the share of values up to a size in seconds; None is beyond every size."""
    lines = {name: _shares(values) for name, values in series.items()}
    return _chart(title, lines, ("time", _time), ("%", lambda share: f"{share:.0f}"), log_y=False)


def _shares(values: Sequence[float | None]) -> list[Point]:
    there = sorted(value for value in values if value is not None)
    return [(value, 100 * (i + 1) / len(values)) for i, value in enumerate(there)]


def _time(seconds: float) -> str:
    return f"{seconds:g} s" if seconds >= 1 else f"{seconds * 1000:g} ms"


def growth(title: str, x_name: str, series: Mapping[str, Sequence[Point]]) -> str:
    """Return a plot of seconds against a number, both logarithmic, with a mark for each point."""
    return _chart(title, series, (x_name, lambda n: f"{n:,.0f}"), ("", _time), log_y=True)


_Labels: TypeAlias = tuple[str, Callable[[float], str]]


def _chart(
    title: str, series: Mapping[str, Sequence[Point]], x: _Labels, y: _Labels, *, log_y: bool
) -> str:
    points = [point for line in series.values() for point in line]
    across = _Axis([p[0] for p in points], _LEFT, _WIDTH - _RIGHT, log=True)
    heights = [p[1] for p in points] + ([] if log_y else [0.0, 100.0])
    up = _Axis(heights, _HEIGHT - _BOTTOM, _TOP, log=log_y)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<text class="title" x="{_LEFT}" y="20">{escape(title)}</text>',
        *_grid(across, up, x, y),
    ]
    for number, (name, line) in enumerate(series.items()):
        places = [(f"{across.place(px):.1f}", f"{up.place(py):.1f}") for px, py in line]
        parts += _line(number, name, places, marked=log_y)
    return "\n".join([*parts, "</svg>\n"])


def _grid(across: _Axis, up: _Axis, x: _Labels, y: _Labels) -> list[str]:
    parts = []
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for value in across.ticks():
        at = f"{across.place(value):.1f}"
        parts.append(f'<line class="grid" x1="{at}" x2="{at}" y1="{_TOP}" y2="{bottom}"/>')
        label = escape(x[1](value))
        parts.append(f'<text x="{at}" y="{bottom + 16}" text-anchor="middle">{label}</text>')
    for value in up.ticks():
        at = f"{up.place(value):.1f}"
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{at}" y2="{at}"/>')
        label = escape(f"{y[1](value)}{y[0]}")
        parts.append(f'<text x="{_LEFT - 6}" y="{at}" dy="4" text-anchor="end">{label}</text>')
    parts.append(f'<text x="{right}" y="{_HEIGHT - 8}" text-anchor="end">{escape(x[0])}</text>')
    return parts


def _line(number: int, name: str, places: Sequence[tuple[str, str]], *, marked: bool) -> list[str]:
    colour = _COLOURS[number % len(_COLOURS)]
    path = " ".join(f"{px},{py}" for px, py in places)
    parts = [f'<polyline class="line" stroke="{colour}" points="{path}"/>']
    if marked:
        parts += [f'<circle cx="{px}" cy="{py}" r="3" fill="{colour}"/>' for px, py in places]
    left = _LEFT + 170 * number
    parts.append(f'<rect x="{left}" y="34" width="14" height="4" fill="{colour}"/>')
    parts.append(f'<text x="{left + 20}" y="40">{escape(name)}</text>')
    return parts
