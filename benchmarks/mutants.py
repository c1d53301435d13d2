"""Plant errors in the meaning of policies, one at a time, and see which of them the tests notice.

    python -m benchmarks.mutants --jobs 2

Each error is one edit in a copy of the tree. An edit that no longer fits the source is reported:
then the list has to follow. The exit code is 1 if errors survive.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from benchmarks.corpus import ROOT
from benchmarks.mutant_list import MUTANTS, Mutant

# By folder of the error, the quickest first: the first test that fails ends it.
_MEANING: Final = ("test_semantics_cases.py", "test_regressions.py", "test_corners.py")
_SHARP: Final = ("test_globs.py", "test_second_solver.py", "test_compile_agrees.py")
_JUDGE: Final = (
    *("test_evaluate.py", "test_evaluate_condition.py", "test_evaluate_pattern.py"),
    *("test_evaluate_principal.py", "test_parse.py", "test_parse_pattern.py"),
)
TESTS: Final = {"policy": (_JUDGE, _MEANING, _SHARP), "symbolic": (_MEANING, _SHARP)}
_COPIED: Final = ("benchmarks", "checker", "tests", "pyproject.toml")
_LONGEST: Final = 600.0  # seconds; an error that makes the tests run on has been noticed


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an error: the test that noticed it, or nothing."""

    mutant: Mutant
    noticed_by: str
    seconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Plant them all and print which survive."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants", description=__doc__)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="those whose file or reason has it"
    )
    given = parser.parse_args(arguments)
    chosen = [m for m in MUTANTS if given.only in m.file or given.only in m.why]
    stale = [m for m in chosen if _source(ROOT, m).read_text().count(m.old) != 1]
    for mutant in stale:
        print(f"does not fit the source: checker/{mutant.file}: {mutant.why}")
    fates = list(_planted([m for m in chosen if m not in stale], max(1, given.jobs)))
    survivors = [fate.mutant for fate in fates if not fate.noticed_by]
    for mutant in survivors:
        print(f"SURVIVES: checker/{mutant.file}: {mutant.why}")
    noticed = len(fates) - len(survivors)
    print(f"\n{noticed} of {len(fates)} errors noticed ({noticed / max(1, len(fates)):.1%})")
    return int(bool(survivors or stale))


def _planted(mutants: Sequence[Mutant], jobs: int) -> Iterator[Fate]:
    with tempfile.TemporaryDirectory(prefix="access-gate-mutants-") as folder:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(jobs):
            trees.put(_copy(Path(folder) / str(number)))
        first = trees.get()
        failed = _first_failure(first, "policy")
        if failed:
            sys.exit(f"error: the tests fail without any planted error: {failed}")
        trees.put(first)
        with ThreadPoolExecutor(jobs) as pool:
            for fate in pool.map(lambda mutant: _fate(mutant, trees), mutants):
                told = fate.noticed_by or "NOBODY"
                print(
                    f"{fate.seconds:5.1f} s  {fate.mutant.file}: {fate.mutant.why}: {told}",
                    flush=True,
                )
                yield fate


def _copy(to: Path) -> Path:
    to.mkdir()
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, to / name)
    return to


def _source(tree: Path, mutant: Mutant) -> Path:
    return tree / "checker" / mutant.file


def _fate(mutant: Mutant, trees: SimpleQueue[Path]) -> Fate:
    tree = trees.get()
    started = time.monotonic()
    try:
        with _edited(_source(tree, mutant), mutant):
            noticed_by = _first_failure(tree, mutant.file.partition("/")[0])
    finally:
        trees.put(tree)
    return Fate(mutant, noticed_by, time.monotonic() - started)


@contextmanager
def _edited(source: Path, mutant: Mutant) -> Iterator[None]:
    text, times = source.read_text(), source.stat()
    source.write_text(text.replace(mutant.old, mutant.new))
    # Python takes a compiled file for new if its source's second and size are the same.
    os.utime(source, (times.st_atime, times.st_mtime - 100))
    try:
        yield
    finally:
        source.write_text(text)
        os.utime(source, (times.st_atime, times.st_mtime))


def _first_failure(tree: Path, folder: str) -> str:
    """Return the first test that fails in a tree, or ""."""
    return next((failed for names in TESTS[folder] if (failed := _run(tree, names))), "")


def _run(tree: Path, names: Sequence[str]) -> str:
    tests = [f"tests/{name}" for name in names]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "ACCESS_GATE_CORPUS": "/nowhere"}
    environment.pop("PYTHONPATH", None)
    try:
        done = subprocess.run(
            command,
            cwd=tree,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "the tests do not end"
    if done.returncode == 0:
        return ""
    lines = done.stdout.splitlines()
    told = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    return told[0].split(" - ")[0].partition(" ")[2] if told else "the tests do not start"


if __name__ == "__main__":
    sys.exit(main())
