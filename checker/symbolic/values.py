"""The values of one dimension: a text, a key's one value, a key's many values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Final, TypeAlias

from checker.symbolic import intervals, samples, universe
from checker.symbolic.atoms import Interval, Matcher, Scale, SomeValue, Template
from checker.symbolic.globs import Glob, member
from checker.symbolic.patterns import NOTHING
from checker.symbolic.vocabulary import Vocabulary

_MOST_COMBINATIONS: Final = 4096


class NoAnswerError(Exception):
    """No answer within the budget, or not modelled; the text says which."""


class NotModelledError(NoAnswerError):
    """The atoms of a dimension cannot be decided exactly; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a value must match (all of it) and must not match (any of it)."""

    inside: tuple[Matcher, ...] = ()
    outside: tuple[Matcher, ...] = ()


def text(inside: Sequence[Glob], outside: Sequence[Glob], pleasant: Iterable[str]) -> str | None:
    """Return a member of all of `inside` and none of `outside`, a pleasant one if there is one."""
    plain = {g.prefix for g in outside if g.is_literal}
    patterns = [g for g in outside if not g.is_literal]
    exact = next((g.prefix for g in inside if g.is_literal), None)
    for candidate in (exact,) if exact is not None else pleasant:
        if candidate in plain or not all(g.matches(candidate) for g in inside):
            continue
        if not any(g.matches(candidate) for g in patterns):  # there may be hundreds
            return candidate
    return None if exact is not None else member(inside, outside)


def one_value(key: str, wanted: Wanted, vocabulary: Vocabulary) -> str | None:
    """Return a value of a single-valued key, or None if there is none.

    Errors: `NotModelledError` where a key is compared as text and on a scale, or on several scales, and
    neither a value nor a reason why there is none is found.
    """
    shape = universe.value_universe(key, vocabulary)
    inside, outside = (*_globs(wanted.inside), *shape), _globs(wanted.outside)
    if NOTHING in inside:
        return None
    spans_in = (*_intervals(wanted.inside), *universe.value_spans(key, vocabulary))
    spans_out = _intervals(wanted.outside)
    few = universe.few_values(key, vocabulary)
    typed = universe.scale_of(key, vocabulary)
    on = tuple(dict.fromkeys((*((typed,) if typed else ()), *(i.scale for i in spans_in))))
    if few is None and not on:
        off = [universe.ON_SOME_SCALE] if spans_out else []
        found = text(inside, [*outside, *off], _likely(key, inside))
        if found is not None or not spans_out:
            return found
    if few is None and len(on) == 1 and not inside and not outside:
        found_point = intervals.point(spans_in, [i for i in spans_out if i.scale is on[0]], on[0])
        if found_point is None:
            return None
        found = intervals.written(on[0], found_point)
        if _lies(found, spans_in, spans_out, on):
            return found
    candidates = (
        few if few is not None else _mixed(key, inside, outside, (*spans_in, *spans_out), on)
    )
    for candidate in candidates:
        if _fits(candidate, inside, outside) and _lies(candidate, spans_in, spans_out, on):
            return candidate
    exact = few is not None or any(g.is_literal for g in inside)  # then all values were tried
    if exact or _is_hopeless(inside, outside, spans_in, spans_out, on):
        return None
    raise NotModelledError(f"`{key}` is compared both as text and as a number, date or address")


def _is_hopeless(
    inside: Sequence[Glob],
    outside: Sequence[Glob],
    spans_in: Sequence[Interval],
    spans_out: Sequence[Interval],
    on: Sequence[Scale],
) -> bool:
    """Whether the texts alone or the points of one scale alone rule every value out."""
    if Scale.ADDRESS in on and len(on) > 1:
        return True  # no address reads as a number or a date
    for scale in on:
        unwanted = [i for i in spans_out if i.scale is scale]
        if intervals.point([i for i in spans_in if i.scale is scale], unwanted, scale) is None:
            return True
    of_scale = (universe.ON_SOME_SCALE,) if on else ()
    return member((*inside, *of_scale), outside) is None


def _likely(key: str, inside: Sequence[Glob]) -> Iterator[str]:
    yield from universe.pleasant_values(key)
    yield from samples.of_patterns(inside)


def _mixed(
    key: str,
    inside: Sequence[Glob],
    outside: Sequence[Glob],
    spans: Sequence[Interval],
    on: Sequence[Scale],
) -> Iterator[str]:
    """Yield values to try for a key that is compared in several ways."""
    exact = next((g.prefix for g in inside if g.is_literal), None)
    if exact is not None:
        yield exact
        return
    yield from universe.pleasant_values(key)
    for scale in dict.fromkeys((*on, *(i.scale for i in spans))):
        own = [i for i in spans if i.scale is scale]
        yield from (intervals.written(scale, p) for p in intervals.points(scale, own))
    for shape in universe.SHAPES_OF_SCALES:
        found = member((*inside, shape), outside)
        if found is not None:
            yield found


def _fits(value: str, inside: Sequence[Glob], outside: Sequence[Glob]) -> bool:
    return all(g.matches(value) for g in inside) and not any(g.matches(value) for g in outside)


def _lies(
    value: str, inside: Sequence[Interval], outside: Sequence[Interval], on: Sequence[Scale]
) -> bool:
    places = {scale: intervals.read(scale, value) for scale in Scale}
    return (
        all(places[scale] is not None for scale in on)
        and all(_has(i, places[i.scale]) for i in inside)
        and not any(_has(i, places[i.scale]) for i in outside)
    )


def _has(interval: Interval, place: Fraction | None) -> bool:
    return place is not None and interval.has(place)


def _globs(matchers: Iterable[Matcher]) -> list[Glob]:
    for matcher in (kept := list(matchers)):
        if isinstance(matcher, Template):
            raise NotModelledError("a policy variable was left without a value")
    return [m for m in kept if isinstance(m, Glob)]


def _intervals(matchers: Iterable[Matcher]) -> list[Interval]:
    return [m for m in matchers if isinstance(m, Interval)]


_Choice: TypeAlias = tuple[Wanted, ...]


def many_values(
    key: str,
    some: Sequence[SomeValue],
    none: Sequence[SomeValue],
    vocabulary: Vocabulary,
    *,
    there: bool,
) -> tuple[str, ...] | None:
    """Return values of a key so that all of `some` hold and none of `none`, or None.

    Every atom of `some` needs a value, every atom of `none` bounds all of them; `there` asks for
    one value at least. The empty tuple: no value is needed, the key may be absent.
    """
    bounds = [_alternatives(atom, holds=False) for atom in none]
    needs = [_alternatives(atom, holds=True) for atom in some]
    if there and not needs:
        needs = [(Wanted(),)]
    values: list[str] = []
    for need in needs:
        value = _value_within(key, need, bounds, vocabulary)
        if value is None:
            return None
        values.append(value)
    return tuple(dict.fromkeys(values))


def single_values(some: SomeValue, none: Sequence[SomeValue]) -> Iterator[Wanted]:
    """Yield what a value may be that makes `some` hold and none of `none`."""
    bounds = [_alternatives(atom, holds=False) for atom in none]
    yield from _combined((_alternatives(some, holds=True), *bounds))


def _alternatives(atom: SomeValue, *, holds: bool) -> _Choice:
    """Return what a single value must be so that it is one (`holds`) or is none the atom asks for."""
    if atom.negated is not holds:  # the value matches some of them
        return tuple(Wanted(inside=(m,)) for m in atom.of)
    return (Wanted(outside=atom.of),)


def _value_within(
    key: str, need: _Choice, bounds: Sequence[_Choice], vocabulary: Vocabulary
) -> str | None:
    doubt: NotModelledError | None = None
    tried = 0
    for wanted in _combined((need, *bounds)):
        tried += 1
        if tried > _MOST_COMBINATIONS:
            raise NotModelledError(f"too many combinations of the values of `{key}`")
        try:
            value = one_value(key, wanted, vocabulary)
        except NotModelledError as error:
            doubt = error
            continue
        if value is not None:
            return value
    if doubt:
        raise doubt
    return None


def _combined(choices: Sequence[_Choice]) -> Iterator[Wanted]:
    """Yield each way to take one alternative of each choice."""
    if not choices:
        yield Wanted()
        return
    for first in choices[0]:
        for rest in _combined(choices[1:]):
            yield Wanted((*first.inside, *rest.inside), (*first.outside, *rest.outside))


def first_few(values: Iterable[str], count: int) -> list[str]:
    """Return the first `count` different values."""
    return list(islice(dict.fromkeys(values), count))
