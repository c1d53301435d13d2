"""Who answers for a finding, so that it does not close the gate, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from checker.span import Span


class Door(StrEnum):
    """How a finding is accepted."""

    WAIVER = "waiver"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who answers for a finding, so that it does not close the gate."""

    door: Door
    by: tuple[str, ...]
    reason: str = ""
    until: str = ""  # the last day, as 2026-12-31; "" for a review, which ends with the head commit


class WaiverState(StrEnum):
    """What becomes of an entry of the waiver file."""

    USED = "used"
    UNUSED = "unused"  # the change has no such finding
    EXPIRED = "expired"
    TOO_LONG = "too long"  # it ends later than the settings allow
    NOT_YET = "not yet"  # it is new, and counts once it is on the base branch


@dataclass(frozen=True, slots=True)
class WaiverNote:
    """An entry of the waiver file, and what becomes of it. `is_new`: the change brings it."""

    fingerprint: str
    owner: str
    reason: str
    expires: str  # as 2026-12-31
    at: Span
    state: WaiverState
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Doors:
    """How a finding of a change can be accepted: by a waiver, and by a review of `approvers`."""

    approvers: tuple[str, ...] = ()
    waivers_from_head: bool = False
