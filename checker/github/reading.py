"""A repository on GitHub, read by ids through its API: no checkout, no clone, no git.

Objects of a fork are readable through the base repository, so one source serves both sides of a
pull request. A blob is checked against its id, as everywhere.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from checker.errors import SourceError
from checker.github import many_blobs
from checker.source.changes import MOST_BYTES, Commit, TooLargeError, TreeEntry, proved
from checker.source.places import quoted

if TYPE_CHECKING:
    from github.Requester import Requester

_WORTH_KEEPING: Final = 1024 * 1024  # bytes of a blob that two commits may share
_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}").fullmatch
_REPOSITORY: Final = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII).fullmatch


class ApiSource:
    """A `Source` over GitHub's REST API: `ApiSource(client.requester, "owner/name")`."""

    def __init__(self, requester: Requester, repository: str) -> None:
        if not _REPOSITORY(repository):
            raise SourceError(f"{quoted(repository)} is not a repository's `owner/name`")
        self._requester = requester
        self._repository = repository
        self._trees: dict[str, Mapping[str, TreeEntry]] = {}
        self._whole: dict[str, Mapping[str, TreeEntry] | None] = {}
        self._blobs: dict[str, bytes] = {}

    def commit(self, revision: str) -> Commit:
        """Return the commit that a full id, or a branch's or tag's name, stands for."""
        what = f"commit {quoted(revision)}"
        if _ID(revision):
            return _commit(self._get(f"git/commits/{revision}", what))
        answer = self._get(f"commits/{quote(revision, safe='')}?per_page=1", what)
        inner = _object(answer, "commit")
        return _commit({**inner, "sha": answer.get("sha"), "parents": answer.get("parents")})

    def merge_base(self, one: str, other: str) -> str:
        """Return the id of the best common ancestor of two commits."""
        what = f"common ancestor of {quoted(one)} and {quoted(other)}"
        pair = "...".join(quote(revision, safe="") for revision in (one, other))
        answer = self._get(f"compare/{pair}?per_page=1", what)
        return _text(_object(answer, "merge_base_commit"), "sha")

    def tree(self, tree_id: str) -> Mapping[str, TreeEntry]:
        """Return the entries of one directory, by name."""
        if tree_id not in self._trees:
            answer = self._get(f"git/trees/{tree_id}", f"directory {tree_id}")
            if answer.get("truncated"):
                problem = "a directory has more entries than GitHub lists (run on a checkout)"
                raise SourceError(problem)
            self._trees[tree_id] = _entries(answer)
        return self._trees[tree_id]

    def trees(self, tree_ids: Sequence[str]) -> Iterator[Mapping[str, TreeEntry]]:
        """Yield the entries of several directories, in order: one request for each."""
        return map(self.tree, tree_ids)

    def whole_tree(self, tree_id: str) -> Mapping[str, TreeEntry] | None:
        """Return everything below a directory, by path; `None` if GitHub cut the list short."""
        if tree_id not in self._whole:
            answer = self._get(f"git/trees/{tree_id}?recursive=1", f"directory {tree_id}")
            self._whole[tree_id] = None if answer.get("truncated") else _entries(answer)
        return self._whole[tree_id]

    def prefetch(self, blob_ids: Collection[str]) -> None:
        """Ask for many blobs at once; what does not come so is read when it is asked for."""
        missing = [each for each in dict.fromkeys(blob_ids) if each not in self._blobs]
        if len(missing) >= many_blobs.WORTH_IT and all(map(_ID, missing)):
            self._blobs.update(many_blobs.texts(self._requester, self._repository, missing))

    def blob(self, blob_id: str, limit: int = MOST_BYTES) -> bytes:
        """Return a file's bytes, proved to be those of its id; `TooLargeError` beyond `limit`."""
        known = self._blobs.get(blob_id)
        if known is not None:
            if len(known) > limit:
                raise TooLargeError
            return known
        answer = self._get(f"git/blobs/{blob_id}", f"file content {blob_id}")
        size = answer.get("size")
        if isinstance(size, int) and size > limit:
            raise TooLargeError
        try:
            data = base64.b64decode(_text(answer, "content"))
        except binascii.Error as error:
            raise SourceError(f"GitHub's answer about {blob_id} is not base64") from error
        found = proved(data, blob_id)
        if len(found) <= _WORTH_KEEPING:
            self._blobs[blob_id] = found
        return found

    def _get(self, path: str, what: str) -> Mapping[str, object]:
        """Return GitHub's answer about an object of the repository; `what` names it in errors."""
        import requests  # noqa: PLC0415  network code only where it is used
        from github import GithubException  # noqa: PLC0415  takes 0.7 s

        url = f"/repos/{self._repository}/{path}"
        try:
            _, answer = self._requester.requestJsonAndCheck("GET", url)
        except GithubException as error:
            raise SourceError(self._refusal(error.status, error.message, what)) from error
        except requests.RequestException as error:
            kind = type(error).__name__
            raise SourceError(f"GitHub gives no answer ({kind}): try again") from error
        if not isinstance(answer, dict):
            raise SourceError(f"GitHub's answer about the {what} is not an object")
        return answer

    def _refusal(self, status: int, message: str | None, what: str) -> str:
        """Return one line on why GitHub would not tell."""
        said = f" (GitHub says {quoted(' '.join(message.split()))})" if message else ""
        match status:
            case 401:
                return f"GitHub does not accept the token: check `github-token`{said}"
            case 403 | 429 if "rate limit" in (message or "").lower():
                return f"GitHub's rate limit is used up: run again later{said}"
            case 403:
                return f"the token may not read {self._repository}: it needs `contents: read`{said}"
            case 404 | 409 | 422:
                return (
                    f"{self._repository} has no {what}, or the token may not read it"
                    f" (`contents: read`)"
                )
            case _:
                return f"GitHub failed with status {status} on the {what}: try again{said}"


def _commit(answer: Mapping[str, object]) -> Commit:
    parents = answer.get("parents")
    listed = parents if isinstance(parents, list) else []
    ids = tuple(_text(parent, "sha") for parent in listed if isinstance(parent, dict))
    return Commit(_text(answer, "sha"), _text(_object(answer, "tree"), "sha"), ids)


def _entries(answer: Mapping[str, object]) -> dict[str, TreeEntry]:
    listed = answer.get("tree")
    if not isinstance(listed, list):
        raise SourceError("GitHub's answer about a directory has no entries")
    entries: dict[str, TreeEntry] = {}
    for item in listed:
        if not isinstance(item, dict):
            raise SourceError("GitHub's answer about a directory has an entry of no known form")
        size = item.get("size")
        entries[_text(item, "path")] = TreeEntry(
            _text(item, "mode"), _text(item, "sha"), size if isinstance(size, int) else None
        )
    return entries


def _object(answer: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = answer.get(name)
    if not isinstance(found, dict):
        raise SourceError(f"GitHub's answer lacks `{name}`")
    return found


def _text(answer: Mapping[str, object], name: str) -> str:
    found = answer.get(name)
    if not isinstance(found, str):
        raise SourceError(f"GitHub's answer lacks `{name}`")
    return found
