"""Which new file is which old one under another name.

Stricter than git's own guess, because a wrong pair hides access: a new file is compared with
nothing, a renamed one with its predecessor. Two small policies always share most of their lines,
so the words that every policy has do not count.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from posixpath import basename
from typing import Final

LEAST: Final = 0.6  # of the words, by length, that two versions of one file share
MOST_PAIRS: Final = 10_000  # weighed one by one; beyond it only equal content makes a pair
MOST_WEIGHED: Final = 1024 * 1024  # bytes of a file that is compared by its words

_WORD: Final = re.compile(rb"""[^\s,\[\]{}"']+""")
_GRAMMAR: Final = frozenset(
    b"Version Id Statement Sid Effect Allow Deny Principal NotPrincipal AWS Service Federated Action"
    b" NotAction Resource NotResource Condition 2012-10-17 2008-10-17 : - *".split()
) | frozenset(
    b"Version: Id: Statement: Sid: Effect: Principal: NotPrincipal: AWS: Service: Federated:"
    b" Action: NotAction: Resource: NotResource: Condition:".split()
)


def renames(
    gone: Mapping[str, str], new: Mapping[str, str], texts: Mapping[str, bytes | None]
) -> dict[str, str]:
    """Return the old path of each new path that has one. Paths are given with their blob's id."""
    moved = _equal(gone, new)
    taken = set(moved.values())
    old_left = [path for path in gone if path not in taken]
    new_left = [path for path in new if path not in moved]
    if not old_left or not new_left or len(old_left) * len(new_left) > MOST_PAIRS:
        return moved
    words = {blob: _words(texts[blob]) for blob in {*gone.values(), *new.values()}}
    weighed = [
        (-_likeness(words[gone[old]], words[new[path]]), basename(old) != basename(path), path, old)
        for old in old_left
        for path in new_left
    ]
    for unlike, _, path, old in sorted(weighed):
        if -unlike >= LEAST and path not in moved and old not in taken:
            moved[path] = old
            taken.add(old)
    return moved


def _equal(gone: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Pair equal content; among several of the same content, equal names first."""
    olds: dict[str, list[str]] = {}
    for path, blob in gone.items():
        olds.setdefault(blob, []).append(path)
    moved: dict[str, str] = {}
    for same_name in (True, False):
        for path, blob in new.items():
            found = [old for old in olds.get(blob, []) if not same_name or _same_name(old, path)]
            if found and path not in moved:
                moved[path] = found[0]
                olds[blob].remove(found[0])
    return moved


def _same_name(one: str, other: str) -> bool:
    return basename(one) == basename(other)


def _words(text: bytes | None) -> Counter[bytes]:
    if text is None or len(text) > MOST_WEIGHED:
        return Counter()
    return Counter(word for word in _WORD.findall(text) if word not in _GRAMMAR)


def _likeness(one: Counter[bytes], other: Counter[bytes]) -> float:
    """Return the share of both texts, by length, that stands in both: 0 to 1."""
    common = _weight(one & other)
    whole = _weight(one) + _weight(other)
    return 2 * common / whole if whole else 0.0


def _weight(words: Counter[bytes]) -> int:
    return sum(len(word) * count for word, count in words.items())
