"""One policy whose findings get edits that make the checks pass, each of them proved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Protocol

from checker import standards
from checker.checks import Check
from checker.config import Config
from checker.explain import identity
from checker.findings import Finding, Fix, Kind, PolicyChange
from checker.fixes import proving
from checker.fixes.candidates import proposer
from checker.fixes.document import Document
from checker.fixes.edited import Edited
from checker.fixes.operations import Operation, patch
from checker.fixes.proving import Allowance, Goal
from checker.fixes.search import Found, smallest
from checker.policy.model import Effect, Policy
from checker.span import Span
from checker.symbolic import solver
from checker.symbolic.question import Question, Responsible, Violated

MOST_STATEMENTS: Final = 20  # that break one check in one document; with more, no fix is looked for
MOST_IN_TEXT: Final = 10  # of them, whose edits are each put into the text and asked about
MOST_TRIED: Final = 4  # edits of one finding each, to see whether they answer the others too
MOST_QUESTIONS: Final = 160  # about one document, in search of fixes
_LOSES: Final = "; this takes away some access that was there before, too"
AND_MORE: Final = "; the check passes once its other findings are fixed as well"


def is_open(finding: Finding) -> bool:
    """Whether a finding is one that an edit of the policy may answer."""
    return finding.kind is Kind.VIOLATED and finding.evidence is not None


@dataclass(frozen=True, slots=True)
class _Broken:
    """A check that a document breaks, by which statements, and the finding about each."""

    check: Check
    violated: Violated
    findings: tuple[Finding | None, ...]


class InText(Protocol):
    """How an edit of a document looks in the text of its file, and what it makes of it."""

    def edited(self, operations: Sequence[Operation]) -> Edited | None:
        """Return what files say after operations on the document, if these can be made there."""
        ...

    def again(self, edited: Edited) -> PolicyChange | None:
        """Return what becomes of the document if its files say this."""
        ...

    def is_whole(self, new: Document) -> bool:
        """Whether the document says in the text all that it is taken to say."""
        ...

    def size(self, new: Document, operations: Sequence[Operation]) -> int:
        """Return how many characters an edit takes away and brings."""
        ...


@dataclass(frozen=True, slots=True)
class Mender:
    """One document, whose findings get fixes."""

    config: Config
    change: PolicyChange
    new: Document
    old: Document | None
    texts: InText

    def mended(self, findings: Sequence[Finding], until: float) -> dict[int, Finding]:
        """Return those findings that have a fix, with it, by what they were.

        until: when to ask no more, on the clock of the processor.
        """
        allowance = Allowance(MOST_QUESTIONS, until)
        mended: dict[int, Finding] = {}
        for broken in self._broken(findings):
            mended |= self._of_check(broken, allowance)
        return mended

    def _broken(self, findings: Sequence[Finding]) -> Iterator[_Broken]:
        open_: dict[str, dict[str, list[Finding]]] = {}
        for each in filter(is_open, findings):
            open_.setdefault(each.check, {}).setdefault(each.fingerprint, []).append(each)
        for check in standards.checks(self.config):
            mine = open_.get(check.id)
            if not mine or check.implied or (check.compares and self.change.before is None):
                continue
            asked = check.ask(self.change)
            answer = solver.answer(asked, proving.BUDGET) if isinstance(asked, Question) else None
            if not isinstance(asked, Question) or not isinstance(answer, Violated):
                continue
            named = (mine.get(self._known_by(check, asked, r), []) for r in answer.responsible)
            known = tuple(each.pop(0) if each else None for each in named)
            if any(known) and not answer.unanswered and len(known) <= MOST_STATEMENTS:
                yield _Broken(check, answer, known)

    def _known_by(self, check: Check, question: Question, responsible: Responsible) -> str:
        about = identity.through(question, responsible.statement)
        return identity.fingerprint(check.id, self.change.path, self.change.address, about)

    def _of_check(self, broken: _Broken, allowance: Allowance) -> dict[int, Finding]:
        """Return the findings of one check with their fixes: of all of them, or of none."""
        every: list[Found] = []
        for index in range(len(broken.findings)):
            mine = Allowance(min(proving.MOST_QUESTIONS, allowance.left), allowance.until)
            before = mine.left
            one = self._found(broken, index, mine)
            allowance.left -= before - max(mine.left, 0)
            if one is None:
                return {}
            every.append(one)
        if one := self._enough(broken.check, every):
            every = [one] * len(every)
        whole = tuple(dict.fromkeys(op for each in every for op in each.operations))
        if one is None and not self._is_proved(broken.check, whole):
            return {}
        if len({each.operations for each in every}) > 1 and not self._keeps(whole, allowance):
            every = [replace(each, loses=True) for each in every]  # what one leaves, another takes
        operations = patch(whole) if self.texts.is_whole(self.new) else ()
        alone = len({each.operations for each in every}) == 1
        in_text = self._in_text(broken.check, whole)
        fix = Fix("", patch=tuple(json.dumps(each) for each in operations), alone=alone)
        return {
            id(finding): self._shown(broken, finding, each, fix, in_text)
            for finding, each in zip(broken.findings, every, strict=True)
            if finding is not None
        }

    def _enough(self, check: Check, every: Sequence[Found]) -> Found | None:
        """Return one edit that answers all findings of a check, such as a Deny put back."""
        found = dict.fromkeys(each for each in every if not each.loses)
        several = len({each.operations for each in every}) > 1
        tried = list(found)[:MOST_TRIED] if several else ()
        return next((each for each in tried if self._is_proved(check, each.operations)), None)

    def _keeps(self, operations: Sequence[Operation], allowance: Allowance) -> bool:
        """Whether all that both versions allow is allowed after an edit, whatever check it is for."""
        return Goal(lambda _: None, self.change, self.new, allowance=allowance).keeps(operations)

    def _found(self, broken: _Broken, index: int, allowance: Allowance) -> Found | None:
        """Return the smallest edit that answers one finding."""
        statement = broken.violated.responsible[index].statement
        finding = broken.findings[index]
        stopped = finding.evidence.stopped_by if finding and finding.evidence else None
        propose = proposer(self.new, self.old)
        size = partial(self.texts.size, self.new)
        goal = Goal(broken.check.ask, self.change, self.new, allowance=allowance)
        deny = self.old.place(stopped.index, stopped.span) if self.old and stopped else None
        if broken.check.removes:
            if deny is None or self.old is None:
                return None
            goal = replace(goal, old=_denying_by(self.old, deny))
            return smallest(goal, propose.for_deny(deny), size)
        mine = self.new.index_of(statement)
        others = {self.new.index_of(r.statement) for r in broken.violated.responsible}
        nodes = {id(self.new.statements[at][0]) for at in others - {mine, None} if at is not None}
        if mine is not None:
            nodes.discard(id(self.new.statements[mine][0]))
        candidates = propose.for_allow(broken.violated.responsible[index], deny)
        return smallest(replace(goal, others=frozenset(nodes)), candidates, size)

    def _is_proved(self, check: Check, operations: Sequence[Operation]) -> bool:
        """Whether the check holds after an edit, and no other one is broken more than before."""
        edited = self.new.edited(operations)
        if edited is None:
            return False
        change = replace(self.change, after=edited.policy)
        if not proving.holds(check.ask, change):
            return False
        fresh = {s.span for node, s in edited.statements if self._is_new(node)}
        is_less = proving.gives_nothing(self.new.policy, edited.policy)
        for other in standards.checks(self.config):
            if other is check or self.config.severity(other.id, self.change.path) is None:
                continue
            if not (is_less and _only_allows_count(other)) and self._is_worse(
                other, change, fresh, is_less=is_less
            ):
                return False
        return True

    def _is_new(self, node: object) -> bool:
        return not any(node is each for each, _ in self.new.statements)

    def _is_worse(
        self, check: Check, after: PolicyChange, fresh: set[Span], *, is_less: bool
    ) -> bool:
        then = proving.broken_by(check.ask, after)
        if then == ():
            return False
        now = proving.broken_by(check.ask, self.change)
        if then is None or now is None:
            return then is not now
        by_fresh = not is_less and not check.removes and any(s.span in fresh for s in then)
        return len(then) > len(now) or by_fresh

    def _in_text(self, check: Check, operations: Sequence[Operation]) -> Edited | None:
        """Return the whole edit in the text, if the check holds for what that says then."""
        edited = self.texts.edited(operations)
        change = self.texts.again(edited) if edited else None
        return edited if change and proving.holds(check.ask, change) else None

    def _shown(
        self, broken: _Broken, finding: Finding, found: Found, fix: Fix, whole: Edited | None
    ) -> Finding:
        """Return a finding with its fix; with lines to put in, if they are proved by themselves."""
        edited = whole
        if whole is not None and not fix.alone:
            edited = self._fewer(broken, found.operations)
            if edited is None and whole.is_one_place:
                edited, fix = whole, replace(fix, alone=True)
        words = found.words + (_LOSES if found.loses else "") + ("" if fix.alone else AND_MORE)
        edits = edited.edits if edited else ()
        fix = replace(fix, words=words, edits=edits, loses=found.loses)
        shown = edited.suggestion if edited and not found.loses else None
        evidence = replace(finding.evidence, fix=words) if finding.evidence else None
        return replace(finding, evidence=evidence, fix=fix, suggestion=shown)

    def _fewer(self, broken: _Broken, operations: Sequence[Operation]) -> Edited | None:
        """Return an edit in the text that leaves fewer statements that break the check."""
        if len(broken.findings) > MOST_IN_TEXT:
            return None
        edited = self.texts.edited(operations)
        change = self.texts.again(edited) if edited else None
        left = proving.broken_by(broken.check.ask, change) if change else None
        return edited if left is not None and len(left) < len(broken.findings) else None


def _denying_by(old: Document, index: int) -> Policy:
    """Return the old policy with one Deny alone."""
    kept = (
        statement
        for place, (_, statement) in enumerate(old.statements)
        if statement.effect is Effect.ALLOW or place == index
    )
    return replace(old.policy, statements=tuple(kept))


def _only_allows_count(check: Check) -> bool:
    """Whether a document that allows less cannot break the check more than it did."""
    family = check.id.partition("/")[0]
    return family in ("no-new-access", "access-not-granted", "reference-policy")
