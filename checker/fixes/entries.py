"""The entries of a list that differ between two versions, each of which can be undone alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Sequence as AbstractSequence
from dataclasses import dataclass
from typing import Final

from checker.fixes.covering import covers
from checker.fixes.operations import Insert, Operation, Path, Remove, Replace
from checker.policy.parse_node import items, quoted
from checker.source.documents import content
from checker.source.symbols import readable
from checker.source.tree import Node, Scalar, Sequence

_MOST_NAMED: Final = 4
_MOST_REVERTS: Final = 6
_LINK: Final = re.compile(" (?:of|in|into|from)$")


@dataclass(frozen=True, slots=True)
class Revert:
    """One difference, undone. `words` leaves out the statement, which follows the last one."""

    words: str
    operations: tuple[Operation, ...]


def in_words(reverts: AbstractSequence[Revert], name: str) -> str:
    """Return differences of one statement, undone, as one line."""
    if len(reverts) == 1:
        return f"{reverts[0].words} {name}"
    shown = ", ".join(_LINK.sub("", each.words) for each in reverts[:_MOST_REVERTS])
    more = len(reverts) - _MOST_REVERTS
    return f"in {name}: {shown}" + (f" and {more} more such edits" if more > 0 else "")


def listed(new: Node, old: Node, at: Path, *, shrinks: bool, fold: bool) -> Iterator[Revert]:
    """Yield the entries of a list that differ, as far as that makes it larger, or smaller."""
    now, before = items(new), items(old)
    olds = {_text(item, fold=fold) for item in before}
    news = {_text(item, fold=fold) for item in now}
    added = [
        (str(index), item) for index, item in enumerate(now) if _text(item, fold=fold) not in olds
    ]
    gone = [item for item in before if _text(item, fold=fold) not in news]
    if not isinstance(new, Sequence):
        if added or (gone and not shrinks):
            value = gone[0] if shrinks and len(before) == len(gone) == 1 else old
            words = f"put {_named(before)} back in place of {shown(new)} in `{_element(at)}` of"
            yield Revert(words, (Replace(at, value),))
    elif len(added) == len(now) and not any(
        _covers(item, each) or _covers(each, item) for _, item in added for each in gone
    ):
        words = f"put {_named(before)} back in place of {_named(now)} in `{_element(at)}` of"
        yield Revert(words, (Replace(at, old),))
    elif shrinks:
        yield from _shrunk(added, gone, at)
    else:
        places = [_place(index, before, now) for index, item in enumerate(before) if item in gone]
        yield from _grown(added, list(zip(places, gone, strict=True)), at)


def _shrunk(
    added: AbstractSequence[tuple[str, Node]], gone: AbstractSequence[Node], at: Path
) -> Iterator[Revert]:
    """Yield each entry that came taken away, or narrowed back to what it has swallowed."""
    left = list(gone)
    for index, item in added:
        narrower = [each for each in left if _covers(item, each)]
        left = [each for each in left if each not in narrower]
        place = (*at, index)
        if narrower:
            first, *more = narrower
            words = f"narrow {shown(item)} back to {_named(narrower)} in `{_element(at)}` of"
            inserts = (Insert(at, int(index) + 1, each) for each in more)
            yield Revert(words, (Replace(place, first), *inserts))
        else:
            yield Revert(f"remove {shown(item)} from `{_element(at)}` of", (Remove(place),))


def _place(index: int, before: AbstractSequence[Node], now: AbstractSequence[Node]) -> int:
    """Return in front of which entry one that is gone stood: behind those that it stood behind."""
    olds = [content(item) for item in before[:index]]
    return max((place + 1 for place, item in enumerate(now) if content(item) in olds), default=0)


def _grown(
    added: AbstractSequence[tuple[str, Node]], gone: AbstractSequence[tuple[int, Node]], at: Path
) -> Iterator[Revert]:
    """Yield each entry that went put back, in the place of a narrower one if that came for it."""
    left = list(added)
    for place, item in gone:
        narrower = next(((index, each) for index, each in left if _covers(item, each)), None)
        if narrower is None:
            words = f"put {shown(item)} back into `{_element(at)}` of"
            yield Revert(words, (Insert(at, place, item),))
            continue
        left.remove(narrower)
        index, other = narrower
        words = f"widen {shown(other)} back to {shown(item)} in `{_element(at)}` of"
        yield Revert(words, (Replace((*at, index), item),))


def _text(item: Node, *, fold: bool) -> object:
    said = content(item)
    text = item.value if isinstance(item, Scalar) else None
    return text.lower() if fold and isinstance(text, str) else said


def _covers(wide: Node, narrow: Node) -> bool:
    texts = [node.value for node in (wide, narrow) if isinstance(node, Scalar)]
    first, *rest = [text for text in texts if isinstance(text, str)] or [""]
    return bool(rest) and covers(first.lower(), rest[0].lower())


def shown(node: Node) -> str:
    """Return a value of a policy in words."""
    match node:
        case Scalar(str() as value):
            return quoted(value)
        case Sequence(items=found):
            return _named(found)
        case _:
            return "what is there"


def _named(nodes: AbstractSequence[Node]) -> str:
    first = ", ".join(map(shown, nodes[:_MOST_NAMED]))
    more = len(nodes) - _MOST_NAMED
    return f"{first} and {more} more" if more > 0 else first or "nothing"


def _element(at: Path) -> str:
    """Return the name of the element that a path in a statement leads into."""
    names = ("Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource")
    return next((part for part in at if part in names), readable(at[-1]))
