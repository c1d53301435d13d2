"""What the gate says: about which lines, how loudly, and with what evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from checker.consent import Acceptance, Doors, WaiverNote
from checker.policy.model import Policy, Request
from checker.span import Position, Span


class Severity(StrEnum):
    """How loudly a finding speaks. Only `BLOCK` closes the gate."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"


class Kind(StrEnum):
    """What a finding is about."""

    VIOLATED = "violated"  # a check failed; there is a witness, or an ambiguity
    UNDECIDED = "undecided"  # no answer within the budget, or not modelled
    UNREADABLE = "unreadable"  # meant to be a policy, and is not one; or cannot be read at all
    DIAGNOSTIC = "diagnostic"  # looks like a mistake; never blocks
    ADVICE = "advice"  # less would do: nobody uses some of what a policy grants


@dataclass(frozen=True, slots=True)
class StatementRef:
    """A statement that a finding names. `index` counts from 0 in its document.

    callers: where those stand whom it is about, in a template perhaps far from the statement.
    """

    index: int
    sid: str | None
    span: Span
    callers: tuple[Span, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class AccessCell:
    """New access flows through this action pattern on this resource pattern.

    `known` are today's actions behind the pattern that are newly allowed, with their access
    levels (`List`, `Read`, `Write`, `Tagging`, `Permissions management`); where they are too many
    to list, `counts` has their number by level instead. All is empty where only names that AWS may
    add later are new. `unasked`: how many match, where they were not asked about one by one.
    """

    action: str
    resource: str
    known: tuple[tuple[str, str], ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    unasked: int = 0
    span: Span | None = field(default=None, compare=False)
    resource_span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a check failed: all of it replayed on the evaluator before it gets here."""

    witness: Request | None  # None: only under a reading that is not the default
    statements: tuple[StatementRef, ...]  # of the new document, those responsible
    before: str  # half a sentence: why the request was refused before
    is_example: bool = False  # the witness's caller stands for whoever the policy applies to
    stopped_by: StatementRef | None = None  # the old Deny that used to stop it
    cells: tuple[AccessCell, ...] = ()
    only_future_actions: bool = False
    ambiguous: tuple[str, ...] = ()  # open questions that the verdict depends on, one line each
    assumptions: tuple[str, ...] = ()  # beyond grade A, that the verdict rests on
    fix: str = ""  # what to edit so that the check passes, in words; proved by asking again
    given: tuple[
        tuple[str, str], ...
    ] = ()  # what the witness takes for what a template leaves open

    @property
    def parts(self) -> tuple[Span, ...]:
        """Where actions, resources and callers stand that are responsible, most telling first."""
        spans = (
            *(cell.span for cell in self.cells),
            *(cell.resource_span for cell in self.cells),
            *(span for statement in self.statements for span in statement.callers),
        )
        return tuple(dict.fromkeys(span for span in spans if span))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An edit of whole lines of the head file that a reviewer can apply; proved before it gets here.

    The lines from `first` to `last`, both included, make room for `lines`; with none they just go.
    """

    first: int
    last: int
    lines: tuple[str, ...]  # without line ends
    path: str = ""  # of the file in head; "" is that of the finding
    is_crlf: bool = False  # the lines end in a carriage return and a line feed


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Put `text` in the place of a span of the head file."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """An edit of the head document after which the check holds: asked again, and answered so.

    words: the edit that answers the finding, in one line. edits: the same in the text of the file,
    if it can be made there. patch: RFC 6902 operations on the document, each a JSON object in text,
    that make the check hold: of all its findings, if it has several. alone: it has no other one.
    loses: it also takes away access that the old document gave.
    """

    words: str
    edits: tuple[TextEdit, ...] = ()
    patch: tuple[str, ...] = ()
    alone: bool = True
    loses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to say. All text in it is hostile until a renderer has escaped it."""

    check: str  # the check's id, kebab case
    kind: Kind
    severity: Severity
    headline: str  # one line, plain text, user text in backticks
    detail: str = ""  # one line more: what to do, or why there is no answer
    at: Span  # in the head document; in the base one if `removed`
    address: str = ""  # of the document inside the file, a JSON pointer; "" is the file
    fingerprint: str  # 32 hex digits, see `explain.identity`
    evidence: Evidence | None = None
    suggestion: Suggestion | None = None
    fix: Fix | None = None
    removed: bool = False  # the file is gone in head, `at` is in base
    accepted: Acceptance | None = None
    owner: str = ""  # of a policy in a template: what holds it, and what it is there, in words

    @property
    def in_head(self) -> Span | None:
        """Where it stands in head: of what is gone, where its fix goes; None without one."""
        if not self.removed:
            return self.at
        if self.suggestion is None:
            return None
        path = self.suggestion.path or self.at.path
        return Span(path, Position(self.suggestion.first, 1), Position(self.suggestion.last + 1, 1))

    @property
    def document(self) -> str:
        """What to call the document inside its file; "" if it is all of the file."""
        return self.owner or self.address

    @property
    def blocks(self) -> bool:
        """Whether it closes the gate."""
        return self.severity is Severity.BLOCK and self.accepted is None


@dataclass(frozen=True, slots=True)
class Proved:
    """A check that holds for a document: the ledger's other half."""

    check: str
    path: str
    address: str
    assumptions: tuple[str, ...] = ()  # beyond grade A, that the proof rests on


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not looked at, and why."""

    path: str
    reason: str


class Standing(StrEnum):
    """What became of one policy document."""

    PROVED = "proved"  # every check that was put to it holds
    FOUND = "found"  # a check failed
    UNDECIDED = "undecided"
    NOT_UNDERSTOOD = "not understood"
    NOTHING_TO_ASK = "nothing to ask"  # it is gone, or every check is off for it
    UNCHANGED = "unchanged"  # it says the same as before, in a file that differs


@dataclass(frozen=True, slots=True)
class Judged:
    """One policy document that was found, and what became of it. `type` is "" if nobody knows."""

    path: str
    address: str
    type: str
    standing: Standing
    why: str = ""  # where it is neither proved nor found: one line


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedAccess:
    """What one changed policy grants and nobody uses, as far as a report of its use tells.

    `why`: half a sentence, where nobody can tell; then there is no `recommendation`, which else is a
    refinement as `access-gate refine` gives it, already proved.
    """

    path: str
    address: str
    source: str  # the file or folder of the report
    role: str = ""  # whose use counts, an ARN; "" if it is everybody's
    days: int = 0  # that the report covers; 0 if it does not say
    granted: int = 0  # known actions
    kept: int = 0  # of these, by the smaller policy
    share: int = 100  # of the size that is left, in per cent
    recommendation: Mapping[str, object] = field(default_factory=dict)
    diff: str = ""  # of the whole file
    why: str = ""

    @property
    def is_news(self) -> bool:
        """Whether a reader should hear of it: something is unused, or nobody can tell."""
        return bool(self.why) or self.recommendation.get("recommendedAction") != "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of a run, from which every renderer works."""

    base: str  # commit id, or "" when there is none
    head: str
    base_name: str  # what a reader calls it: `main`, `HEAD~1`
    head_name: str
    findings: tuple[Finding, ...]
    proved: tuple[Proved, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    documents: int = 0  # policy documents that differ between base and head
    notes: tuple[str, ...] = ()  # things a reader should know, one line each
    files: int = 0  # that differ among those to look at, whatever they hold
    policies: tuple[Judged, ...] = ()  # every document of these files: the ledger
    diagnostics: tuple[Finding, ...] = ()  # likely mistakes, which are no findings
    unused: tuple[UnusedAccess, ...] = ()  # of each changed policy, where its use is reported
    waivers: tuple[WaiverNote, ...] = ()
    doors: Doors | None = None  # None: nothing can be accepted where this report comes from

    @property
    def ledger(self) -> Mapping[Standing, int]:
        """How many documents became what; those that became nothing are left out."""
        found = [judged.standing for judged in self.policies]
        return {standing: found.count(standing) for standing in Standing if standing in found}

    @property
    def blocks(self) -> bool:
        """Whether the gate is closed."""
        return any(finding.blocks for finding in self.findings)

    @property
    def result(self) -> str:
        """`pass`, `fail` or `undecided` (closed, and nothing but questions without an answer)."""
        blocking = [f for f in self.findings if f.blocks]
        if not blocking:
            return "pass"
        return "undecided" if all(f.kind is Kind.UNDECIDED for f in blocking) else "fail"


class Shown(StrEnum):
    """Where the review of a pull request shows a finding."""

    ON_LINES = "on its lines"
    ON_FILE = "on the file"
    HERE = "only here"  # in the summary


@dataclass(frozen=True, slots=True)
class Shows:
    """What a reader of the pull request finds where; findings go by their fingerprints."""

    places: Mapping[str, Shown] = field(default_factory=dict)
    at: Mapping[str, Span] = field(default_factory=dict)  # where lines differ from `Finding.at`
    problems: tuple[str, ...] = ()  # what could not be posted, one line each


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One policy document before and after. `None`: it is not there on that side."""

    path: str  # in head, or in base when it is gone
    address: str  # JSON pointer inside the file
    before: Policy | None
    after: Policy | None
    base_path: str = ""  # where the old one stood, when the file was renamed
    owner: str = ""  # of a policy in a template: what holds it, and what it is there, in words
    resource_type: str = ""  # CloudFormation's name of it, where a template says it
    given: tuple[tuple[str, str], ...] = ()  # what is taken for what a template leaves open
