"""What changed policies grant and nobody uses: which report speaks of which, and what comes of it.

Advice, and none that is not proved. Where nobody can tell, nothing is suggested, and why is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from checker.config import ADVICE, Config
from checker.errors import UsageError
from checker.findings import PolicyChange, Severity, Standing, UnusedAccess
from checker.judging import Part, joined
from checker.policy.model import Policy, PolicyType
from checker.policy_changes import policy_changes
from checker.refinement.access import granted
from checker.refinement.api import refine_document
from checker.refinement.proofs import NotProvedError
from checker.refinement.refinement import Recommended
from checker.refinement.usage import Unused
from checker.refinement.whose import Reported, Unclear, holding, whose
from checker.source.changes import ChangedFile, UnreadFile
from checker.source.documents import Document, DocumentPair, content, documents_in_file, pairs
from checker.source.tree import Mapping
from checker.symbolic.question import Budget
from checker.unused_advice import Advice

_TEMPLATE: Final = "it stands in a template, where nothing unused is looked for yet"


def unused_access(
    config: Config, budget: Budget, reported: Sequence[Reported], entry: ChangedFile | UnreadFile
) -> Part:
    """Return what is granted and unused in the policies of one changed file."""
    about, severity = _about(config, reported, entry.path), config.severity(ADVICE, entry.path)
    if about is None or severity is None or isinstance(entry, UnreadFile) or entry.after is None:
        return Part()
    found = (
        _Policy(entry, node, change, after, severity, budget).part(about)
        for node, change, after in _changed(entry, config)
    )
    return joined(found)


def of_template(config: Config, reported: Sequence[Reported], part: Part) -> Part:
    """Return a word on each changed policy of a template, in which nothing unused is looked for."""
    settled = {Standing.UNCHANGED, Standing.NOT_UNDERSTOOD, Standing.NOTHING_TO_ASK}
    changed = {(p.path, p.address): None for p in part.policies if p.standing not in settled}
    found = ((path, address, _about(config, reported, path)) for path, address in changed)
    return Part(
        unused=tuple(
            UnusedAccess(path=path, address=address, source=about.source, why=_TEMPLATE)
            for path, address, about in found
            if about is not None
        )
    )


def _about(config: Config, reported: Sequence[Reported], path: str) -> Reported | None:
    """Return what is reported of the policies at a path; None if it is nothing, or not wanted."""
    if config.severity(ADVICE, path) is None:
        return None
    return next((each for each in reported if each.paths is None or each.paths.matches(path)), None)


def _changed(entry: ChangedFile, config: Config) -> Iterator[tuple[Mapping, PolicyChange, Policy]]:
    """Yield the policies of a file that are new or another, each with what was there before."""
    before = documents_in_file(entry.before, entry.base_path) if entry.before is not None else ()
    after = documents_in_file(entry.after, entry.path) if entry.after is not None else ()
    for pair in pairs(before, after):
        node = pair.after.node if isinstance(pair.after, Document) else None
        if not isinstance(node, Mapping) or _is_same(pair):
            continue
        for change in policy_changes(pair, entry, config):
            if isinstance(change, PolicyChange) and change.after is not None:
                yield node, change, change.after


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
    node: Mapping
    change: PolicyChange
    policy: Policy
    severity: Severity
    budget: Budget

    def part(self, about: Reported) -> Part:
        """Return what of it is unused, and what to do about it."""
        said = UnusedAccess(path=self.change.path, address=self.change.address, source=about.source)
        try:
            unused = self._unused(about)
            said = replace(said, role=unused.role or about.role, days=unused.days)
            held = holding(unused, self.change.before)
            refinement = refine_document(self.node, self.policy, held, budget=self.budget)
        except (_NoAdviceError, NotProvedError, UsageError) as error:
            return Part(unused=(replace(said, why=str(error)),))
        if refinement.recommended is Recommended.NONE:
            amount = len(granted(self.policy))
            same = refinement.to_dict()
            return Part(unused=(replace(said, granted=amount, kept=amount, recommendation=same),))
        advice = Advice(
            self.change,
            self.policy,
            self.node,
            refinement,
            said,
            _decoded(self.file.before),
            _decoded(self.file.after) or "",
            self.severity,
            self.budget,
        )
        return Part(advice.findings(), unused=(advice.summary(),))

    def _unused(self, about: Reported) -> Unused:
        if self.policy.type is not PolicyType.IDENTITY:
            kind = self.policy.type
            raise _NoAdviceError(f"what a role uses does not tell what a {kind} policy needs")
        if _decoded(self.file.after) is None:
            raise _NoAdviceError("the file is not UTF-8 text")
        found = whose(about, self.change.path, self.change.address)
        if isinstance(found, Unclear):
            raise _NoAdviceError(found.why)
        return found


def _decoded(data: bytes | None) -> str | None:
    try:
        return None if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        return None
