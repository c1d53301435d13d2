"""Edits that may answer a finding, none of them proved."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as AbstractSequence
from dataclasses import dataclass, field
from typing import Final

from checker.fixes.differences import Sides
from checker.fixes.document import Document
from checker.fixes.entries import Revert, in_words
from checker.fixes.operations import Insert, Operation, Path, Remove, Replace
from checker.fixes.twins import twin
from checker.policy.model import Effect, Pattern, Statement
from checker.policy.parse_node import quoted
from checker.source.tree import Mapping, Node, Scalar, Sequence
from checker.span import whole_file
from checker.symbolic.question import Responsible

_MOST_NAMED: Final = 6
_MOST_SINGLES: Final = 12
_MOST_TOGETHER: Final = 3
_MOST_VANISHED: Final = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """An edit, in words and as operations on the document."""

    words: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Candidates:
    """What may be tried: whole edits, and differences of which the fewest that do it are wanted."""

    ready: tuple[Candidate, ...]
    reverts: tuple[Revert, ...] = ()
    about: str = ""  # the statement of `reverts`, as words end


@dataclass(frozen=True, slots=True)
class Proposer:
    """Proposes edits of the new document, out of what the old one said."""

    new: Document
    old: Document | None
    gone: tuple[tuple[Mapping, Statement], ...] = field(default=())

    def for_allow(self, responsible: Responsible, stopped_by: int | None) -> Candidates:
        """Return edits for an Allow statement that gives what it should not."""
        index = self.new.index_of(responsible.statement)
        denies = self.for_deny(stopped_by).ready if stopped_by is not None else ()
        ready = list(denies)
        if index is None:
            return Candidates((*ready, *self._all_back()))
        node, statement = self.new.statements[index]
        if id(node) in self.new.foreign:
            return Candidates((*ready, *self._detached(node)))
        at, name = self.new.at(index), named(statement)
        before = twin((node, statement), [p for p in self.gone if p[1].effect is statement.effect])
        reverts: tuple[Revert, ...] = ()
        if before is not None:
            sides = Sides(node, before[0], at)
            reverts = tuple(sides.reverts())
            ready += self._singles(reverts, name)
            ready += _by_flow(reverts, responsible, at, name)
            ready += _together(denies, reverts, name)
            ready += [Candidate(f"{each.words} {name}", each.operations) for each in sides.whole()]
            ready.append(Candidate(f"put {name} back as it was", (Replace(at, before[0]),)))
            ready += self._instead(at, name)
        ready += _less(node, responsible, at, name)
        if self.new.is_list and len(set(self.new.numbers)) > 1:
            ready.append(Candidate(f"remove {name}", (Remove(at),)))
        return Candidates(tuple(ready), reverts, name)

    def for_deny(self, index: int) -> Candidates:
        """Return edits that make the new document deny what a statement of the old one denied."""
        if self.old is None:
            return Candidates(())
        node, deny = self.old.statements[index]
        if not any(node is each for each, _ in self.gone):
            return Candidates(())  # it is still there
        name = named(deny, was=True)
        ready = [Candidate(f"put {name} back", self._inserted(self.old.numbers[index], node))]
        there = self._arrived()
        now = twin((node, deny), [pair for _, pair in there])
        if now is None:
            return Candidates(tuple(ready))
        place = next(index for index, pair in there if pair is now)
        at = self.new.at(place)
        sides = Sides(now[0], node, at, grows=True)
        reverts = tuple(sides.reverts())
        about = named(now[1])
        ready += self._singles(reverts, about)
        ready += [Candidate(f"{each.words} {about}", each.operations) for each in sides.whole()]
        ready.append(Candidate(f"put {name} back as it was", (Replace(at, node),)))
        return Candidates(tuple(ready), reverts, about)

    def _arrived(self) -> list[tuple[int, tuple[Mapping, Statement]]]:
        """Return the statements that the old document does not have, and where they stand."""
        if self.old is None:
            return []
        fresh = self.new.vanished(self.old)
        return [
            (index, pair)
            for index, pair in enumerate(self.new.statements)
            if any(pair is each for each in fresh)
        ]

    def _singles(self, reverts: tuple[Revert, ...], name: str) -> list[Candidate]:
        return [
            Candidate(f"{each.words} {name}", each.operations) for each in reverts[:_MOST_SINGLES]
        ]

    def _inserted(self, index: int, node: Mapping) -> tuple[Operation, ...]:
        """Return what puts an old statement where it stood, or last."""
        count = len(set(self.new.numbers))
        if self.new.is_list:
            return (Insert(("Statement",), min(index, count), node),)
        only = self.new.statements[0][0]
        return (Replace(("Statement",), Sequence((only, node), whole_file(""))),)

    def _instead(self, at: Path, name: str) -> Iterator[Candidate]:
        """Yield all old statements that are gone, in the place of one."""
        lost = [node for node, each in self.gone if each.effect is Effect.ALLOW]
        if self.new.is_list and 1 < len(lost) <= _MOST_VANISHED:
            first, *more = lost
            inserts = (Insert(("Statement",), int(at[-1]) + 1, node) for node in more)
            words = f"put the {len(lost)} old statements back in place of {name}"
            yield Candidate(words, (Replace(at, first), *inserts))

    def _detached(self, node: Mapping) -> Iterator[Candidate]:
        """Yield all that is attached at a place taken away: a policy that is written elsewhere."""
        places = zip(self.new.numbers, self.new.statements, strict=True)
        same = dict.fromkeys(number for number, (each, _) in places if each.span == node.span)
        if len(same) < len(set(self.new.numbers)):
            words = f"remove the policy that is attached on line {node.span.start.line}"
            yield Candidate(words, tuple(Remove(("Statement", str(each))) for each in same))

    def _all_back(self) -> Iterator[Candidate]:
        """Yield all Allows that are gone put back: without any, the document says something else."""
        lost = [(s.index, node) for node, s in self.gone if s.effect is Effect.ALLOW]
        if self.new.is_list and 0 < len(lost) <= _MOST_VANISHED:
            count = len(set(self.new.numbers))
            inserts = tuple(Insert(("Statement",), min(index, count), node) for index, node in lost)
            noun = "statement" if len(lost) == 1 else "statements"
            yield Candidate(f"put the {len(lost)} Allow {noun} back that were there", inserts)


def proposer(new: Document, old: Document | None) -> Proposer:
    """Return who proposes edits of a document."""
    return Proposer(new, old, old.vanished(new) if old else ())


def _together(
    denies: AbstractSequence[Candidate], reverts: tuple[Revert, ...], name: str
) -> Iterator[Candidate]:
    """Yield what brings a Deny back, with all differences of a statement that it stopped undone."""
    own = tuple(operation for each in reverts for operation in each.operations)
    for each in denies[:_MOST_TOGETHER] if reverts else ():
        words = f"{each.words}, and {in_words(reverts, name)}"
        yield Candidate(words, (*each.operations, *own))


def _by_flow(
    reverts: tuple[Revert, ...], responsible: Responsible, at: Path, name: str
) -> Iterator[Candidate]:
    """Yield the differences in one element undone together, where new access flows through them."""
    for element, patterns in _flows(responsible):
        texts = {pattern.text for pattern in patterns}
        chosen = [each for each in reverts if _is_about(each, (*at, element), responsible, texts)]
        if len(chosen) > 1:
            operations = tuple(op for each in chosen for op in each.operations)
            yield Candidate(in_words(chosen, name), operations)


def _is_about(revert: Revert, path: Path, responsible: Responsible, texts: set[str]) -> bool:
    first = revert.operations[0]
    if isinstance(first, Insert) or first.at[: len(path)] != path:
        return False
    element = path[-1]
    patterns = (
        responsible.statement.actions if element == "Action" else responsible.statement.resources
    )
    if patterns is None or len(first.at) == len(path):
        return True
    index = int(first.at[-1])
    return index < len(patterns.patterns) and patterns.patterns[index].text in texts


def _less(node: Mapping, responsible: Responsible, at: Path, name: str) -> Iterator[Candidate]:
    """Yield the statement without the entries through which the access flows."""
    for element, patterns in _flows(responsible):
        texts = {pattern.text for pattern in patterns}
        value = node.get(element)
        if isinstance(value, Sequence):
            yield from _without(value, texts, (*at, element), name)
    principals = node.get("Principal")
    members = principals.entries if isinstance(principals, Mapping) else ()
    for entry in members:
        path = (*at, "Principal", entry.name)
        if isinstance(entry.value, Sequence) and len(entry.value.items) > 1:
            for index, item in enumerate(entry.value.items[:_MOST_SINGLES]):
                words = f"remove {_text(item)} from `Principal` of {name}"
                yield Candidate(words, (Remove((*path, str(index))),))
        if len(members) > 1:
            yield Candidate(f"remove `{entry.name}` from `Principal` of {name}", (Remove(path),))


def _without(value: Sequence, texts: set[str], path: Path, name: str) -> Iterator[Candidate]:
    gone = [index for index, item in enumerate(value.items) if _is_one_of(item, texts)]
    if gone and len(gone) < len(value.items):
        listed = ", ".join(_text(value.items[index]) for index in gone[:_MOST_NAMED])
        more = f" and {len(gone) - _MOST_NAMED} more" if len(gone) > _MOST_NAMED else ""
        words = f"remove {listed}{more} from `{path[-1]}` of {name}"
        yield Candidate(words, tuple(Remove((*path, str(index))) for index in gone))


def _flows(responsible: Responsible) -> Iterator[tuple[str, dict[Pattern, None]]]:
    """Yield the patterns of each element through which the access flows, if it has any."""
    yield "Action", dict.fromkeys(p for flow in responsible.flows for p in flow.actions)
    yield "Resource", dict.fromkeys(p for flow in responsible.flows for p in flow.resources)


def _is_one_of(item: Node, texts: set[str]) -> bool:
    return isinstance(item, Scalar) and item.value in texts


def _text(item: Node) -> str:
    return quoted(str(item.value)) if isinstance(item, Scalar) else "an entry"


def named(statement: Statement, *, was: bool = False) -> str:
    """Return what to call a statement, one of the old document if it `was`."""
    what = "Deny statement" if statement.effect is Effect.DENY else "statement"
    if statement.sid:
        return f"the {what} {quoted(statement.sid)}"
    return f"the {what} {'that was ' if was else ''}on line {statement.span.start.line}"
