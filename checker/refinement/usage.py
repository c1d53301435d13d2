"""What is known of the use of permissions, whoever says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class UnusedService:
    """Actions of one service that were not used: their names, or None for the whole service.

    `service` is the namespace in lower case; names are spelled as they were given.
    """

    service: str
    actions: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Unused:
    """What was not used, of one role or user where the source says whose.

    `everything`: nothing was used at all. `used`: actions that were seen in use, where the source
    lists those, as `service:Name`. `notes`: what was passed over in the source, one line each.
    """

    services: tuple[UnusedService, ...] = ()
    role: str = ""  # an ARN
    everything: bool = False
    used: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    file: str = ""  # where it stands, if it names no role
    follows: bool = False  # nobody said so: it follows from what was used
    days: int = 0  # looked at; 0 if nobody says


def joined(parts: Iterable[Unused]) -> tuple[Unused, ...]:
    """Return one entry for each role: what any part calls unused is unused.

    Files that name no role may be about different ones, and are not joined.
    """
    by_role: dict[tuple[str, str], Unused] = {}
    for part in parts:
        whose = part.role, part.file
        known = by_role.get(whose)
        by_role[whose] = part if known is None else _union(known, part)
    return tuple(replace(each, services=_merged(each.services)) for each in by_role.values())


def _union(one: Unused, other: Unused) -> Unused:
    return replace(
        one,
        services=(*one.services, *other.services),
        everything=one.everything or other.everything,
        used=tuple(dict.fromkeys((*one.used, *other.used))),
        notes=tuple(dict.fromkeys((*one.notes, *other.notes))),
    )


def _merged(services: Iterable[UnusedService]) -> tuple[UnusedService, ...]:
    found: dict[str, UnusedService] = {}
    for each in services:
        known = found.get(each.service)
        if known is None or each.actions is None:
            found[each.service] = each
        elif known.actions is not None:
            both = tuple(dict.fromkeys((*known.actions, *each.actions)))
            found[each.service] = UnusedService(each.service, both)
    return tuple(found.values())
