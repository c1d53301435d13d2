"""From a report to the review of a pull request, whatever found what is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import checker
from checker import local
from checker.findings import Finding, Report, Shows
from checker.github.anchors import Files
from checker.github.event import Event
from checker.github.patience import Patience
from checker.github.posting import Job, Texts, post
from checker.github.pull import Pull
from checker.pipeline import Outcome
from checker.render import review, summary
from checker.render.order import loudest_first
from checker.render.run import Run
from checker.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What to say on a pull request.

    told: the report as the head of the pull request shows it. inline: comments on lines, and not
    the summary alone. at: where findings stand whose lines are others in the head.
    """

    outcome: Outcome
    told: Report
    about: Run
    inline: bool = True
    at: Mapping[str, Span] = field(default_factory=dict)


def about(event: Event, report: Report, tag: str) -> Run:
    """Return what the texts say of the run that they are from."""
    return Run(
        version=checker.__version__,
        server=event.server_url,
        repository=event.repository,
        run_id=event.run_id,
        head=event.pull.head if event.pull else report.head,
        base=report.base,
        tag=tag,
    )


def files_of(outcome: Outcome) -> Files:
    """Return the text of the files that a report speaks of."""
    return Files(
        {file.path: file.after for file in outcome.files if file.after is not None},
        {file.base_path: file.before for file in outcome.files if file.before is not None},
    )


def post_review(pull: Pull, head: str, what: Review, patience: Patience) -> Shows:
    """Bring the comments of a pull request in line with a report; never raises for GitHub.

    head: the commit of the pull request that was looked at.
    """
    report = what.told
    quoted = local.sources(what.outcome)

    def body(finding: Finding, fits: bool) -> str:  # noqa: FBT001  a callback's argument
        return review.body(finding, report, what.about, quoted, fits=fits)

    job = Job(
        findings=loudest_first(report.findings),
        head=head,
        texts=Texts(body, lambda shows: summary.comment(report, what.about, shows)),
        files=files_of(what.outcome),
        inline=what.inline,
        has_more=any(each.is_news for each in report.unused)
        or any(each.is_new for each in report.waivers),
        at=what.at,
        tag=what.about.tag,
    )
    return post(pull, job, patience)
