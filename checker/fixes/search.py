"""The smallest edit that answers a finding, of those that are proved to."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from checker.fixes.candidates import Candidate, Candidates
from checker.fixes.entries import Revert, in_words
from checker.fixes.operations import Insert, Operation, Remove, found
from checker.fixes.proving import Goal
from checker.refinement.edits import plain
from checker.source.tree import Node

MOST_REVERTS: Final = 24

Size: TypeAlias = Callable[[Sequence[Operation]], int]


@dataclass(frozen=True, slots=True)
class Found:
    """An edit that is proved to answer a finding. `loses`: it takes old access away as well."""

    words: str
    operations: tuple[Operation, ...]
    loses: bool


def smallest(goal: Goal, candidates: Candidates, size: Size) -> Found | None:
    """Return the smallest edit that reaches the goal, one that keeps old access before all others.

    size: of an edit, in characters.
    """
    ready = dict.fromkeys(candidates.ready)
    rated = sorted(((size(each.operations), each) for each in ready), key=lambda pair: pair[0])
    least = sum(sorted(size(each.operations) for each in candidates.reverts[:MOST_REVERTS])[:2])
    losing: Found | None = None
    best: tuple[int, Found] | None = None
    for characters, each in rated:
        if goal.is_reached(each.operations):
            if goal.keeps(each.operations):
                best = characters, Found(each.words, each.operations, loses=False)
                break
            losing = losing or Found(each.words, each.operations, loses=True)
    if len(candidates.reverts) > 1 and (best is None or least < best[0]):
        several = _fewest(goal, candidates)
        if several is not None and (best is None or size(several.operations) < best[0]):
            if goal.keeps(several.operations):
                return Found(several.words, several.operations, loses=False)
            losing = losing or Found(several.words, several.operations, loses=True)
    return best[1] if best else losing


def _fewest(goal: Goal, candidates: Candidates) -> Candidate | None:
    """Return differences to undo, none of which could be left as it is."""
    chosen = list(candidates.reverts)
    if not 1 < len(chosen) <= MOST_REVERTS or not goal.is_reached(_operations(chosen)):
        return None
    for each in tuple(chosen):
        rest = [other for other in chosen if other is not each]
        if rest and goal.is_reached(_operations(rest)):
            chosen = rest
    return Candidate(in_words(chosen, candidates.about), _operations(chosen))


def _operations(reverts: Sequence[Revert]) -> tuple[Operation, ...]:
    return tuple(operation for each in reverts for operation in each.operations)


def estimated(node: Node, operations: Sequence[Operation]) -> int:
    """Return about how many characters an edit takes, where it cannot be made in the text."""
    characters = 0
    for each in operations:
        if not isinstance(each, Insert):
            there = found(node, each.at)
            characters += len(json.dumps(plain(there))) if there is not None else 0
        if not isinstance(each, Remove):
            characters += len(json.dumps(plain(each.value)))
    return characters
