"""What the reviews of a pull request accept.

What cannot be read accepts nothing, and is said in a note.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from checker import pipeline
from checker.acceptance.accepted import approved
from checker.accepting import Run
from checker.errors import AccessGateError
from checker.findings import Report
from checker.github.approvals import Approvals, Reviewed, approvals
from checker.github.pull import Pull, RefusedError
from checker.render.words import amount


@dataclass(frozen=True, slots=True)
class UnderReview:
    """A pull request whose reviews may count. `head` is "" where its head of now is meant."""

    pull: Pull
    head: str
    base_ref: str


def with_reviews(report: Report, run: Run, under_review: UnderReview) -> Report:
    """Return the report with what an approving review of the head commit accepts accepted."""
    if not run.config.approvers or not report.blocks:
        return report
    try:
        head, found = _approvals(run, under_review)
        seen = _seen(report, run, head) if found.by else frozenset()
    except RefusedError as error:
        why = f"GitHub says {error.status}" if error.status else "GitHub gives no answer"
        return _noted(report, f"the reviews could not be read ({why}), so none counts")
    except AccessGateError as error:
        return _noted(report, f"no review counts: {error}")
    done = _noted(approved(report, found.by, seen), *found.problems)
    left = sum(f.blocks and f.fingerprint not in seen for f in done.findings)
    if found.by and left:
        by = ", ".join(f"`{login}`" for login in found.by)
        what = amount(left, "finding comes", "findings come")
        why = "update the branch, and have it approved again"
        return _noted(done, f"{by} approved, but {what} from the base branch as it is now ({why})")
    return done


def _noted(report: Report, *notes: str) -> Report:
    return replace(report, notes=(*report.notes, *notes))


def _approvals(run: Run, under_review: UnderReview) -> tuple[str, Approvals]:
    """Return the head that is approved or not, and by whom."""
    pull = under_review.pull
    state = pull.state()
    head = under_review.head or state.head
    reviews = pull.reviews()
    if not any(review.login.lower() in run.config.approvers for review in reviews):
        return head, Approvals()
    if state.base_ref != under_review.base_ref:
        return head, Approvals(problems=("no review counts: the pull request changed its base",))
    reviewed = Reviewed(head, state.author, pull.retargeted())
    return head, approvals(reviews, run.config.approvers, reviewed)


def _seen(report: Report, run: Run, head: str) -> Collection[str]:
    """Return the fingerprints of what a head does, compared with where it left the base branch.

    Those who approve a head know nothing of what the base branch does afterwards.
    """
    names = run.names
    base = run.source.merge_base(names.base.id, head) if names.base else ""
    if (base, head) == (report.base, report.head):
        return {finding.fingerprint for finding in report.findings}
    began = run.source.commit(base) if base else None
    alone = replace(names, base=began, head=run.source.commit(head), notes=())
    outcome = pipeline.run(run.config, run.source, alone, run.budget, run.jobs)
    return {finding.fingerprint for finding in outcome.report.findings}
