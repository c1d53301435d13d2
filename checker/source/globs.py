"""Which paths of a repository are looked at.

A pattern without a `/` is matched against the last part of a path, one with a `/` against the
whole path from the repository's root. `*` and `?` stay within a part, `**` is any number of parts.
Case is ignored, so that renaming to `.JSON` hides nothing. A pattern that starts with `!` takes
paths away, wherever it stands in the list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

DEFAULT: Final = ("*.json", "*.yaml", "*.yml", "*.template", "*.tf", "*.tofu")


@dataclass(frozen=True, slots=True)
class Globs:
    """Paths to look at; `wanted` may be empty, which stands for `DEFAULT`."""

    wanted: tuple[tuple[str, ...], ...]
    unwanted: tuple[tuple[str, ...], ...]

    def matches(self, path: str) -> bool:
        """Return whether a path is looked at. Takes time in proportion to path times pattern."""
        parts = tuple(path.lower().split("/"))
        if not any(_matches(pattern, parts) for pattern in self.wanted):
            return False
        return not any(_matches(pattern, parts) for pattern in self.unwanted)


def globs(patterns: Sequence[str] = DEFAULT) -> Globs:
    """Return the paths that some pattern names and no pattern takes away.

    Errors: `ValueError` on a pattern that would match other paths than its author means.
    """
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
    unwanted = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    return Globs(
        tuple(_parts(pattern) for pattern in wanted or DEFAULT),
        tuple(_parts(pattern) for pattern in unwanted),
    )


def _parts(pattern: str) -> tuple[str, ...]:
    """Return a pattern part by part, in lower case; `**` first where it may start anywhere."""
    if not pattern.strip("/ "):
        raise ValueError("a path pattern is empty")
    if strange := next((c for c in pattern if c in "[]{}\\"), ""):
        raise ValueError(f"path pattern `{pattern}`: `{strange}` has no meaning (use `*` and `?`)")
    parts = tuple(pattern.lower().removeprefix("./").lstrip("/").split("/"))
    if "" in parts[:-1]:
        raise ValueError(f"path pattern `{pattern}`: two `/` in a row")
    if any("**" in part and part != "**" for part in parts):
        raise ValueError(f"path pattern `{pattern}`: `**` stands alone between two `/`")
    if parts[-1] == "":  # `policies/` is all that is in it
        parts = (*parts[:-1], "**")
    return parts if "/" in pattern else ("**", *parts)


def _matches(pattern: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    return _run(pattern, parts, "**", _part_matches)


def _part_matches(pattern: str, part: str) -> bool:
    return _run(pattern, part, "*", lambda one, other: one in ("?", other))


def _run(
    pattern: Sequence[str],
    text: Sequence[str],
    any_run: str,
    same: Callable[[str, str], bool],
) -> bool:
    """Return whether `text` matches, item by item; `any_run` stands for any number of items.

    Only the latest `any_run` is ever widened: what an earlier one could take, it can take too.
    So there is no pattern that takes more than length times length steps.
    """
    at = place = 0
    back: tuple[int, int] | None = None  # where to go on if the latest run took one more item
    while at < len(text):
        if place < len(pattern) and pattern[place] == any_run:
            place += 1
            back = (place, at)
        elif place < len(pattern) and same(pattern[place], text[at]):
            place += 1
            at += 1
        elif back is not None:
            place, at = back[0], back[1] + 1
            back = (place, at)
        else:
            return False
    return all(item == any_run for item in pattern[place:])
