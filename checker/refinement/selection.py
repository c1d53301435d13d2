"""What an `Action` pattern or a `NotAction` element selects, and the narrower entries for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from checker.policy.model import Element, Pattern
from checker.policy.readings import action_ambiguity
from checker.refinement.known import Judged, Parted
from checker.refinement.trie import Names, shortest_safe
from checker.symbolic.globs import ANY as ANY_CHARACTER
from checker.symbolic.globs import EVERYTHING, Glob, Run, contains, disjoint, glob
from checker.symbolic.patterns import action_glob


@dataclass(frozen=True, slots=True)
class Chosen:
    """What one pattern of `Action` matches."""

    of: Glob

    def has(self, action: str) -> bool:
        """Return whether the action (lower case) is selected."""
        return self.of.matches(action)

    def holds(self, prefix: str) -> bool:
        """Return whether all of `prefix*` is selected."""
        return contains(self.of, _starting(prefix))

    def meets(self, prefix: str) -> bool:
        """Return whether some of `prefix*` is selected."""
        return not disjoint(self.of, _starting(prefix))


@dataclass(frozen=True, slots=True)
class Excluded:
    """What no pattern of `NotAction` matches."""

    of: tuple[Glob, ...]

    def has(self, action: str) -> bool:
        """Return whether the action (lower case) is selected."""
        return not any(each.matches(action) for each in self.of)

    def holds(self, prefix: str) -> bool:
        """Return whether all of `prefix*` is selected."""
        return all(disjoint(each, _starting(prefix)) for each in self.of)

    def meets(self, prefix: str) -> bool:
        """Return whether some of `prefix*` is selected, as far as one pattern alone tells."""
        return not any(contains(each, _starting(prefix)) for each in self.of)


Selection: TypeAlias = Chosen | Excluded


def _starting(prefix: str) -> Glob:
    return glob((prefix, Run(ANY_CHARACTER)))


def selection_of(pattern: Pattern) -> Selection | None:
    """Return what an entry of `Action` selects; None where it matches nothing or nobody knows."""
    found = action_glob(pattern.parts)
    return None if found is None or action_ambiguity(pattern) else Chosen(found)


def exclusion_of(element: Element) -> Selection | None:
    """Return what `NotAction` selects; None where nobody knows."""
    if not element.patterns or any(action_ambiguity(p) for p in element.patterns):
        return None
    return Excluded(tuple(g for p in element.patterns if (g := action_glob(p.parts)) is not None))


def narrowed(selection: Selection, judged: Judged, written: str = "") -> tuple[str, ...] | None:
    """Return the entries that take the selection's place; None if it holds nothing to drop.

    `written`: the service as the policy spells it, where the selection names one.
    """
    if judged.everything:
        return ()
    if not any(_touches(selection, judged.spoken[each], each) for each in judged.spoken):
        return None
    service = _service(selection)
    services = [service] if service else judged.services()
    return tuple(
        f"{written or each}:{entry}"
        for each in services
        for entry in _entries(selection, judged.parted(each), each)
    )


def _touches(selection: Selection, parted: Parted, service: str) -> bool:
    if not selection.meets(f"{service}:"):
        return False
    if parted.rest and not parted.drop.folded:  # a service of which nobody knows any other action
        return True
    return parted.wholly or any(selection.has(f"{service}:{name}") for name in parted.drop.folded)


def _service(selection: Selection) -> str:
    """Return the one service that a selection is of; "" for more."""
    if isinstance(selection, Excluded) or selection.of == EVERYTHING:
        return ""
    return selection.of.prefix.partition(":")[0]


def _entries(selection: Selection, parted: Parted, service: str) -> tuple[str, ...]:
    if parted.wholly:
        return ()
    keep, drop = (_selected(selection, names, service) for names in (parted.keep, parted.drop))
    return shortest_safe(keep, drop, lambda prefix: selection.holds(f"{service}:{prefix}".lower()))


def _selected(selection: Selection, names: Names, service: str) -> Names:
    if not names.folded or selection.holds(f"{service}:"):
        return names
    folded = tuple(name for name in names.folded if selection.has(f"{service}:{name}"))
    return Names(folded, names.spelled)
