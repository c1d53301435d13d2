"""`access-gate audit` and `access-gate merge`: the standards and every policy of a commit."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from argparse import ArgumentTypeError, Namespace
from pathlib import Path
from typing import Final

from checker import local, settings
from checker.audit import baseline, run, shards
from checker.audit.baseline import Known
from checker.audit.cache import Cache, engine
from checker.audit.run import Audit, Means
from checker.audit.shards import Shard, ShardReport
from checker.audit.stored import digest
from checker.config import Config
from checker.errors import UsageError
from checker.output import CLOSED, PASSED, Output
from checker.pipeline import Outcome
from checker.progress import Progress
from checker.render.escape import visible
from checker.render.words import amount
from checker.source.changes import Commit, Source, changed_files, file_at, nothing_before
from checker.source.commit_files import CommitFiles
from checker.source.git import GitSource
from checker.source.places import quoted
from checker.symbolic.question import Budget
from checker.symbolic.solver import DEFAULT_BUDGET
from checker.template_files import Versions, modules, with_templates

_INPUTS: Final = {
    "config": "configuration file, read from the commit (default: .github/access-gate.yml)",
    "paths": "globs of the files to look at, one a line or separated by commas",
    "critical-actions": "actions that no policy may grant",
    "critical-resources": "ARNs that no policy may grant access to",
    "reference-policy": "policy file of the commit that no policy may allow more than",
    "trusted-accounts": "account ids that may be trusted",
    "trusted-orgs": "organization ids that may be trusted",
    "fail-on": "what closes the gate: block, warn or off, for all checks or check by check",
}
_FILES: Final = ("json", "sarif")
_MOST_SECONDS: Final = 86_400


def add_commands(add: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `audit` and `merge`."""
    command = add.add_parser("audit", help="put the standards to every policy of a commit")
    command.add_argument("revision", nargs="?", default="HEAD", metavar="REV", help="default: HEAD")
    for name, help_text in _INPUTS.items():
        command.add_argument(f"--{name}", metavar="TEXT", help=help_text)
    command.add_argument("--jobs", type=_jobs, help="processes to use (default: one a processor)")
    command.add_argument("--shard", type=_shard, metavar="I/N", help="only this part of the files")
    command.add_argument("--cache", metavar="DIR", help="keep results here and use them again")
    command.add_argument("--budget", type=_seconds, metavar="SECONDS", help="per question")
    known = f"known findings (default: {baseline.DEFAULT_FILE} of the commit)"
    command.add_argument("--baseline", metavar="FILE", help=known)
    _shared(command)
    command.set_defaults(run=audit)
    merge_ = add.add_parser("merge", help="one report from those of all shards of an audit")
    merge_.add_argument("reports", nargs="+", metavar="REPORT", help="what `--shard` wrote")
    merge_.add_argument("--baseline", metavar="FILE", help="where `--write-baseline` writes")
    _shared(merge_)
    merge_.set_defaults(run=merge)


def _shared(command: argparse.ArgumentParser) -> None:
    default = "text, or github in a job of GitHub"
    command.add_argument("--format", choices=local.FORMATS, help=f"default: {default}")
    command.add_argument("--output", metavar="FILE", help="write to this file")
    for form in _FILES:
        says = f"write the {form.upper()} report to this file as well"
        command.add_argument(f"--{form}-file", metavar="FILE", help=says)
    says = "write all findings of today as known ones, and pass"
    command.add_argument("--write-baseline", action="store_true", help=says)
    says = "in a job of a pull request: post one review of its head, with GITHUB_TOKEN"
    command.add_argument("--review", action="store_true", help=says)


def audit(args: Namespace) -> Output:
    """Return what there is to say about every policy of a commit."""
    shard: Shard | None = args.shard
    of_merge = (args.format, args.write_baseline, args.json_file, args.sarif_file, args.review)
    if shard and any(of_merge):
        raise UsageError("a shard writes a report for `access-gate merge`, which has these options")
    names = (*_INPUTS, *(f"{form}-file" for form in _FILES))
    inputs = {name: getattr(args, name.replace("-", "_")) or "" for name in names}
    with GitSource() as source:
        head = source.commit(args.revision)
        given = settings.settings(source, head, inputs, from_disk=True)
        config = run.settings_of(given)
        entries = _known(source, head, args)
        found = _audited(source, head, config, args)
    mine = frozenset(e for e in entries if _is_looked_at(e, config, shard or Shard()))
    found = run.with_baseline(found, entries, mine)
    if shard is None:
        return _shown(found, args, given.json_file, given.sarif_file)
    same = digest(config, _budget(args), entries)
    text = shards.written(ShardReport(shard, engine(), same, found))
    return Output(text, CLOSED if run.outcome(found).report.blocks else PASSED)


def _audited(source: Source, head: Commit, config: Config, args: Namespace) -> Audit:
    shard = args.shard or Shard()
    budget = _budget(args)

    def want(path: str) -> bool:
        return config.paths.matches(path) and shard.has(path)

    cache = Cache(Path(args.cache) if args.cache else None, digest(config, budget))
    jobs = args.jobs or run.processors()
    means = Means(cache, Progress(sys.stderr), jobs)
    nothing = nothing_before(head)
    files = changed_files(source, nothing, head, want)
    versions = Versions(CommitFiles(source, nothing), CommitFiles(source, head))
    paths = frozenset(versions.head.everything())
    of_terraform = modules(paths, versions, config)
    mine = (module for module in of_terraform if shard.has(module.path))
    entries = (*mine, *with_templates(files, of_terraform, versions, config))
    results = run.results(config, budget, entries, means, versions.head.read)
    cache.tidy()
    return Audit(head.id, args.revision, len(files), results)


def _is_looked_at(entry: Known, config: Config, shard: Shard) -> bool:
    return config.paths.matches(entry.path) and shard.has(entry.path)


def _known(source: Source, head: Commit, args: Namespace) -> frozenset[Known]:
    """Return the baseline: of the commit, or the file that was named; none while one is written."""
    if args.write_baseline:
        return frozenset()
    name = args.baseline or baseline.DEFAULT_FILE
    if args.baseline:
        try:
            data: bytes | None = Path(name).read_bytes()
        except OSError as error:
            raise UsageError(f"cannot read {quoted(name)}: {error.strerror or error}") from error
    else:
        data = file_at(source, head, name)
    return frozenset() if data is None else baseline.parse(settings.decoded(data, name), name)


def merge(args: Namespace) -> Output:
    """Return one report from those of all shards, the same as that of one run."""
    reports = [(name, shards.read(_text(name), name)) for name in args.reports]
    return _shown(shards.merged(reports), args, args.json_file, args.sarif_file)


def _text(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"cannot read {quoted(name)}: {why}") from error


def _shown(found: Audit, args: Namespace, json_file: str | None, sarif_file: str | None) -> Output:
    if args.write_baseline:
        return _written(found, args.baseline or baseline.DEFAULT_FILE)
    in_job = os.environ.get("GITHUB_ACTIONS") == "true"
    form = args.format or ("github" if in_job else "text")
    width = min(shutil.get_terminal_size().columns, 120)
    colour = sys.stdout.isatty() and not args.output and not os.environ.get("NO_COLOR")
    outcome = run.outcome(found)
    local.write_reports(outcome.report, json_file, sarif_file)
    for problem in _reviewed(outcome) if args.review else ():
        sys.stderr.write(f"not posted: {visible(problem)}\n")
    text = local.shown(outcome, form, width=width, colour=colour)
    return Output(text, CLOSED if outcome.report.blocks else PASSED)


def _reviewed(outcome: Outcome) -> tuple[str, ...]:
    from checker.audit import review  # noqa: PLC0415  loads network code

    return review.posted(outcome, os.environ)


def _written(found: Audit, file: str) -> Output:
    entries = set(run.everything(found))
    try:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write {quoted(file)}: {error.strerror or error}") from error
    local.write(file, baseline.written(entries))
    what = amount(len(entries), "known finding")
    return Output(f"{visible(file)}: written with {what}; read it, then commit it\n", PASSED)


def _budget(args: Namespace) -> Budget:
    return Budget(args.budget) if args.budget is not None else DEFAULT_BUDGET


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1_000:
        raise ArgumentTypeError(f"`{text}` is not a number of processes")
    return int(text)


def _shard(text: str) -> Shard:
    try:
        return shards.shard(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < _MOST_SECONDS:
        raise ArgumentTypeError(f"`{text}` is not a number of seconds above 0")
    return seconds
