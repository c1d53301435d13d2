"""The values of one dimension: a text, a key's one value, a key's many values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeAlias

from checker.symbolic import intervals, universe
from checker.symbolic.atoms import Interval, Matcher, Scale, SomeValue, Template
from checker.symbolic.globs import Glob, literal, member
from checker.symbolic.vocabulary import Vocabulary

_MOST_COMBINATIONS: Final = 4096


class NotModelled(Exception):
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
        if candidate in plain or any(g.matches(candidate) for g in patterns):
            continue
        if all(g.matches(candidate) for g in inside):
            return candidate
    return None if exact is not None else member(inside, outside)


def one_value(key: str, wanted: Wanted, vocabulary: Vocabulary) -> str | None:
    """Return a value of a single-valued key, or None if there is none.

    Errors: `NotModelled` where a key is compared on several scales at once and no value is found.
    """
    inside, outside = _globs(wanted.inside), _globs(wanted.outside)
    spans_in, spans_out = _intervals(wanted.inside), _intervals(wanted.outside)
    scales = list(dict.fromkeys(i.scale for i in (*spans_in, *spans_out)))
    few = universe.few_values(key, vocabulary)
    if not scales:
        if few is not None:
            exact = (g for g in few if _fits(g, inside, outside))
            return next(exact, None)
        shape = universe.value_universe(key, vocabulary)
        return text((*inside, *shape), outside, _likely(key, inside))
    if len(scales) == 1 and not inside and not outside:
        found = intervals.point(spans_in, spans_out, scales[0])
        return None if found is None else intervals.written(scales[0], found)
    for candidate in _mixed(key, inside, spans_in, spans_out, scales):
        if _fits(candidate, inside, outside) and _lies(candidate, spans_in, spans_out, scales):
            return candidate
    raise NotModelled(f"`{key}` is compared both as text and as a number, date or address")


def _likely(key: str, inside: Sequence[Glob]) -> Iterator[str]:
    yield from universe.pleasant_values(key)
    for pattern in inside:
        if pattern.is_prefix:
            yield f"{pattern.prefix}example"


def _mixed(
    key: str,
    inside: Sequence[Glob],
    spans_in: Sequence[Interval],
    spans_out: Sequence[Interval],
    scales: Sequence[Scale],
) -> Iterator[str]:
    yield from (g.prefix for g in inside if g.is_literal)
    yield from universe.pleasant_values(key)
    for scale in scales:
        spans = [i for i in (*spans_in, *spans_out) if i.scale is scale]
        yield from (intervals.written(scale, p) for p in intervals.points(scale, spans))


def _fits(value: str, inside: Sequence[Glob], outside: Sequence[Glob]) -> bool:
    return all(g.matches(value) for g in inside) and not any(g.matches(value) for g in outside)


def _lies(
    value: str, inside: Sequence[Interval], outside: Sequence[Interval], scales: Sequence[Scale]
) -> bool:
    for scale in scales:
        place = intervals.read(scale, value)
        if place is None:
            return False  # a key that is compared on a scale carries values of that scale
        if not all(i.has(place) for i in inside if i.scale is scale):
            return False
        if any(i.has(place) for i in outside if i.scale is scale):
            return False
    return True


def _globs(matchers: Iterable[Matcher]) -> list[Glob]:
    for matcher in (kept := list(matchers)):
        if isinstance(matcher, Template):
            raise NotModelled("a policy variable was left without a value")
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


def _alternatives(atom: SomeValue, *, holds: bool) -> _Choice:
    """Return what a single value must be so that it is one (`holds`) or is none the atom asks for."""
    if atom.negated is not holds:  # the value matches some of them
        return tuple(Wanted(inside=(m,)) for m in atom.of)
    return (Wanted(outside=atom.of),)


def _value_within(
    key: str, need: _Choice, bounds: Sequence[_Choice], vocabulary: Vocabulary
) -> str | None:
    doubt: NotModelled | None = None
    tried = 0
    for wanted in _combined((need, *bounds)):
        tried += 1
        if tried > _MOST_COMBINATIONS:
            raise NotModelled(f"too many combinations of the values of `{key}`")
        try:
            value = one_value(key, wanted, vocabulary)
        except NotModelled as error:
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
    for rest in _combined(choices[1:]):
        for first in choices[0]:
            yield Wanted((*first.inside, *rest.inside), (*first.outside, *rest.outside))


def first_few(values: Iterable[str], count: int) -> list[str]:
    """Return the first `count` different values."""
    return list(islice(dict.fromkeys(values), count))


def exactly(value: str) -> Glob:
    """Return the pattern of one value."""
    return literal(value)
