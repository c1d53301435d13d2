"""Which statements have an entry that meets a given one: found by how patterns start."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from typing import Final, Generic, TypeVar

from checker.symbolic.atoms import ActionIn, ResourceIn
from checker.symbolic.compile import Entries, Entry
from checker.symbolic.entail import Known
from checker.symbolic.formula import And, Formula, Not, any_of, negation
from checker.symbolic.globs import Glob, contains, disjoint, literal

A = TypeVar("A", ActionIn, ResourceIn)


_FEW: Final = 12  # entries that are compared one by one faster than they are looked up


class EntryIndex(Generic[A]):
    """The action (or resource) entries of numbered statements, by the start of their patterns."""

    def __init__(self, elements: Mapping[int, Entries], atom: type[A]) -> None:
        self._elements = elements
        self._atom: type[A] = atom
        self._literals: dict[str, list[int]] = {}
        self._starts: dict[str, list[tuple[Glob, int]]] = {}
        self._always: dict[int, Formula] = {}  # statements with an entry that matches everything
        self._others: list[int] = []  # statements with an entry that is no plain pattern
        self._excluded: dict[int, Entries] = {}  # what an element leaves out that takes all else
        self._exclusions: EntryIndex[A] | None = None
        self._lengths: Sequence[int] = ()
        self._sorted_literals: Sequence[str] = ()
        self._sorted_starts: Sequence[str] = ()
        self._is_filled = False
        self._cache: dict[Formula, Mapping[int, Formula]] = {}

    def _fill(self) -> None:
        self._is_filled = True
        for owner, entries in self._elements.items():
            self._add(owner, entries)
        if self._excluded:
            self._exclusions = EntryIndex(self._excluded, self._atom)
        self._lengths = sorted({len(start) for start in self._starts})
        self._sorted_literals = sorted(self._literals)
        self._sorted_starts = sorted(self._starts)

    def _add(self, owner: int, entries: Entries) -> None:
        if any(entry.formula is True for entry in entries):
            self._always[owner] = True
            return
        excluded = _excluded(entries)
        if excluded:
            self._excluded[owner] = excluded
            return
        for entry in entries:
            if not isinstance(entry.formula, self._atom) or not isinstance(entry.formula.of, Glob):
                if not self._others or self._others[-1] != owner:
                    self._others.append(owner)
                continue
            pattern = entry.formula.of
            if pattern.is_literal:
                self._literals.setdefault(pattern.prefix, []).append(owner)
            else:
                self._starts.setdefault(pattern.prefix, []).append((pattern, owner))

    def hits(self, cell: Formula) -> Mapping[int, Formula]:
        """Return, by number, the statements whose element may be met within `cell`, and when.

        `True`: always. A statement that is missing is never met.
        """
        found = self._cache.get(cell)
        if found is None:
            if not self._is_filled:
                self._fill()
            found = self._cache[cell] = self._found(cell)
        return found

    def among(self, cell: Formula, owners: Collection[int]) -> Mapping[int, Formula]:
        """Return the same of a few statements only."""
        if len(owners) > _FEW or sum(len(self._elements[owner]) for owner in owners) > _FEW:
            return {owner: f for owner, f in self.hits(cell).items() if owner in owners}
        known = Known((cell,))
        met = {owner: known.simplified(self._whole(owner)) for owner in owners}
        return {owner: formula for owner, formula in met.items() if formula is not False}

    def _whole(self, owner: int) -> Formula:
        return any_of(entry.formula for entry in self._elements[owner])

    def _found(self, cell: Formula) -> dict[int, Formula]:
        if not isinstance(cell, self._atom) or not isinstance(cell.of, Glob):
            return self._slowly(Known((cell,)))
        met: dict[int, list[Formula]] = {}
        for pattern, owner in self._near(cell.of):
            if contains(pattern, cell.of):
                met[owner] = [True]
            elif not disjoint(pattern, cell.of):
                met.setdefault(owner, []).append(self._atom(pattern))
        known = Known((cell,)) if self._others else None
        for owner in self._others:
            if known is not None:
                met[owner] = [known.simplified(self._whole(owner))]
        if self._exclusions:
            left_out = self._exclusions.hits(cell)
            for owner in self._excluded:
                met[owner] = [negation(left_out.get(owner, False))]
        joined = {owner: any_of(formulas) for owner, formulas in met.items()}
        found = {owner: formula for owner, formula in joined.items() if formula is not False}
        return {**found, **self._always}

    def _slowly(self, known: Known) -> dict[int, Formula]:
        found = dict(self._always)
        for owner in self._elements:
            if owner in found:
                continue
            formula = known.simplified(self._whole(owner))
            if formula is not False:
                found[owner] = formula
        return found

    def _near(self, pattern: Glob) -> list[tuple[Glob, int]]:
        """Return the patterns whose literal start allows them to meet `pattern`."""
        prefix = pattern.prefix
        near: list[tuple[Glob, int]] = []
        for length in self._lengths:
            if length > len(prefix):
                break
            near.extend(self._starts.get(prefix[:length], ()))
        if pattern.is_literal:
            near.extend((pattern, owner) for owner in self._literals.get(prefix, ()))
            return near
        for text in _starting_with(self._sorted_literals, prefix):
            near.extend((literal(text), owner) for owner in self._literals[text])
        for start in _starting_with(self._sorted_starts, prefix):
            if start != prefix:
                near.extend(self._starts[start])
        return near


def _excluded(entries: Entries) -> Entries:
    """Return the entries that an element leaves out, if it takes all but these."""
    if len(entries) != 1:
        return ()
    formula = entries[0].formula
    parts = formula.parts if isinstance(formula, And) else (formula,)
    left_out = [part.parts[0] for part in parts if isinstance(part, Not)]
    return tuple(Entry(None, f) for f in left_out) if len(left_out) == len(parts) else ()


def _starting_with(texts: Sequence[str], prefix: str) -> Sequence[str]:
    low = bisect_left(texts, prefix)
    high = low
    while high < len(texts) and texts[high].startswith(prefix):
        high += 1
    return texts[low:high]
