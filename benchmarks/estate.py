"""What is proved of a whole Terraform estate: `tests/data/estate`, written as a company would have it.

    python -m benchmarks.estate [--first]

A policy counts as proved if a question about a change of it is answered, and the answer is right.
So changes are planted into the text of each policy, of every kind that there can be (an action, a
caller or resources are added, a condition or a Deny is gone), one at a time. Each has to be found in
every root module that it reaches, at the statement that it stands in, and of every policy that it
changes there has to be a verdict. Written in another way (lists turned round, comments, layout), the
whole estate has to pass. Texts and plants are made by `benchmarks.planting`, which knows nothing of
the product's reader, so what the reader overlooks is missed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator

from benchmarks.estate_ledger import Ledger, Row, estate, planted, read, reformatted


def main(arguments: list[str] | None = None) -> int:
    """Print the ledger; 1 if a planted change was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.estate", description=__doc__)
    parser.add_argument("--first", action="store_true", help="one change of each policy, not all")
    given = parser.parse_args(arguments)
    files = estate()
    ledger = read(files)
    reformatted(ledger, files)
    planted(ledger, files, every=not given.first)
    print("\n".join(shown(ledger)))
    return 1 if ledger.missed else 0


def shown(ledger: Ledger) -> Iterator[str]:
    """Yield the lines of the report."""
    yield "| root module | policies | all text known | with symbols | partly opaque | opaque | proved |"
    yield "|---|---|---|---|---|---|---|"
    for row in ledger.rows.values():
        yield _line(row.root, [row])
    yield _line("**all**", ledger.rows.values())
    rows = ledger.rows.values()
    by_name = sum(len(row.by_name) for row in rows)
    replaced = sum(len(row.by_name & row.proved) for row in rows)
    yield f"\n{len(ledger.texts)} texts of policies in the files"
    yield f"{by_name} more policies attached by name alone, {replaced} of them changed by a plant"
    yield f"{ledger.planted} changes planted, {len(ledger.missed)} missed"
    yield from (f"- missed: {each}" for each in ledger.missed)
    yield from (f"- allows nothing more: {each}" for each in ledger.no_change)
    for row in ledger.rows.values():
        reasons = row.opaque | {a: f"open: `{why}`" for a, why in row.partly.items()}
        for address in sorted(row.policies - row.proved):
            why = row.wrong.get(address) or reasons.get(address) or "nothing planted reaches it"
            yield f"- {row.root}: {address}: {why}"


def _line(name: str, rows: Iterable[Row]) -> str:
    every = list(rows)
    counts = [
        sum(len(of) for of in found)
        for found in (
            [row.policies for row in every],
            [row.known for row in every],
            [row.symbolic for row in every],
            [row.partly for row in every],
            [row.opaque for row in every],
            [row.proved & row.policies for row in every],
        )
    ]
    share = 100 * counts[-1] / counts[0]
    return f"| {name} | {' | '.join(map(str, counts))} ({share:.1f} %) |"


if __name__ == "__main__":
    sys.exit(main())
