"""The first and the last thing that a process of this command does; both are about seconds.

A profiler that runs such a process never sees its end: profile `checker.cli.main` instead.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import Final, NoReturn

_BETWEEN_COLLECTIONS: Final = (
    2_000_000  # objects: trees have no cycles, and looking for some is slow
)


def begin() -> None:
    """Collect seldom, from before the first import on: a start makes objects that all stay.

    Who closed a stream wants nothing on it; the exit code says the verdict all the same.
    """
    gc.set_threshold(_BETWEEN_COLLECTIONS)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123  lasts as long as we


def end(code: int) -> NoReturn:
    """Leave with an exit code once all is written, and take nothing apart that dies anyway.

    By now everything that has to be put away (processes, folders, files) has left its `with`.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):  # closed, or full
        sys.exit(code)  # the interpreter tries again, and says what it could not write
    os._exit(code)
