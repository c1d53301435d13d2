"""What stops the reading of a template, and the bound on its cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MOST_STEPS: Final = (
    400_000  # nodes and pieces met in one template; the largest that AWS takes has 70,000
)
MOST_TEXT: Final = 4 * 1024 * 1024  # characters made in one template
DEEPEST: Final = 200  # values inside each other, what references lead to included


class NotFollowedError(Exception):
    """A value depends on what cannot be read; the text is one line for a reader."""

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint


class TooMuchError(NotFollowedError):
    """A template stands for more than any template is."""


@dataclass(slots=True)
class Budget:
    """What is left to spend on one template."""

    steps: int = MOST_STEPS
    text: int = MOST_TEXT

    def spend(self, steps: int = 1, text: int = 0) -> None:
        """Count work; stop when it is more than a template can need."""
        self.steps -= steps
        self.text -= text
        if self.steps < 0 or self.text < 0:
            raise TooMuchError(
                "the template stands for many times as much as it holds",
                "take loops and references inside each other apart",
            )
