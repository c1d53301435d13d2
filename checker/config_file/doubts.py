"""What is right as a setting, and may not be what was meant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from checker.config import Config
from checker.errors import located
from checker.policy import catalogue
from checker.policy.model import Pattern
from checker.policy.nearest import nearest_action


def doubts(config: Config) -> Iterator[str]:
    """Yield a line, with its place, for each listed action that AWS does not have today."""
    listed = chain(config.critical_actions, *(group.actions for group in config.critical))
    for pattern in listed:
        if pattern.text != "*" and next(catalogue.matching(pattern), None) is None:
            yield located(_unknown(pattern), pattern.span, nearest_action(pattern.text))


def _unknown(pattern: Pattern) -> str:
    if "*" in pattern.text or "?" in pattern.text:
        return f"`{pattern.text}` matches no action of today"
    return f"`{pattern.text}` is no action of today"
