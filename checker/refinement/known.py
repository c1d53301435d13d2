"""The actions that are known today, parted by a report into those to keep and those to drop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from checker.policy import catalogue
from checker.policy.evaluate_pattern import glob as matches
from checker.policy.model import Pattern
from checker.policy.readings import has_wildcard
from checker.policy.values import lower
from checker.refinement.trie import Names, names_of
from checker.refinement.usage import Unused, UnusedService
from checker.symbolic.globs import ANY, Run, disjoint, glob
from checker.symbolic.patterns import action_glob

ELSEWHERE: Final = frozenset({"iam:passrole"})
"""Used by calls of other services, so that its own service being unused says nothing of it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html, which
says that `iam:PassRole` is not tracked.
"""

_NONE: Final = names_of(())


@dataclass(frozen=True, slots=True)
class Kept:
    """Actions that stay, whatever is reported of them."""

    patterns: tuple[Pattern, ...] = ()

    def has(self, action: str) -> bool:
        """Return whether an action (lower case) stays."""
        return any(matches(pattern.parts, action) for pattern in self.patterns)

    def named(self, service: str) -> Iterator[str]:
        """Yield the names of a service's actions that are listed without wildcards."""
        for pattern in self.patterns:
            prefix, _, name = pattern.text.partition(":")
            if lower(prefix) == service and not has_wildcard(pattern):
                yield name

    def some_of(self, service: str) -> bool:
        """Return whether some action of a service stays, or may once AWS adds it."""
        whole = glob((f"{service}:", Run(ANY)))
        globs = (action_glob(pattern.parts) for pattern in self.patterns)
        return any(each is None or not disjoint(each, whole) for each in globs)


@dataclass(frozen=True, slots=True)
class Parted:
    """The known actions of one service.

    `rest`: names that are not known are dropped too. `wholly`: none at all is kept, so that the
    service's wildcards go as they are.
    """

    keep: Names
    drop: Names
    rest: bool = False
    wholly: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """All known actions, parted. `everything`: nothing at all is kept."""

    everything: bool
    spoken: Mapping[str, Parted]  # by service, where something is dropped
    kept: Kept = Kept()

    def parted(self, service: str) -> Parted:
        """Return the names of a service."""
        if self.everything:
            return Parted(_NONE, known_names(service), rest=True, wholly=True)
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
        if name in parted.drop.spelled:
            return True
        return parted.rest and name not in parted.keep.spelled and not self.kept.has(action)


@lru_cache(maxsize=1024)
def known_names(service: str) -> Names:
    """Return today's actions of a service."""
    return names_of(catalogue.actions_of(service))


def judged(unused: Unused, kept: Kept) -> Judged:
    """Return what a report says of each known action."""
    spoken = {each.service: _parted(each, kept) for each in unused.services}
    dropping = {service: parted for service, parted in spoken.items() if _drops(parted)}
    return Judged(unused.everything, dropping, kept)


def _drops(parted: Parted) -> bool:
    return bool(parted.rest or parted.drop.folded)


def _parted(each: UnusedService, kept: Kept) -> Parted:
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
        if (action := f"{each.service}:{lower(name)}") not in kept_too and not kept.has(action)
    )
    left = [name for folded, name in known.spelled.items() if folded not in drop.spelled]
    new = [name for name in kept.named(each.service) if lower(name) not in known.spelled]
    keep = names_of([*left, *new])
    rest = each.actions is None
    return Parted(keep, drop, rest, rest and not keep.folded and not kept.some_of(each.service))
