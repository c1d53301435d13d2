"""What a job hands to its runner: outputs, the step's summary, and lines that are commands."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from checker.errors import InternalError


def write_outputs(path: Path, values: Mapping[str, str]) -> None:
    """Append the outputs of a step to GITHUB_OUTPUT, safe against line ends in a value."""
    with path.open("a", encoding="utf-8", newline="\n") as file:
        for name, value in values.items():
            delimiter = f"ghadelimiter_{secrets.token_hex(16)}"
            if delimiter in value or delimiter in name:
                raise InternalError(f"the output `{name}` holds a delimiter that nobody can know")
            file.write(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")


def append_summary(path: Path, markdown: str) -> None:
    """Append to GITHUB_STEP_SUMMARY."""
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(markdown)


@contextmanager
def commands_stopped(write: Callable[[str], object]) -> Iterator[Callable[[str], None]]:
    """Within, no line of the log is a command, but for those given to the function it yields.

    The runner obeys `::name::` at the start of a line and `##[name]` anywhere in one, on both
    streams, so a Sid in a log line would be obeyed too.
    """
    token = secrets.token_hex(16)
    write(f"::stop-commands::{token}\n")

    def say(commands: str) -> None:
        nonlocal token
        if not commands:
            return
        again = secrets.token_hex(16)
        write(f"::{token}::\n{commands}::stop-commands::{again}\n")
        token = again

    try:
        yield say
    finally:
        write(f"::{token}::\n")
