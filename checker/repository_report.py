"""The command `report`: a page on what all policies of a folder grant, and need."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from checker.errors import PolicySyntaxError, UsageError
from checker.least_privilege import (
    Make,
    after,
    common,
    minimising,
    refining,
    sentence,
    with_usage,
)
from checker.output import PASSED, Output
from checker.policy_files import Found, contents, found_at, policy_paths
from checker.refinement.access import by_level, granted
from checker.refinement.edits import plain_object
from checker.refinement.proofs import NotProvedError
from checker.refinement.refinement import Recommended
from checker.render import access_report
from checker.render.access_report import PolicyRow
from checker.source.documents import Document, documents_in_file

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction


def add_command(add: _SubParsersAction[ArgumentParser]) -> None:
    """Add the command to the command line."""
    command = add.add_parser("report", help="a page on what all policies of a folder grant")
    command.add_argument("folder", nargs="?", default=".", help="default: this one")
    command.add_argument("--output", metavar="FILE", help="write the page to this file")
    with_usage(command, required=False)
    common(command, report)


def report(args: Namespace) -> Output:
    """Return the page on all policies under a folder."""
    make = refining(args) if args.unused else minimising(args)
    rows = list(_rows(Path(args.folder), args.policy_type, make))
    if not rows:
        raise UsageError(f"{args.folder}: holds no policies")
    about = (
        f"usage: {args.unused}" if args.unused else "no usage given: only what is redundant goes"
    )
    title = f"Permissions in {Path(args.folder).resolve().name}"
    return Output(access_report.render(rows, title, (about,)), PASSED)


def _rows(folder: Path, kind: str | None, make: Make) -> Iterator[PolicyRow]:
    for path in policy_paths(folder):
        name = path.relative_to(folder).as_posix() if folder.is_dir() else path.name
        for found in documents_in_file(contents(str(path)), name):
            label = f"{name}{'#' if found.address else ''}{found.address}"
            if not isinstance(found, Document):
                yield _problem(label, f"{found.at}: {found.problem}")
                continue
            try:
                yield _row(label, found_at(found.address, found.node, kind), make)
            except (PolicySyntaxError, NotProvedError) as error:
                yield _problem(label, str(error))


def _row(label: str, found: Found, make: Make) -> PolicyRow:
    refinement = make(found.node, found.policy)
    before = granted(found.policy)
    is_same = refinement.recommended is Recommended.NONE
    actions = before if is_same else granted(after(found, refinement))
    document = plain_object(found.node)
    return PolicyRow(
        label,
        document,
        document if is_same else refinement.policy,
        by_level(before),
        by_level(actions),
        sentence(found, refinement),
        refinement.notes,
    )


def _problem(label: str, problem: str) -> PolicyRow:
    return PolicyRow(label, None, None, by_level(()), by_level(()), "", problem=problem)
