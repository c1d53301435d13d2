"""A finding -> the comment on its lines, as GitHub Markdown. Pure.

The shape is always the same: who may newly do what, one request that shows it, what used to stop
it, a fix; how the gate opens and the rest of the evidence are folded. It holds nothing that changes
with every run (run number, head commit), so that an unchanged finding needs no edit.
"""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import dedent
from typing import Final

from checker.findings import (
    AccessCell,
    Evidence,
    Finding,
    Kind,
    Report,
    StatementRef,
)
from checker.policy.model import Request
from checker.render import suggestion, words
from checker.render.escape import cell, code, fence, prose
from checker.render.fit import COMMENT_LIMIT, fitted, listed
from checker.render.run import Run, lines
from checker.render.sources import Sources

_MOST_CELLS: Final = 64
_MOST_NAMES: Final = 12
_MOST_KEYS: Final = 8
_MOST_OLD_LINES: Final = 8
_PROVED: Final = ". With this edit in the text the check was asked again, and it holds."


def body(
    finding: Finding,
    report: Report,
    run: Run,
    sources: Sources | None = None,
    *,
    fits: bool = False,
) -> str:
    """Return the comment, at most `COMMENT_LIMIT` long, without the marker that posting adds.

    fits: the comment stands on exactly the lines that the finding's suggestion replaces.
    """

    def build(cells: int) -> str:
        blocks = [
            f"**{prose(finding.headline).strip()}**",
            prose(finding.detail),
            f"\u2705 {prose(words.accepted(finding.accepted))}." if finding.accepted else "",
            *_shown(finding, report, run, sources or Sources()),
            suggestion.block(finding, sources or Sources(), fits=fits),
            *_folded(finding, report, run, cells),
            _footer(finding, run),
        ]
        return "\n\n".join(block for block in blocks if block) + "\n"

    return fitted(build, _MOST_CELLS, COMMENT_LIMIT)


def _shown(finding: Finding, report: Report, run: Run, sources: Sources) -> Iterable[str]:
    """Yield what a reviewer sees without unfolding anything."""
    evidence = finding.evidence
    if finding.kind is Kind.UNDECIDED:
        yield "No answer is not a yes: an open question closes the gate."
    if evidence is None:
        return
    if evidence.witness is not None:
        yield from _request(evidence, evidence.witness, report)
    elif evidence.ambiguous:
        yield (
            "AWS does not say how it reads this. Under one reading the change allows more than "
            "before, so the check fails; the open question is below."
        )
    if evidence.stopped_by is not None:
        yield from _stopped_by(evidence.stopped_by, run, sources)
    if evidence.fix:
        is_proved = finding.fix is not None and finding.fix.alone and finding.fix.edits
        yield f"**Fix:** {prose(evidence.fix)}" + (_PROVED if is_proved else "")


def _request(evidence: Evidence, request: Request, report: Report) -> Iterable[str]:
    base = code(report.base_name or "the base")
    if evidence.before:
        yield f"With this change the following request is allowed. On {base} it is refused."
    elif report.base_name:
        yield "With this change the following request is allowed."
    else:
        yield "The following request is allowed."
    our_words, value = words.caller(request.caller, is_example=evidence.is_example)
    rows = [
        ("Principal", f"{our_words} {cell(value)}".strip()),
        ("Action", cell(request.action)),
        ("Resource", cell(request.resource)),
        ("Condition keys", _context(request)),
    ]
    if evidence.given:
        given = tuple(f"{cell(name)} = {cell(value)}" for name, value in evidence.given)
        rows.append(("Where", listed(given, _MOST_KEYS)))
    if evidence.before:
        rows.append(
            (
                f"On {cell(report.base_name)}",
                f"refused: {prose(evidence.before, in_table=True)}",
            )
        )
    now = "With this change" if report.base_name else "Now"
    rows.append((now, f"**allowed**{_by(evidence.statements)}"))
    yield _table(("Part", "Request"), rows)


def _by(statements: tuple[StatementRef, ...]) -> str:
    names = tuple(prose(words.statement(ref), in_table=True) for ref in statements)
    return f" by {listed(names, 4)}" if names else ""


def _context(request: Request) -> str:
    keys = tuple(
        f"{cell(key)} = {listed(values, 4, cell) or 'no value'}"
        for key, values in words.context(request)
    )
    return listed(keys, _MOST_KEYS) or "none set"


def _stopped_by(ref: StatementRef, run: Run, sources: Sources) -> Iterable[str]:
    address = run.address_of(ref.span, in_base=True)
    at = f"{code(ref.span.path)} {lines(ref.span)}"
    name = f" ({code(ref.sid)})" if ref.sid else ""
    yield f"**What used to stop it:** {f'[{at}]({address})' if address else at}{name}."
    old = [text for _, text in sources.lines(ref.span, in_base=True)]
    if old:
        cut = ["\u2026"] if len(old) > _MOST_OLD_LINES else []
        yield fence(dedent("\n".join(old[:_MOST_OLD_LINES] + cut)))


def _folded(finding: Finding, report: Report, run: Run, cells: int) -> Iterable[str]:
    if finding.blocks:
        ways = words.ways_to_open((finding,), report, run.config)
        is_wanted = finding.kind is Kind.VIOLATED
        listing = "\n".join(f"- {prose(way)}" for way in ways[1 if is_wanted else 0 :])
        yield _details(
            "If this access is wanted" if is_wanted else "How the gate opens",
            f"The gate stays closed until one of these happens.\n\n{listing}",
        )
    if finding.kind is Kind.ADVICE:
        return
    yield _details(
        "What was found, and what it rests on",
        "\n\n".join(_basis(finding, report, cells)),
    )


def _basis(finding: Finding, report: Report, cells: int) -> Iterable[str]:
    evidence = finding.evidence
    if evidence is not None:
        if evidence.cells:
            yield _cells(evidence, cells)
        if evidence.only_future_actions:
            yield "No action that AWS has today is newly allowed: only names that it may add later."
        yield from _list("Open questions that the verdict depends on:", evidence.ambiguous)
        yield from _list("Assumed:", evidence.assumptions)
    document = f", document {code(finding.document)}" if finding.document else ""
    verb, _, names = words.compared(report).partition(" `")
    joint = ": " if report.base_name else " in "
    yield f"{verb} {code(finding.at.path)}{document}{joint}{prose(f'`{names}')}."
    yield words.NOT_CONSIDERED


def _cells(evidence: Evidence, most: int) -> str:
    cells = evidence.cells
    what = "Newly allowed action" if evidence.before else "Action"
    rows = [(cell(each.action), cell(each.resource), _levels(each)) for each in cells[:most]]
    table = _table((what, "Resource", "Actions of today by access level"), rows)
    more = len(cells) - len(rows)
    return (
        f"{table}\n\n{words.amount(more, 'more row is', 'more rows are')} left out."
        if more
        else table
    )


def _levels(each: AccessCell) -> str:
    groups = [
        prose(level, in_table=True) + (f": {listed(names, _MOST_NAMES, cell)}" if names else "")
        for level, names in words.levels(each)
    ]
    groups += [prose(count, in_table=True) for count in words.counts(each)]
    return "; ".join(groups) or "none"


def _list(title: str, items: tuple[str, ...]) -> Iterable[str]:
    if items:
        yield title + "\n\n" + "\n".join(f"- {prose(item)}" for item in items)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines_ = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(["| " + " | ".join(head) + " |", "|---" * len(head) + "|", *lines_])


def _details(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def _footer(finding: Finding, run: Run) -> str:
    return (
        f"<sub>{run.name} \u00b7 check {code(finding.check)} "
        f"\u00b7 fingerprint {code(finding.fingerprint)}</sub>"
    )
