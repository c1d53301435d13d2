"""Texts that must not be longer than the place they go to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

COMMENT_LIMIT: Final = 60_000  # characters; GitHub refuses a body of more than 65,536
SUMMARY_LIMIT: Final = 900 * 1024  # bytes; the runner drops a whole summary of more than 1 MiB


def fitted(build: Callable[[int], str], most: int, limit: int) -> str:
    """Return the fullest of `build(most)`, `build(most // 2)` … `build(0)` that fits.

    Units: `limit` counts bytes of UTF-8, which is never less than the characters.
    """
    amount = most
    while amount:
        text = build(amount)
        if len(text.encode()) <= limit:
            return text
        amount //= 2
    return build(0)


def listed(items: Sequence[str], most: int, show: Callable[[str], str] = str) -> str:
    """Return the items as `show` writes them, with commas, and how many more there are."""
    more = len(items) - most
    shown = ", ".join(show(item) for item in items[:most])
    return f"{shown} and {more} more" if more > 0 else shown
