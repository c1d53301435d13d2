"""The ledger of a Terraform estate: what of its policies is read, and what is answered about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.corpus import ROOT
from benchmarks.planting import Lines, Planted, named, plants, with_plants
from benchmarks.policy_texts import Written, texts
from benchmarks.rewriting import rewritten
from checker.config import Config
from checker.findings import Finding, Severity, Standing
from checker.judging import Part
from checker.policy.model import PolicyType
from checker.symbolic.question import Budget
from checker.template.value import (
    Choice,
    InTemplate,
    Items,
    Joined,
    NotResolved,
    Record,
    TemplateDocument,
    Unknown,
    Value,
)
from checker.template.worlds import meaning
from checker.template_files import ChangedTemplate
from checker.template_judging import judged_template
from checker.terraform.paths import is_terraform
from checker.terraform.read import documents_of_module

ESTATE: Final = ROOT / "tests" / "data" / "estate"
_ANSWERED: Final = (Standing.PROVED, Standing.FOUND)
_BY_NAME: Final = ("the attached ", "the permissions boundary")


class Memory:
    """The files of an estate, changed or not; it knows which of them were read."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.seen: set[str] = set()

    def read(self, path: str) -> bytes | None:
        """Return a file's content."""
        self.seen.add(path)
        return self.files.get(path)

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the files directly in a folder."""
        return tuple(sorted(p for p in self.files if p.rpartition("/")[0] == folder))


@dataclass(slots=True)
class Row:
    """What was found in one root module, by address."""

    root: str
    documents: tuple[InTemplate, ...] = ()
    files: frozenset[str] = frozenset()  # those that it is made of
    known: set[str] = field(default_factory=set)
    symbolic: set[str] = field(default_factory=set)
    partly: dict[str, str] = field(default_factory=dict)
    opaque: dict[str, str] = field(default_factory=dict)
    by_name: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)  # a planted change of it was found
    wrong: dict[str, str] = field(default_factory=dict)  # and what was wrong with an answer

    @property
    def policies(self) -> set[str]:
        """All policies of which some text may stand in the estate."""
        return self.known | self.symbolic | self.partly.keys() | self.opaque.keys()

    @property
    def proved(self) -> set[str]:
        """Those with right answers only."""
        return self.found - self.wrong.keys()


@dataclass(slots=True)
class Ledger:
    """What was found in the whole estate."""

    rows: dict[str, Row]
    texts: tuple[Written, ...]
    planted: int = 0
    no_change: list[str] = field(default_factory=list)  # planted, but it allows nothing more
    missed: list[str] = field(default_factory=list)


def estate(folder: Path = ESTATE) -> dict[str, bytes]:
    """Return the files of the estate by path."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def roots(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the root modules: those below `live/`, but for what another one calls."""
    folders = {path.rpartition("/")[0] for path in files if is_terraform(path)}
    return tuple(sorted(f for f in folders if f.startswith("live/") and f.count("/baseline") == 0))


def read(files: Mapping[str, bytes]) -> Ledger:
    """Return what is found before anything changes."""
    return Ledger({root: _row(root, Memory(files)) for root in roots(files)}, tuple(texts(files)))


def _row(root: str, files: Memory) -> Row:
    documents = documents_of_module(root, files)
    row = Row(root, documents, frozenset(files.seen))
    for each in documents:
        if isinstance(each, NotResolved):
            row.opaque[each.address] = each.problem
        elif each.holds.startswith(_BY_NAME):
            row.by_name.add(each.address)
        elif isinstance(each.value, Unknown):
            row.opaque[each.address] = f"all of it is `{each.value.expression}`"
        elif open_ := next(unknowns(each.value, many=True), None):
            row.partly[each.address] = open_
        elif any(unknowns(each.value, many=False)):
            row.symbolic.add(each.address)
        else:
            row.known.add(each.address)
    return row


def unknowns(value: Value, *, many: bool) -> Iterator[str]:
    """Yield what is unknown in a value: whole lists and statements, or text."""
    match value:
        case Unknown(expression, _, is_many) if is_many == many:
            yield expression
        case Joined(pieces):
            for piece in pieces:
                if not isinstance(piece, str):
                    yield from unknowns(piece, many=many)
        case Choice(_, then, other):
            yield from unknowns(then, many=many)
            yield from unknowns(other, many=many)
        case Items(values):
            for each in values:
                yield from unknowns(each, many=many)
        case Record(members):
            for member in members:
                yield from unknowns(member.name, many=many)
                yield from unknowns(member.value, many=many)
        case _:
            return


def reformatted(ledger: Ledger, files: Mapping[str, bytes]) -> None:
    """Write the whole estate in another way: nothing may close the gate, nothing be left open."""
    new = Memory({path: rewritten(path, content) for path, content in files.items()})
    for row in ledger.rows.values():
        before, after = row.documents, documents_of_module(row.root, new)
        part = judged(row.root, before, after)
        bad = {
            each.address: f"rewritten: {each.headline}"
            for each in part.findings
            if each.severity is Severity.BLOCK
        } | {
            each.address: f"rewritten: {each.standing}"
            for each in part.policies
            if each.standing not in (*_ANSWERED, Standing.UNCHANGED)
        }
        row.wrong |= {a: bad[key] for a, key in keys(before, after).items() if key in bad}


def judged(root: str, before: tuple[InTemplate, ...], after: tuple[InTemplate, ...]) -> Part:
    """Put a change of one root module to the gate."""
    return judged_template(Config(), Budget(10.0), ChangedTemplate(root, root, before, after))


def planted(ledger: Ledger, files: Mapping[str, bytes], *, every: bool) -> None:
    """Plant changes one at a time, and write down what is answered."""
    for one in named(files):
        plant(ledger, files, one)
    for number, written in enumerate(ledger.texts):
        text = files[written.path].decode()
        found = plants(written, text)
        for one in found if every else found[number % len(found) :][:1] if found else ():
            plant(ledger, files, one)


def plant(ledger: Ledger, files: Mapping[str, bytes], one: Planted) -> None:
    """Plant one change, and write down what is answered."""
    path = one.of.path
    new, (lines,) = with_plants(files[path].decode(), [one])
    changed = Memory({**files, path: new.encode()})
    ledger.planted += 1
    near = (row for row in ledger.rows.values() if path in row.files)
    reached = [_answered(row, changed, lines) for row in near]
    if not any(each is not None for each in reached):
        ledger.no_change.append(told(lines))
    elif False in reached:
        ledger.missed.append(told(lines))


def _answered(row: Row, changed: Memory, lines: Lines) -> bool | None:
    """Return whether a change was found where it stands; None if it allows nothing more here."""
    before, after = row.documents, documents_of_module(row.root, changed)
    affected = keys(before, after, changed_only=True)
    if not affected:
        return None
    part = judged(row.root, before, after)
    standings = {each.address: each.standing for each in part.policies}
    if all(standings.get(key) is Standing.PROVED for key in affected.values()):
        return None  # nothing that is not allowed already
    right = any(is_right(finding, lines, affected.values()) for finding in part.findings)
    for address, key in affected.items():
        standing = standings.get(key)
        if standing is Standing.FOUND and right:
            row.found.add(address)
        elif standing not in (*_ANSWERED, Standing.UNCHANGED):
            row.wrong[address] = f"{told(lines)}: {standing or 'no verdict'}"
        elif not right:
            row.wrong[address] = f"{told(lines)}: not found there"
    return right


def keys(
    before: Iterable[InTemplate], after: Iterable[InTemplate], *, changed_only: bool = False
) -> dict[str, str]:
    """Return the policies by address, with what they are judged as: those of one role together."""
    old, new = (
        {d.address: d for d in side if isinstance(d, TemplateDocument)} for side in (before, after)
    )
    return {
        address: d.unit if d.unit and d.type is PolicyType.IDENTITY else address
        for address, d in (old | new).items()
        if not (changed_only and _meaning(old.get(address)) == _meaning(new.get(address)))
    }


def _meaning(document: TemplateDocument | None) -> object:
    return meaning(document.value) if document else None


def is_right(finding: Finding, lines: Lines, changed: Iterable[str]) -> bool:
    """Whether a finding is about a planted change: it, or what it names, stands in that statement.

    What a Deny has stopped may be said where it is allowed, in the policies of the same holder.
    """
    of = lines.planted
    parts = finding.evidence.parts if finding.evidence else ()
    first, last = lines.old if finding.removed else lines.new
    is_there = any(
        at.path == of.of.path and first <= at.start.line and at.end.line <= last
        for at in (finding.at, *parts)
    )
    if of.weakens_deny:
        return is_there or finding.address in set(changed)
    return is_there and finding.severity is Severity.BLOCK


def told(lines: Lines) -> str:
    """Return what was planted where."""
    return f"{lines.planted.of.path}:{lines.old[0]}: {lines.planted.kind}"
