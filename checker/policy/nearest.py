"""The action that a misspelt one was probably meant to be."""

from __future__ import annotations

from checker.policy import catalogue
from checker.policy.parse_node import did_you_mean


def nearest_action(text: str) -> str:
    """Return a hint that names the likeliest action, or no hint."""
    service, _, name = text.partition(":")
    if service.lower() not in catalogue.services():
        hint = did_you_mean(service, catalogue.services())
        return hint.replace("`?", f":{name}`?") if hint else ""
    hint = did_you_mean(name, catalogue.actions_of(service.lower()))
    return hint.replace("mean `", f"mean `{service}:")
