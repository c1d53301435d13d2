"""Neighbouring parts of a list or an object that go, and what comes in their place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run(Generic[T]):
    """Parts that go, from `first` up to `end`, and what comes in their place."""

    first: int
    end: int
    fresh: tuple[T, ...]


def runs(count: int, gone: Collection[int], fresh: Mapping[int, Sequence[T]]) -> Iterator[Run[T]]:
    """Yield what changes between parts that stay, of `count` that there are.

    fresh: what comes in front of a part, by its number.
    """
    index = 0
    while index <= count:
        first = index
        coming = list(fresh.get(index, ()))
        while index < count and index in gone:
            index += 1
            coming += fresh.get(index, ())
        if coming or index > first:
            yield Run(first, index, tuple(coming))
        index += 1
