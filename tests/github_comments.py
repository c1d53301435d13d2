"""Comments as GitHub gives them, by whoever wrote them."""

from __future__ import annotations

from typing import Any, TypeAlias

from tests.github_description import like

Json: TypeAlias = Any


def user(login: str) -> Json:
    return like("simple-user", login=login, type="Bot" if login.endswith("[bot]") else "User")


def remark_by(login: str, number: int, body: str, path: str = "a.json") -> Json:
    """Return a review comment that somebody else wrote."""
    made = like("pull-request-review-comment", id=number, user=user(login), body=body)
    return made | {"path": path, "subject_type": "line"}


def review_by(login: str, state: str, commit: str, at: str = "2026-11-21T04:00:00Z") -> Json:
    """Return a review of somebody."""
    made = like("pull-request-review", user=user(login), state=state, commit_id=commit)
    return made | {"submitted_at": at}


def said_by(login: str, number: int, body: str) -> Json:
    """Return a comment of the conversation that somebody else wrote."""
    return like("issue-comment", id=number, user=user(login), body=body)
