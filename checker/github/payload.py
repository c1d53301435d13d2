"""Values in GitHub's JSON, by their keys. Pure; the edge at which its answers get types."""

from __future__ import annotations

from collections.abc import Mapping


def at(value: object, *keys: str) -> object:
    """Return what stands under these keys, one inside the other; `None` if nothing does."""
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def text(value: object, *keys: str) -> str:
    """Return the string under these keys; "" if there is none."""
    found = at(value, *keys)
    return found if isinstance(found, str) else ""


def number(value: object, *keys: str) -> int:
    """Return the integer under these keys; 0 if there is none."""
    found = at(value, *keys)
    return found if isinstance(found, int) else 0


def items(value: object) -> list[object]:
    """Return the list that a value is; an empty one if it is none."""
    return list(value) if isinstance(value, list) else []
