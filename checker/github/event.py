"""What GitHub tells a job -> which two commits to compare, and which pull request to answer.

`load` reads a file; everything else is pure but for the questions put to `Commits`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from checker.errors import SourceError, UsageError
from checker.github.payload import at, text
from checker.source.changes import Commit

Payload: TypeAlias = Mapping[str, object]

_ID: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_EVENTS: Final = (
    "pull_request",
    "pull_request_target",
    "pull_request_review",
    "merge_group",
    "push",
    "workflow_dispatch",
    "schedule",
)


@dataclass(frozen=True, slots=True)
class PullRef:
    """A pull request as an event names it."""

    number: int
    head: str  # commit id
    base_ref: str  # branch name
    base: str  # the tip of that branch at some earlier moment
    from_fork: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What started the job."""

    name: str
    repository: str  # `owner/name`
    sha: str  # GITHUB_SHA
    ref: str  # branch or tag name
    default_branch: str = ""
    before: str = ""  # commit id; of pushes and merge groups
    after: str = ""
    base_ref: str = ""  # branch name; of merge groups
    queued: int = 0  # number of the pull request that a merge group ends with
    pull: PullRef | None = None
    run_id: str = ""
    api_url: str = "https://api.github.com"
    server_url: str = "https://github.com"


@dataclass(frozen=True, slots=True)
class PullState:
    """A pull request as it is now."""

    head: str
    merge_commit: str  # GitHub's test merge; "" while it is not known
    is_open: bool
    is_locked: bool
    author: str = ""  # login
    base_ref: str = ""  # branch name


@dataclass(frozen=True, slots=True)
class Comparison:
    """The two commits to compare, and what to call them. `base` is "" if nothing was there."""

    base: str
    head: str
    base_name: str
    head_name: str
    note: str = ""  # why these, where a reader may wonder


class Commits(Protocol):
    """The part of `checker.source.changes.Source` that this needs."""

    def commit(self, revision: str) -> Commit:
        """Return the commit that a name or an id stands for."""
        ...

    def merge_base(self, one: str, other: str) -> str:
        """Return the id of the best common ancestor of two commits."""
        ...


def load(path: Path) -> Payload:
    """Return the event file's object."""
    try:
        payload = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read the event file `{path}`: {error}") from error
    if not isinstance(payload, dict):
        raise UsageError(f"the event file `{path}` holds no object")
    return payload


def read(environ: Mapping[str, str], payload: Payload) -> Event:
    """Return the event that an environment and its event file describe."""
    name = environ.get("GITHUB_EVENT_NAME", "")
    repository = environ.get("GITHUB_REPOSITORY", "")
    if not name or not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise UsageError(
            "GITHUB_EVENT_NAME and GITHUB_REPOSITORY say nothing: is this a GitHub job?"
        )
    if name not in _EVENTS:
        raise UsageError(f"the event `{name}` is not supported (use one of {', '.join(_EVENTS)})")
    before, after = _range(name, payload)
    return Event(
        name=name,
        repository=repository,
        sha=environ.get("GITHUB_SHA", ""),
        ref=environ.get("GITHUB_REF_NAME", ""),
        default_branch=text(payload, "repository", "default_branch"),
        before=before,
        after=after,
        base_ref=text(payload, "merge_group", "base_ref").removeprefix("refs/heads/"),
        queued=_queued(text(payload, "merge_group", "head_ref")),
        pull=_pull(payload) if name.startswith("pull_request") else None,
        run_id=environ.get("GITHUB_RUN_ID", ""),
        api_url=environ.get("GITHUB_API_URL") or "https://api.github.com",
        server_url=environ.get("GITHUB_SERVER_URL") or "https://github.com",
    )


def _range(name: str, payload: Payload) -> tuple[str, str]:
    if name == "merge_group":
        return _id(payload, "merge_group", "base_sha"), _id(payload, "merge_group", "head_sha")
    if name == "push":
        return _id(payload, "before"), _id(payload, "after")
    return "", ""


def _queued(branch: str) -> int:
    """Return the number in the name that GitHub gives to the branch of a merge group."""
    match = re.search(r"/pr-([0-9]{1,9})-[0-9a-f]+$", branch)
    return int(match[1]) if match else 0


def _pull(payload: Payload) -> PullRef:
    number = at(payload, "pull_request", "number")
    if not isinstance(number, int):
        raise UsageError("the event file has no `pull_request.number`")
    head_id = text(payload, "pull_request", "head", "repo", "full_name")
    return PullRef(
        number=number,
        head=_id(payload, "pull_request", "head", "sha"),
        base_ref=_text(payload, "pull_request", "base", "ref"),
        base=_id(payload, "pull_request", "base", "sha"),
        # The head has no repository when the fork has been deleted.
        from_fork=head_id != _text(payload, "pull_request", "base", "repo", "full_name"),
    )


def comparison(
    event: Event,
    commits: Commits,
    pull_state: Callable[[], PullState],
    *,
    base: str = "",
    head: str = "",
) -> Comparison:
    """Return what to compare for an event. `base` and `head`, the inputs, win.

    `pull_state` is asked only where the event does not say enough.
    """
    if base or head:
        return _given(event, commits, base, head)
    match event.name:
        case "pull_request" | "pull_request_review" if event.pull:
            return _merged(event.pull, event.sha, commits)
        case "pull_request_target" if event.pull:
            return _merged(event.pull, pull_state().merge_commit, commits)
        case "merge_group":
            return Comparison(
                event.before, event.after, event.base_ref or "the base", "merge queue"
            )
        case "push":
            return _pushed(event, commits)
        case _:
            raise UsageError(f"the event `{event.name}` needs the inputs `base` and `head`")


def _given(event: Event, commits: Commits, base: str, head: str) -> Comparison:
    if not base and not event.pull:
        raise UsageError("the input `head` needs the input `base` too")
    head_id = commits.commit(head or event.sha).id
    if base:
        base_id = commits.commit(base).id
    else:
        base_id = commits.merge_base(_base_tip(event.pull, commits), head_id) if event.pull else ""
    return Comparison(base_id, head_id, base or _short(base_id), head or _short(head_id))


def _merged(pull: PullRef, merge: str, commits: Commits) -> Comparison:
    """Compare what pressing Merge does: the base branch's tip with the result of the merge.

    Only a merge of exactly this head will do: the test merge may be of an earlier push.
    """
    parents = _parents(merge, commits)
    if len(parents) == 2 and parents[1] == pull.head:
        return Comparison(parents[0], merge, pull.base_ref, f"#{pull.number} merged")
    return Comparison(
        commits.merge_base(_base_tip(pull, commits), pull.head),
        pull.head,
        f"{pull.base_ref}, where the branch left it",
        f"#{pull.number}",
        "GitHub has no merge of this head, so changes on the base branch since are not seen",
    )


def _base_tip(pull: PullRef, commits: Commits) -> str:
    try:
        return commits.commit(pull.base_ref).id
    except SourceError:
        return pull.base


def _parents(commit: str, commits: Commits) -> tuple[str, ...]:
    if not _ID.fullmatch(commit):
        return ()
    try:
        return commits.commit(commit).parents
    except SourceError:
        return ()


def _pushed(event: Event, commits: Commits) -> Comparison:
    if not event.after.strip("0"):
        raise UsageError(f"the branch `{event.ref}` was deleted: there is nothing to compare")
    name = event.ref or _short(event.after)
    if event.before.strip("0"):
        try:
            before = commits.commit(event.before).id
        except SourceError:
            return _with_parent(event, commits, "the commit before this push is gone")
        return Comparison(before, event.after, _short(before), name)
    if event.ref == event.default_branch or not event.default_branch:
        return _with_parent(event, commits, "the branch is new")
    tip = commits.commit(event.default_branch).id
    fork_point = commits.merge_base(tip, event.after)
    return Comparison(fork_point, event.after, event.default_branch, name)


def _with_parent(event: Event, commits: Commits, why: str) -> Comparison:
    parents = commits.commit(event.after).parents
    base = parents[0] if parents else ""
    name = event.ref or _short(event.after)
    note = f"{why}, so only its last commit is compared with the one before"
    return Comparison(base, event.after, _short(base) or "nothing", name, note)


def _short(commit: str) -> str:
    return commit[:7]


def _text(payload: Payload, *keys: str) -> str:
    value = text(payload, *keys)
    if not value:
        raise UsageError(f"the event file has no `{'.'.join(keys)}`")
    return value


def _id(payload: Payload, *keys: str) -> str:
    value = _text(payload, *keys)
    if not _ID.fullmatch(value):
        raise UsageError(f"`{'.'.join(keys)}` of the event file is no commit id")
    return value
