"""`access-gate diff --fix`: proved fixes put into the files of the working tree, and into no others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from checker.errors import UsageError
from checker.findings import Finding, Report, Severity
from checker.fixes.applying import applied, that_count
from checker.fixes.looking import Looking
from checker.output import CLOSED, PASSED, Output
from checker.pipeline import Outcome
from checker.render.escape import visible
from checker.render.words import amount
from checker.source.changes import ChangedFile
from checker.source.places import quoted

_LONGEST: Final = 200  # characters of a path
_MOST_NAMED: Final = 3
_NO_TREE: Final = "`--fix` needs a working tree, and this repository has none"


def fixed(look: Looking, outcome: Outcome, tree: Path | None) -> Output:
    """Fix what can be fixed, and return a line about each file in which something was found.

    Errors: `UsageError` without a working tree.
    """
    if tree is None:
        raise UsageError(_NO_TREE)
    accepted = frozenset(f.fingerprint for f in outcome.report.findings if f.accepted)
    results: list[_Result] = []
    for path, findings in _by_file(outcome.report, outcome.files).items():
        file = next((each for each in outcome.files if each.path == path), None)
        results.append(_of_file(look, path, file, findings, tree, accepted))
    if sum(each.fixed > 0 for each in results) and len(results) > 1:
        results = [_now(each, look, accepted) for each in results]
    lines = [f"{quoted(each.path, _LONGEST)}: {each.said}" for each in results]
    is_open = any(finding.blocks for each in results for finding in each.left)
    text = "".join(f"{visible(line)}\n" for line in lines or ["nothing to fix"])
    return Output(text, CLOSED if is_open else PASSED)


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of the findings in one file. why: nothing of it was fixed."""

    path: str
    left: Sequence[Finding]
    file: ChangedFile | None = None
    fixed: int = 0
    why: str = ""

    @property
    def said(self) -> str:
        """The result in words."""
        if self.why:
            return f"not fixed: {self.why}" if self.left else "fixed along with another file"
        if not self.left:
            return f"{amount(self.fixed, 'finding')} fixed"
        first, more = self.left[:_MOST_NAMED], len(self.left) - _MOST_NAMED
        named = "; ".join(f"{each.check} on line {each.at.start.line}" for each in first)
        return f"{self.fixed} fixed, {len(self.left)} left: {named}" + (
            f" and {more} more" if more > 0 else ""
        )


def _now(result: _Result, look: Looking, accepted: Collection[str]) -> _Result:
    """Return a result less what was fixed in another file since."""
    if result.file is None or not result.left:
        return result
    found = that_count(look(result.file).findings, accepted)
    known = {each.fingerprint for each in found}
    return replace(result, left=[each for each in result.left if each.fingerprint in known])


def _by_file(report: Report, files: Sequence[ChangedFile]) -> dict[str, list[Finding]]:
    """Return the findings that nobody has accepted, by the file in which they would be fixed."""
    now = {file.base_path: file.path for file in files}
    found: dict[str, list[Finding]] = {}
    for each in report.findings:
        if each.accepted is None and each.severity is not Severity.NOTE:
            path = now.get(each.at.path, each.at.path) if each.removed else each.at.path
            edited = {edit.span.path for edit in each.fix.edits} if each.fix else set()
            found.setdefault(edited.pop() if len(edited) == 1 else path, []).append(each)
    return found


def _of_file(
    look: Looking,
    path: str,
    file: ChangedFile | None,
    findings: Sequence[Finding],
    tree: Path,
    accepted: Collection[str],
) -> _Result:
    """Fix one file, and return what came of it."""
    if file is None or file.after is None:
        why = "it is gone, or is none of the files that can be edited"
        return _Result(path, findings, why=why)
    if not any(each.fix and each.fix.edits and not each.fix.loses for each in findings):
        return _Result(path, findings, file, why=_why(findings))
    if not _holds(tree, file.path, file.after):
        why = "the file in the working tree is not the version that was checked"
        return _Result(path, findings, why=why)
    done = applied(look, file, accepted)
    if not done.fixed:
        return _Result(path, findings, file, why=_why(findings))
    _write(tree / file.path, done.data)
    file = replace(file, after=done.data)
    look.keep(file)
    mine = {each.at.path for each in findings} | {file.path}
    left = [each for each in done.left if each.at.path in mine]
    return _Result(path, left, file, done.fixed)


def _why(findings: Sequence[Finding]) -> str:
    """Return why nothing was fixed, with what could be done by hand if that is known."""
    words = next((each.fix.words for each in findings if each.fix), "")
    if words:
        return f"no edit of the text was proved to be right; by hand: {words}"
    return "no edit was found that makes the checks pass"


def _holds(tree: Path, path: str, data: bytes) -> bool:
    """Whether a file of the working tree has this content; what a link leads to is none."""
    try:
        target = tree / path
        is_there = target.resolve() == tree.resolve() / path and target.is_file()
        return is_there and target.read_bytes() == data
    except OSError:
        return False


def _write(target: Path, data: bytes) -> None:
    try:
        target.write_bytes(data)
    except OSError as error:
        raise UsageError(
            f"cannot write {quoted(str(target))}: {error.strerror or error}"
        ) from error
