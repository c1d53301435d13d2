"""One review of a pull request from a whole audit, in however many shards it was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from checker.errors import UsageError
from checker.github import client as connection
from checker.github import event as events
from checker.github.patience import Patience
from checker.github.pull import Pull
from checker.pipeline import Outcome
from checker.pull_review import Review, about, post_review

TAG: Final = "audit"
"""Tells the comments of an audit from those of the gate, which looks at what a change adds."""


def posted(
    outcome: Outcome, environ: Mapping[str, str], sleep: Callable[[float], None] | None = None
) -> tuple[str, ...]:
    """Post the review on the pull request of the job; return what GitHub refused.

    Errors: `UsageError` outside a job of a pull request, or if its head is not what was audited.
    """
    event = events.read(environ, events.load(Path(environ.get("GITHUB_EVENT_PATH") or ".")))
    token = environ.get("GITHUB_TOKEN", "")
    if event.pull is None:
        raise UsageError("`--review` needs the event of a pull request")
    if not token.strip():
        raise UsageError("`--review` needs a token that may write: set GITHUB_TOKEN")
    if outcome.report.head != event.pull.head:
        raise UsageError(
            f"the audit is of {outcome.report.head[:12]}, and the head of the pull request is "
            f"{event.pull.head[:12]} (check out `github.event.pull_request.head.sha`)"
        )
    pause = 0.0 if sleep else 1.0
    with connection.connected(token, event.api_url, pause=pause) as client:
        pull = Pull(client, event.repository, event.pull.number)
        told = about(event, outcome.report, TAG)
        what = Review(outcome=outcome, told=outcome.report, about=told)
        patience = Patience(sleep=sleep) if sleep else Patience()
        return post_review(pull, event.pull.head, what, patience).problems
