"""The properties that a change must have: for each a name, a sentence and a question."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeAlias

from checker.findings import PolicyChange
from checker.policy.model import Request
from checker.symbolic.question import Question, Undecided

Asked: TypeAlias = Question | Undecided | None
Ask: TypeAlias = Callable[[PolicyChange], Asked]


def never(_: PolicyChange) -> bool:
    """Return no."""
    return False


def unexplained(_: Request) -> str:
    """Return nothing to add."""
    return ""


def any_action() -> None:
    """Return no bound on actions."""


@dataclass(frozen=True, slots=True)
class Check:
    """One property of a change.

    id: kebab case, `family/name` for one of many; shown to users and used in settings, so it never
    changes. says: what a change that breaks it does, as the start of a headline. ask: the question;
    None where the property does not apply, `Undecided` where it cannot be asked. removes: the
    question is about what is gone, so its statements are old ones. compares: the old document is
    part of the question. implied: the responsible statement stands in no document. mild: where the
    check does not block. why: what to say of a witness. about: today's actions that it is about.
    """

    id: str
    says: str
    ask: Ask
    removes: bool = False
    compares: bool = True
    implied: bool = False
    mild: Callable[[PolicyChange], bool] = never
    why: Callable[[Request], str] = unexplained
    about: Callable[[], Collection[str] | None] = any_action


@dataclass(frozen=True, slots=True)
class Combined:
    """A property that two kinds of access break together, and neither of them alone.

    It is about what is new: a document that allowed both before is not asked about.
    """

    check: Check  # its question is that of the first kind
    second: Ask
