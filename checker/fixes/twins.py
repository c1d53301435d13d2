"""Which statement of the old document a new one was made from, as far as can be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from checker.policy.model import Statement
from checker.policy.parse_node import items
from checker.source.tree import Mapping, Node, Number, Scalar

_ALIKE: Final = 0.3  # of what both say: less, and they have nothing to do with each other
_SAME_SID: Final = 2.0


def twin(
    new: tuple[Mapping, Statement], old: Sequence[tuple[Mapping, Statement]]
) -> tuple[Mapping, Statement] | None:
    """Return the most alike of some old statements, one of the same Sid before all others."""
    said = _said(new[0])
    rated = [(_rating(new[1], said, pair), -index) for index, pair in enumerate(old)]
    best = max(rated, default=(0.0, 0))
    return old[-best[1]] if best[0] >= _ALIKE else None


def _rating(new: Statement, said: frozenset[str], old: tuple[Mapping, Statement]) -> float:
    before = _said(old[0])
    alike = len(said & before) / max(1, len(said | before))
    same_sid = new.sid is not None and new.sid == old[1].sid
    same_effect, same_place = new.effect is old[1].effect, new.index == old[1].index
    more = (0.1 if same_effect else 0.0) + (0.01 if same_place else 0.0)
    return alike + (_SAME_SID if same_sid else 0.0) + more


def _said(node: Node, under: str = "") -> frozenset[str]:
    """Return what a statement says, piece by piece, each under its element."""
    return frozenset(_pieces(node, under))


def _pieces(node: Node, under: str) -> Iterator[str]:
    match node:
        case Scalar(value):
            text = value.text if isinstance(value, Number) else str(value)
            yield f"{under}={text.lower()}"
            if under.endswith("Action"):
                yield f"{under} of {text.lower().partition(':')[0]}"
        case Mapping(entries):
            for entry in entries:
                if entry.name not in ("Sid", "Effect"):
                    yield from _pieces(entry.value, f"{under}/{entry.name}")
        case _:
            for item in items(node):
                yield from _pieces(item, under)
