"""Are these atoms jointly possible? If so, a request; if not, a smallest set that is impossible.

The dimensions of a request are decided one by one, exactly. Two things tie dimensions together: the
caller and the keys that say who it is (`callers`), and policy variables (`templates`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from checker.policy.model import ContextValue, Request
from checker.policy.readings import Switch
from checker.symbolic.assumptions import ENDPOINT_HIDES_IP, is_always_there
from checker.symbolic.atoms import (
    ActionIn,
    Atom,
    CallerIn,
    HasBoundary,
    Present,
    ReadingIs,
    ResourceIn,
    Scale,
    SomeValue,
    Template,
    ValueIn,
)
from checker.symbolic.callers import TIED, FoundCaller, callers, concerns_caller
from checker.symbolic.dimensions import Literal, action, resource, value
from checker.symbolic.intervals import read, written
from checker.symbolic.values import NotModelledError
from checker.symbolic.vocabulary import Vocabulary

_SHRINKING: Final = 0.2  # seconds
_ENDPOINT: Final = "aws:sourcevpce"
_SOURCE_IP: Final = "aws:sourceip"
_NEW_YEAR: Final = "2026-01-01T00:00:00Z"
_CLOCK: Final = "aws:currenttime"
_EPOCH: Final = "aws:epochtime"
_ACTION: Final = "action"
_RESOURCE: Final = "resource"
_CALLER: Final = "caller"
_READINGS: Final = "readings"
_SHOWN: Final = (_ACTION, _RESOURCE)  # whether there is one shows when one is made


@dataclass(frozen=True, slots=True)
class Possible:
    """A request for which all the literals hold, under these readings of open constructs."""

    request: Request
    readings: Mapping[Switch, str] = field(default_factory=dict)
    role_arn: str = ""  # of a role session, with its path


@dataclass(frozen=True, slots=True)
class Impossible:
    """No request makes all of these hold."""

    core: tuple[Literal, ...]


def by_dimension(literals: Iterable[Literal]) -> dict[str, list[Literal]]:
    """Return the literals of each dimension; those on the caller's keys count for the caller."""
    groups: dict[str, list[Literal]] = {}
    for atom, holds in literals:
        for name in _dimensions(atom):
            groups.setdefault(name, []).append((atom, holds))
    return groups


def _dimensions(atom: Atom) -> Iterator[str]:
    match atom:
        case ActionIn():
            yield _ACTION
        case ResourceIn():
            yield _RESOURCE
        case CallerIn() | HasBoundary():
            yield _CALLER
        case ReadingIs():
            yield _READINGS
        case Present(key=key) | ValueIn(key=key) | SomeValue(key=key):
            if concerns_caller(atom):
                yield _CALLER
            if key not in TIED:
                yield key


def realised(literals: Sequence[Literal], vocabulary: Vocabulary) -> Possible | Impossible:
    """Return a request for which every literal holds, or why there is none.

    The literals hold no policy variables any more (`templates` deals with these).
    Errors: `values.NotModelledError` and `automaton.TooLargeError` where there is no exact answer.
    """
    groups = by_dimension(literals)
    for name, group in groups.items():
        if name not in _SHOWN and not _is_possible(name, group, vocabulary):
            return _core(name, group, vocabulary)
    clash = _endpoint_clash(literals, vocabulary)
    return Impossible(clash) if clash else _assembled(groups, vocabulary)


def _core(name: str, group: Sequence[Literal], vocabulary: Vocabulary) -> Impossible:
    return Impossible(smallest(group, partial(_is_possible, name, vocabulary=vocabulary)))


def smallest(
    group: Sequence[Literal], possible: Callable[[Sequence[Literal]], bool]
) -> tuple[Literal, ...]:
    """Return a part of an impossible group of which, as a rule, no literal can be left out.

    Halves are left out first, then ever smaller pieces: the clash is mostly between two literals.
    After `_SHRINKING` seconds what is left will do: it is impossible too, only longer.
    """
    core = list(group)
    until = time.monotonic() + _SHRINKING
    size = max(1, len(core) // 2)
    while True:
        start = 0
        while start < len(core) and time.monotonic() < until:
            rest = core[:start] + core[start + size :]
            if rest and not possible(rest):
                core = rest
            else:
                start += size
        if size == 1 or time.monotonic() >= until:
            return tuple(core)
        size //= 2


def _is_possible(name: str, group: Sequence[Literal], vocabulary: Vocabulary) -> bool:
    if name == _ACTION:
        return action(group) is not None
    if name == _RESOURCE:
        return resource(group, "", vocabulary) is not None
    if name == _CALLER:
        return next(_callers(group, vocabulary), None) is not None
    if name == _READINGS:
        return _chosen(group) is not None
    return value(name, group, vocabulary) is not None


def _callers(group: Sequence[Literal], vocabulary: Vocabulary) -> Iterator[FoundCaller]:
    """Yield callers whose free keys can have values too."""
    for found in callers(group, vocabulary):
        groups = _tied_groups(found.free)
        if all(value(key, part, vocabulary) is not None for key, part in groups.items()):
            yield found


def _tied_groups(free: Iterable[Literal]) -> dict[str, list[Literal]]:
    groups: dict[str, list[Literal]] = {}
    for atom, holds in free:
        if isinstance(atom, Present | ValueIn | SomeValue) and atom.key in TIED:
            groups.setdefault(atom.key, []).append((atom, holds))
    return groups


def _endpoint_clash(
    literals: Iterable[Literal], vocabulary: Vocabulary
) -> tuple[Literal, ...] | None:
    if not vocabulary.assumes(ENDPOINT_HIDES_IP):
        return None
    needs: dict[str, Literal] = {}
    for atom, holds in literals:
        if holds and isinstance(atom, Present | ValueIn | SomeValue):
            needs.setdefault(atom.key, (atom, holds))
    if _ENDPOINT in needs and _SOURCE_IP in needs:
        return needs[_ENDPOINT], needs[_SOURCE_IP]
    return None


def _chosen(group: Iterable[Literal]) -> dict[Switch, str] | None:
    """Return a reading for each switch, the default where that is possible; None if there is none."""
    yes: dict[Switch, set[str]] = {}
    no: dict[Switch, set[str]] = {}
    for atom, holds in group:
        if isinstance(atom, ReadingIs):
            (yes if holds else no).setdefault(atom.switch, set()).add(atom.choice)
    result: dict[Switch, str] = {}
    for switch in {**yes, **no}:
        choices = switch.ambiguity.choices
        wanted = yes.get(switch, set(choices)) - no.get(switch, set())
        if len(yes.get(switch, ())) > 1 or not wanted:
            return None
        result[switch] = next(choice for choice in choices if choice in wanted)
    return result


def _assembled(groups: dict[str, list[Literal]], vocabulary: Vocabulary) -> Possible | Impossible:
    """Return the request; all dimensions but the action and the resource are known to be possible."""
    act = action(groups.get(_ACTION, []))
    if act is None:
        return _core(_ACTION, groups[_ACTION], vocabulary)
    on = resource(groups.get(_RESOURCE, []), act, vocabulary)
    if on is None:
        return _core(_RESOURCE, groups[_RESOURCE], vocabulary)
    found = next(_callers(groups.get(_CALLER, []), vocabulary), None)
    assert found is not None
    context = _context(groups, found, vocabulary)
    chosen = _chosen(groups.get(_READINGS, []))
    return Possible(
        Request(found.caller, act, on, context), chosen or {}, found.text.partition("\x00")[0]
    )


def _context(
    groups: dict[str, list[Literal]], found: FoundCaller, vocabulary: Vocabulary
) -> dict[str, ContextValue]:
    context: dict[str, ContextValue] = {}
    free = _tied_groups(found.free)
    for key in sorted({*vocabulary.keys, *_needed(groups)}):
        given: ContextValue | None = found.value_of(key) if key in TIED else None
        if given is None and (
            key not in TIED or key in free or is_always_there(key, vocabulary.assumptions)
        ):
            given = value(key, groups.get(key, free.get(key, [])), vocabulary)
        if given is not None and given != ():
            context[key] = given
    return _with_one_clock(context, vocabulary, is_asked=_EPOCH in groups)


def _needed(groups: dict[str, list[Literal]]) -> Iterator[str]:
    for name in groups:
        if name not in (_ACTION, _RESOURCE, _CALLER, _READINGS):
            yield name


def _with_one_clock(
    context: dict[str, ContextValue], vocabulary: Vocabulary, *, is_asked: bool
) -> dict[str, ContextValue]:
    """Give aws:EpochTime, where a policy speaks of it, the instant of aws:CurrentTime.

    `is_asked`: its text is asked for as well, which the instant has to be written as.
    """
    if _EPOCH not in vocabulary.keys:
        return context
    now = context.get(_CLOCK, _NEW_YEAR)
    instant = read(Scale.INSTANT, now) if isinstance(now, str) else None
    if instant is not None:
        seconds = written(Scale.NUMBER, instant)
        # Four digits would be read as a year.
        seconds = f"{seconds}.0" if len(seconds) == 4 else seconds
        if is_asked and context.get(_EPOCH) != seconds:
            raise NotModelledError(f"`{_EPOCH}` is compared as text")
        context = {**context, _EPOCH: seconds}
        if _CLOCK not in vocabulary.keys:
            context.pop(_CLOCK, None)
    return context


def holds_template(atom: Atom) -> bool:
    """Whether the atom holds a policy variable."""
    match atom:
        case ResourceIn(of=of) | ValueIn(of=of):
            return isinstance(of, Template)
        case SomeValue(of=several):
            return any(isinstance(of, Template) for of in several)
        case _:
            return False
