"""What is proved of a refined policy before anybody sees it.

1. The new policy allows nothing that the old one does not.
2. No action to drop is allowed by a statement that was refined.
3. Every other known action that was allowed stays allowed, on the same resources, under the same
   conditions.

The lists of actions are made afresh from the catalogue, with the matching of the judge, so that a
mistake in the choice of wildcards cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import ClassVar, Final

from checker.checks import no_new_access
from checker.errors import AccessGateError
from checker.policy import catalogue
from checker.policy.evaluate_pattern import glob
from checker.policy.model import (
    Effect,
    Element,
    Pattern,
    Policy,
    PrincipalEntry,
    PrincipalKind,
    Principals,
    Statement,
    Wildcard,
)
from checker.policy.readings import has_wildcard
from checker.refinement.known import Judged, Parted
from checker.refinement.trie import Names
from checker.span import whole_file
from checker.symbolic.question import Answer, Budget, Holds, Undecided, Violated
from checker.symbolic.solver import answer

_HERE: Final = whole_file("the refined policy")
_ANYONE: Final = PrincipalEntry(PrincipalKind.EVERYONE, "*", "*", _HERE)


class NotProvedError(AccessGateError):
    """A smaller policy was found, and not proved to be as good; so it is not shown."""

    exit_code: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class Refined:
    """An old policy, the new one, and the statements of each that were refined (by index)."""

    old: Policy
    new: Policy
    before: tuple[int, ...]
    after: tuple[int, ...]  # of those `before` that are still there


def prove(refined: Refined, judged: Judged, budget: Budget) -> None:
    """Return if all three proofs hold.

    Errors: `NotProvedError` with the first that does not.
    """
    touched = _only(refined.new, refined.after)
    if not _rest_is_the_same(refined):
        raise NotProvedError("no smaller policy is proved: the one found changes other statements")
    # A statement that both have, under the same Deny statements, allows nothing new.
    prove_inside(refined.old, _with_denies(touched, refined.new), budget)
    _demand(_without_dropped(touched, judged), touched, budget, "would allow an unused action")
    kept = _kept_listed(_only(refined.old, refined.before), judged)
    _demand(refined.new, _with_denies(kept, refined.old), budget, "would refuse an action in use")


def _rest_is_the_same(refined: Refined) -> bool:
    """Return whether both policies have the same statements besides those refined, in order."""
    old, new = (
        [s for s in policy.statements if s.index not in indices]
        for policy, indices in (
            (refined.old, refined.before),
            (refined.new, refined.after),
        )
    )
    return old == new and all(
        refined.old.statements[i].effect is Effect.ALLOW for i in refined.before
    )


def prove_inside(old: Policy, new: Policy, budget: Budget) -> None:
    """Return if the new policy allows nothing that the old one does not.

    Errors: `NotProvedError`.
    """
    _demand(old, new, budget, "would allow what the present one does not")


def prove_same(old: Policy, new: Policy, budget: Budget) -> None:
    """Return if both policies allow exactly the same requests.

    Errors: `NotProvedError`.
    """
    prove_inside(old, new, budget)
    _demand(new, old, budget, "would refuse what the present one allows")


def _demand(wide: Policy, narrow: Policy, budget: Budget, otherwise: str) -> None:
    said = answer(no_new_access.ask(wide, narrow), budget)
    if not isinstance(said, Holds):
        reason = _reason(said)
        raise NotProvedError(f"no smaller policy is proved: the one found {otherwise}: {reason}")


def _reason(said: Answer) -> str:
    match said:
        case Undecided(reason=reason):
            return reason
        case Violated(witness=None):
            return "under a reading of the policy that AWS leaves open"
        case Violated(witness=request) if request is not None:
            return f"`{request.action}` on `{request.resource}`"
        case _:
            return "for no reason known"


def _only(policy: Policy, indices: Sequence[int]) -> Policy:
    chosen = set(indices)
    return replace(policy, statements=tuple(s for s in policy.statements if s.index in chosen))


def _with_denies(policy: Policy, of: Policy) -> Policy:
    denies = (s for s in of.statements if s.effect is Effect.DENY)
    return replace(policy, statements=(*policy.statements, *denies))


def _without_dropped(policy: Policy, judged: Judged) -> Policy:
    """Return the policy with a Deny of every action to drop, on anything, by anyone."""
    actions = [
        pattern for service in judged.spoken for pattern in _dropped_patterns(service, judged)
    ]
    everyone = Principals((_ANYONE,), negated=False, span=_HERE)
    deny = Statement(
        effect=Effect.DENY,
        principals=everyone if policy.type.has_principals else None,
        actions=_element(actions),
        resources=None,
        span=_HERE,
    )
    return replace(policy, statements=(*policy.statements, deny))


def _dropped_patterns(service: str, judged: Judged) -> Iterator[Pattern]:
    parted = judged.parted(service)
    if parted.wholly:
        yield Pattern((f"{service}:", Wildcard.ANY_RUN), f"{service}:*", _HERE)
    else:
        yield from (_named(f"{service}:{name}") for name in parted.drop.folded)


def _kept_listed(policy: Policy, judged: Judged) -> Policy:
    """Return the policy with the actions to keep, one by one, for all that had others too."""
    statements = (
        replace(s, actions=_element(_kept_actions(s.actions, judged)))
        for s in policy.statements
        if not judged.everything
    )
    return replace(policy, statements=tuple(s for s in statements if s.actions.patterns))


def _kept_actions(element: Element, judged: Judged) -> list[Pattern]:
    if element.negated:
        return [
            _named(action)
            for service in judged.services()
            for action in _names(judged.parted(service).keep, service)
            if not any(glob(pattern.parts, action) for pattern in element.patterns)
        ]
    kept: list[Pattern] = []
    for pattern in element.patterns:
        if not has_wildcard(pattern):
            kept += [] if judged.drops(pattern.text.lower()) else [pattern]
        elif not _meets_dropped(pattern, judged):
            kept.append(pattern)
        else:
            kept += _kept_names(pattern, judged)
    return kept


def _meets_dropped(pattern: Pattern, judged: Judged) -> bool:
    return any(
        any(glob(pattern.parts, action) for action in _names(parted.drop, service))
        # Of a service that is unused as a whole, also what nobody knows.
        or (parted.rest and not _known_only(parted) and _may_match(pattern, service))
        for service, parted in judged.spoken.items()
    )


def _known_only(parted: Parted) -> bool:
    """Return whether all that is dropped of a service is known, and something of it is kept."""
    return bool(parted.keep.folded and parted.drop.folded)


def _may_match(pattern: Pattern, service: str) -> bool:
    prefix, colon, _ = pattern.text.lower().partition(":")
    return not colon or fnmatchcase(service, prefix.replace("[", "[[]"))


def _kept_names(pattern: Pattern, judged: Judged) -> Iterator[Pattern]:
    service = pattern.text.lower().partition(":")[0]
    services = [service] if service in catalogue.services() else judged.services()
    for each in services:
        for action in _names(judged.parted(each).keep, each):
            if glob(pattern.parts, action):
                yield _named(action)


def _names(names: Names, service: str) -> Iterator[str]:
    return (f"{service}:{name}" for name in names.folded)


def _named(action: str) -> Pattern:
    return Pattern((action,), action, _HERE)


def _element(patterns: Sequence[Pattern]) -> Element:
    return Element(tuple(patterns), negated=False, span=_HERE)
