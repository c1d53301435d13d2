"""What one question costs, and how many of them are put in a few figures."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from benchmarks.corpus import Update
from checker.checks import no_new_access
from checker.explain import pinpoint
from checker.policy.parse import parse_policy
from checker.source.tree import from_python
from checker.symbolic import solver
from checker.symbolic.question import Answer, Holds, Question, Violated

Clock: TypeAlias = Callable[[], float]
CLOCKS: Final[dict[str, Clock]] = {"wall": time.perf_counter, "cpu": time.process_time}


@dataclass(frozen=True, slots=True)
class Cost:
    """The verdict on one update, and the seconds that each part of it took."""

    name: str
    verdict: str
    parsing: float
    answering: float
    explaining: float

    @property
    def deciding(self) -> float:
        """The answer with the explanation of each failing statement."""
        return self.answering + self.explaining


@dataclass(frozen=True, slots=True)
class Quantiles:
    """How seconds are spread."""

    median: float
    p90: float
    p99: float
    most: float


def asked(update: Update) -> Question:
    """Return whether the update brings new access."""
    old, new = (parse_policy(from_python(d), update.policy_type) for d in (update.old, update.new))
    return no_new_access.ask(old, new)


def cost(update: Update, clock: Clock = time.perf_counter) -> Cost:
    """Return what the product takes for one update."""
    started = clock()
    question = asked(update)
    parsed = clock()
    answer = solver.answer(question)
    answered = clock()
    explain(question, answer)
    explained = clock()
    return Cost(
        update.name,
        verdict(answer),
        parsed - started,
        answered - parsed,
        explained - answered,
    )


def explain(question: Question, answer: Answer) -> None:
    """Do all that an explanation takes: cells, known actions, what stopped it before."""
    if isinstance(answer, Violated):
        pinpoint.evidence(question, answer, answer.responsible)


def verdict(answer: Answer) -> str:
    """Return an answer as a solver would give it, under the default readings."""
    match answer:
        case Holds():
            return "unsat"
        case Violated(witness=witness):
            return "unsat" if witness is None else "sat"
        case _:
            return "unknown"


def quantiles(seconds: Sequence[float]) -> Quantiles:
    """Return the quantiles of at least one value, each of them a value that was measured."""
    ordered = sorted(seconds)
    last = len(ordered) - 1
    median, p90, p99 = (ordered[round(last * share)] for share in (0.5, 0.9, 0.99))
    return Quantiles(median, p90, p99, ordered[-1])


def peak_mebibytes() -> float:
    """Return the most memory that this process ever had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def shown(seconds: float) -> str:
    """Return a time as a person reads it."""
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{seconds * 1000:.{1 if seconds >= 0.01 else 2}f} ms"
