"""What `access-gate diff` takes for a change in one file of a large repository, from start to exit.

    python -m benchmarks.root_module [--runs N] [--checkov PATH]

Two kinds of repositories are made: a root module of Terraform of 300 files, and 20,000 files of
which a few or none are Terraform's. With `--checkov` the program of that name looks at the root
module before and after the change, in the same run; it is no part of Access Gate, and yours.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.processes import Took, checked_out, committed, gate, took
from benchmarks.repositories import ADDED, MODULE, changed, many_files, root_module

DIFF: Final = ("diff", "HEAD~1", "HEAD", "--format", "json")


@dataclass(frozen=True, slots=True)
class Checkov:
    """One run of checkov: what it took, and which of its checks fail where."""

    cost: Took
    failed: frozenset[tuple[str, str, str]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; 1 if a run does not report the added permission."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.root_module", description=__doc__)
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="of each (default: 7)")
    parser.add_argument("--files", type=int, default=300, help="of the root module (default: 300)")
    parser.add_argument("--folders", type=int, default=2_000, help="of 10 files (default: 2,000)")
    parser.add_argument("--checkov", type=Path, metavar="PATH", help="a checkov of yours, besides")
    given = parser.parse_args(arguments)
    print("| a change in one file of | min | median | max | user CPU, median | peak memory |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        repository = Path(name) / "module"
        path = root_module(repository, given.files)
        committed(repository, "before")
        changed(repository, path)
        committed(repository, "after")
        title = f"a root module of {given.files} files"
        reported = [_measured(title, repository, given.runs)]
        for of_terraform in (20, 0):
            repository = Path(name) / f"files-{of_terraform}"
            policy = many_files(repository, given.folders, 10, of_terraform)
            committed(repository, "before")
            changed(repository, policy)
            committed(repository, "after")
            title = f"{10 * given.folders:,} files, {of_terraform} small root modules among them"
            reported.append(_measured(title, repository, given.runs))
        if given.checkov:  # at the end: a process counts what the one that starts it has in memory
            print(f"\nAccess Gate, the root module: {reported[0]}")
            _beside(given.checkov, Path(name) / "module", path)
    return int(not all(reported))


def _measured(title: str, repository: Path, runs: int) -> str:
    """Print a row; return what each run reports of the added permission, "" for nothing."""
    gate(DIFF, repository)  # not counted: the files come from a disk, modules may be compiled
    costs = [gate(DIFF, repository) for _ in range(runs)]
    walls = [cost.wall for cost in costs]
    user = median(cost.user for cost in costs)
    peak = max(cost.peak for cost in costs)
    seconds = " | ".join(f"{of(walls):.2f} s" for of in (min, median, max))
    print(f"| {title} | {seconds} | {user:.2f} s | {peak:.0f} MiB |", flush=True)
    said = {_said(cost) for cost in costs}
    if len(said) > 1 or "" in said:
        print(f"{title}: the added `{ADDED}` is not reported, or not each time", file=sys.stderr)
        return ""
    return said.pop()


def _said(cost: Took) -> str:
    """Return what a report that closes the gate says of the added permission, "" for nothing."""
    findings = json.loads(cost.output)["findings"]
    about = [each for each in findings if each["blocks"] and ADDED in each["headline"]]
    return "; ".join(f"{each['at']['path']}: {each['headline']}" for each in about)


def _checkov(program: Path, repository: Path) -> Checkov:
    options = ("--framework", "terraform", "--output", "json", "--quiet", "--compact")
    cost = took([program.absolute(), "-d", MODULE, *options, "--skip-download"], repository)
    results = json.loads(cost.output)["results"]
    failed = [
        (each["check_id"], each["file_path"], each["resource"]) for each in results["failed_checks"]
    ]
    return Checkov(cost, frozenset(failed))


def _beside(program: Path, repository: Path, path: str) -> None:
    """Print what checkov takes and says, of the whole module and of the change."""
    after = _checkov(program, repository)
    checked_out(repository, "HEAD~1")
    before = _checkov(program, repository)
    file = path.removeprefix(MODULE)
    in_file = sorted({check for check, where, _ in after.failed if where == file})
    new = sorted(check for check, _, _ in after.failed - before.failed)
    print(f"checkov, the same root module: {before.cost.wall:.1f} s before the change,")
    print(f"{after.cost.wall:.1f} s after it, {after.cost.peak:.0f} MiB")
    print(
        f"its failed checks: {len(before.failed):,} before and {len(after.failed):,} after the change"
    )
    print(f"of them in the changed file: {', '.join(in_file) or 'none'}")
    print(f"because of the added `{ADDED}`: {', '.join(new) or 'none'}")


if __name__ == "__main__":
    sys.exit(main())
