"""What a pack is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """Actions and the resources on which they do harm.

    services: whose ARNs the actions take, `*` for any, where not those of their own service; on
    other ARNs they mean nothing.
    arns: patterns of the ARNs that count, where not all of these services do.
    why: half a sentence whose subject is whoever has the access. source: a page that says so.
    """

    actions: tuple[str, ...]
    services: tuple[str, ...]
    why: str
    source: str
    arns: tuple[str, ...] = ()

    def services_of(self, action: str) -> tuple[str, ...]:
        """Return whose ARNs an action takes."""
        return self.services or (action.partition(":")[0],)


@dataclass(frozen=True, slots=True)
class Combination:
    """Two kinds of access that do harm together: any action of the one with any of the other."""

    name: str  # kebab case; part of the check's id
    first: Access
    second: Access
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class Pack:
    """A named set of critical access. `says`: what a policy that grants of it lets one do."""

    name: str
    says: str
    accesses: tuple[Access, ...]
    combinations: tuple[Combination, ...] = ()


def access(
    actions: str,
    why: str,
    source: str,
    services: Sequence[str] = (),
    *,
    arns: Sequence[str] = (),
) -> Access:
    """Return access by actions that are written with blanks between."""
    return Access(tuple(actions.split()), tuple(services), why, source, tuple(arns))
