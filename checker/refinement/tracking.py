"""From the events that CloudTrail shows to the actions that were not used.

What leaves no event is never called unused; nor is anything of a service with an event that
nobody can tell the action of. The facts are in `cloudtrail.toml`, with their sources.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Final, cast

from checker.policy import catalogue
from checker.policy.evaluate_pattern import glob
from checker.policy.model import Part
from checker.policy.parse_pattern import parts
from checker.policy.values import lower
from checker.refinement.cloudtrail import Event, Tally
from checker.refinement.known import known_names
from checker.refinement.usage import Unused, UnusedService

_HOST: Final = re.compile(r"(.+)\.amazonaws\.com(?:\.cn)?").fullmatch
_VERSION: Final = re.compile(r"(.+?)(?:_?\d{4}_?\d{2}_?\d{2}(?:v\d)?)").fullmatch


@dataclass(frozen=True, slots=True)
class _Facts:
    logged: frozenset[str]
    operations: frozenset[str]  # actions that events may name, in lower case
    untold: Mapping[str, tuple[tuple[Part, ...], ...]]  # by service
    sources: Mapping[str, str]
    events: Mapping[str, tuple[str, ...]]  # in lower case


@dataclass(frozen=True, slots=True)
class _Seen:
    """The actions that events stand for (lower case), and the services of events that are unclear."""

    actions: frozenset[str]
    unclear: Mapping[str, str]  # a service and such an event
    names: frozenset[str]  # of events of unknown sources, in lower case


@lru_cache(maxsize=1)
def _facts() -> _Facts:
    folder = files("checker.refinement")
    data = tomllib.loads(folder.joinpath("cloudtrail.toml").read_text("utf-8"))
    untold: dict[str, tuple[tuple[Part, ...], ...]] = {}
    for pattern in cast("list[str]", data["untold"]):
        service, _, name = lower(pattern).partition(":")
        told = parts(name, wildcards=True, variables=False)
        untold[service] = (*untold.get(service, ()), told)
    events = cast("dict[str, list[str]]", data["events"])
    operations = _operations(folder.joinpath("operations.txt").read_text("utf-8"))
    return _Facts(
        frozenset(cast("list[str]", data["logged"])),
        frozenset(operations).union(
            lower(action) for actions in events.values() for action in actions
        ),
        untold,
        cast("dict[str, str]", data["sources"]),
        {lower(event): tuple(map(lower, actions)) for event, actions in events.items()},
    )


def _operations(text: str) -> Iterator[str]:
    for line in text.splitlines():
        service, _, names = line.partition(": ")
        if not line.startswith("#"):
            yield from (f"{service}:{lower(name)}" for name in names.split())


def unused_after(tally: Tally) -> Unused:
    """Return what was not used, as far as the events can tell."""
    facts = _facts()
    seen = _seen(tally.events, facts)
    services = tuple(
        UnusedService(service, _unused_names(service, seen, facts, tally))
        for service in sorted(facts.logged)
        if service not in seen.unclear
    )
    period = f" from {tally.first} to {tally.last}" if tally.first else ""
    notes = [f"{tally.count:,} events of CloudTrail{period}"]
    notes += [
        f"all of `{service}` counts as used: nobody can tell the action of the event `{event}`"
        for service, event in sorted(seen.unclear.items())
    ]
    notes += [
        f"no event of the records {kind}, so whatever {kind} counts as used (does the trail log it?)"
        for kind, is_there in (("reads", tally.reads), ("writes", tally.writes))
        if not is_there
    ]
    used = tuple(sorted(catalogue.spelled(action) for action in seen.actions))
    return Unused(
        services, tally.role, used=used, notes=tuple(notes), follows=True, days=_days(tally)
    )


def _days(tally: Tally) -> int:
    try:
        first, last = (date.fromisoformat(time[:10]) for time in (tally.first, tally.last))
    except ValueError:
        return 0
    return (last - first).days + 1


def _seen(events: Iterable[Event], facts: _Facts) -> _Seen:
    actions: set[str] = set()
    unclear: dict[str, str] = {}
    names: set[str] = set()
    for source, name in events:
        service = _service(source, facts)
        if service not in catalogue.services():
            names.add(lower(name))
            continue
        found = _actions(service, name, facts)
        if found is None:
            unclear[service] = name
        else:
            actions.update(found)
    return _Seen(frozenset(actions), unclear, frozenset(names))


def _service(source: str, facts: _Facts) -> str:
    host = _HOST(source)
    name = lower(host[1]) if host else lower(source)
    return facts.sources.get(name, name)


def _actions(service: str, event: str, facts: _Facts) -> tuple[str, ...] | None:
    """Return the actions that an event stands for, in lower case; None if nobody can tell."""
    dated = _VERSION(event)
    for name in (event, dated[1] if dated else ""):
        action = f"{service}:{lower(name)}"
        if action in facts.events:
            return facts.events[action]
        if catalogue.is_known(action):
            return (action,)
    return None


def _unused_names(service: str, seen: _Seen, facts: _Facts, tally: Tally) -> tuple[str, ...]:
    levels = {"Write", "Permissions management"} if tally.writes else set[str]()
    levels |= {"List", "Read"} if tally.reads else set()  # not Tagging, which comes with a resource
    untold = facts.untold.get(service, ())
    return tuple(
        spelled
        for name, spelled in known_names(service).spelled.items()
        if f"{service}:{name}" in facts.operations
        and f"{service}:{name}" not in seen.actions
        and name not in seen.names
        and catalogue.access_level(f"{service}:{name}") in levels
        and not any(glob(pattern, name) for pattern in untold)
    )
