"""`access-gate diff` as the step of a GitHub job: an event in; review, annotations, outputs out.

The verdict is reached before anything is posted, and stands whatever GitHub refuses. Findings go to
every channel on its own: the review, the annotations, the job's summary and the files.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from checker import accepting, approving, local, pipeline, settings
from checker.approving import UnderReview
from checker.config import Config
from checker.errors import AccessGateError, SourceError, UsageError
from checker.findings import Report, Shows
from checker.github import client as connection
from checker.github import event as events
from checker.github import outputs
from checker.github.event import Comparison, Event
from checker.github.head_lines import InHead, in_head
from checker.github.patience import Patience
from checker.github.pull import Pull
from checker.github.reading import ApiSource
from checker.output import CLOSED, PASSED
from checker.pipeline import Names, Outcome
from checker.pull_review import Review, about, files_of, post_review
from checker.render import report_json, sarif, summary
from checker.render.annotations import commands
from checker.render.escape import command_data, visible
from checker.render.run import Run
from checker.symbolic.question import Budget
from checker.symbolic.solver import DEFAULT_BUDGET

if TYPE_CHECKING:
    from github import Github

_CANNOT_READ: Final = (
    "no token to read the repository with (give the step the input `github-token`, or grant the "
    "job `contents: read`)"
)


@dataclass(frozen=True, slots=True)
class Step:
    """What a step is given: its environment, its inputs, and where it may write lines."""

    environ: Mapping[str, str]
    inputs: Mapping[str, str]
    args: Namespace
    write: Callable[[str], object]
    sleep: Callable[[float], None] | None = None

    def path(self, name: str) -> Path | None:
        """Return the file that a variable of the environment names."""
        value = self.environ.get(name, "")
        return Path(value) if value else None


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What was found, before anybody is told."""

    config: Config
    outcome: Outcome
    told: Report  # as the head of the pull request shows it
    about: Run

    @property
    def report(self) -> Report:
        """What there is to say."""
        return self.outcome.report


def run(step: Step) -> int:
    """Run the step, and return its exit code."""
    with outputs.commands_stopped(step.write) as say:
        try:
            return _run(step, say)
        except AccessGateError as error:
            # The log alone is easily missed: the same line as an annotation.
            say(f"::error title=access-gate::{command_data(visible(str(error)))}\n")
            raise


def _run(step: Step, say: Callable[[str], None]) -> int:
    event = events.read(step.environ, events.load(step.path("GITHUB_EVENT_PATH") or Path()))
    token = step.environ.get("INPUT_GITHUB-TOKEN") or step.environ.get("GITHUB_TOKEN") or ""
    if not token.strip():
        raise UsageError(_CANNOT_READ)
    certificate = step.environ.get("INPUT_CA-CERTIFICATE", "")
    pause = 0.0 if step.sleep else 1.0
    with connection.connected(
        token, event.api_url, ca_certificate=certificate, pause=pause
    ) as client:
        source = ApiSource(client.requester, event.repository)
        pull = Pull(client, event.repository, event.pull.number) if event.pull else None
        compared = _compared(step, event, source, pull)
        names = _names(source, compared)
        config = settings.settings(source, names.base, step.inputs, from_disk=False)
        if settings.is_changed(source, names.base, names.head, step.inputs):
            names = _with_note(names)
        plans = step.inputs.get("terraform-plan", "")
        names = replace(names, plans=local.plans(plans, step.path("GITHUB_WORKSPACE")))
        budget = Budget(step.args.budget) if step.args.budget is not None else DEFAULT_BUDGET
        outcome = pipeline.run(config, source, names, budget, step.args.jobs)
        asked = accepting.Run(config, source, names, budget, step.args.jobs)
        outcome = _accepted(outcome, asked, _under_review(event, client))
        shown = _in_head(event, source, outcome)
        told = replace(outcome.report, findings=shown.findings)
        verdict = _Verdict(config, outcome, told, about(event, told, config.tag))
        shows = Shows(at=shown.at)
        if pull and event.pull:
            shows = _posted(step, pull, event.pull.head, verdict, shows)
    _say_everywhere(step, say, verdict, shows)
    return CLOSED if outcome.report.blocks else PASSED


def _under_review(event: Event, client: Github) -> UnderReview | None:
    """Return the pull request whose reviews count: that of the event, or the one in the queue."""
    if event.pull:
        pull = Pull(client, event.repository, event.pull.number)
        return UnderReview(pull, event.pull.head, event.pull.base_ref)
    if event.queued:
        return UnderReview(Pull(client, event.repository, event.queued), "", event.base_ref)
    return None


def _accepted(outcome: Outcome, asked: accepting.Run, reviewed: UnderReview | None) -> Outcome:
    report = accepting.with_waivers(outcome.report, asked)
    if reviewed:
        report = approving.with_reviews(report, asked, reviewed)
    return replace(outcome, report=report)


def _compared(step: Step, event: Event, source: ApiSource, pull: Pull | None) -> Comparison:
    def state() -> events.PullState:
        if pull is None:
            raise UsageError(f"the event `{event.name}` has no pull request")
        return pull.state()

    return events.comparison(
        event,
        source,
        state,
        base=step.inputs.get("base", ""),
        head=step.inputs.get("head", ""),
    )


def _names(source: ApiSource, compared: Comparison) -> Names:
    base = source.commit(compared.base) if compared.base else None
    notes = (compared.note,) if compared.note else ()
    head = source.commit(compared.head)
    return Names(base, head, compared.base_name, compared.head_name, notes)


def _with_note(names: Names) -> Names:
    note = f"the settings change too; those of {names.base_name} count"
    return Names(names.base, names.head, names.base_name, names.head_name, (*names.notes, note))


def _in_head(event: Event, source: ApiSource, outcome: Outcome) -> InHead:
    """Return what is to be shown where what was analysed is not the head of the pull request."""
    report = outcome.report
    if event.pull and report.head != event.pull.head and report.findings:
        with suppress(SourceError):
            head = source.commit(event.pull.head)
            return in_head(report.findings, files_of(outcome), source, head)
    return InHead(report.findings, {})


def _posted(step: Step, pull: Pull, head: str, verdict: _Verdict, shows: Shows) -> Shows:
    """Post to the pull request; nothing that happens here raises or changes the verdict."""
    if verdict.config.comment == "off":
        return shows
    what = Review(
        outcome=verdict.outcome,
        told=verdict.told,
        about=verdict.about,
        inline=verdict.config.comment == "review",
        at=shows.at,
    )
    return post_review(pull, head, what, Patience(sleep=step.sleep) if step.sleep else Patience())


def _say_everywhere(
    step: Step, say: Callable[[str], None], verdict: _Verdict, shows: Shows
) -> None:
    """Say the findings on every channel of the job; one that fails does not silence the others."""
    report, config, version = verdict.report, verdict.config, verdict.about.version
    written = {
        "report": _written(step, config.json_file, lambda: report_json.render(report, version)),
        "sarif": _written(step, config.sarif_file, lambda: sarif.render(report, version)),
    }
    problems = [problem for _, problem in written.values() if problem]
    if config.annotations:
        say(commands(report, shows))
    step.write(local.shown(verdict.outcome, "text", width=100, colour=False))
    summary_file = step.path("GITHUB_STEP_SUMMARY")
    if summary_file:
        text = summary.job(verdict.told, verdict.about, shows, local.sources(verdict.outcome))
        problems += _tried(lambda: outputs.append_summary(summary_file, text))
    output_file = step.path("GITHUB_OUTPUT")
    if output_file:
        values = _values(report, {name: path for name, (path, _) in written.items()})
        problems += _tried(lambda: outputs.write_outputs(output_file, values))
    for problem in problems:
        say(f"::warning title=access-gate::{command_data(visible(problem))}\n")


def _values(report: Report, files: Mapping[str, str]) -> dict[str, str]:
    new = any(finding.check == "no-new-access" and finding.evidence for finding in report.findings)
    return {
        "result": report.result,
        "findings": str(len(report.findings)),
        "new-access": "true" if new else "false",
        **files,
    }


def _written(step: Step, path: str, render: Callable[[], str]) -> tuple[str, str]:
    """Write a file of the workspace that was asked for; return its path, or "" and why not."""
    if not path:
        return "", ""
    workspace = Path(step.environ.get("GITHUB_WORKSPACE") or ".").resolve()
    target = (workspace / path).resolve()
    if not target.is_relative_to(workspace):
        return "", f"`{path}` is not in the workspace, so it was not written"
    problems = _tried(lambda: local.write(str(target), render()))
    return ("", problems[0]) if problems else (path, "")


def _tried(call: Callable[[], None]) -> list[str]:
    try:
        call()
    except (OSError, AccessGateError) as error:
        return [str(error)]
    return []
