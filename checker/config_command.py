"""`access-gate config`: is the configuration right, and a first one from what a repository holds."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from checker.config import DEFAULT_FILE, Config
from checker.config_file import read, starter
from checker.config_file.doubts import doubts
from checker.config_file.starter import Seen
from checker.errors import SourceError, UsageError
from checker.output import PASSED, Output
from checker.render.escape import visible
from checker.render.words import amount
from checker.settings import decoded
from checker.source import git
from checker.source.changes import ChangedFile, Commit, changed_files, nothing_before
from checker.source.documents import Document, documents_in_file
from checker.source.git import GitSource
from checker.source.globs import globs
from checker.source.places import quoted

WRONG = 2


def add_command(add: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `config check` and `config init`."""
    config = add.add_parser("config", help="check the configuration, or write a first one")
    actions = config.add_subparsers(dest="action", required=True, metavar="ACTION")
    checked = actions.add_parser("check", help="say every mistake of a configuration file")
    checked.add_argument("file", nargs="?", default=DEFAULT_FILE, metavar="FILE")
    checked.set_defaults(run=check, output=None)
    made = actions.add_parser("init", help="write a first configuration for this repository")
    made.add_argument("file", nargs="?", default=DEFAULT_FILE, metavar="FILE", help="- prints it")
    made.set_defaults(run=init, output=None)


def check(args: Namespace) -> Output:
    """Return every mistake of a configuration file, and what may not be meant."""
    path = _place(args.file)
    file = _shown(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        hint = "`access-gate config init` writes a first one"
        raise UsageError(f"cannot read {quoted(file)}: {error.strerror} ({hint})") from error
    config, mistakes = read.read(decoded(data, file), file)
    wrong = [str(mistake) for mistake in mistakes] + list(_missing(config))
    lines = [*wrong, *(f"{doubt} [only a doubt]" for doubt in doubts(config))]
    lines.append(f"{file}: {amount(len(wrong), 'mistake')}" if wrong else _right(file, config))
    return Output("".join(f"{visible(line)}\n" for line in lines), WRONG if wrong else PASSED)


def _missing(config: Config) -> Iterator[str]:
    named = [
        *(("the reference policy", each.file, each.at) for each in config.references),
        *(("the managed policy", each.file, each.at) for each in config.managed),
        *(("the report", each.file, each.at) for each in config.usages),
        *(
            ("the file of parameters", file, each.at)
            for each in config.parameters
            for file in each.files
        ),
    ]
    top = git.top() if named else Path()
    for what, file, at in sorted(named, key=lambda each: each[2].start):
        if not (top / file).exists():
            yield f"{at}: {what} {quoted(file)} is not in the repository"


def _right(file: str, config: Config) -> str:
    said = [
        amount(len(config.types), "kind of policy path", "kinds of policy paths"),
        amount(len(config.critical), "critical group"),
        amount(len(config.packs), "pack"),
        amount(len(config.references), "reference policy", "reference policies"),
    ]
    return f"{file}: right ({', '.join(said)})"


def init(args: Namespace) -> Output:
    """Write a first configuration, or print it; one that is there stays."""
    is_printed = str(args.file) == "-"
    target = _place(args.file)
    file = _shown(target)
    if not is_printed and target.exists():
        raise UsageError(f"{quoted(file)} is there already (`-` prints a new one)")
    with GitSource() as source:
        seen = _seen(source)
        text = starter.starter(seen or ())
    if is_printed:
        return Output(text, PASSED)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"cannot write {quoted(file)}: {error.strerror}") from error
    what = "nothing is committed here yet, so it names no policies"
    if seen is not None:
        what = f"from {amount(len(seen), 'policy file')} of the latest commit"
    return Output(f"{visible(file)}: written ({what}); read it, then commit it\n", PASSED)


def _place(file: str) -> Path:
    """Return where a configuration is: by default where the gate looks for it, at the top."""
    return git.top() / file if file == DEFAULT_FILE else Path(file)


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _seen(source: GitSource) -> tuple[Seen, ...] | None:
    """Return the policy files of the latest commit; None where there is no commit yet."""
    try:
        head = source.commit("HEAD")
    except SourceError:
        if source.tree_folder() is None:
            raise
        return None
    return tuple(_policies(source, head))


def _policies(source: GitSource, head: Commit) -> Iterator[Seen]:
    for file in changed_files(source, nothing_before(head), head, globs().matches):
        if isinstance(file, ChangedFile) and file.after is not None:
            found = documents_in_file(file.after, file.path)
            nodes = [each.node for each in found if isinstance(each, Document)]
            seen = starter.seen(file.path, nodes) if nodes else None
            if seen:
                yield seen
