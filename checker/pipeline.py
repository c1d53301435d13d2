"""The stages in order: from two commits to a report.

Every stage is a function from one type to the next; what cannot be read or decided is a finding,
and does not hide what there is to say about the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from checker.checks import Check, access_not_granted, deny_weakened, no_new_access
from checker.config import Config
from checker.errors import PolicySyntaxError
from checker.explain import say
from checker.findings import Finding, PolicyChange, Proved, Report, Severity, Skipped
from checker.policy.guess import guess_type
from checker.policy.model import Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.source.changes import ChangedFile, Commit, Source, UnreadFile, changed_files
from checker.source.documents import (
    Document,
    DocumentPair,
    Found,
    Unreadable,
    content,
    documents_in_file,
    pairs,
)
from checker.span import whole_file
from checker.symbolic import solver
from checker.symbolic.question import Budget, Holds, Question

_WORTH_A_PROCESS: Final = 16  # files; fewer are done before a second process has started


@dataclass(frozen=True, slots=True)
class Names:
    """The two commits, and what a reader calls them. `base` is None if nothing was there."""

    base: Commit | None
    head: Commit
    base_name: str
    head_name: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """What one file gives to the report."""

    findings: tuple[Finding, ...] = ()
    proved: tuple[Proved, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    documents: int = 0
    is_about_policies: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """A report, and the files of both sides that it speaks of."""

    report: Report
    files: tuple[ChangedFile, ...]


def run(config: Config, source: Source, names: Names, budget: Budget, jobs: int = 1) -> Outcome:
    """Return what there is to say about the change from base to head.

    `jobs`: over how many processes the files are spread; the report is the same for any number.
    """
    base = names.base or _empty(names.head)
    changed = changed_files(source, base, names.head, config.paths.matches)
    parts = _spread(config, changed, budget, jobs)
    findings = [finding for part in parts for finding in part.findings]
    report = Report(
        base=names.base.id if names.base else "",
        head=names.head.id,
        base_name=names.base_name,
        head_name=names.head_name,
        findings=tuple(sorted(findings, key=lambda f: (f.at.path, f.at.start, f.check))),
        proved=tuple(proved for part in parts for proved in part.proved),
        skipped=tuple(skipped for part in parts for skipped in part.skipped),
        documents=sum(part.documents for part in parts),
        notes=names.notes,
    )
    files = tuple(
        entry
        for entry, part in zip(changed, parts, strict=True)
        if isinstance(entry, ChangedFile) and part.is_about_policies
    )
    return Outcome(report, files)


def _spread(
    config: Config, changed: Sequence[ChangedFile | UnreadFile], budget: Budget, jobs: int
) -> list[_Part]:
    look = partial(_part, config, budget)
    if jobs <= 1 or len(changed) < _WORTH_A_PROCESS:
        return [look(entry) for entry in changed]
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415  only for many files

    with ProcessPoolExecutor(max_workers=jobs) as pool:
        return list(pool.map(look, changed, chunksize=8))


def _empty(head: Commit) -> Commit:
    """Return what a first commit is compared with: a commit without files."""
    return replace(head, id="", tree="", parents=())


def _checks(config: Config) -> Iterator[Check]:
    """Yield the checks to run. To add one: write its module, then yield it here."""
    yield Check("no-new-access", "New access", _new_access)
    yield Check("deny-weakened", "A Deny is weaker", _weaker_deny, removes=True)
    if config.critical_actions or config.critical_resources:
        yield Check("access-not-granted", "Critical access", _critical(config), compares=False)


def _new_access(change: PolicyChange) -> Question | None:
    if change.after is None:
        return None  # nothing is allowed where there is no document
    return no_new_access.ask(change.before or no_new_access.nothing(change.after), change.after)


def _weaker_deny(change: PolicyChange) -> Question | None:
    """Return the question where the Allow side is elsewhere; else new access says it all."""
    if change.before is None or not deny_weakened.denies(change.before):
        return None
    after = change.after or no_new_access.nothing(change.before)
    if not deny_weakened.allows_nothing(after) and not change.before.type.is_guardrail:
        return None
    if change.after is None and not (
        change.before.type.is_guardrail or deny_weakened.allows_nothing(change.before)
    ):
        return None  # the Allow went with the Deny
    return deny_weakened.ask(change.before, after)


def _critical(config: Config) -> Callable[[PolicyChange], Question | None]:
    def ask(change: PolicyChange) -> Question | None:
        if change.after is None:
            return None
        return access_not_granted.ask(
            change.after, config.critical_actions, config.critical_resources
        )

    return ask


def _part(config: Config, budget: Budget, entry: ChangedFile | UnreadFile) -> _Part:
    """Return what there is to say about one changed file."""
    if isinstance(entry, UnreadFile):
        return _unread(entry, config)
    before = documents_in_file(entry.before, entry.base_path) if entry.before is not None else ()
    after = documents_in_file(entry.after, entry.path) if entry.after is not None else ()
    parts = [_of_pair(pair, entry, config, budget) for pair in pairs(before, after)]
    return _Part(
        tuple(finding for part in parts for finding in part.findings),
        tuple(proved for part in parts for proved in part.proved),
        tuple(skipped for part in parts for skipped in part.skipped),
        sum(part.documents for part in parts),
        bool(parts),
    )


def _unread(entry: UnreadFile, config: Config) -> _Part:
    severity = config.severity(say.UNREADABLE)
    if not entry.was_file or severity is None:
        return _Part(skipped=(Skipped(entry.path, entry.reason),))
    at = whole_file(entry.path)
    return _Part(findings=(say.unreadable(f"the file {entry.reason}", at, "", "", severity),))


def _of_pair(pair: DocumentPair, file: ChangedFile, config: Config, budget: Budget) -> _Part:
    """Put every check to one document."""
    if _is_same(pair) and config.type_of(file.path) is config.type_of(file.base_path):
        return _Part()
    change = _parsed(pair, file, config)
    if not isinstance(change, PolicyChange):
        return change
    findings: list[Finding] = []
    proved: list[Proved] = []
    for check in _checks(config):
        severity = config.severity(check.id)
        question = None if severity is None else check.ask(change)
        if question is None or severity is None:
            continue
        answer = solver.answer(question, budget)
        if isinstance(answer, Holds):
            proved.append(say.proved(check, change, answer))
        else:
            findings.extend(say.findings(check, change, question, answer, severity))
    return _Part(tuple(findings), tuple(proved), documents=1)


def _parsed(pair: DocumentPair, file: ChangedFile, config: Config) -> PolicyChange | _Part:
    """Return a pair of documents as policies, or what to say where that fails."""
    severity = config.severity(say.UNREADABLE)
    if isinstance(pair.after, Unreadable):
        return _told(say.not_read(pair.after, severity or Severity.NOTE), severity)
    kind = _type(pair, file, config)
    try:
        after = parse_policy(pair.after.node, kind) if pair.after else None
    except PolicySyntaxError as error:
        address = pair.after.address if pair.after else ""
        found = say.unreadable(
            error.problem, error.at, error.hint, address, severity or Severity.NOTE
        )
        return _told(found, severity)
    before = _before(pair.before, file, kind, config)
    if after is None and before is None:
        return _Part(skipped=(Skipped(file.base_path, "is gone, and could not be read before"),))
    return PolicyChange(file.path, pair.address, before, after, file.base_path)


def _told(finding: Finding, severity: Severity | None) -> _Part:
    """Return a finding, or the line of the ledger that it is where its check is off."""
    if severity is None:
        return _Part(skipped=(Skipped(finding.at.path, finding.headline),), documents=1)
    return _Part(findings=(finding,), documents=1)


def _before(
    found: Found | None, file: ChangedFile, kind: PolicyType, config: Config
) -> Policy | None:
    """Return the old document; one that is not valid, or was of another type, allowed nothing."""
    if not isinstance(found, Document):
        return None
    known = config.type_of(file.base_path)
    if known is not None and known is not kind:
        return None
    try:
        return parse_policy(found.node, kind)
    except PolicySyntaxError:
        return None


def _type(pair: DocumentPair, file: ChangedFile, config: Config) -> PolicyType:
    known = config.type_of(file.path)
    if known is not None:
        return known
    for found in (pair.after, pair.before):
        if isinstance(found, Document):
            guessed = guess_type(found.node)
            if guessed is not None:
                return guessed
    return PolicyType.RESOURCE  # some statements name principals: the parser says which do not


def _is_same(pair: DocumentPair) -> bool:
    """Whether both sides say the same, however it is laid out."""
    before, after = pair.before, pair.after
    if isinstance(before, Document) and isinstance(after, Document):
        return content(before.node) == content(after.node)
    return False
