"""One pull request, through GitHub's API: what posting reads of it and writes to it.

The bodies are written out here, to the letter of GitHub's description, because PyGithub checks no
keys of a review and fetches objects that nobody needs.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checker.github import payload
from checker.github.approvals import Review
from checker.github.comments import Author, Comment
from checker.github.event import PullState
from checker.github.placement import FileAnchor, LineAnchor, Side

if TYPE_CHECKING:
    from github import Github

_MOST_PAGES: Final = 100
_ACTIONS: Final = Author("github-actions[bot]", is_bot=True)


class RefusedError(Exception):
    """GitHub did not do what it was asked to. `status` is 0 when there was no answer at all."""

    def __init__(self, status: int, message: str, wait: float | None = None) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message
        self.wait = wait  # seconds after which to ask again, if it says so

    @property
    def is_rate_limit(self) -> bool:
        """Whether the same request may be granted later."""
        said = self.message.lower()
        limited = "rate limit" in said or "abuse" in said or self.wait is not None
        return self.status == 429 or (self.status == 403 and limited)

    @property
    def is_unclear(self) -> bool:
        """Whether the request may have been done all the same."""
        return self.status == 0 or self.status >= 500


@dataclass(frozen=True, slots=True)
class PullFile:
    """A file that a pull request changes, as GitHub lists it."""

    path: str
    old_path: str
    blob: str
    patch: str  # "" when GitHub shows none: too large, binary, only renamed


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request of a repository. Every method may raise `RefusedError`."""

    client: Github
    repository: str
    number: int

    def state(self) -> PullState:
        """Return the pull request as it is now."""
        data = self._ask("GET", f"pulls/{self.number}")
        return PullState(
            head=payload.text(data, "head", "sha"),
            merge_commit=payload.text(data, "merge_commit_sha"),
            is_open=payload.text(data, "state") == "open",
            is_locked=payload.at(data, "locked") is True,
            author=payload.text(data, "user", "login"),
            base_ref=payload.text(data, "base", "ref"),
        )

    def files(self) -> tuple[PullFile, ...]:
        """Return the files that the pull request changes."""
        return tuple(
            PullFile(
                path=payload.text(each, "filename"),
                old_path=payload.text(each, "previous_filename") or payload.text(each, "filename"),
                blob=payload.text(each, "sha"),
                patch=payload.text(each, "patch"),
            )
            for each in self._pages(f"pulls/{self.number}/files")
        )

    def text(self, blob: str) -> str:
        """Return the text of a file by its object id."""
        data = self._ask("GET", f"git/blobs/{blob}")
        return base64.b64decode(payload.text(data, "content")).decode(errors="surrogateescape")

    def review_comments(self) -> tuple[Comment, ...]:
        """Return the comments on lines and files."""
        return tuple(_comment(each) for each in self._pages(f"pulls/{self.number}/comments"))

    def issue_comments(self) -> tuple[Comment, ...]:
        """Return the comments of the conversation."""
        return tuple(_comment(each) for each in self._pages(f"issues/{self.number}/comments"))

    def reviews(self) -> tuple[Review, ...]:
        """Return the reviews, the oldest first."""
        return tuple(
            Review(
                login=payload.text(each, "user", "login"),
                state=payload.text(each, "state"),
                commit=payload.text(each, "commit_id"),
                at=payload.text(each, "submitted_at"),
            )
            for each in self._pages(f"pulls/{self.number}/reviews")
        )

    def retargeted(self) -> str:
        """Return when the base branch was last exchanged for another one; "" if it never was.

        REST tells this of an issue, for which a job's token needs one permission more.
        """
        owner, _, name = self.repository.partition("/")
        given = {"owner": owner, "name": name, "number": self.number}
        query = {"query": _RETARGETED, "variables": given}
        data = self._send("POST", self.client.requester.graphql_url, query)
        pull = payload.at(data, "data", "repository", "pullRequest")
        if pull is None:
            raise RefusedError(403, "no answer about the base branch")
        nodes = payload.items(payload.at(pull, "timelineItems", "nodes"))
        return max((payload.text(each, "createdAt") or _NEVER_OVER for each in nodes), default="")

    def me(self) -> Author:
        """Return who our comments are by; the token of a job cannot ask REST for that."""
        try:
            data = self._send("POST", self.client.requester.graphql_url, _VIEWER)
        except RefusedError:
            return _ACTIONS
        login = payload.text(data, "data", "viewer", "login")
        return Author(login) if login else _ACTIONS

    def review(self, commit: str, body: str, remarks: Sequence[tuple[LineAnchor, str]]) -> None:
        """Write one review with a comment for each remark; all of them or none."""
        comments = [{**_lines(anchor), "body": text} for anchor, text in remarks]
        given = {"commit_id": commit, "event": "COMMENT", "body": body, "comments": comments}
        self._ask("POST", f"pulls/{self.number}/reviews", given)

    def remark(self, commit: str, anchor: LineAnchor | FileAnchor, body: str) -> None:
        """Write one comment on lines or on a file."""
        # `subject_type: line` is refused as "not a permitted key": PyGithub issue 3293.
        place = (
            _lines(anchor)
            if isinstance(anchor, LineAnchor)
            else {"path": anchor.path, "subject_type": "file"}
        )
        given = {**place, "commit_id": commit, "body": body}
        self._ask("POST", f"pulls/{self.number}/comments", given)

    def edit_remark(self, comment: int, body: str) -> None:
        """Change a comment on lines or on a file."""
        self._ask("PATCH", f"pulls/comments/{comment}", {"body": body})

    def say(self, body: str) -> None:
        """Write a comment in the conversation."""
        self._ask("POST", f"issues/{self.number}/comments", {"body": body})

    def edit_said(self, comment: int, body: str) -> None:
        """Change a comment in the conversation."""
        self._ask("PATCH", f"issues/comments/{comment}", {"body": body})

    def _pages(self, path: str) -> Iterator[object]:
        for page in range(1, _MOST_PAGES + 1):
            items = payload.items(self._ask("GET", f"{path}?per_page=100&page={page}"))
            yield from items
            if len(items) < 100:
                return
        raise RefusedError(413, f"more than {_MOST_PAGES} pages")  # what follows may matter

    def _ask(self, verb: str, path: str, body: Mapping[str, object] | None = None) -> object:
        return self._send(verb, f"/repos/{self.repository}/{path}", body)

    def _send(self, verb: str, url: str, body: Mapping[str, object] | None) -> object:
        from github import GithubException  # noqa: PLC0415  takes 0.7 s
        from requests import RequestException  # noqa: PLC0415  comes with PyGithub

        try:
            data: object = self.client.requester.requestJsonAndCheck(verb, url, input=body)[1]
        except GithubException as error:
            raise RefusedError(error.status, _message(error.data), _wait(error.headers)) from error
        except RequestException as error:
            raise RefusedError(0, type(error).__name__) from error
        return data


_NEVER_OVER: Final = "9999"  # later than any review
_RETARGETED: Final = """
query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      timelineItems(
        itemTypes: [BASE_REF_CHANGED_EVENT, AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT], last: 1
      ) {
        nodes {
          ... on BaseRefChangedEvent { createdAt }
          ... on AutomaticBaseChangeSucceededEvent { createdAt }
        }
      }
    }
  }
}
"""
_VIEWER: Final = {"query": "query { viewer { login } }", "variables": {}}


def _lines(anchor: LineAnchor) -> dict[str, object]:
    place: dict[str, object] = {"path": anchor.path, "line": anchor.last, "side": str(anchor.side)}
    if anchor.first < anchor.last:  # equal ones are refused, and so is a start without its side
        place |= {"start_line": anchor.first, "start_side": str(anchor.side)}
    return place


def _comment(data: object) -> Comment:
    return Comment(
        id=payload.number(data, "id"),
        body=payload.text(data, "body"),
        # There is no user when the account is gone.
        author=Author(
            payload.text(data, "user", "login"), payload.text(data, "user", "type") == "Bot"
        ),
        path=payload.text(data, "path"),
        on_file=payload.text(data, "subject_type") == "file",
        commit=payload.text(data, "commit_id"),
        lines=_commented(data),
    )


def _commented(data: object) -> tuple[int, int] | None:
    """Return the lines that a comment stands on; GitHub says none of one that is outdated."""
    last = payload.number(data, "line")
    if not last or payload.text(data, "side") != Side.NEW:
        return None
    return payload.number(data, "start_line") or last, last


def _message(data: object) -> str:
    """Return GitHub's own words, its list of errors included, in one line."""
    details = [str(each) for each in payload.items(payload.at(data, "errors"))]
    return " ".join([payload.text(data, "message") or "no message", *details])[:300]


def _wait(headers: Mapping[str, str] | None) -> float | None:
    value = (headers or {}).get("retry-after", "")
    return float(value) if value.isdigit() else None
