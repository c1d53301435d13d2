"""From a policy and what of it was not used to the least policy that still does the rest.

Order, Sids, resources, conditions and Deny statements stay as they are. What comes out is a
proposal: nobody sees it before `proofs` has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from checker.policy import catalogue
from checker.policy.model import Effect, Pattern, Policy, Statement
from checker.policy.parse_node import quoted
from checker.policy.readings import has_wildcard
from checker.policy.values import lower
from checker.refinement import selection as selections
from checker.refinement.edits import (
    Edit,
    ElementEdit,
    Object,
    Operation,
    Outcome,
    Removal,
    edited,
    patch,
    plain_object,
)
from checker.refinement.known import Judged, Kept, judged
from checker.refinement.usage import Unused, UnusedService
from checker.source.tree import Mapping

MOST_CHARACTERS: Final = 6144
"""Of a managed policy, blanks not counted.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


class Recommended(StrEnum):
    """What to do with a policy; AWS's words, and one for a policy that is fine."""

    CREATE_POLICY = "CREATE_POLICY"
    DETACH_POLICY = "DETACH_POLICY"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class Refinement:
    """What is recommended for one policy, and the edits of its document that it takes.

    `policy`: the new document, None unless one is to be created. `notes`: what a reader should
    know, one line each.
    """

    recommended: Recommended
    policy: Object | None = None
    patch: tuple[Operation, ...] = ()
    edits: tuple[Edit, ...] = ()
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the refinement in the shape of AWS's recommendation."""
        return {
            "recommendedAction": self.recommended.value,
            "recommendedPolicy": self.policy,
            "patch": list(self.patch),
            **({"notes": list(self.notes)} if self.notes else {}),
        }


@dataclass(frozen=True, slots=True)
class Proposal:
    """A refinement that is not proved yet, and what it was made of."""

    refinement: Refinement
    refined: tuple[int, ...]  # the statements that change or go
    judged: Judged


def proposed(node: Mapping, policy: Policy, unused: Unused, keep: Kept) -> Proposal:
    """Return the refinement of a document; `policy` is the parsed `node`."""
    if unused.everything and keep.patterns:
        unused = _service_by_service(policy, unused)
    droppable, notes = _droppable(policy, unused)
    parted = judged(droppable, keep)
    edits: list[Edit] = []
    for statement in policy.statements:
        if statement.effect is Effect.ALLOW:
            edit, note = _edit(statement, parted)
            edits += [edit] if edit else []
            notes += [note] if note else []
    refined = tuple(edit.statement for edit in edits)
    refinement = refinement_of(node, policy, tuple(edits), tuple(notes))
    return Proposal(refinement, refined, parted)


def refinement_of(
    node: Mapping, policy: Policy, edits: tuple[Edit, ...], notes: tuple[str, ...] = ()
) -> Refinement:
    """Return what edits of a document amount to."""
    if not edits:
        return Refinement(Recommended.NONE, notes=notes)
    if sum(isinstance(edit, Removal) for edit in edits) == len(policy.statements):
        return Refinement(Recommended.DETACH_POLICY, edits=edits, notes=notes)
    document = plain_object(node)
    return Refinement(
        Recommended.CREATE_POLICY, edited(document, edits), patch(document, edits), edits, notes
    )


def _service_by_service(policy: Policy, unused: Unused) -> Unused:
    """Return that nothing was used as said of each service that there is, so that some may stay."""
    named = {
        lower(pattern.text).partition(":")[0]
        for statement in policy.statements
        for pattern in statement.actions.patterns
        if ":" in pattern.text and "*" not in pattern.text.partition(":")[0]
    }
    services = sorted(catalogue.services() | {each for each in named if "?" not in each})
    whole = tuple(UnusedService(each, None) for each in services)
    return replace(unused, services=whole, everything=False)


def _droppable(policy: Policy, unused: Unused) -> tuple[Unused, list[str]]:
    """Return the report without what no narrower wildcard can be found for.

    Of a service that the catalogue does not hold nobody knows what else `foo:*` is used for.
    """
    wild = tuple(_wild_selections(policy))
    services: list[UnusedService] = []
    notes = list(unused.notes)
    for each in unused.services:
        if each.actions is None or each.service in catalogue.services():
            services.append(each)
            continue
        blocked = [
            a for a in each.actions if any(s.has(f"{each.service}:{a}".lower()) for s in wild)
        ]
        services.append(replace(each, actions=tuple(a for a in each.actions if a not in blocked)))
        notes += [
            f"{quoted(f'{each.service}:{action}')} is kept: a wildcard covers it, and the service "
            "is not known, nor what else of it may be used"
            for action in blocked
        ]
    return replace(unused, services=tuple(services)), notes


def _wild_selections(policy: Policy) -> Iterator[selections.Selection]:
    for statement in policy.statements:
        if statement.effect is Effect.DENY:
            continue
        if statement.actions.negated:
            found = [selections.exclusion_of(statement.actions)]
        else:
            wild = [p for p in statement.actions.patterns if has_wildcard(p)]
            found = [selections.selection_of(pattern) for pattern in wild]
        yield from (each for each in found if each is not None)


def _edit(statement: Statement, parted: Judged) -> tuple[Edit | None, str]:
    """Return what becomes of an Allow statement, and a note on it."""
    if parted.everything:
        return Removal(statement.index), ""
    if statement.actions.negated:
        return _converted(statement, parted)
    unclear = next((p for p in statement.actions.patterns if _is_unclear(p)), None)
    if unclear is not None:
        return None, (
            f"statement {statement.index} is kept as it is: AWS leaves open what "
            f"{quoted(unclear.text)} matches (name the service)"
        )
    outcomes = _without_repeats(
        statement.actions.patterns,
        [_outcome(pattern, parted) for pattern in statement.actions.patterns],
    )
    if all(outcome is None for outcome in outcomes):
        return None, ""
    if all(outcome == () for outcome in outcomes):
        return Removal(statement.index), ""
    return ElementEdit(statement.index, "Action", "Action", outcomes), ""


def _is_unclear(pattern: Pattern) -> bool:
    return has_wildcard(pattern) and selections.selection_of(pattern) is None


def _outcome(pattern: Pattern, parted: Judged) -> Outcome:
    if not has_wildcard(pattern):
        return () if parted.drops(lower(pattern.text)) else None
    selection = selections.selection_of(pattern)
    if selection is None:
        return None
    service, colon, _ = pattern.text.partition(":")
    return selections.narrowed(selection, parted, service if colon else "")


def _without_repeats(patterns: tuple[Pattern, ...], outcomes: list[Outcome]) -> tuple[Outcome, ...]:
    """Return the outcomes without new entries that stand in the list anyhow."""
    seen = {
        lower(pattern.text)
        for pattern, outcome in zip(patterns, outcomes, strict=True)
        if outcome is None
    }
    once: list[Outcome] = []
    for outcome in outcomes:
        if outcome is None:
            once.append(None)
            continue
        new = tuple(text for text in outcome if lower(text) not in seen)
        seen.update(lower(text) for text in new)
        once.append(new)
    return tuple(once)


def _converted(statement: Statement, parted: Judged) -> tuple[Edit | None, str]:
    """Return `NotAction` as the `Action` list of what it selects and what is kept."""
    where = f"statement {statement.index}"
    selection = selections.exclusion_of(statement.actions)
    if selection is None:
        return None, f"{where} is kept as it is: AWS leaves open what its `NotAction` excludes"
    found = selections.narrowed(selection, parted)
    if found is None:
        return None, ""
    if not found:
        return Removal(statement.index), ""
    others: tuple[Outcome, ...] = ((),) * (len(statement.actions.patterns) - 1)
    note = f"{where} has `NotAction`, which AWS itself does not refine: it becomes an `Action` list"
    return ElementEdit(statement.index, "NotAction", "Action", (found, *others)), note


def size(document: Object) -> int:
    """Return how many characters a document has as JSON on one line."""
    return len(json.dumps(document, ensure_ascii=False))


def too_long(policy: Object) -> str:
    """Return a note on a policy that is too long for a managed one; "" if it is not."""
    length = sum(not character.isspace() for character in json.dumps(policy, ensure_ascii=False))
    if length <= MOST_CHARACTERS:
        return ""
    return f"the new policy has {length:,} characters; a managed policy holds {MOST_CHARACTERS:,}"
