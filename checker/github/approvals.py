"""Reviews of a pull request -> who approves its head commit, and why others' approvals do not count. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_OPINIONS: Final = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})


@dataclass(frozen=True, slots=True)
class Review:
    """A review as GitHub lists it, the oldest first."""

    login: str
    state: str
    commit: str
    at: str  # when it was submitted, as `2026-11-21T08:00:00Z`


@dataclass(frozen=True, slots=True)
class Approvals:
    """Whose approvals count. `problems`: why that of an approver does not, one line each."""

    by: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What reviews are held to: the head as it is now, who wrote it, when it got its base branch."""

    head: str
    author: str
    retargeted: str = ""  # when the base branch was last exchanged for another one


def approvals(reviews: Sequence[Review], approvers: Sequence[str], reviewed: Reviewed) -> Approvals:
    """Return who of the approvers (in lower case) approves exactly this head.

    A reviewer's last opinion is the one that counts; a comment is none.
    """
    last: dict[str, Review] = {}
    for review in reviews:
        if review.state in _OPINIONS and review.login.lower() in approvers:
            last[review.login.lower()] = review
    approving = [each for each in last.values() if each.state == "APPROVED"]
    refused = {each.login: why for each in approving if (why := _refused(each, reviewed))}
    by = tuple(each.login for each in approving if each.login not in refused)
    return Approvals(by, tuple(_problems(refused)))


def _refused(review: Review, reviewed: Reviewed) -> str:
    """Return why an approval does not count; "" where it does."""
    if review.login.lower() == reviewed.author.lower():
        return "is the author of the pull request"
    if review.commit != reviewed.head:
        return f"approved `{review.commit[:7]}`, which is not the head any more"
    if reviewed.retargeted and review.at <= reviewed.retargeted:
        return "approved before the pull request got another base branch"
    return ""


def _problems(refused: dict[str, str]) -> Iterator[str]:
    for login, why in refused.items():
        yield f"the approval of `{login}` does not count: `{login}` {why}"
