"""Who may accept a finding, and for how long: `approvers`, `waivers-from`, `waiver-max-days`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from checker.config import Config
from checker.config_file import nodes
from checker.errors import ConfigError
from checker.source.places import quoted
from checker.source.tree import Node

_LOGIN: Final = re.compile(r"@?[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_])?")
_DAYS: Final = re.compile("[1-9][0-9]{0,3}")


def read_approvers(config: Config, node: Node) -> Config:
    """Return the settings with the people whose approving review accepts what a head commit does."""
    for login, at in nodes.texts(node):
        if "/" in login:
            hint = "name its people; for a team, make it the code owner of the waiver file"
            problem = f"{quoted(login)} is a team, and the token of a job may not read who is in it"
            raise ConfigError(problem, at, hint=hint)
    found = nodes.shaped(node, _LOGIN, "a login (such as `octocat`)")
    logins = dict.fromkeys(login.removeprefix("@").lower() for login in found)
    return replace(config, approvers=tuple(logins))


def read_waivers_from(config: Config, node: Node) -> Config:
    """Return the settings with the side whose waivers count."""
    chosen = nodes.chosen(node, ("base", "head"), "side")
    return replace(config, waivers_from_head=chosen == "head")


def read_waiver_max_days(config: Config, node: Node) -> Config:
    """Return the settings with the most days that a waiver may be ahead of its end."""
    found = nodes.text(node)
    if not _DAYS.fullmatch(found):
        hint = "a whole number from 1 to 9999"
        raise ConfigError(f"{quoted(found)} is not a number of days", node.span, hint=hint)
    return replace(config, waiver_max_days=int(found))


def read_tag(config: Config, node: Node) -> Config:
    """Return the settings with the word that tells this gate's comments from another's."""
    found = nodes.text(node)
    if not nodes.NAME.fullmatch(found) or len(found) > nodes.LONGEST_NAME:
        hint = "use lower case, digits and hyphens"
        raise ConfigError(f"{quoted(found)} cannot be a tag", node.span, hint=hint)
    return replace(config, tag=found)
