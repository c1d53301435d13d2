"""How far a run has come, for a person who waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TextIO

_PATIENCE: Final = 1.0  # seconds until anything is shown
_PAUSE: Final = 0.1  # seconds between two pictures
_CLEAR: Final = "\r\x1b[K"


class Progress:
    """A line that is written over; nothing at all where no person looks, or in a short run."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream if stream.isatty() else None
        self._clock = clock
        self._next = clock() + _PATIENCE
        self._shown = False

    def step(self, done: int, total: int) -> None:
        """Say that `done` of `total` files are done."""
        now = self._clock()
        if self._stream is None or now < self._next:
            return
        self._next, self._shown = now + _PAUSE, True
        self._stream.write(f"{_CLEAR}{done} of {total} files")
        self._stream.flush()

    def end(self) -> None:
        """Leave an empty line for what comes next."""
        if self._stream is not None and self._shown:
            self._stream.write(_CLEAR)
            self._stream.flush()
