"""`access-gate diff` in a local repository: two commits in, text out. No network, no token."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import checker
from checker import accepting, pipeline, settings
from checker.config import DEFAULT_FILE
from checker.errors import SourceError, UsageError
from checker.findings import Report, Shows
from checker.output import CLOSED, PASSED, Output
from checker.pipeline import Names, Outcome
from checker.progress import Progress
from checker.render import report_json, review, sarif, summary, terminal
from checker.render.annotations import commands
from checker.render.order import loudest_first
from checker.render.run import Run
from checker.render.sources import Sources
from checker.source.changes import file_at
from checker.source.git import GitSource
from checker.source.places import quoted
from checker.symbolic.question import Budget
from checker.symbolic.solver import DEFAULT_BUDGET

if TYPE_CHECKING:
    from checker.terraform.plan_file import Plan

FORMATS: Final = ("text", "json", "markdown", "sarif", "github")


def diff(args: Namespace, inputs: Mapping[str, str], *, width: int, colour: bool) -> Output:
    """Return what there is to say about the change between two commits of the repository."""
    with GitSource() as source:
        compared = _staged(source, args) if args.staged else _names(source, args.base, args.head)
        names = replace(compared, tree=source.tree_folder())
        config = settings.settings(source, names.base, inputs, from_disk=True)
        names = replace(names, notes=_settings_that_do_not_count(source, names, inputs, args.head))
        names = replace(names, plans=plans(inputs.get("terraform-plan", ""), names.tree))
        if args.fix and names.plans:
            raise UsageError("`--fix` takes no plan: it edits the source, and then plan again")
        budget = Budget(args.budget) if args.budget is not None else DEFAULT_BUDGET
        with Progress(sys.stderr) as progress:
            outcome = pipeline.run(config, source, names, budget, args.jobs, step=progress.step)
        this = accepting.Run(config, source, names, budget, args.jobs)
        outcome = replace(outcome, report=accepting.with_waivers(outcome.report, this))
        if names.tree is not None and not args.head:
            outcome = _with_uncommitted(outcome, names.tree, staged=args.staged)
        if args.smtlib:
            from checker import recheck  # noqa: PLC0415  loads the second encoding

            asked = recheck.questions(config, source, names)
            for number, (check, question) in enumerate(asked, 1):
                recheck.write(args.smtlib, number, check, question)
        if args.fix:
            from checker import fixing  # noqa: PLC0415  only where files are to be edited
            from checker.fixes.looking import Looking  # noqa: PLC0415

            write_reports(outcome.report, config.json_file, config.sarif_file)
            look = Looking(config, budget, pipeline.versions_of(source, names))
            return fixing.fixed(look, outcome, names.tree)
    write_reports(outcome.report, config.json_file, config.sarif_file)
    text = shown(outcome, args.format or "text", width=width, colour=colour)
    return Output(text, CLOSED if outcome.report.blocks else PASSED)


def _settings_that_do_not_count(
    source: GitSource, names: Names, inputs: Mapping[str, str], head: str | None
) -> tuple[str, ...]:
    """Return a word on settings that somebody may think are in force: those of the base are."""
    path = inputs.get("config") or DEFAULT_FILE
    if settings.is_changed(source, names.base, names.head, inputs):
        return (f"the settings in `{path}` change too; those of {names.base_name} count",)
    if names.tree is None or head or inputs.get("config"):
        return ()
    committed = file_at(source, names.head, path)
    if not (names.tree / path).is_file() or committed is not None:
        return ()
    return (f"`{path}` is not committed: it counts once it is on {names.base_name}",)


def _with_uncommitted(outcome: Outcome, tree: Path, *, staged: bool) -> Outcome:
    """Return the outcome with a word on edits that somebody may think were looked at."""
    edited = [
        file.path
        for file in outcome.files
        if file.after is not None and _differs(tree / file.path, file.after)
    ]
    what = "staged" if staged else "committed"
    notes = [
        f"{quoted(path)} has edits that are not {what}: they were not looked at" for path in edited
    ]
    if not outcome.report.files and not outcome.report.policies and not staged:
        more = "`--staged` looks at what is staged"
        notes = [f"no file to look at differs; edits that are not committed do not count ({more})"]
    report = replace(outcome.report, notes=(*outcome.report.notes, *notes))
    return replace(outcome, report=report)


def _differs(path: Path, data: bytes) -> bool:
    """Whether an ordinary file of the working tree holds something else than another end of lines."""
    try:
        is_there = path.is_file() and not path.is_symlink()
        return is_there and _lines(path.read_bytes()) != _lines(data)
    except OSError:
        return False


def _lines(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def plans(paths: str, root: Path | None) -> tuple[Plan, ...]:
    """Return the plans that a user names, one a line or separated by commas.

    root: the folder of the repository, in which paths are told from there on.
    Errors: `UsageError`.
    """
    names = dict.fromkeys(name.strip() for name in paths.replace(",", "\n").splitlines())
    return tuple(_plan(name, root) for name in names if name)


def _plan(path: str, root: Path | None) -> Plan:
    from checker.plan_reading import plan  # noqa: PLC0415  few runs have any

    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {quoted(path)}: {error.strerror or error}") from error
    whole = Path(path).resolve()
    inside = root is not None and whole.is_relative_to(root.resolve())
    shown = whole.relative_to(root.resolve()).as_posix() if root and inside else path
    return plan(data, shown)


def _names(source: GitSource, base: str | None, head: str | None) -> Names:
    head_name = head or "HEAD"
    head_commit = source.commit(head_name)
    if base:
        return Names(source.commit(base), head_commit, base, head_name)
    base_id, base_name = source.default_base(head_name)
    return Names(source.commit(base_id), head_commit, base_name, head_name)


def _staged(source: GitSource, args: Namespace) -> Names:
    """Compare what is staged with what the whole branch would be compared with."""
    if args.head:
        raise UsageError("`--staged` takes the place of HEAD: name no commit to check")
    staged = source.staged()
    name = "what is staged"
    if args.base:
        return Names(source.commit(args.base), staged, args.base, name)
    if not source.has("HEAD"):
        return Names(None, staged, "nothing", name)
    try:
        base_id, base_name = source.default_base("HEAD")
    except SourceError:  # there is no branch that others start from
        base_id, base_name = "HEAD", "HEAD"
    return Names(source.commit(base_id), staged, base_name, name)


def shown(outcome: Outcome, form: str, *, width: int, colour: bool) -> str:
    """Return a report in one of `FORMATS`."""
    report = outcome.report
    match form:
        case "json":
            return _json(report)
        case "sarif":
            return _sarif(report)
        case "github":
            return commands(report)
        case "markdown":
            return _markdown(outcome)
        case "text":
            config = ".github/access-gate.yml"
            return terminal.text(report, sources(outcome), config, width=width, colour=colour)
        case _:
            raise UsageError(f"unknown format `{form}` (use one of {', '.join(FORMATS)})")


def sources(outcome: Outcome) -> Sources:
    """Return the text of the files that a report speaks of."""
    return Sources(
        {file.path: _text(file.after) for file in outcome.files if file.after is not None},
        {file.base_path: _text(file.before) for file in outcome.files if file.before is not None},
    )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _markdown(outcome: Outcome) -> str:
    """Return the comments that a review would hold, and the summary."""
    report = outcome.report
    run = Run(version=checker.__version__)
    bodies = [
        review.body(finding, report, run, sources(outcome))
        for finding in loudest_first(report.findings)
    ]
    return "\n\n---\n\n".join([*bodies, summary.comment(report, run, Shows())]) + "\n"


def _json(report: Report) -> str:
    return report_json.render(report, checker.__version__)


def _sarif(report: Report) -> str:
    return sarif.render(report, checker.__version__)


def write_reports(report: Report, json_file: str | None, sarif_file: str | None) -> None:
    """Write the files that were asked for, if any.

    Errors: `UsageError`.
    """
    for path, render in ((json_file, _json), (sarif_file, _sarif)):
        if path:
            write(path, render(report))


def write(path: str, text: str) -> None:
    """Write a file that was asked for.

    Errors: `UsageError`.
    """
    try:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"cannot write `{path}`: {error.strerror or error}") from error
