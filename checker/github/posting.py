"""Findings -> comments on a pull request, each written once and edited from then on.

The verdict is reached before and never depends on what happens here: whatever GitHub refuses is
told to the caller, who says it in annotations and in the summary of the job.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from checker.findings import Finding, Kind, Severity, Shown, Shows
from checker.github import anchors, comments
from checker.github.anchors import Diff, Files
from checker.github.comments import SUMMARY, Author, Edit, Ours, marked
from checker.github.patience import Patience
from checker.github.placement import Anchor, FileAnchor, LineAnchor
from checker.github.pull import Pull, RefusedError
from checker.span import Span

MOST_ON_LINES: Final = 30  # of a pull request; GitHub takes more in one review for abuse
MOST_ON_FILES: Final = 10
_NO_ANSWER: Final = {Kind.UNDECIDED, Kind.UNREADABLE}


@dataclass(frozen=True, slots=True)
class Texts:
    """How comments read: functions, because the summary says where the others ended up.

    `finding` is told whether the comment stands on exactly the lines that the finding's suggestion
    replaces: GitHub applies it to whatever lines the comment stands on.
    """

    finding: Callable[[Finding, bool], str]
    summary: Callable[[Shows], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be said, and of which commit."""

    findings: tuple[Finding, ...]  # those first that must not be left out
    head: str  # of the pull request when it was analysed
    texts: Texts
    files: Files = field(default_factory=Files)
    inline: bool = True  # comments on lines; else the summary alone
    at: Mapping[str, Span] = field(default_factory=dict)  # of findings that stand elsewhere in head
    tag: str = ""
    has_more: bool = False  # the summary says something besides the findings


def post(pull: Pull, job: Job, patience: Patience) -> Shows:
    """Bring the comments in line with the findings, and return what is shown where.

    Never raises for what GitHub does: a refusal is one of `Shows.problems`.
    """
    posting = _Posting(pull, job, patience)
    try:
        posting.run()
    except RefusedError as error:
        posting.problems.append(_problem(error))
    return posting.shows()


@dataclass(slots=True)
class _Posting:
    """One run of posting, and how far it got."""

    pull: Pull
    job: Job
    patience: Patience
    places: dict[str, Shown] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    me: Author | None = None
    diff: Diff | None = None

    def shows(self) -> Shows:
        hidden = {finding.fingerprint: Shown.HERE for finding in self.job.findings}
        return Shows(hidden | self.places, self.job.at, tuple(self.problems))

    def run(self) -> None:
        state = self.pull.state()
        if state.head != self.job.head:
            self.problems.append("the pull request has a newer head, whose own run will comment")
        elif not state.is_open or state.is_locked:
            self.problems.append("the pull request is closed or locked, so nothing was posted")
        else:
            self._remarks()
            self._summary()

    def _remarks(self) -> None:
        standing = self._standing()
        wanted = {f.fingerprint: f for f in reversed(self.job.findings)}
        texts = {
            fingerprint: self.job.texts.finding(finding, self._fits(finding, standing))
            for fingerprint, finding in wanted.items()
        }
        unsettled = {f.at.path for f in self.job.findings if f.kind in _NO_ANSWER}
        plan = comments.plan(standing, texts, unsettled, self.job.head)
        for fingerprint in wanted.keys() & standing.keys():
            on_file = standing[fingerprint].comment.on_file
            self.places[fingerprint] = Shown.ON_FILE if on_file else Shown.ON_LINES
        for edit in plan.edits:
            self._edit(edit, self.pull.edit_remark)
        missing = set(plan.missing)
        if self.job.inline:
            self._new([f for f in self.job.findings if self._wants_remark(f, missing)])

    def _fits(self, finding: Finding, standing: Mapping[str, Ours]) -> bool:
        """Tell whether the finding's comment stands on what its suggestion would replace."""
        mine = standing.get(finding.fingerprint)
        if finding.suggestion is None or mine is None or mine.comment.commit != self.job.head:
            return False
        anchor = anchors.suggested(finding, self._diff(), self.job.files)
        return anchor is not None and mine.comment.lines == (anchor.first, anchor.last)

    def _diff(self) -> Diff:
        self.diff = self.diff or Diff(self.pull.files(), self._text)
        return self.diff

    def _wants_remark(self, finding: Finding, missing: set[str]) -> bool:
        """Tell whether a finding needs a new comment; asked of equal ones, only the first does."""
        is_quiet = finding.accepted is not None or (
            finding.severity is Severity.NOTE and finding.suggestion is None
        )
        if finding.fingerprint not in missing or is_quiet:
            return False
        missing.discard(finding.fingerprint)
        return True

    def _new(self, findings: Sequence[Finding]) -> None:
        """Write one review for the findings on lines, then a comment each for those on files."""
        on_lines: list[tuple[Finding, LineAnchor]] = []
        on_files: list[tuple[Finding, FileAnchor]] = []
        there = list(self.places.values())  # else each run would say as many again
        lines_left = MOST_ON_LINES - there.count(Shown.ON_LINES)
        files_left = MOST_ON_FILES - there.count(Shown.ON_FILE)
        for finding in findings:
            match self._anchor(finding):
                case LineAnchor() as anchor if len(on_lines) < lines_left:
                    on_lines.append((finding, anchor))
                case FileAnchor() as anchor if len(on_files) < files_left:
                    on_files.append((finding, anchor))
                case _:  # the summary has it
                    pass
        if on_lines:
            self._review(on_lines)
        for finding, anchor in on_files:
            self._remark(finding, anchor)

    def _anchor(self, finding: Finding) -> Anchor | None:
        diff = self._diff()
        exact = anchors.suggested(finding, diff, self.job.files)
        if exact or finding.severity is Severity.NOTE:
            return exact
        return anchors.anchor(finding, diff, self.job.files)

    def _review(self, remarks: list[tuple[Finding, LineAnchor]]) -> None:
        bodies = [(anchor, self._body(finding, anchor)) for finding, anchor in remarks]
        number = len(remarks)
        name = f"access-gate ({self.job.tag})" if self.job.tag else "access-gate"
        text = f"{name}: {number} finding{'s' if number > 1 else ''}, on the lines concerned."
        try:
            self.patience.write(
                lambda: self.pull.review(self.job.head, text, bodies),
                lambda: any(f.fingerprint in self._standing() for f, _ in remarks),
            )
        except RefusedError as error:
            if error.status != 422:
                raise
            # All or nothing, and it does not say which: so one by one.
            for finding, anchor in remarks:
                self._remark(finding, anchor)
        else:
            self.places |= {finding.fingerprint: Shown.ON_LINES for finding, _ in remarks}

    def _remark(self, finding: Finding, anchor: Anchor) -> None:
        """Write one comment; if its lines are refused, on the file instead."""
        body = self._body(finding, anchor)
        try:
            self.patience.write(
                lambda: self.pull.remark(self.job.head, anchor, body),
                lambda: finding.fingerprint in self._standing(),
            )
        except RefusedError as error:
            if error.status != 422:
                raise
            if isinstance(anchor, LineAnchor):
                self._remark(finding, FileAnchor(anchor.path))
            else:
                self.problems.append(
                    f"GitHub refused a comment on `{anchor.path}`: {error.message}"
                )
        else:
            on_lines = isinstance(anchor, LineAnchor)
            self.places[finding.fingerprint] = Shown.ON_LINES if on_lines else Shown.ON_FILE

    def _summary(self) -> None:
        """Edit the summary; write a first one only if there is something to say."""
        text = self.job.texts.summary(self.shows())
        mine = self._said().get(SUMMARY)
        if mine is not None:
            for edit in comments.plan({SUMMARY: mine}, {SUMMARY: text}, set(), self.job.head).edits:
                self._edit(edit, self.pull.edit_said)
        elif self.job.findings or self.job.has_more:
            body = marked(text, SUMMARY, self.job.tag)
            self.patience.write(lambda: self.pull.say(body), lambda: SUMMARY in self._said())

    def _edit(self, edit: Edit, change: Callable[[int, str], None]) -> None:
        """Change a comment. Doing it twice does no harm; one deleted meanwhile needs no change."""
        try:
            self.patience.write(lambda: change(edit.id, edit.body), lambda: False)
        except RefusedError as error:
            if error.status != 404:
                raise

    def _body(self, finding: Finding, anchor: Anchor) -> str:
        fits = anchor == anchors.suggested(finding, self._diff(), self.job.files)
        return marked(self.job.texts.finding(finding, fits), finding.fingerprint, self.job.tag)

    def _text(self, blob: str) -> str:
        try:
            return self.pull.text(blob)
        except RefusedError:
            return ""  # lines cannot be mapped to it, so the comment goes on the file

    def _standing(self) -> dict[str, Ours]:
        return self._ours(self.pull.review_comments())

    def _said(self) -> dict[str, Ours]:
        return self._ours(self.pull.issue_comments())

    def _ours(self, every: tuple[comments.Comment, ...]) -> dict[str, Ours]:
        self.me = self.me or self.pull.me()
        return dict(comments.ours(every, self.me, self.job.tag))


def _problem(error: RefusedError) -> str:
    """Return why posting ended, and what to do about it."""
    if error.is_rate_limit:
        return (
            "GitHub's rate limit is used up, so not everything was posted; run the job again later"
        )
    if error.is_unclear:
        return f"GitHub did not answer ({error.status or error.message}), so not all was posted"
    match error.status:
        case 401:
            return "GitHub does not know the token (401): check the input `github-token`"
        case 403 | 404:
            return (
                "the token may not comment here: the pull request is from a fork, "
                "or the job lacks `pull-requests: write`"
            )
        case 410:
            return "the pull request is gone"
        case _:
            return f"GitHub refused to post ({error.status}): {error.message}"
