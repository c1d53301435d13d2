"""Every error that a user can cause, and the exit code it ends with."""

from __future__ import annotations

from typing import ClassVar

from checker.span import Span


class AccessGateError(Exception):
    """A run cannot go on; the text is one line that says where, what, and what to do."""

    exit_code: ClassVar[int] = 2


class UsageError(AccessGateError):
    """Wrong arguments, or an input file that cannot be read."""


class ConfigError(AccessGateError):
    """The configuration file is wrong at `at`."""

    def __init__(self, problem: str, at: Span | None = None, *, hint: str = "") -> None:
        super().__init__(located(problem, at, hint))
        self.problem = problem
        self.at = at
        self.hint = hint


class SourceError(AccessGateError):
    """The two commits cannot be read: no such commit, no repository, no permission."""


class InternalError(AccessGateError):
    """We broke a promise to ourselves, for example a witness that does not replay."""

    exit_code: ClassVar[int] = 3


class PolicySyntaxError(ValueError):
    """Something written as an IAM policy is not one.

    In a run over two commits it becomes a finding at `at` instead of ending the run: one bad
    document must not hide what there is to say about the others.
    """

    def __init__(self, problem: str, at: Span, *, hint: str = "") -> None:
        super().__init__(located(problem, at, hint))
        self.problem = problem  # lower case, no full stop, what the user wrote in backticks
        self.at = at
        self.hint = hint


def located(problem: str, at: Span | None, hint: str = "") -> str:
    """Return one line: where, what, and in brackets what to do."""
    where = f"{at}: " if at else ""
    return f"{where}{problem}" + (f" ({hint})" if hint else "")
