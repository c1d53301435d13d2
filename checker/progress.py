"""How far a run has come, for a person who waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self, TextIO

_PATIENCE: Final = 1.0  # seconds until anything is shown
_PAUSE: Final = 0.1  # seconds between two pictures
_CLEAR: Final = "\r\x1b[K"


class Progress:
    """A line that is written over; nothing at all where no person looks, or in a short run.

    Within a `with` the seconds go on also while one file takes long.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream if stream.isatty() else None
        self._clock = clock
        self._start = clock()
        self._next = self._start + _PATIENCE
        self._shown = False
        self._said = "reading"
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        if self._stream is not None:
            self._ticker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._stream is not None:
            self._ticker.join()
        self.end()

    def step(self, done: int, total: int) -> None:
        """Say that `done` of `total` files are done."""
        self._said = f"{done} of {total} files"
        now = self._clock()
        if self._stream is not None and now >= self._next:
            self._show(self._said, now)

    def end(self) -> None:
        """Leave an empty line for what comes next."""
        if self._stream is not None and self._shown:
            self._stream.write(_CLEAR)
            self._stream.flush()

    def _tick(self) -> None:
        wait = _PATIENCE
        while not self._over.wait(wait):
            now = self._clock()
            self._show(f"{self._said}, {now - self._start:.0f} s", now)
            wait = 0.5

    def _show(self, said: str, now: float) -> None:
        self._next, self._shown = now + _PAUSE, True
        if self._stream is not None:
            self._stream.write(f"{_CLEAR}{said}")
            self._stream.flush()
