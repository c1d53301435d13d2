"""What can be asked, and what can be answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from checker.policy.model import CallerKind, Pattern, Policy, Request, Statement
from checker.policy.readings import Switch
from checker.symbolic.formula import Formula
from checker.symbolic.vocabulary import Vocabulary


def anywhere(_: Vocabulary) -> Formula:
    """Return no restriction on requests."""
    return True


@dataclass(frozen=True, slots=True)
class Question:
    """Is there a request `within` that `new` allows and `old` does not?

    first: the kind of caller that a witness shows if it can.
    """

    new: Policy
    old: Policy
    within: Callable[[Vocabulary], Formula] = anywhere
    keys: tuple[str, ...] = ()  # that `within` speaks of
    first: CallerKind | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What one question may cost."""

    seconds: float = 10.0  # wall clock


@dataclass(frozen=True, slots=True)
class NewAccess:
    """New access through some actions on some resources of one statement."""

    actions: tuple[Pattern, ...]  # empty: the statement says NotAction
    resources: tuple[Pattern, ...]  # empty: NotResource, or no resource at all
    witness: Request | None  # None under a reading that is not the default


@dataclass(frozen=True, slots=True)
class Responsible:
    """An Allow statement of the new policy that alone makes the answer "violated"."""

    statement: Statement
    flows: tuple[NewAccess, ...]


@dataclass(frozen=True, slots=True)
class Holds:
    """There is no such request. `assumptions`: those beyond grade A without which there is one."""

    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Violated:
    """There are such requests; the evaluator has replayed each witness.

    `ambiguous`: the open constructs without which there would be none; then there is no witness.
    `unanswered`: why other statements were not decided; "" when all were.
    """

    witness: Request | None
    responsible: tuple[Responsible, ...]
    ambiguous: tuple[Switch, ...] = ()
    unanswered: str = ""


@dataclass(frozen=True, slots=True)
class Undecided:
    """No answer within the budget, or not modelled. Never to be shown as a pass."""

    reason: str


Answer: TypeAlias = Holds | Violated | Undecided
