"""Many small files at once: one query in place of one request for each.

A module of Terraform is hundreds of files, and a job's token has a thousand requests an hour for its
repository. GitHub's second interface gives the text of a hundred blobs for one of them. Each text
is checked against the id that it was asked by; what is missing or is no text is simply not there,
and is asked for by itself later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from checker.errors import SourceError
from checker.source.changes import proved

if TYPE_CHECKING:
    from github.Requester import Requester

WORTH_IT: Final = 20  # blobs; fewer are quick to ask for one by one
_AT_ONCE: Final = 100


def texts(
    requester: Requester, repository: str, blob_ids: Sequence[str]
) -> Iterator[tuple[str, bytes]]:
    """Yield the ids of blobs with their content, as far as one interface tells."""
    for start in range(0, len(blob_ids), _AT_ONCE):
        asked = blob_ids[start : start + _AT_ONCE]
        answer = _answer(requester, _query(asked), repository)
        if answer is None:
            return  # this server has no such interface, or will not answer
        yield from _proved(answer, asked)


def _query(blob_ids: Sequence[str]) -> str:
    """Return the query; ids are hexadecimal digits and need no escape."""
    blobs = " ".join(
        f'b{number}: object(oid: "{blob_id}") {{ ... on Blob {{ text isTruncated }} }}'
        for number, blob_id in enumerate(blob_ids)
    )
    return f"query($owner: String!, $name: String!) {{ repository(owner: $owner, name: $name) {{ {blobs} }} }}"


def _answer(requester: Requester, query: str, repository: str) -> Mapping[str, object] | None:
    import requests  # noqa: PLC0415  network code only where it is used
    from github import GithubException  # noqa: PLC0415  takes 0.7 s

    owner, _, name = repository.partition("/")
    try:
        _, answer = requester.requestJsonAndCheck(
            "POST",
            requester.graphql_url,
            input={"query": query, "variables": {"owner": owner, "name": name}},
        )
    except (GithubException, requests.RequestException):
        return None
    for step in ("data", "repository"):
        answer = answer.get(step) if isinstance(answer, dict) else None
    return answer if isinstance(answer, dict) else None


def _proved(answer: Mapping[str, object], blob_ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for number, blob_id in enumerate(blob_ids):
        blob = answer.get(f"b{number}")
        text = blob.get("text") if isinstance(blob, dict) else None
        if isinstance(text, str) and isinstance(blob, dict) and not blob.get("isTruncated"):
            try:
                yield blob_id, proved(text.encode("utf-8", "surrogatepass"), blob_id)
            except SourceError:
                continue  # not UTF-8 as it stands in the repository
