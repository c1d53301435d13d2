"""The properties that a change must have: for each a name, a sentence and a question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from checker.findings import PolicyChange
from checker.symbolic.question import Question


@dataclass(frozen=True, slots=True)
class Check:
    """One property of a change.

    id: kebab case; shown to users and used in settings, so it never changes. says: what a change
    that breaks it does, as the start of a headline. ask: the question, or None where the property
    does not apply. removes: the question is about what is gone, so its statements are old ones.
    compares: the old document is part of the question.
    """

    id: str
    says: str
    ask: Callable[[PolicyChange], Question | None]
    removes: bool = False
    compares: bool = True
