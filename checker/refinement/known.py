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

    def services(self) -> set[str]:
        """Return the services of the actions that are listed without wildcards."""
        listed = (pattern for pattern in self.patterns if not has_wildcard(pattern))
        return {lower(pattern.text.partition(":")[0]) for pattern in listed}

    def named(self, service: str) -> Iterator[str]:
        """Yield the names of a service's actions that are listed without wildcards."""
        for pattern in self.patterns:
            prefix, _, name = pattern.text.partition(":")
            if lower(prefix) == service and not has_wildcard(pattern):
                yield name

    def loosely(self, service: str) -> bool:
        """Return whether a wildcard keeps something of a service, perhaps what nobody knows."""
        whole = glob((f"{service}:", Run(ANY)))
        globs = (action_glob(p.parts) for p in self.patterns if has_wildcard(p))
        return any(each is None or not disjoint(each, whole) for each in globs)


@dataclass(frozen=True, slots=True)
class Parted:
    """The known actions of one service.

    `whole`: the service is unused as a whole, so that a name that is not known is dropped where it is
    written. `rest`: it is so under wildcards too, because none of them may have to stay.
    """

    keep: Names
    drop: Names
    whole: bool = False
    rest: bool = False

    @property
    def wholly(self) -> bool:
        """Whether none at all is kept, so that the service's wildcards go as they are."""
        return self.rest and not self.keep.folded


@dataclass(frozen=True, slots=True)
class Judged:
    """All known actions, parted. `everything`: nothing at all is kept."""

    everything: bool
    spoken: Mapping[str, Parted]  # by service, where something is dropped
    kept: Kept = Kept()

    def parted(self, service: str) -> Parted:
        """Return the names of a service."""
        if self.everything:
            return Parted(_NONE, known_names(service), whole=True, rest=True)
        return self.spoken.get(service) or Parted(
            _with(known_names(service), service, self.kept), _NONE
        )

    def services(self) -> list[str]:
        """Return the services that are known or spoken of, in alphabetical order."""
        return sorted(catalogue.services().union(self.spoken, self.kept.services()))

    def drops(self, action: str) -> bool:
        """Return whether an action (lower case) is to be dropped."""
        service, _, name = action.partition(":")
        parted = self.spoken.get(service)
        if self.everything or parted is None:
            return self.everything
        if name in parted.drop.spelled:
            return True
        return parted.whole and name not in parted.keep.spelled and not self.kept.has(action)


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
    return bool(parted.whole or parted.drop.folded)


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
    left = names_of(name for folded, name in known.spelled.items() if folded not in drop.spelled)
    keep = _with(left, each.service, kept)
    whole = each.actions is None
    return Parted(keep, drop, whole, whole and not kept.loosely(each.service))


def _with(names: Names, service: str, kept: Kept) -> Names:
    """Return the names with those that are to be kept, known or not; what is known is spelled as it is."""
    known = known_names(service).spelled
    more = [known.get(lower(n), n) for n in kept.named(service) if lower(n) not in names.spelled]
    return names_of([*names.spelled.values(), *more]) if more else names
