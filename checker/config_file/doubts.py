"""What is right as a setting, and may not be what was meant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from checker.config import Config
from checker.errors import located
from checker.policy import catalogue
from checker.policy.model import Pattern
from checker.policy.parse_node import did_you_mean


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


def nearest_action(text: str) -> str:
    """Return a hint that names the likeliest action, or no hint."""
    service, _, name = text.partition(":")
    if service.lower() not in catalogue.services():
        hint = did_you_mean(service, catalogue.services())
        return hint.replace("`?", f":{name}`?") if hint else ""
    hint = did_you_mean(name, catalogue.actions_of(service.lower()))
    return hint.replace("mean `", f"mean `{service}:")
