"""Every question of a run written out as SMT-LIB, for a solver that is not ours (`--smtlib`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from checker import standards
from checker.config import Config
from checker.errors import UsageError
from checker.findings import PolicyChange
from checker.pipeline import Names, compared_files, versions_of, with_templates_of
from checker.policy_changes import policy_changes
from checker.source.changes import ChangedFile, Source
from checker.source.documents import documents_in_file, pairs
from checker.symbolic import smtlib
from checker.symbolic.question import Question
from checker.template_files import Changed, ChangedTemplate
from checker.template_judging import template_changes


def questions(config: Config, source: Source, names: Names) -> Iterator[tuple[str, Question]]:
    """Yield the questions of a run, each with the name of its check."""
    changed = compared_files(config, source, names)
    for entry in with_templates_of(config, source, names, changed, versions_of(source, names)):
        for change in _changes(entry, config):
            for check in standards.checks(config):
                asked = check.ask(change)
                if isinstance(asked, Question):
                    yield check.id, asked


def _changes(entry: Changed, config: Config) -> Iterator[PolicyChange]:
    found: Iterator[object] = iter(())
    if isinstance(entry, ChangedTemplate):
        found = template_changes(entry)
    elif isinstance(entry, ChangedFile):
        found = _of_file(entry, config)
    yield from (change for change in found if isinstance(change, PolicyChange))


def _of_file(file: ChangedFile, config: Config) -> Iterator[object]:
    before = documents_in_file(file.before, file.base_path) if file.before is not None else ()
    after = documents_in_file(file.after, file.path) if file.after is not None else ()
    for pair in pairs(before, after):
        yield from policy_changes(pair, file, config)


def write(folder: str, number: int, check: str, question: Question) -> None:
    """Write one question to `folder/NNN-check.smt2`; one that cannot be written says why in it.

    Errors: `UsageError` when the folder cannot be written to.
    """
    try:
        text = smtlib.script(question)
    except smtlib.InexpressibleError as error:
        text = f"; not written: {error}\n"
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        (target / f"{number:03}-{check}.smt2").write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"cannot write to `{folder}`: {error.strerror or error}") from error
