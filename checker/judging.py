"""One changed file: its policies, every check put to each, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from checker import standards
from checker.checks import Ask, Check, Combined
from checker.config import Config
from checker.errors import PolicySyntaxError
from checker.explain import identity, say
from checker.explain.echoes import without_echoes
from checker.findings import (
    Finding,
    Judged,
    Kind,
    PolicyChange,
    Proved,
    Severity,
    Skipped,
    Standing,
    UnusedAccess,
)
from checker.lint.lint import diagnostics
from checker.policy_changes import NotUnderstood, OldNotUnderstood, policy_changes
from checker.source.changes import ChangedFile, UnreadFile
from checker.source.documents import (
    Document,
    DocumentPair,
    content,
    documents_in_file,
    pairs,
)
from checker.span import whole_file
from checker.symbolic import solver
from checker.symbolic.question import Answer, Budget, Holds, Question, Undecided, Violated


@dataclass(frozen=True, slots=True)
class Part:
    """What one file, or one document of it, gives to the report."""

    findings: tuple[Finding, ...] = ()
    proved: tuple[Proved, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    policies: tuple[Judged, ...] = ()
    diagnostics: tuple[Finding, ...] = ()
    unused: tuple[UnusedAccess, ...] = ()


def joined(parts: Iterable[Part]) -> Part:
    """Return the parts as one, in order."""
    several = tuple(parts)
    return Part(
        tuple(finding for part in several for finding in part.findings),
        tuple(proved for part in several for proved in part.proved),
        tuple(skipped for part in several for skipped in part.skipped),
        tuple(judged for part in several for judged in part.policies),
        tuple(each for part in several for each in part.diagnostics),
        tuple(each for part in several for each in part.unused),
    )


def once_in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by their places, each once: modules that are alike in all say the same."""
    once: list[Finding] = []
    known: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda f: (f.at.path, f.at.start, f.check)):
        alike = known.setdefault(finding.fingerprint, [])
        if finding not in alike:
            alike.append(finding)
            once.append(finding)
    return tuple(once)


def by_path(part: Part) -> Iterator[tuple[str, Part]]:
    """Yield what a part says about each file, by path."""
    paths = {
        *(finding.at.path for finding in (*part.findings, *part.diagnostics)),
        *(proved.path for proved in part.proved),
        *(skipped.path for skipped in part.skipped),
        *(policy.path for policy in part.policies),
        *(unused.path for unused in part.unused),
    }
    for path in sorted(paths):
        yield (
            path,
            Part(
                tuple(each for each in part.findings if each.at.path == path),
                tuple(each for each in part.proved if each.path == path),
                tuple(each for each in part.skipped if each.path == path),
                tuple(each for each in part.policies if each.path == path),
                tuple(each for each in part.diagnostics if each.at.path == path),
                tuple(each for each in part.unused if each.path == path),
            ),
        )


def judged(config: Config, budget: Budget, entry: ChangedFile | UnreadFile) -> Part:
    """Return what there is to say about one changed file."""
    if isinstance(entry, UnreadFile):
        return _unread(entry, config)
    before = documents_in_file(entry.before, entry.base_path) if entry.before is not None else ()
    after = documents_in_file(entry.after, entry.path) if entry.after is not None else ()
    return joined(_of_pair(pair, entry, config, budget) for pair in pairs(before, after))


def _unread(entry: UnreadFile, config: Config) -> Part:
    severity = config.severity(say.UNREADABLE, entry.path)
    if not entry.was_file or severity is None:
        return Part(skipped=(Skipped(entry.path, entry.reason),))
    at = whole_file(entry.path)
    found = say.unreadable(f"the file {entry.reason}", at, "", "", severity, entry.id)
    lost = Judged(entry.path, "", "", Standing.NOT_UNDERSTOOD, entry.reason)
    return Part(findings=(found,), policies=(lost,))


def _of_pair(pair: DocumentPair, file: ChangedFile, config: Config, budget: Budget) -> Part:
    """Put every check to one document; its standing is the worst of all that was asked."""
    if _is_same(pair) and config.typed(file.path) == config.typed(file.base_path):
        return Part(policies=(Judged(file.path, pair.address, "", Standing.UNCHANGED),))
    parts: list[Part] = []
    for change in policy_changes(pair, file, config):
        match change:
            case PolicyChange():
                parts.append(judged_change(config, budget, change))
                parts.append(_diagnostics(change, pair, config))
            case NotUnderstood():
                parts.append(_not_understood(change, file, config))
            case OldNotUnderstood():
                parts.append(_old_not_understood(change, pair, file, config))
    part = joined(parts)
    worst = max(part.policies, key=lambda each: ORDER.index(each.standing), default=None)
    if worst is None:
        worst = Judged(file.path, pair.address, "", Standing.NOTHING_TO_ASK, "it is gone")
    return replace(part, policies=(worst,))


ORDER = (
    Standing.UNCHANGED,
    Standing.NOTHING_TO_ASK,
    Standing.PROVED,
    Standing.FOUND,
    Standing.UNDECIDED,
    Standing.NOT_UNDERSTOOD,
)


def _is_same(pair: DocumentPair) -> bool:
    """Whether both sides say the same, however it is laid out."""
    before, after = pair.before, pair.after
    if isinstance(before, Document) and isinstance(after, Document):
        return content(before.node) == content(after.node)
    return False


def _diagnostics(change: PolicyChange, pair: DocumentPair, config: Config) -> Part:
    severity = config.severity(say.DIAGNOSTICS, change.path)
    if severity is None:
        return Part()
    node = pair.after.node if isinstance(pair.after, Document) else None
    found = diagnostics(change, node)
    return Part(diagnostics=tuple(say.diagnostic(change, each, severity) for each in found))


def _not_understood(change: NotUnderstood, file: ChangedFile, config: Config) -> Part:
    severity = config.severity(say.UNREADABLE, file.path)
    loudness = severity or Severity.NOTE
    error = change.error
    held = identity.content(file.after)
    if isinstance(error, PolicySyntaxError):
        found = say.unreadable(error.problem, error.at, error.hint, change.address, loudness, held)
    else:
        found = say.not_read(error, loudness, held)
    kind = str(change.type) if change.type else ""
    lost = Judged(file.path, change.address, kind, Standing.NOT_UNDERSTOOD, found.headline)
    if severity is None:
        return Part(skipped=(Skipped(file.path, found.headline),), policies=(lost,))
    return Part(findings=(found,), policies=(lost,))


def _old_not_understood(
    change: OldNotUnderstood, pair: DocumentPair, file: ChangedFile, config: Config
) -> Part:
    """Say that the old document counts for nothing; of a guardrail, that this decides nothing."""
    why = f"the old version was not understood: {change.problem}"
    severity = config.severity("deny-weakened", file.path)
    if not change.type.is_guardrail or severity is None:
        return Part(skipped=(Skipped(file.base_path, why),))
    held = f"{identity.content(file.before)} {identity.content(file.after)}"
    found = say.not_compared(change.at, pair.address, why, severity, held)
    lost = Judged(file.path, pair.address, str(change.type), Standing.UNDECIDED, why)
    return Part(findings=(found,), policies=(lost,))


def judged_change(config: Config, budget: Budget, change: PolicyChange) -> Part:
    """Put every check to one change."""
    return _Judge(config, budget, change).part()


class _Judge:
    """One change, to which every check is put."""

    def __init__(self, config: Config, budget: Budget, change: PolicyChange) -> None:
        self._config = config
        self._budget = budget
        self._change = change
        self._answers: dict[tuple[Ask, bool], Answer | None] = {}

    def part(self) -> Part:
        """Return what all checks say."""
        parts = [self._of_check(check) for check in standards.checks(self._config)]
        parts += [self._of_combined(each) for each in standards.combinations(self._config)]
        part = joined([self._new(), *parts])
        findings = without_echoes(part.findings)
        skipped = tuple(
            Skipped(self._change.path, reason)
            for reason in standards.not_asked(self._config, self._change)
        )
        part = replace(part, findings=findings, skipped=skipped)
        return replace(part, policies=(self._judged(part),))

    def _judged(self, part: Part) -> Judged:
        change = self._change
        policy = change.after or change.before
        undecided = [f for f in part.findings if f.kind is Kind.UNDECIDED]
        why = ""
        if undecided:
            standing, why = Standing.UNDECIDED, undecided[0].detail
        elif part.findings:
            standing = Standing.FOUND
        elif part.proved:
            standing = Standing.PROVED
        else:
            standing = Standing.NOTHING_TO_ASK
            why = "every check is off here" if change.after else "it is gone"
        kind = str(policy.type) if policy else ""
        return Judged(change.path, change.address, kind, standing, why)

    def _new(self) -> Part:
        severity = self._config.severity("new-policy", self._change.path)
        if severity is None or not standards.is_blocked_as_new(self._config, self._change):
            return Part()
        return Part(findings=(say.new_policy(self._change, severity),))

    def _severity(self, check: Check) -> Severity | None:
        severity = self._config.severity(check.id, self._change.path)
        if severity is Severity.BLOCK and check.mild(self._change):
            return Severity.WARN
        return severity

    def _of_check(self, check: Check) -> Part:
        severity = self._severity(check)
        asked = None if severity is None else check.ask(self._change)
        if asked is None or severity is None:
            return Part()
        if isinstance(asked, Undecided):
            found = say.undecided(check, self._change, asked.reason, severity)
            return Part(findings=(found,))
        answer = solver.answer(asked, self._budget)
        if isinstance(answer, Holds):
            return Part(proved=(say.proved(check, self._change, answer),))
        return Part(findings=say.findings(check, self._change, asked, answer, severity))

    def _of_combined(self, combined: Combined) -> Part:
        """Return what is said of two kinds of access: together, and not there before."""
        check = combined.check
        severity = self._severity(check)
        change = self._change
        if severity is None or change.after is None:
            return Part()
        asks = (check.ask, combined.second)
        now: list[Answer | None] = []
        for ask in asks:
            now.append(self._answer(ask, change))
            if isinstance(now[-1], Holds):
                return Part(proved=(say.proved(check, change, now[-1]),))
        undecided = next((answer for answer in now if isinstance(answer, Undecided)), None)
        if undecided:
            return Part(findings=(say.undecided(check, change, undecided.reason, severity),))
        old = replace(change, after=change.before)
        had = [isinstance(self._answer(ask, old), Violated) for ask in asks]
        if all(had):
            return Part(proved=(say.proved(check, change, Holds()),))
        shown, named = (1, 0) if had[0] else (0, 1)  # what is new comes first
        question, answer = asks[shown](change), now[shown]
        if not isinstance(question, Question) or answer is None:
            return Part()
        found = say.findings(check, change, question, answer, severity)
        return Part(findings=tuple(say.together(each, now[named], change) for each in found))

    def _answer(self, ask: Ask, change: PolicyChange) -> Answer | None:
        """Return the answer to a question, asked once: combinations share the access they need."""
        key = ask, change is self._change
        if key not in self._answers:
            asked = ask(change)
            self._answers[key] = (
                solver.answer(asked, self._budget) if isinstance(asked, Question) else asked
            )
        return self._answers[key]
