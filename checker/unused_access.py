"""What changed policies grant and nobody uses: smaller policies, and edits of the lines that changed.

Advice, and none that is not proved: each edit alone, and all of them together, keeps whatever the
report does not call unused, and allows nothing new.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from checker.config import Config
from checker.errors import PolicySyntaxError, UsageError
from checker.explain.identity import fingerprint
from checker.findings import Finding, Kind, PolicyChange, Severity, Suggestion, UnusedAccess
from checker.judging import Part, joined
from checker.policy.canonical import statement_text
from checker.policy.model import Policy, PolicyType, Statement
from checker.policy.parse import parse_policy
from checker.policy_changes import policy_changes
from checker.refinement.access import granted, selected
from checker.refinement.api import refine_document, refined_policy
from checker.refinement.edits import Edit, plain_object
from checker.refinement.line_edits import LineEdit, added, applied, grouped, line_edits
from checker.refinement.proofs import NotProvedError, prove_inside
from checker.refinement.refinement import Recommended, Refinement, size
from checker.refinement.rewrite import DocumentEdit, diff, rewritten
from checker.refinement.usage import Unused
from checker.refinement.whose import Reported, Unclear, holding, whose
from checker.source.changes import ChangedFile, UnreadFile
from checker.source.documents import (
    Document,
    DocumentPair,
    content,
    documents_in,
    documents_in_file,
    pairs,
)
from checker.source.places import quoted
from checker.source.tree import Mapping
from checker.span import Position, Span
from checker.symbolic.question import Budget

CHECK: Final = "unused-access"
MOST_SUGGESTED: Final = 20  # edits of one policy
_MOST_NAMED: Final = 3


def unused_access(
    config: Config, budget: Budget, reported: Sequence[Reported], entry: ChangedFile | UnreadFile
) -> Part:
    """Return what is granted and unused in the policies of one changed file."""
    about = next((r for r in reported if r.paths is None or r.paths.matches(entry.path)), None)
    severity = config.severity(CHECK, entry.path)
    if about is None or severity is None or isinstance(entry, UnreadFile) or entry.after is None:
        return Part()
    before = documents_in_file(entry.before, entry.base_path) if entry.before is not None else ()
    after = documents_in_file(entry.after, entry.path)
    found: list[Part] = []
    for pair in pairs(before, after):
        if not isinstance(pair.after, Document) or _is_same(pair):
            continue
        for change in policy_changes(pair, entry, config):
            if isinstance(change, PolicyChange) and change.after is not None:
                policy = _Policy(entry, pair.after, change, change.after, severity, budget)
                found.append(policy.part(about))
    return joined(found)


def _is_same(pair: DocumentPair) -> bool:
    before, after = pair.before, pair.after
    if isinstance(before, Document) and isinstance(after, Document):
        return content(before.node) == content(after.node)
    return False


class _NoAdviceError(Exception):
    """Nothing can be suggested; the text says why, in half a sentence."""


@dataclass(frozen=True, slots=True)
class _Policy:
    """One changed policy, and how loudly it is spoken of."""

    file: ChangedFile
    document: Document
    change: PolicyChange
    policy: Policy
    severity: Severity
    budget: Budget

    def part(self, about: Reported) -> Part:
        """Return what of it is unused, and what to do about it."""
        said = UnusedAccess(path=self.change.path, address=self.change.address, source=about.source)
        try:
            unused, node = self._unused(about), self._node()
            said = replace(said, role=unused.role or about.role, days=unused.days)
            held = holding(unused, self.change.before)
            refinement = refine_document(node, self.policy, held, budget=self.budget)
        except (_NoAdviceError, NotProvedError, UsageError) as error:
            return Part(unused=(replace(said, why=str(error)),))
        if refinement.recommended is Recommended.NONE:
            amount = len(granted(self.policy))
            return Part(
                unused=(
                    replace(said, granted=amount, kept=amount, recommendation=refinement.to_dict()),
                )
            )
        advice = _Advice(self, node, refinement, held, about.source)
        return Part(tuple(advice.findings()), unused=(advice.summary(said),))

    def _unused(self, about: Reported) -> Unused:
        if self.policy.type is not PolicyType.IDENTITY:
            raise _NoAdviceError(
                f"nobody can tell from a role's use what a {self.policy.type} policy needs"
            )
        found = whose(about, self.change.path, self.change.address)
        if isinstance(found, Unclear):
            raise _NoAdviceError(found.why)
        return found

    def _node(self) -> Mapping:
        node = self.document.node
        plainly = documents_in(self.text, self.file.path)
        is_plain = any(
            isinstance(each, Document)
            and each.address == self.document.address
            and content(each.node) == content(node)
            for each in plainly
        )
        if not is_plain or not isinstance(node, Mapping):
            raise _NoAdviceError(
                "it is written in a template, where no smaller policy is looked for yet"
            )
        return node

    @property
    def text(self) -> str:
        """The file as it is now; "" if it is not UTF-8, as no review could show it."""
        return _decoded(self.file.after) or ""

    @property
    def touched(self) -> frozenset[int]:
        """The lines of the file that the change brings."""
        if "\r" in self.text:  # nobody says what becomes of the ends of lines in a suggestion
            return frozenset()
        return added(_decoded(self.file.before), self.text)


def _decoded(data: bytes | None) -> str | None:
    try:
        return None if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        return None


@dataclass(frozen=True, slots=True)
class _Advice:
    """The smaller policy that was proved, and what leads to it."""

    of: _Policy
    node: Mapping
    refinement: Refinement
    unused: Unused
    source: str

    def summary(self, said: UnusedAccess) -> UnusedAccess:
        before, after = granted(self.of.policy), granted(self._new())
        new = self.refinement.policy
        return replace(
            said,
            granted=len(before),
            kept=len(after & before),
            share=round(100 * size(new) / size(plain_object(self.node))) if new else 0,
            recommendation=self.refinement.to_dict(),
            diff=self._diff(),
        )

    def _new(self) -> Policy:
        return refined_policy(self.of.policy, self.refinement)

    def _diff(self) -> str:
        """Return the file's unified diff; "" for a policy to detach, or a file that is in the way."""
        if self.refinement.recommended is not Recommended.CREATE_POLICY:
            return ""
        try:
            return diff(self.of.text, self._rewritten(self.refinement.edits), self.of.file.path)
        except UsageError:
            return ""

    def _rewritten(self, edits: tuple[Edit, ...]) -> str:
        change = DocumentEdit(self.of.change.address, self.node, edits)
        return rewritten(self.of.text, self.of.file.path, [change])

    def findings(self) -> Iterator[Finding]:
        """Yield the edits of lines that the change brings; one word at least if it is to be loud."""
        found = list(self._suggested())[:MOST_SUGGESTED]
        if not found and self.of.severity is not Severity.NOTE:
            statement = self.of.policy.statements[self.refinement.edits[0].statement]
            gone = granted(self.of.policy) - granted(self._new()) or selected(statement)
            found = [self._finding(statement, gone, None)]
        yield from found

    def _suggested(self) -> Iterator[Finding]:
        touched = self.of.touched
        if not touched or self.refinement.recommended is not Recommended.CREATE_POLICY:
            return
        for edit in self.refinement.edits:
            try:
                whole = line_edits(self.of.text, self._rewritten((edit,)))
            except UsageError:
                continue
            for lines in grouped(whole, self.of.text, touched):
                part = self._read(applied(self.of.text, [lines]))
                statement = self.of.policy.statements[edit.statement]
                gone = self._taken(statement, part) if part else frozenset()
                if part and gone and self._is_between(part):
                    yield self._finding(statement, gone, lines)

    def _taken(self, statement: Statement, part: Policy) -> frozenset[str]:
        """Return the actions that an edit takes out of a statement, if it leaves the others alone."""
        old, new = list(self.of.policy.statements), list(part.statements)
        left = frozenset[str]()
        if len(old) == len(new):
            left = selected(new.pop(statement.index))
        del old[statement.index]
        return selected(statement) - left if old == new else frozenset()

    def _is_between(self, part: Policy) -> bool:
        """Tell whether it is proved that an edit adds nothing, and keeps what all edits keep."""
        try:
            prove_inside(self.of.policy, part, self.of.budget)
            prove_inside(part, self._new(), self.of.budget)
        except NotProvedError:
            return False
        return True

    def _read(self, text: str) -> Policy | None:
        """Return the policy as it is in another text of the file, in which all else is the same."""
        address, path = self.of.change.address, self.of.file.path
        old, new = (
            {d.address: d for d in documents_in(each, path) if isinstance(d, Document)}
            for each in (self.of.text, text)
        )
        if old.keys() != new.keys():
            return None
        others = old.keys() - {address}
        if any(content(old[each].node) != content(new[each].node) for each in others):
            return None
        try:
            return parse_policy(new[address].node, self.of.policy.type)
        except PolicySyntaxError:
            return None

    def _finding(
        self, statement: Statement, gone: frozenset[str], lines: LineEdit | None
    ) -> Finding:
        path, address = self.of.change.path, self.of.change.address
        names = sorted(gone)
        about = f"{self.unused.role}\n{statement_text(statement)}\n{' '.join(names)}"
        return Finding(
            check=CHECK,
            kind=Kind.ADVICE,
            severity=self.of.severity,
            headline=_headline(names, self.unused),
            detail=f"so says {quoted(self.source)}; all other access is proved to stay, and none to come",
            at=_at(path, lines) if lines else statement.span,
            address=address,
            fingerprint=fingerprint(CHECK, path, address, about),
            suggestion=Suggestion(lines.first, lines.last, lines.lines) if lines else None,
        )


def _headline(names: Sequence[str], unused: Unused) -> str:
    listed = ", ".join(f"`{name}`" for name in names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    by = f" by `{unused.role}`" if unused.role else ""
    days = f" in {unused.days} days" if unused.days else ""
    return f"granted and not used{by}{days}: {listed}{more}"


def _at(path: str, lines: LineEdit) -> Span:
    return Span(path, Position(lines.first, 1), Position(lines.last + 1, 1))
