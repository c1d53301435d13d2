"""What of a statement would have to be undone for it to say again what its old version said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from checker.fixes.entries import Revert, listed, shown
from checker.fixes.operations import Insert, Path, Remove, Replace
from checker.policy.parse_node import quoted
from checker.source.documents import content
from checker.source.tree import Entry, Mapping, Node, Scalar, Sequence

_FAMILIES: Final = ("Principal", "Action", "Resource")
_MOST_NAMED: Final = 4


@dataclass(frozen=True, slots=True)
class Sides:
    """A statement as it is and as it was; `at` is where it is.

    grows: it is a Deny that got weaker, so what is undone makes it apply to more.
    """

    new: Mapping
    old: Mapping
    at: Path
    grows: bool = False

    def reverts(self) -> Iterator[Revert]:
        """Yield the differences one by one, the smallest parts that can be undone alone."""
        yield from self._effect()
        for name in _FAMILIES:
            yield from self._family(name)
        yield from self._conditions()

    def whole(self) -> Iterator[Revert]:
        """Yield each element that differs, put back as a whole."""
        for name in (*_FAMILIES, "Condition"):
            new, old = _entry(self.new, name), _entry(self.old, name)
            if old is not None and not _same(new, old):
                yield self._put_back(new, old)

    def _effect(self) -> Iterator[Revert]:
        new, old = self.new.get("Effect"), self.old.get("Effect")
        if new is not None and old is not None and content(new) != content(old):
            yield Revert(
                f"set `Effect` back to {shown(old)} in", (Replace((*self.at, "Effect"), old),)
            )

    def _family(self, name: str) -> Iterator[Revert]:
        new, old = _entry(self.new, name), _entry(self.old, name)
        if new is None and old is None:
            return
        if new is None or old is None or new.name != old.name:
            if old is None:
                return  # it is there where it was not: only another type of policy has it
            yield self._put_back(new, old)
            return
        path = (*self.at, new.name)
        pairs = [(new.value, old.value, path)]
        if isinstance(new.value, Mapping) and isinstance(old.value, Mapping):
            yield from self._members(new.value, old.value, path)
            pairs = [
                (entry.value, before, (*path, entry.name))
                for entry in new.value.entries
                if (before := old.value.get(entry.name)) is not None
            ]
        elif isinstance(new.value, Mapping) or isinstance(old.value, Mapping):
            if not _same(new, old):
                yield self._put_back(new, old)
            return
        shrinks = new.name.startswith("Not") is self.grows
        for now, before, at in pairs:
            yield from listed(now, before, at, shrinks=shrinks, fold=name == "Action")

    def _members(self, new: Mapping, old: Mapping, path: Path) -> Iterator[Revert]:
        """Yield the kinds of principals that came, or that went, as far as they matter."""
        shrinks = path[-1].startswith("Not") is self.grows
        added = [entry for entry in new.entries if old.get(entry.name) is None]
        gone = [entry for entry in old.entries if new.get(entry.name) is None]
        if shrinks and len(added) < len(new.entries):
            for entry in added:
                words = f"remove `{entry.name}` from `{path[-1]}` of"
                yield Revert(words, (Remove((*path, entry.name)),))
        elif shrinks and added:
            yield self._put_back(_entry(self.new, "Principal"), _entry(self.old, "Principal"))
        if not shrinks:
            for entry in gone:
                words = f"put `{entry.name}` back into `{path[-1]}` of"
                insert = Insert(path, len(new.entries), entry.value, entry.name)
                yield Revert(words, (insert,))

    def _put_back(self, new: Entry | None, old: Entry | None) -> Revert:
        """Return an element as a whole put in the place of what is there."""
        if old is None:
            raise ValueError
        words = f"put `{old.name}` back as it was in"
        if new is None:
            place = _place(self.new, self.old, old.name)
            return Revert(words, (Insert(self.at, place, old.value, old.name),))
        path = (*self.at, new.name)
        if new.name == old.name:
            return Revert(words, (Replace(path, old.value),))
        index = [entry.name for entry in self.new.entries].index(new.name)
        return Revert(words, (Remove(path), Insert(self.at, index, old.value, old.name)))

    def _conditions(self) -> Iterator[Revert]:
        new, old = self.new.get("Condition"), self.old.get("Condition")
        if self.grows:
            yield from self._looser(new, old)
        elif new is None and old is not None:
            yield self._put_back(None, Entry(Scalar("Condition", old.span), old))
        if not isinstance(new, Mapping) or not isinstance(old, Mapping):
            return
        path = (*self.at, "Condition")
        for entry in old.entries:
            there = new.get(entry.name)
            if isinstance(there, Mapping) and isinstance(entry.value, Mapping):
                yield from self._keys(there, entry.value, (*path, entry.name))
            elif there is None and not self.grows:
                yield from _operator(new, old, entry, path)

    def _looser(self, new: Node | None, old: Node | None) -> Iterator[Revert]:
        """Yield the conditions that came to a Deny, taken away."""
        if not isinstance(new, Mapping):
            return
        path = (*self.at, "Condition")
        before = old if isinstance(old, Mapping) else Mapping((), new.span)
        added = [entry for entry in new.entries if before.get(entry.name) is None]
        if len(added) == len(new.entries):
            yield Revert("remove the conditions of", (Remove(path),))
            return
        for entry in added:
            words = f"remove the condition {quoted(entry.name)} from"
            yield Revert(words, (Remove((*path, entry.name)),))

    def _keys(self, new: Mapping, old: Mapping, path: Path) -> Iterator[Revert]:
        """Yield the keys under one operator."""
        now = {entry.name.lower(): entry for entry in new.entries}
        for entry in old.entries:
            there = now.pop(entry.name.lower(), None)
            if there is not None:
                yield from _values(there, entry, path)
            elif not self.grows:
                words = f"put the condition on {quoted(entry.name)} back into"
                insert = Insert(path, _place(new, old, entry.name), entry.value, entry.name)
                yield Revert(words, (insert,))
        if self.grows and len(now) < len(new.entries):
            for entry in now.values():
                words = f"remove the condition on {quoted(entry.name)} from"
                yield Revert(words, (Remove((*path, entry.name)),))


def _entry(statement: Mapping, name: str) -> Entry | None:
    """Return the element of this name, or its negation."""
    names = (name, f"Not{name}")
    return next((entry for entry in statement.entries if entry.name in names), None)


def _same(new: Entry | None, old: Entry) -> bool:
    return new is not None and new.name == old.name and content(new.value) == content(old.value)


def _place(new: Mapping, old: Mapping, name: str) -> int:
    """Return in front of which member one that is gone stood: behind those that it stood behind."""
    before = {entry.name for entry in old.entries[: [e.name for e in old.entries].index(name)]}
    last = [index for index, entry in enumerate(new.entries) if entry.name in before]
    return max(last) + 1 if last else 0


def _operator(new: Mapping, old: Mapping, entry: Entry, path: Path) -> Iterator[Revert]:
    """Yield an operator put back: in the place of one that asks for the same keys, if there is one."""
    keys = _names(entry.value)
    for index, other in enumerate(new.entries):
        if old.get(other.name) is None and _names(other.value) == keys:
            words = (
                f"put the condition {quoted(entry.name)} back in place of {quoted(other.name)} in"
            )
            insert = Insert(path, index, entry.value, entry.name)
            yield Revert(words, (Remove((*path, other.name)), insert))
            return
    on = ", ".join(quoted(name) for name in list(keys)[:_MOST_NAMED])
    words = f"put the condition on {on} back into" if on else "put a condition back into"
    yield Revert(words, (Insert(path, _place(new, old, entry.name), entry.value, entry.name),))


def _names(node: Node) -> dict[str, None]:
    entries = node.entries if isinstance(node, Mapping) else ()
    return dict.fromkeys(entry.name.lower() for entry in entries)


def _values(new: Entry, old: Entry, path: Path) -> Iterator[Revert]:
    """Yield the values of a condition: those that came taken away, those that went put back."""
    at = (*path, new.name)
    yield from listed(new.value, old.value, at, shrinks=True, fold=False)
    if isinstance(new.value, Sequence):
        yield from listed(new.value, old.value, at, shrinks=False, fold=False)
