"""Conditions as formulas: operators, set operators, missing keys."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from ipaddress import IPv4Network, IPv6Network
from itertools import product
from typing import Final

from checker.policy import readings
from checker.policy.model import (
    Comparison,
    Condition,
    ConditionValue,
    Pattern,
    Quantifier,
)
from checker.policy.readings import Ambiguity
from checker.symbolic import universe
from checker.symbolic.assumptions import ONE_CLOCK
from checker.symbolic.atoms import Interval, Matcher, Scale, SomeValue, Template, ValueIn
from checker.symbolic.compile_choice import choose, present, readings_of
from checker.symbolic.compile_variable import cases, spells_truth, with_values
from checker.symbolic.formula import Formula, all_of, any_of, negation
from checker.symbolic.globs import Glob, literal
from checker.symbolic.patterns import (
    ARN_SHAPE,
    NO_ARN,
    NOTHING,
    arn_matcher,
    cased_globs,
    folded_glob,
    text_matcher,
)
from checker.symbolic.values import NotModelledError
from checker.symbolic.vocabulary import Vocabulary, scale_of

_FIRST_IPV6: Final = 2**32
_EPOCH: Final = "aws:epochtime"
_CLOCK: Final = "aws:currenttime"
_WITH_WILDCARDS: Final = (Comparison.STRING_LIKE, Comparison.ARN_LIKE)


def condition(given: Condition, vocabulary: Vocabulary) -> Formula:
    """Return the formula true of exactly the requests that satisfy the condition."""
    many = given.key in vocabulary.many
    operator = given.operator
    if operator.comparison is Comparison.NULL:
        formula = _null(given, vocabulary)
    elif many:
        formula = _of_many(given, vocabulary)
    else:
        formula = _of_one(given, vocabulary)
    ambiguity = readings.condition_ambiguity(given, many=many)
    alternatives = _alternatives(ambiguity, given, formula, vocabulary)
    if ambiguity is None or not alternatives:
        return formula
    return choose(vocabulary, ambiguity, readings.condition_construct(given), alternatives)


def _alternatives(
    ambiguity: Ambiguity | None, given: Condition, formula: Formula, vocabulary: Vocabulary
) -> dict[str, Formula]:
    """Return the readings of an open condition; `formula` is the one in which nothing is odd."""
    there = present(given.key, vocabulary)
    match ambiguity:
        case Ambiguity.SET_NULL:
            for_all = given.operator.quantifier is Quantifier.FOR_ALL_VALUES
            return {"plain": formula, "constant": for_all}
        case Ambiguity.SET_IF_EXISTS:
            return {"true": any_of((negation(there), formula)), "false": formula}
        case Ambiguity.EMPTY_VALUES:
            return {"never": False, "always": True}
        case Ambiguity.PLAIN_ON_MULTIVALUED:
            return _plain_on_many(given, vocabulary)
        case _:
            return {}


def _null(given: Condition, vocabulary: Vocabulary) -> Formula:
    there = present(given.key, vocabulary)
    return any_of(negation(there) if value.operand is True else there for value in given.values)


def _of_one(given: Condition, vocabulary: Vocabulary) -> Formula:
    """Return the condition on a key of one value."""
    operator = given.operator
    there = present(_target(given, vocabulary)[0], vocabulary)
    matched = any_of(_value(value, given, vocabulary) for value in given.values)
    met = _unmatched(given, matched, vocabulary) if operator.negated else matched
    if operator.quantifier is Quantifier.FOR_ALL_VALUES:
        return any_of((negation(there), met))
    if operator.quantifier is Quantifier.FOR_ANY_VALUE:
        return all_of((there, met))  # IfExists is up to a switch
    if operator.negated or operator.if_exists:
        return any_of((negation(there), met))
    return all_of((there, met))


def _unmatched(given: Condition, matched: Formula, vocabulary: Vocabulary) -> Formula:
    """Return whether a value that is there meets a negated operator: it is of its type (C16)."""
    met = negation(matched)
    key, scale = _target(given, vocabulary)
    if scale and universe.scale_of(key, vocabulary) is not scale:
        return all_of((ValueIn(key, Interval(scale, None, None)), met))
    if given.operator.comparison is not Comparison.ARN_LIKE:
        return met
    choices = {"true": met, "false": all_of((ValueIn(key, ARN_SHAPE), met))}
    return choose(vocabulary, Ambiguity.BAD_ARN_VALUE, "", choices)


def _value(value: ConditionValue, given: Condition, vocabulary: Vocabulary) -> Formula:
    """Return whether the key's one value matches one value of the condition."""
    key, _ = _target(given, vocabulary)
    atom = partial(ValueIn, key)
    comparison, operand = given.operator.comparison, value.operand
    if isinstance(operand, Pattern):
        matcher = _text_matcher(operand, comparison)
        if comparison is Comparison.BOOL and isinstance(matcher, Template):
            spelled = spells_truth(operand, vocabulary)
            same = any_of(all_of((guard, atom(folded_glob(truth)))) for guard, truth in spelled)
            choices: dict[str, Formula] = {"substituted": same, "literal": False}
            return choose(vocabulary, Ambiguity.BOOL_VARIABLE, "", choices)
        if isinstance(matcher, Template):
            wildcards = comparison in _WITH_WILDCARDS
            matched = with_values(operand, matcher, atom, vocabulary, wildcards=wildcards)
            is_arn = comparison is not Comparison.ARN_LIKE or atom(ARN_SHAPE)
            return all_of((matched, is_arn))  # follows once the values are in, and tells them
    return any_of(
        all_of((guard, any_of(map(atom, of)))) for guard, of in _settled(value, given, vocabulary)
    )


def _settled(
    value: ConditionValue, given: Condition, vocabulary: Vocabulary
) -> Iterator[tuple[Formula, tuple[Matcher, ...]]]:
    """Yield what a value without variables matches, reading by reading of what is open about it."""
    comparison, operand = given.operator.comparison, value.operand
    _, scale = _target(given, vocabulary)
    match operand:
        case Pattern(parts=parts):
            matcher = _text_matcher(operand, comparison)
            plain = () if matcher == NOTHING else (matcher,)
            if comparison is Comparison.STRING_EQUALS_IGNORE_CASE and not value.text.isascii():
                text = "".join(part for part in parts if isinstance(part, str))
                for choice, guard in readings_of(vocabulary, Ambiguity.UNICODE_CASE, ""):
                    yield guard, plain if choice == "ascii" else cased_globs(text)
            else:
                yield True, plain
        case Fraction() as point if value.alternative is not None:
            instants = {"year": point, "epoch": value.alternative}
            for choice, guard in readings_of(vocabulary, Ambiguity.DATE_YEAR, ""):
                yield guard, (_interval(comparison, instants[choice], Scale.INSTANT),)
        case Fraction() as point:
            yield True, (_interval(comparison, point, scale or Scale.NUMBER),)
        case IPv4Network() | IPv6Network() as network:
            offset = 0 if network.version == 4 else _FIRST_IPV6
            low = offset + int(network.network_address)
            high = offset + int(network.broadcast_address)
            yield True, (Interval(Scale.ADDRESS, Fraction(low), Fraction(high)),)
        case bytes() as data:
            yield True, (literal(base64.b64encode(data).decode("ascii")),)
        case _:
            raise AssertionError("Null has no operand to match")


def _text_matcher(pattern: Pattern, comparison: Comparison) -> Glob | Template:
    if comparison is Comparison.ARN_LIKE:
        return arn_matcher(pattern.parts)
    folded = comparison in (Comparison.STRING_EQUALS_IGNORE_CASE, Comparison.BOOL)
    return text_matcher(pattern.parts, folded=folded)


def _target(given: Condition, vocabulary: Vocabulary) -> tuple[str, Scale | None]:
    """Return the key that is compared and on what scale: the epoch is the clock in seconds."""
    scale = scale_of(given.operator.comparison)
    is_instant = scale in (Scale.INSTANT, Scale.NUMBER)
    if given.key == _EPOCH and is_instant and vocabulary.assumes(ONE_CLOCK):
        return _CLOCK, Scale.INSTANT
    return given.key, scale


def _of_many(given: Condition, vocabulary: Vocabulary) -> Formula:
    """Return the condition on a key of many values, read as ForAnyValue without set operator."""
    if given.operator.quantifier is Quantifier.FOR_ALL_VALUES:
        return negation(_some(given, vocabulary, negated=not given.operator.negated))
    return _some(given, vocabulary, negated=given.operator.negated)


def _plain_on_many(given: Condition, vocabulary: Vocabulary) -> dict[str, Formula]:
    there = present(given.key, vocabulary)
    some = _some(given, vocabulary, negated=given.operator.negated)
    every = negation(_some(given, vocabulary, negated=not given.operator.negated))
    if given.operator.negated or given.operator.if_exists:
        absent = negation(there)
        return {"any": any_of((absent, some)), "never": absent, "all": any_of((absent, every))}
    return {"any": some, "never": False, "all": all_of((there, every))}


def _some(given: Condition, vocabulary: Vocabulary, *, negated: bool) -> Formula:
    """Return whether some value of the key matches some (`negated`: none) of the condition's.

    One `SomeValue` for each way that variables and open constructs can be: these exclude each other.
    """
    own = given.operator.negated
    scale = _target(given, vocabulary)[1]
    if scale and own and universe.scale_of(given.key, vocabulary) is not scale:
        raise NotModelledError(f"`{given.key}` holds many values, not all of them of one type")
    options = [list(_ways(value, given, vocabulary)) for value in given.values]
    if own and given.operator.comparison is Comparison.ARN_LIKE:
        options.append(_no_arns(vocabulary))
    found: list[Formula] = []
    for ways in product(*options):
        of = tuple(dict.fromkeys(matcher for _, several in ways for matcher in several))
        some: Formula = SomeValue(given.key, of, negated) if of or negated else False
        found.append(all_of((*(guard for guard, _ in ways), some)))
    return any_of(found)


def _no_arns(vocabulary: Vocabulary) -> list[tuple[Formula, tuple[Matcher, ...]]]:
    """Return what a negated ARN operator refuses besides its values: in one reading, no ARNs."""
    return [
        (guard, NO_ARN if choice == "false" else ())
        for choice, guard in readings_of(vocabulary, Ambiguity.BAD_ARN_VALUE, "")
    ]


def _ways(
    value: ConditionValue, given: Condition, vocabulary: Vocabulary
) -> Iterator[tuple[Formula, tuple[Matcher, ...]]]:
    """Yield what a value matches in each case; the cases exclude each other and leave none out."""
    operand, comparison = value.operand, given.operator.comparison
    matcher = _text_matcher(operand, comparison) if isinstance(operand, Pattern) else None
    if not isinstance(operand, Pattern) or not isinstance(matcher, Template):
        yield from _settled(value, given, vocabulary)
    elif comparison is Comparison.BOOL:
        yield from _truths(operand, vocabulary)
    else:
        wildcards = comparison in _WITH_WILDCARDS
        for guard, found in cases(operand, matcher, vocabulary, wildcards=wildcards):
            yield guard, () if found is None or found == NOTHING else (found,)


def _truths(
    pattern: Pattern, vocabulary: Vocabulary
) -> Iterator[tuple[Formula, tuple[Matcher, ...]]]:
    spelled = list(spells_truth(pattern, vocabulary))
    for choice, guard in readings_of(vocabulary, Ambiguity.BOOL_VARIABLE, ""):
        if choice == "literal":
            yield guard, ()
            continue
        for when, truth in spelled:
            yield all_of((guard, when)), (folded_glob(truth),)
        neither = negation(any_of(when for when, _ in spelled))
        yield all_of((guard, neither)), ()


def _interval(comparison: Comparison, point: Fraction, scale: Scale) -> Interval:
    name = comparison.value
    if name.endswith("LessThan"):
        return Interval(scale, None, point, high_open=True)
    if name.endswith("LessThanEquals"):
        return Interval(scale, None, point)
    if name.endswith("GreaterThan"):
        return Interval(scale, point, None, low_open=True)
    if name.endswith("GreaterThanEquals"):
        return Interval(scale, point, None)
    return Interval(scale, point, point)
