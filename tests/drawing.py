"""Choices, of hypothesis or of a random generator, and tests that are made of them.

A test draws with hypothesis, a few hundred examples each. `ACCESS_GATE_SEEDS=0:200000` draws as many
plain random ones instead, a hundred times faster each; a failure names its seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from os import environ
from random import Random
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from checker.symbolic.values import NotModelledError

SEEDS = environ.get("ACCESS_GATE_SEEDS", "")

T = TypeVar("T")


class Draw:
    """Choices made by hypothesis or by a random generator."""

    def __init__(self, choose: Callable[[int], int]) -> None:
        self._choose = choose

    def below(self, bound: int) -> int:
        """Return a number from 0 to `bound`, which is left out; 0 is the plainest."""
        return self._choose(bound)

    def one(self, options: Sequence[T]) -> T:
        """Return one of the options; the first is the plainest."""
        return options[self._choose(len(options))]

    def chance(self, percent: int) -> bool:
        """Return whether something happens that is not plain."""
        return self._choose(100) >= 100 - percent

    def some(self, options: Sequence[T], most: int, least: int = 1) -> list[T]:
        """Return a few of the options."""
        return [self.one(options) for _ in range(least + self._choose(most - least + 1))]


def randomly(seed: int) -> Draw:
    """Return choices of a random generator."""
    return Draw(Random(seed).randrange)  # noqa: S311


@st.composite
def draws(draw: st.DrawFn) -> Draw:
    """Return choices of hypothesis."""
    return Draw(lambda bound: draw(st.integers(0, bound - 1)))


def on_drawn(check: Callable[[Draw], None]) -> Callable[[], None]:
    """Return the test that the check holds whatever is drawn, but for what is not modelled."""

    @wraps(check)
    def modelled(draw: Draw) -> None:
        with suppress(NotModelledError):
            check(draw)

    if not SEEDS:
        drawn: Callable[[], None] = given(draws())(modelled)
        return drawn

    def at_length() -> None:
        first, _, last = SEEDS.partition(":")
        failures: list[Exception] = []
        for seed in range(int(first), int(last)):
            try:
                modelled(randomly(seed))
            except Exception as error:  # noqa: BLE001
                error.add_note(f"seed {seed}")
                failures.append(error)
        if failures:
            raise ExceptionGroup(f"{len(failures)} seeds failed", failures[:10])

    return at_length
