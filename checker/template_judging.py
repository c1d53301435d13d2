"""One changed template: its policies, every check put to each in every way it may be deployed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from checker.config import Config
from checker.explain import identity, say
from checker.findings import Finding, Judged, PolicyChange, Proved, Severity, Skipped, Standing
from checker.judging import ORDER, Part, joined, judged_change
from checker.source.symbols import is_flag, is_mark, name_of, readable, unread_policy_of
from checker.span import Span
from checker.symbolic.assumptions import ASSUMPTIONS, REFERENCES
from checker.symbolic.question import Budget
from checker.template.value import InTemplate, NotResolved
from checker.template.worlds import meaning, premises
from checker.template_changes import Deployed, NotFollowed, TemplatePair, deployed, news
from checker.template_files import ChangedTemplate, policy_pairs

_REFERENCES: Final = next(each.says for each in ASSUMPTIONS if each.id == REFERENCES)


_OF_STATEMENT: Final = "of the statement "


def judged_template(config: Config, budget: Budget, template: ChangedTemplate) -> Part:
    """Return what there is to say about one changed template."""
    not_before, not_now = _not_resolved(template.before), _not_resolved(template.after)
    lost = list(news(not_before, not_now))
    closed = any(config.severity(say.UNREADABLE, e.at.path) is Severity.BLOCK for e in lost)
    judged: dict[object, Part] = {}
    parts: list[Part] = []
    for pair in policy_pairs(template):
        if not pair.after and closed:
            continue  # what cannot be read may hold what seems to be gone
        key = pair.address if pair.is_same else pair.asked
        if key not in judged:
            judged[key] = _of_pair(pair, template, config, budget)
        parts.append(_for(judged[key], pair))
        parts += [_old(each, pair, config) for each in _unread(pair, not_before)]
    still = (each for each in not_now if each not in lost)
    parts += [_still_lost(each) for each in still]
    whole = joined([*parts, *(_of_lost(each, config) for each in lost)])
    return replace(whole, findings=_shared(whole.findings))


def template_changes(template: ChangedTemplate) -> Iterator[Deployed]:
    """Yield the changes of all policies that say something new."""
    for pair in policy_pairs(template):
        if not pair.is_same:
            yield from deployed(pair, pair.first.at.path, _base_path(pair, template))


def _not_resolved(found: Iterable[InTemplate]) -> list[NotResolved]:
    return [each for each in found if isinstance(each, NotResolved)]


def _unread(pair: TemplatePair, not_before: Iterable[NotResolved]) -> Iterator[NotFollowed]:
    """Yield what could not be followed where there is a policy now."""
    for each in not_before:
        for now in pair.after:
            if now.address == each.address or now.address.startswith(f"{each.address}@"):
                yield NotFollowed(each.problem, each.at, each.hint, is_old=True, type=now.type)


def _still_lost(lost: NotResolved) -> Part:
    """Count what could not be followed before and says the same now: nothing is news of it."""
    why = readable(lost.problem)
    return Part(policies=(Judged(lost.at.path, lost.address, "", Standing.UNCHANGED, why),))


def _of_lost(lost: NotResolved, config: Config) -> Part:
    problem = f"{lost.owner}: {lost.problem}" if lost.owner else lost.problem
    found = NotFollowed(problem, lost.at, lost.hint)
    return _not_followed(found, lost.address, config, lost.content)


def _of_pair(pair: TemplatePair, template: ChangedTemplate, config: Config, budget: Budget) -> Part:
    """Put every check to one policy; what any deployment breaks is found, once."""
    path = pair.first.at.path
    kind = str(pair.first.type or "")
    if pair.is_same:
        return Part(policies=(Judged(path, pair.address, kind, Standing.UNCHANGED),))
    parts: list[Part] = []
    for change in deployed(pair, path, _base_path(pair, template)):
        if isinstance(change, PolicyChange):
            parts.append(_told(judged_change(config, budget, change), change, pair))
        elif change.is_old:
            parts.append(_old(change, pair, config))
        else:
            held = repr([meaning(document.value) for document in pair.after])
            parts.append(_not_followed(change, pair.address, config, held))
    part = _once(parts)
    worst = max(part.policies, key=lambda each: ORDER.index(each.standing), default=None)
    if worst is None:
        worst = Judged(path, pair.address, kind, Standing.NOTHING_TO_ASK, "it is gone")
    return replace(part, policies=(worst,))


def _for(part: Part, pair: TemplatePair) -> Part:
    """Return what was found out for one who has a policy as found out for another who has it."""
    address = pair.address
    return replace(
        part,
        findings=tuple(
            each if each.address == address else replace(each, owner=_owner(each, pair))
            for each in part.findings
        ),
        proved=tuple(replace(each, address=address) for each in part.proved),
        policies=tuple(replace(each, address=address) for each in part.policies),
    )


def _told(part: Part, change: PolicyChange, pair: TemplatePair) -> Part:
    """Return findings that name the policy in the template, and what the template leaves open."""
    found = (replace(_with_given(each, change), owner=_owner(each, pair)) for each in part.findings)
    assumed = [said for document in pair.documents for said in document.assumes]
    known = {premise.expression for premise in premises(d.value for d in pair.documents)}
    if not all(name in known for name, _ in change.given):
        assumed.append(_REFERENCES)  # who an unknown principal is thought to be is no `*`
    sure = (replace(p, assumptions=_joined((*p.assumptions, *assumed))) for p in part.proved)
    return replace(part, findings=tuple(found), proved=tuple(sure))


def _joined(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _owner(finding: Finding, pair: TemplatePair) -> str:
    """Return what to call the document that a finding's lines are of."""
    documents = pair.before if finding.removed else pair.after
    document = next((d for d in documents if _covers(d.at, finding.at)), pair.first)
    return f"{document.owner}: {document.holds}"


def _covers(outer: Span, inner: Span) -> bool:
    if outer.path != inner.path:
        return False
    return outer.start.line <= inner.start.line and inner.end.line <= outer.end.line


def _with_given(finding: Finding, change: PolicyChange) -> Finding:
    evidence = finding.evidence
    witness = evidence.witness if evidence else None
    if evidence is None or witness is None:
        return finding
    kept = {key: value for key, value in witness.context.items() if not is_mark(key)}
    symbols = sorted(witness.context.keys() - kept.keys())
    values = ((_called(key), str(witness.context[key])) for key in symbols)
    given = tuple(dict.fromkeys((*_named(change.given), *values)))
    witness = replace(witness, context=kept)
    return replace(finding, evidence=replace(evidence, witness=witness, given=given))


def _named(given: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    return ((f"${{{name}}}", value) for name, value in given)


def _called(symbol: str) -> str:
    """Return what to call a symbol; of a truth value, what it is that may cover the request."""
    if not is_flag(symbol):
        return readable(symbol)
    kind, _, about = name_of(symbol).partition(" ")
    if about.startswith(_OF_STATEMENT):
        verb = "allows" if kind == "Allow" else "denies"
        return f"`{about.removeprefix(_OF_STATEMENT)}` {verb} this"
    policy = unread_policy_of(about)
    return f"`{policy or about or kind}` covers this"


def _base_path(pair: TemplatePair, template: ChangedTemplate) -> str:
    return pair.before[0].at.path if pair.before else template.base_path


def _once(parts: Sequence[Part]) -> Part:
    """Return what several deployments give as one: each finding once, and proofs of them all."""
    whole = joined(parts)
    findings = _first_of_each(whole.findings)
    failed = {finding.check for finding in findings}
    proved = _first_of_proved(each for each in whole.proved if each.check not in failed)
    return Part(
        findings,
        proved,
        tuple(dict.fromkeys(whole.skipped)),
        whole.policies,
        _first_of_each(whole.diagnostics),
    )


def _first_of_proved(proved: Iterable[Proved]) -> tuple[Proved, ...]:
    """Return each proof once, with all that it rests on in one deployment or another."""
    found: dict[tuple[str, str, str], Proved] = {}
    for each in proved:
        key = (each.check, each.path, each.address)
        other = found.get(key, each)
        found[key] = replace(each, assumptions=_joined((*other.assumptions, *each.assumptions)))
    return tuple(found.values())


def _first_of_each(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    found: dict[tuple[object, ...], Finding] = {}
    for each in findings:
        found.setdefault((each.check, each.kind, each.at, each.removed, each.headline), each)
    return tuple(found.values())


def _shared(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings of which none repeats another one: a policy is said once for all who have it."""
    found: dict[tuple[object, ...], list[Finding]] = {}
    for each in findings:
        key = (each.check, each.kind, each.severity, each.at, each.removed, each.headline)
        found.setdefault(key, []).append(each)
    return tuple(_for_all(same) for same in found.values())


def _for_all(same: list[Finding]) -> Finding:
    first = same[0]
    others = len({each.owner for each in same}) - 1
    return replace(first, owner=f"{first.owner} and {others} more") if others else first


def _not_followed(lost: NotFollowed, address: str, config: Config, content: str) -> Part:
    path = lost.at.path
    severity = config.severity(say.UNREADABLE, path)
    held = identity.content(content.encode("utf-8", "replace"))
    problem = readable(lost.problem)
    loudness = severity or Severity.NOTE
    found = say.unreadable(problem, lost.at, lost.hint, address, loudness, held)
    kind = str(lost.type or "")
    judged = Judged(path, address, kind, Standing.NOT_UNDERSTOOD, found.headline)
    if severity is None:
        return Part(skipped=(Skipped(path, found.headline),), policies=(judged,))
    return Part(findings=(found,), policies=(judged,))


def _old(lost: NotFollowed, pair: TemplatePair, config: Config) -> Part:
    """Say that the old document counts for nothing; of a guardrail, that this decides nothing."""
    why = f"the old version was not understood: {readable(lost.problem)}"
    path = lost.at.path
    severity = config.severity("deny-weakened", path)
    if lost.type is None or not lost.type.is_guardrail or severity is None:
        return Part(skipped=(Skipped(path, why),))
    said = [meaning(document.value) for document in (*pair.before, *pair.after)]
    held = identity.content(repr(said).encode("utf-8", "replace"))
    found = say.not_compared(lost.at, pair.address, why, severity, held)
    judged = Judged(path, pair.address, str(lost.type), Standing.UNDECIDED, why)
    return Part(findings=(found,), policies=(judged,))
