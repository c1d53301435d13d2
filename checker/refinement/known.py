"""The actions that are known today, parted by a report into those to keep and those to drop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from checker.policy import catalogue
from checker.policy.values import lower
from checker.refinement.trie import Names, names_of
from checker.refinement.usage import Unused, UnusedService

ELSEWHERE: Final = frozenset({"iam:passrole"})
"""Used by calls of other services, so that its own service being unused says nothing of it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html, which
says that `iam:PassRole` is not tracked.
"""

_NONE: Final = names_of(())


@dataclass(frozen=True, slots=True)
class Parted:
    """The known actions of one service; `wholly`: none is kept, not even names yet to come."""

    keep: Names
    drop: Names
    wholly: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """All known actions, parted. `everything`: nothing at all is kept."""

    everything: bool
    spoken: Mapping[str, Parted]  # by service, where something is dropped

    def parted(self, service: str) -> Parted:
        """Return the names of a service."""
        if self.everything:
            return Parted(_NONE, known_names(service), wholly=True)
        return self.spoken.get(service) or Parted(known_names(service), _NONE)

    def services(self) -> list[str]:
        """Return the services that are known or spoken of, in alphabetical order."""
        return sorted(catalogue.services().union(self.spoken))

    def drops(self, action: str) -> bool:
        """Return whether an action (lower case) is to be dropped."""
        service, _, name = action.partition(":")
        parted = self.spoken.get(service)
        if self.everything or parted is None:
            return self.everything
        return name in parted.drop.spelled or (parted.wholly and name not in parted.keep.spelled)


@lru_cache(maxsize=1024)
def known_names(service: str) -> Names:
    """Return today's actions of a service."""
    return names_of(catalogue.actions_of(service))


def judged(unused: Unused, kept: Callable[[str], bool]) -> Judged:
    """Return what a report says of each known action; `kept` are actions not to drop, whatever."""
    spoken = {each.service: _parted(each, kept) for each in unused.services}
    dropping = {service: parted for service, parted in spoken.items() if _drops(parted)}
    return Judged(unused.everything, dropping)


def _drops(parted: Parted) -> bool:
    return bool(parted.wholly or parted.drop.folded)


def _parted(each: UnusedService, kept: Callable[[str], bool]) -> Parted:
    known = known_names(each.service)
    if each.actions is None:
        dropped: Iterable[str] = known.spelled.values()
        kept_too = ELSEWHERE
    else:
        # A name that is known keeps AWS's spelling; one that is not is known from here on.
        dropped = (known.spelled.get(lower(name), name) for name in each.actions)
        kept_too = frozenset()
    drop = names_of(
        name
        for name in dropped
        if (action := f"{each.service}:{lower(name)}") not in kept_too and not kept(action)
    )
    keep = names_of(name for folded, name in known.spelled.items() if folded not in drop.spelled)
    return Parted(keep, drop, wholly=each.actions is None and not keep.folded)
