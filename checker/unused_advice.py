"""A smaller policy that was proved -> what a review says of it: edits of the lines that changed.

A reviewer may apply some edits and leave others. So each is proved alone: it adds nothing, and it
keeps what all of them together keep.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from checker.config import ADVICE
from checker.errors import PolicySyntaxError, UsageError
from checker.explain.identity import fingerprint
from checker.findings import Finding, Kind, PolicyChange, Severity, Suggestion, UnusedAccess
from checker.policy.canonical import statement_text
from checker.policy.model import Policy, Statement
from checker.policy.parse import parse_policy
from checker.refinement.access import granted, selected
from checker.refinement.api import refined_policy
from checker.refinement.edits import Edit, plain_object
from checker.refinement.line_edits import LineEdit, added, applied, grouped, line_edits
from checker.refinement.proofs import NotProvedError, prove_inside
from checker.refinement.refinement import Recommended, Refinement, size
from checker.refinement.rewrite import DocumentEdit, diff, rewritten
from checker.source.documents import Document, content, documents_in
from checker.source.places import quoted
from checker.source.tree import Mapping
from checker.span import Position, Span
from checker.symbolic.question import Budget

MOST_SUGGESTED: Final = 20  # edits of one policy
MOST_TRIED: Final = 60  # statements of one policy
_MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Advice:
    """A policy, the smaller one, and the text of the file before and after the change."""

    change: PolicyChange
    policy: Policy
    node: Mapping
    refinement: Refinement
    said: UnusedAccess  # so far
    before: str | None
    text: str
    severity: Severity
    budget: Budget

    def summary(self) -> UnusedAccess:
        """Return what there is to say of the policy as a whole."""
        old, new = granted(self.policy), granted(self._new())
        smaller = self.refinement.policy
        return replace(
            self.said,
            granted=len(old),
            kept=len(new & old),
            share=round(100 * size(smaller) / size(plain_object(self.node))) if smaller else 0,
            recommendation=self.refinement.to_dict(),
            diff=self._diff(),
        )

    def findings(self) -> tuple[Finding, ...]:
        """Return the edits of lines that the change brings; one word at least if it is to be loud."""
        found = tuple(islice(self._suggested(), MOST_SUGGESTED))
        if found or self.severity is Severity.NOTE:
            return found
        statement = self.policy.statements[self.refinement.edits[0].statement]
        gone = granted(self.policy) - granted(self._new()) or selected(statement)
        return (self._finding(statement, gone, None),)

    def _new(self) -> Policy:
        return refined_policy(self.policy, self.refinement)

    def _diff(self) -> str:
        """Return the file's unified diff; "" for a policy to detach, or a layout that is in the way."""
        if self.refinement.recommended is not Recommended.CREATE_POLICY:
            return ""
        try:
            return diff(self.text, self._rewritten(self.refinement.edits), self.change.path)
        except UsageError:
            return ""

    def _rewritten(self, edits: tuple[Edit, ...]) -> str:
        change = DocumentEdit(self.change.address, self.node, edits)
        return rewritten(self.text, self.change.path, [change])

    def _suggested(self) -> Iterator[Finding]:
        # Nobody says what becomes of other ends of lines in a suggestion.
        touched = frozenset[int]() if "\r" in self.text else added(self.before, self.text)
        if not touched or self.refinement.recommended is not Recommended.CREATE_POLICY:
            return
        for edit in islice(self._near(touched), MOST_TRIED):
            try:
                whole = line_edits(self.text, self._rewritten((edit,)))
            except UsageError:
                continue
            for lines in grouped(whole, self.text, touched):
                part = self._read(applied(self.text, [lines]))
                statement = self.policy.statements[edit.statement]
                gone = self._taken(statement, part) if part else frozenset()
                if part and gone and self._is_between(part):
                    yield self._finding(statement, gone, lines)

    def _near(self, touched: AbstractSet[int]) -> Iterator[Edit]:
        """Yield the edits of statements that the change touches."""
        for edit in self.refinement.edits:
            span = self.policy.statements[edit.statement].span
            if not touched.isdisjoint(range(span.start.line, span.last_line + 1)):
                yield edit

    def _read(self, text: str) -> Policy | None:
        """Return the policy as it is in another text of the file, in which all else is the same."""
        address, path = self.change.address, self.change.path
        old, new = (
            {d.address: d for d in documents_in(each, path) if isinstance(d, Document)}
            for each in (self.text, text)
        )
        if old.keys() != new.keys():
            return None
        others = old.keys() - {address}
        if any(content(old[each].node) != content(new[each].node) for each in others):
            return None
        try:
            return parse_policy(new[address].node, self.policy.type)
        except PolicySyntaxError:
            return None

    def _taken(self, statement: Statement, part: Policy) -> frozenset[str]:
        """Return the actions that an edit takes out of a statement, if it leaves the others alone."""
        old, new = list(self.policy.statements), list(part.statements)
        left = frozenset[str]()
        if len(old) == len(new):
            left = selected(new.pop(statement.index))
        del old[statement.index]
        return selected(statement) - left if old == new else frozenset()

    def _is_between(self, part: Policy) -> bool:
        """Tell whether it is proved that an edit adds nothing, and keeps what all edits keep."""
        try:
            prove_inside(self.policy, part, self.budget)
            prove_inside(part, self._new(), self.budget)
        except NotProvedError:
            return False
        return True

    def _finding(
        self, statement: Statement, gone: frozenset[str], lines: LineEdit | None
    ) -> Finding:
        path, address = self.change.path, self.change.address
        names = sorted(gone)
        about = f"{self.said.role}\n{statement_text(statement)}\n{' '.join(names)}"
        by = quoted(self.said.source)
        return Finding(
            check=ADVICE,
            kind=Kind.ADVICE,
            severity=self.severity,
            headline=_headline(names, self.said),
            detail=f"so says {by}; all other access is proved to stay, and none to come",
            at=self._at(lines) if lines else statement.span,
            address=address,
            fingerprint=fingerprint(ADVICE, path, address, about),
            suggestion=Suggestion(lines.first, lines.last, lines.lines) if lines else None,
        )

    def _at(self, lines: LineEdit) -> Span:
        text = self.text.split("\n")
        first = 1 + len(text[lines.first - 1]) - len(text[lines.first - 1].lstrip())
        end = Position(lines.last, len(text[lines.last - 1]) + 1)
        return Span(self.change.path, Position(lines.first, first), end)


def _headline(names: Sequence[str], said: UnusedAccess) -> str:
    listed = ", ".join(f"`{name}`" for name in names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    by = f" by `{said.role}`" if said.role else ""
    days = f" in {said.days} days" if said.days else ""
    return f"Granted and not used{by}{days}: {listed}{more}"
