"""The shortest wildcards that cover the actions to keep and none of those to drop.

The trie is over the CamelCase words of a service's action names. A node is the text of its words,
and what lies under it is what `text*` matches, whatever its case: one range of the sorted names. So
`GetObject*` covers a name `GetObjectsInfo` as well, as it does in IAM.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from checker.policy.values import lower

_WORD: Final = re.compile(
    r"(?:[A-Z]{2,}s(?![a-z])"  # `IPAMs`, an acronym with its plural
    r"|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+)"  # `VPC` before `Endpoint`; `Get`; `CORS`
    r"[0-9]*"  # `V2`, `S3`
    r"|[^A-Za-z]+"
)
_LAST: Final = "\U0010ffff"  # sorts after every character of a name


def words(name: str) -> tuple[str, ...]:
    """Return the CamelCase words that an action's name is made of, `GetBucketCORS` of three."""
    return tuple(_WORD.findall(name))


@dataclass(frozen=True, slots=True)
class Names:
    """Action names of one service in alphabetical order; `spelled` is by the name in lower case."""

    folded: tuple[str, ...]
    spelled: Mapping[str, str]

    def under(self, prefix: str) -> tuple[str, ...]:
        """Return the names (lower case) that begin with `prefix` (lower case)."""
        low = bisect_left(self.folded, prefix)
        return self.folded[low : bisect_left(self.folded, prefix + _LAST, low)]

    def any_under(self, prefix: str) -> bool:
        """Return whether a name begins with `prefix` (lower case)."""
        low = bisect_left(self.folded, prefix)
        return low < len(self.folded) and self.folded[low].startswith(prefix)


def names_of(spelled: Iterable[str]) -> Names:
    """Return names that are given in their own spelling."""
    by_folded = {lower(name): name for name in spelled}
    return Names(tuple(sorted(by_folded)), by_folded)


def shortest_safe(keep: Names, drop: Names, inside: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the entries that cover all of `keep` and none of `drop`, in alphabetical order.

    An entry is `Prefix*`, or one name where the prefix covers no other. A prefix is a sequence of
    words, from none on, and safe when it covers no name to drop and `inside(prefix)` says that the
    pattern it takes the place of covers all of `prefix*`. Of the safe ones the shortest are taken.
    """
    if not drop.folded and len(keep.folded) > 1 and inside(""):
        return ("*",)
    chosen: dict[str, str] = {}  # what each entry spells, by its text in lower case
    wild: set[str] = set()
    for name in keep.folded:
        prefix = _shortest(keep.spelled[name], drop, inside)
        if prefix is None or len(keep.under(lower(prefix))) == 1:
            chosen.setdefault(name, keep.spelled[name])
        else:
            chosen[lower(prefix)] = prefix
            wild.add(lower(prefix))
    return tuple(sorted(_uncovered(chosen, wild)))


def _uncovered(chosen: Mapping[str, str], wild: AbstractSet[str]) -> Iterator[str]:
    """Yield the entries that no shorter one covers: `GetObjects*` lies inside `GetObject*`."""
    covering: str | None = None
    for text in sorted(chosen):
        if covering is None or not text.startswith(covering):
            yield chosen[text] + ("*" if text in wild else "")
            covering = text if text in wild else covering


def _shortest(name: str, drop: Names, inside: Callable[[str], bool]) -> str | None:
    return next((p for p in _prefixes(name) if not drop.any_under(lower(p)) and inside(p)), None)


def _prefixes(name: str) -> Iterator[str]:
    """Yield what the words of a name spell from its start: nothing, one word, two, ..."""
    prefix = ""
    yield prefix
    for word in words(name):
        prefix += word
        yield prefix
