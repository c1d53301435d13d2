"""How long a verdict with its explanation takes, beside the encoding that comes to mind first.

    python -m benchmarks.verdicts --only ours          all updates, the product alone
    python -m benchmarks.verdicts --sample 200         the product and the baseline in one run

Times are wall clock in one process. Reading the two documents is reported apart; so is what is
loaded once, because the first question pays for it.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import baseline, plot
from benchmarks.corpus import Update, sample, updates
from benchmarks.measure import CLOCKS, Clock, Cost, asked, cost, peak_mebibytes, quantiles, shown
from checker.symbolic.smtlib import InexpressibleError


@dataclass(frozen=True, slots=True)
class Beside:
    """One update with both costs; no baseline where the plain encoding cannot say it."""

    ours: Cost
    baseline: baseline.Decided | None

    @property
    def ratio(self) -> float:
        """How many times longer the baseline takes."""
        return self.baseline.seconds / self.ours.deciding if self.baseline else 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if a question was undecided or the two disagree."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verdicts", description=__doc__)
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="about N updates")
    parser.add_argument("--only", choices=["ours"], help="leave the baseline out")
    parser.add_argument("--limit", type=float, default=baseline.LIMIT, metavar="SECONDS")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="cpu: for busy machines")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw the times")
    given = parser.parse_args(arguments)
    what, every = updates()
    gc.freeze()  # thousands of documents that are the benchmark's, and none for the collector to walk
    chosen = sample(every, given.sample)
    print(f"{len(chosen)} of {len(every)} {what}\n")
    costs = measured(chosen, CLOCKS[given.clock])
    if given.only:
        draw(given.plot, {"Access Gate": [_decided(c) for c in costs]})
        return int(any(c.verdict == "unknown" for c in costs))
    pairs = compared(chosen, costs, given.limit, CLOCKS[given.clock])
    both = {
        "Access Gate": [_decided(c) for c in costs],
        f"z3 strings, {given.limit:g} s limit": [
            p.baseline.seconds if p.baseline.verdict != "unknown" else None
            for p in pairs
            if p.baseline
        ],
    }
    draw(given.plot, both)
    return int(any(map(_disagree, pairs)) or any(c.verdict == "unknown" for c in costs))


def measured(chosen: Sequence[Update], clock: Clock) -> list[Cost]:
    """Measure the product and print its table."""
    started = clock()
    cost(chosen[0])
    start = clock() - started
    costs = [cost(update, clock) for update in chosen]
    print("| Access Gate | median | p90 | p99 | max |\n|---|---|---|---|---|")
    for name, seconds in (
        ("verdict and explanation", [c.deciding for c in costs]),
        ("the verdict alone", [c.answering for c in costs]),
        ("reading both documents", [c.parsing for c in costs]),
    ):
        print(row(name, seconds))
    undecided = [c.name for c in costs if c.verdict == "unknown"]
    new = sum(c.verdict == "sat" for c in costs)
    print(f"\nundecided: {len(undecided)} {', '.join(undecided[:5])}")
    print(f"new access: {new}; peak memory: {peak_mebibytes():.0f} MiB")
    print(f"the first question of the process, loading included: {shown(start)}")
    slowest = sorted(costs, key=lambda c: -c.deciding)[:3]
    print("slowest: " + ", ".join(f"{c.name} {shown(c.deciding)}" for c in slowest))
    return costs


def row(name: str, seconds: Sequence[float]) -> str:
    """Return a row of a table of times."""
    q = quantiles(seconds)
    return f"| {name} | {' | '.join(map(shown, (q.median, q.p90, q.p99, q.most)))} |"


def compared(
    chosen: Sequence[Update], costs: Sequence[Cost], limit: float, clock: Clock
) -> list[Beside]:
    """Measure the baseline and print how the two compare, question by question."""
    pairs = []
    for number, (update, ours) in enumerate(zip(chosen, costs, strict=True), 1):
        pairs.append(Beside(ours, _baseline(update, limit, clock)))
        print(f"\rbaseline: {number} of {len(chosen)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    said = [p for p in pairs if p.baseline]
    theirs = [p.baseline.seconds for p in said if p.baseline]
    ours_too = [p.ours.deciding for p in said]
    print("\n| the same questions | median | p90 | p99 | max |\n|---|---|---|---|---|")
    print(row("Access Gate, explanation included", ours_too))
    print(row("z3 strings, no explanation", theirs))
    a, b = quantiles(theirs), quantiles(ours_too)
    factors = (a.median / b.median, a.p90 / b.p90, a.p99 / b.p99, a.most / b.most)
    print(f"| times faster | {' | '.join(f'{factor:,.0f}' for factor in factors)} |")
    r = quantiles([p.ratio for p in said])
    print(
        f"| times faster, question by question | {r.median:,.0f} | {r.p90:,.0f} | {r.p99:,.0f} | {r.most:,.0f} |"
    )
    unknown = sum(p.baseline.verdict == "unknown" for p in said if p.baseline)
    print(
        f"\nz3 strings: undecided {unknown} of {len(said)}, not expressible {len(pairs) - len(said)}"
    )
    different = [p.ours.name for p in said if _disagree(p)]
    print(f"different verdicts: {len(different)} {', '.join(different)}")
    print(f"peak memory with z3's strings: {peak_mebibytes():.0f} MiB")
    return pairs


def _baseline(update: Update, limit: float, clock: Clock) -> baseline.Decided | None:
    try:
        return baseline.decide(asked(update), limit, clock)
    except InexpressibleError:
        return None


def _disagree(pair: Beside) -> bool:
    if pair.baseline is None or "unknown" in (pair.baseline.verdict, pair.ours.verdict):
        return False
    return pair.baseline.verdict != pair.ours.verdict


def _decided(cost: Cost) -> float | None:
    return None if cost.verdict == "unknown" else cost.deciding


def draw(path: Path | None, series: dict[str, list[float | None]]) -> None:
    """Draw which share of the questions is decided within which time."""
    if path:
        path.write_text(plot.shares("Share of questions decided within a time", series))


if __name__ == "__main__":
    sys.exit(main())
