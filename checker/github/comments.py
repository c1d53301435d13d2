"""Comments that stand and findings -> what to edit and what to say anew. Pure.

A comment of ours is known by its author and by a marker on its first line; the same words anywhere
else, or from anyone else, are just words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SUMMARY: Final = "0" * 16  # the fingerprint that the summary goes by
BODY_LIMIT: Final = 65_000  # characters; GitHub refuses more than 65,536

_SUGGESTION: Final = re.compile("^(`{3,})suggestion$", re.MULTILINE)
_MARKER: Final = re.compile(
    r"\A<!-- access-gate:v1 kind=(finding|summary) fp=([0-9a-f]{16,32}) state=(open|fixed)"
    r"(?: tag=([a-z0-9-]+))? -->\r?\n"
)
_FOOTER: Final = re.compile(r"<sub>[^\n]*</sub>\s*\Z")
_COMMIT: Final = re.compile(r"(?<=/blob/)[0-9a-f]{40,64}(?=/)")


class State(StrEnum):
    """What a comment of ours says of its finding."""

    OPEN = "open"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a comment, or who we are."""

    login: str
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on the pull request; `path` is "" for one that stands on no file."""

    id: int
    body: str
    author: Author
    path: str = ""
    on_file: bool = False  # on the file as a whole, not on lines of it
    commit: str = ""  # in which `lines` are counted
    lines: tuple[int, int] | None = None  # on the new side, both included; None once outdated


@dataclass(frozen=True, slots=True)
class Ours:
    """A comment of ours, its marker read."""

    comment: Comment
    fingerprint: str
    state: State
    tag: str = ""

    @property
    def text(self) -> str:
        """The body without the marker, its line ends as we write them."""
        return _MARKER.sub("", self.comment.body, count=1).replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class Edit:
    """The new body of a comment."""

    id: int
    fingerprint: str
    body: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write: comments to change, and fingerprints that have none yet."""

    edits: tuple[Edit, ...]
    missing: tuple[str, ...]


def marked(text: str, fingerprint: str, tag: str, state: State = State.OPEN) -> str:
    """Return a body that we know again. `tag` tells the gates of one repository apart."""
    kind = "summary" if fingerprint == SUMMARY else "finding"
    mine = f" tag={tag}" if tag else ""
    marker = f"<!-- access-gate:v1 kind={kind} fp={fingerprint} state={state}{mine} -->\n"
    return marker + text[: BODY_LIMIT - len(marker)]


def ours(comments: Sequence[Comment], me: Author, tag: str) -> Mapping[str, Ours]:
    """Return the comments of our gate by fingerprint, the oldest of equals."""
    found: dict[str, Ours] = {}
    for comment in sorted(comments, key=lambda each: each.id):
        match = _MARKER.match(comment.body)
        if match is None or (match[4] or "") != tag or not _same(comment.author, me):
            continue
        found.setdefault(match[2], Ours(comment, match[2], State(match[3]), tag))
    return found


def _same(author: Author, me: Author) -> bool:
    """Tell whether two logins are one: GraphQL leaves out the `[bot]` that REST writes."""
    if author.login == me.login:
        return True
    return author.is_bot and author.login == f"{me.login}[bot]"


def plan(
    standing: Mapping[str, Ours], wanted: Mapping[str, str], unsettled: AbstractSet[str], head: str
) -> Plan:
    """Return what to write so that our comments say what `wanted` does, by fingerprint.

    `unsettled` are paths without an answer in this run: a comment on one of them is not
    called fixed. `head` is the commit that fixed findings are fixed in.
    """
    edits: list[Edit] = []
    for fingerprint, mine in standing.items():
        if fingerprint in wanted:
            if mine.state is not State.OPEN or not _says(mine, wanted[fingerprint]):
                edits.append(_edit(mine, wanted[fingerprint], State.OPEN))
        elif mine.state is State.OPEN and mine.comment.path not in unsettled:
            edits.append(_edit(mine, _fixed(mine, head), State.FIXED))
    return Plan(tuple(edits), tuple(fp for fp in wanted if fp not in standing))


def _says(mine: Ours, text: str) -> bool:
    """Tell whether a comment says this already: an edit only for the next run or commit is noise."""
    meant = _MARKER.sub("", marked(text, mine.fingerprint, mine.tag), count=1)
    return _said(mine.text) == _said(meant)


def _said(text: str) -> str:
    """Return a text without what changes from run to run, and blanks that GitHub may strip."""
    return _COMMIT.sub("", _FOOTER.sub("", text.replace("\r\n", "\n"))).rstrip()


def _edit(mine: Ours, text: str, state: State) -> Edit:
    return Edit(mine.comment.id, mine.fingerprint, marked(text, mine.fingerprint, mine.tag, state))


def _fixed(mine: Ours, head: str) -> str:
    text = _SUGGESTION.sub(r"\1", mine.text.rstrip())  # what is no longer found is not applied
    return (
        f"\u2705 No longer found as of `{head[:7]}`.\n\n"
        f"<details><summary>What was found before</summary>\n\n{text}\n\n</details>\n"
    )
