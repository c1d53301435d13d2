"""Whole processes: what one took from its start to its exit, children included."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.corpus import ROOT

GATE: Final = (sys.executable, "-m", "checker")


@dataclass(frozen=True, slots=True)
class Took:
    """What one process took: seconds, and the mebibytes that it had at most."""

    wall: float
    user: float
    system: float
    peak: float
    code: int
    output: bytes

    @property
    def processor(self) -> float:
        """The seconds of all processors."""
        return self.user + self.system


def took(
    command: Sequence[str | Path], folder: Path, environ: Mapping[str, str] = os.environ
) -> Took:
    """Run a command in a folder to its end; its complaints are shown."""
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=output)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read()
    unit = 2**20 if sys.platform == "darwin" else 2**10
    peak = used.ru_maxrss / unit
    return Took(wall, used.ru_utime, used.ru_stime, peak, process.returncode, said)


def gate(arguments: Sequence[str], folder: Path) -> Took:
    """Run `access-gate`; it stops the benchmark if that could not give a verdict."""
    compiled = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}  # as where it is installed
    done = took([*GATE, *arguments], folder, os.environ | compiled)
    if done.code not in (0, 1):
        raise SystemExit(f"access-gate {' '.join(arguments)} ended with {done.code}")
    return done


def committed(repository: Path, message: str) -> None:
    """Commit all that stands in a folder, which becomes a repository if it is none."""
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", message]):
        subprocess.run(["git", "-C", str(repository), *command], check=True)


def checked_out(repository: Path, revision: str) -> None:
    """Put the files of a commit into the working tree."""
    subprocess.run(["git", "-C", str(repository), "checkout", "-q", revision], check=True)
