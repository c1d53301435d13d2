"""What a command comes to: text and an exit code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PASSED: Final = 0
CLOSED: Final = 1


@dataclass(frozen=True, slots=True)
class Output:
    """What a command says on standard output, and its exit code."""

    text: str
    code: int
