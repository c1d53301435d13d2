"""Whether one entry of a policy matches all that another one does, as far as their text shows."""

from __future__ import annotations

from checker.policy.evaluate_pattern import glob
from checker.policy.parse_pattern import parts


def covers(wide: str, narrow: str) -> bool:
    """Return whether a pattern matches the text of another, whose wildcards count as letters."""
    return glob(parts(wide, wildcards=True, variables=False), narrow)
