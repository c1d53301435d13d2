"""How long posting waits for GitHub, and how often it asks again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from checker.github.pull import RefusedError

_TRIES: Final = 3
_LONGEST_PAUSE: Final = 60.0  # seconds
_USUAL_PAUSE: Final = 30.0  # seconds, where a rate limit does not say how long


@dataclass(slots=True)
class Patience:
    """The seconds that all waiting together may take; they are used up as we go."""

    left: float = 120.0
    sleep: Callable[[float], None] = time.sleep

    def write(self, call: Callable[[], None], landed: Callable[[], bool]) -> None:
        """Do a write once, and not twice: after an unclear answer, look whether it `landed`.

        Errors: `RefusedError` when it was refused, or when it is not there after two tries.
        """
        try:
            self._granted(call)
        except RefusedError as error:
            if not error.is_unclear:
                raise
            if not self._asked(landed):
                self._again(call, landed)

    def _again(self, call: Callable[[], None], landed: Callable[[], bool]) -> None:
        try:
            self._granted(call)
        except RefusedError as error:
            if not (error.is_unclear and self._asked(landed)):
                raise

    def _asked(self, landed: Callable[[], bool]) -> bool:
        """Look whether a write landed; when that cannot be seen, better not to write it twice."""
        try:
            return landed()
        except RefusedError:
            return True

    def _granted(self, call: Callable[[], None]) -> None:
        """Call until the rate limit lets us, as long as there is patience left."""
        for attempt in range(1, _TRIES + 1):
            try:
                return call()
            except RefusedError as error:
                pause = min(_USUAL_PAUSE if error.wait is None else error.wait, _LONGEST_PAUSE)
                if not error.is_rate_limit or attempt == _TRIES or pause > self.left:
                    raise
                self.left -= pause
                self.sleep(pause)
        return None
