"""Conditions as formulas: operators, set operators, missing keys and policy variables."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
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
    Statement,
    Variable,
)
from checker.policy.readings import Ambiguity, Switch
from checker.symbolic.assumptions import ALWAYS_PRESENT, ALWAYS_PRESENT_KEYS, ONE_CLOCK
from checker.symbolic.atoms import (
    Atom,
    Interval,
    Matcher,
    Present,
    ReadingIs,
    Scale,
    SomeValue,
    Template,
    ValueIn,
)
from checker.symbolic.formula import Formula, all_of, any_of, atoms_of, negation
from checker.symbolic.globs import Glob, glob, literal
from checker.symbolic.patterns import (
    ARN_SHAPE,
    arn_matcher, 
    folded_glob,
    folded_tokens,
    text_matcher,
    wild,
)
from checker.symbolic.vocabulary import Vocabulary

_FIRST_IPV6: Final = 2**32
_PLAIN_KEYS: Final = frozenset(
    {
        "aws:username",
        "aws:userid",
        "aws:sourceidentity",
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:principaltype",
        "aws:principalservicename",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourcevpc",
        "aws:sourcevpce",
    }
)
_EPOCH: Final = "aws:epochtime"
_CLOCK: Final = "aws:currenttime"


def choose(
    vocabulary: Vocabulary, ambiguity: Ambiguity, construct: str, choices: dict[str, Formula]
) -> Formula:
    """Return the formula of the default reading, or of all readings, told apart, if they float."""
    if len(set(choices.values())) == 1:
        return choices[ambiguity.default]
    switch = Switch(ambiguity, construct)
    vocabulary.open.add(switch)
    if not vocabulary.floating:
        return choices[vocabulary.pinned.get(switch, ambiguity.default)]
    return any_of(
        all_of((ReadingIs(switch, choice), formula)) for choice, formula in choices.items()
    )


def present(key: str, vocabulary: Vocabulary) -> Formula:
    """Return whether a key is in the request."""
    if key in ALWAYS_PRESENT_KEYS and vocabulary.assumes(ALWAYS_PRESENT):
        return True
    return Present(key)


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
    return any_of(
        negation(there) if value.operand is True else there for value in given.values
    )


def _of_one(given: Condition, vocabulary: Vocabulary) -> Formula:
    """Return the condition on a key of one value."""
    operator = given.operator
    there = present(_target(given, vocabulary)[0], vocabulary)
    matched = _matched(given, vocabulary)
    met = negation(matched) if operator.negated else matched
    if operator.quantifier is Quantifier.FOR_ALL_VALUES:
        return any_of((negation(there), met))
    if operator.quantifier is Quantifier.FOR_ANY_VALUE:
        return all_of((there, met))  # IfExists is up to a switch
    if operator.negated:
        return any_of((negation(there), _bad_arn(given, matched, vocabulary)))
    return any_of((negation(there), met)) if operator.if_exists else all_of((there, met))


def _bad_arn(given: Condition, matched: Formula, vocabulary: Vocabulary) -> Formula:
    """Return the negated condition; of ARN operators, a value that is no ARN is up to a switch."""
    met = negation(matched)
    if given.operator.comparison is not Comparison.ARN_LIKE:
        return met
    is_arn = ValueIn(given.key, ARN_SHAPE)
    choices = {"true": met, "false": all_of((is_arn, met))}
    return choose(vocabulary, Ambiguity.BAD_ARN_VALUE, "", choices)


def _matched(given: Condition, vocabulary: Vocabulary) -> Formula:
    """Return whether the key's one value matches some value of the condition."""
    return any_of(_value(value, given, vocabulary) for value in given.values)


def _value(value: ConditionValue, given: Condition, vocabulary: Vocabulary) -> Formula:
    key, scale = _target(given, vocabulary)
    atom = partial(ValueIn, key)
    if value.alternative is not None:
        instants = (_instant(value.operand), value.alternative)
        year, epoch = (
            atom(_interval(given.operator.comparison, i, Scale.INSTANT)) for i in instants
        )
        choices: dict[str, Formula] = {"year": year, "epoch": epoch}
        return choose(vocabulary, Ambiguity.DATE_YEAR, "", choices)
    matcher = _matcher(value, given.operator.comparison, scale)
    if isinstance(matcher, Template) and isinstance(value.operand, Pattern):
        formula = with_values(value.operand, matcher, atom, vocabulary)
        formula = _bool_variable(formula, given, vocabulary)
        return _of_an_arn(formula, given)
    if given.operator.comparison is Comparison.ARN_LIKE:
        return _of_an_arn(atom(matcher), given)
    return _unicode(atom(matcher), value, given, vocabulary)


def _of_an_arn(formula: Formula, given: Condition) -> Formula:
    """Return the formula; the pattern of an ARN operator only ever matches an ARN (C11)."""
    if given.operator.comparison is not Comparison.ARN_LIKE:
        return formula
    atoms = atoms_of(formula)
    if all(isinstance(a, ValueIn) and _starts_as_arn(a.of) for a in atoms):
        return formula
    return all_of((formula, ValueIn(given.key, ARN_SHAPE)))


def _starts_as_arn(matcher: Matcher) -> bool:
    return isinstance(matcher, Glob) and matcher.prefix.startswith("arn:")


def _unicode(
    formula: Formula, value: ConditionValue, given: Condition, vocabulary: Vocabulary
) -> Formula:
    """Return the formula; letters beyond A to Z are up to a switch where case is ignored."""
    operand = value.operand
    if given.operator.comparison is not Comparison.STRING_EQUALS_IGNORE_CASE:
        return formula
    if not isinstance(operand, Pattern) or value.text.isascii():
        return formula
    text = "".join(part for part in operand.parts if isinstance(part, str))
    spellings = {text.lower(), text.upper(), text.title(), text.casefold(), text}
    wider = any_of(ValueIn(given.key, folded_glob(spelling)) for spelling in sorted(spellings))
    choices: dict[str, Formula] = {"ascii": formula, "unicode": any_of((formula, wider))}
    return choose(vocabulary, Ambiguity.UNICODE_CASE, "", choices)


def _bool_variable(formula: Formula, given: Condition, vocabulary: Vocabulary) -> Formula:
    if given.operator.comparison is not Comparison.BOOL:
        return formula
    choices: dict[str, Formula] = {"substituted": formula, "literal": False}
    return choose(vocabulary, Ambiguity.BOOL_VARIABLE, "", choices)


def _target(given: Condition, vocabulary: Vocabulary) -> tuple[str, Scale | None]:
    """Return the key that is compared and on what scale: the epoch is the clock in seconds."""
    name = given.operator.comparison.value
    scale: Scale | None = None
    if name.startswith("Date"):
        scale = Scale.INSTANT
    elif name.startswith("Numeric"):
        scale = Scale.NUMBER
    elif given.operator.comparison is Comparison.IP_ADDRESS:
        scale = Scale.ADDRESS
    if given.key == _EPOCH and scale and vocabulary.assumes(ONE_CLOCK):
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
    """Return whether some value of the key matches some (`negated`: none) of the condition's."""
    scale = _target(given, vocabulary)[1]
    comparison = given.operator.comparison
    fixed: list[Matcher] = []
    varying: list[tuple[Pattern, Template]] = []
    for value in given.values:
        matcher = _matcher(value, comparison, scale)
        if isinstance(matcher, Template) and isinstance(value.operand, Pattern):
            varying.append((value.operand, matcher))
        else:
            fixed.append(matcher)
    cases = [list(_cases(pattern, template, vocabulary)) for pattern, template in varying]
    return any_of(
        all_of(
            (
                *(guard for guard, _ in case),
                SomeValue(
                    given.key, (*fixed, *(m for _, m in case if m is not None)), negated
                ),
            )
        )
        for case in product(*cases)
    )


def _cases(
    pattern: Pattern, template: Template, vocabulary: Vocabulary
) -> Iterator[tuple[Formula, Matcher | None]]:
    """Yield what a template becomes under each combination of present and absent keys."""
    defaults = {part.key: part.default for part in pattern.parts if isinstance(part, Variable)}
    keys = template.keys
    options = [
        (False,) if key in vocabulary.many else (True, False) for key in keys
    ]  # a key of many values gives nothing
    for there in product(*options):
        known = dict(zip(keys, there, strict=True))
        guard = all_of(
            present(key, vocabulary) if is_there else negation(present(key, vocabulary))
            for key, is_there in known.items()
            if key not in vocabulary.many
        )
        if guard is not False:
            yield guard, _settled(pattern, template, known, defaults)


def _settled(
    pattern: Pattern, template: Template, known: dict[str, bool], defaults: dict[str, str | None]
) -> Matcher | None:
    from checker.symbolic.atoms import Hole

    tokens = []
    for token in template.tokens:
        if not isinstance(token, Hole) or known[token.key]:
            tokens.append(token)
            continue
        default = defaults[token.key]
        if default is None:
            return None
        tokens.extend(folded_tokens(default) if token.folded else (default,))
    if any(isinstance(token, Hole) for token in tokens):
        return Template(tuple(tokens), template.by_field)
    return glob(tuple(token for token in tokens if not isinstance(token, Hole)))


def with_values(
    pattern: Pattern,
    template: Template,
    atom: Callable[[Glob | Template], Atom],
    vocabulary: Vocabulary,
) -> Formula:
    """Return the formula of a pattern with variables: absent keys leave their default or nothing."""
    return any_of(
        all_of((guard, _read(matcher, atom, vocabulary)))
        for guard, matcher in _cases(pattern, template, vocabulary)
        if matcher is not None and not isinstance(matcher, Interval)
    )


def _read(
    matcher: Glob | Template, atom: Callable[[Glob | Template], Atom], vocabulary: Vocabulary
) -> Formula:
    """Return the atom; wildcards in the value of a key of free text are up to a switch."""
    free = () if isinstance(matcher, Glob) else tuple(filter(may_hold_wildcards, matcher.keys))
    if isinstance(matcher, Glob) or not free:
        return atom(matcher)
    choices: dict[str, Formula] = {"literal": atom(matcher), "wildcard": atom(wild(matcher))}
    return choose(vocabulary, Ambiguity.VARIABLE_WILDCARD, free[0], choices)


def may_hold_wildcards(key: str) -> bool:
    """Whether a key's value can hold `*` or `?`: names, ids and tags of principals cannot (K10)."""
    return key not in _PLAIN_KEYS and not key.startswith("aws:principaltag/")


def keys_without_default(statement: Statement) -> tuple[str, ...]:
    """Return the keys whose absence leaves a variable of the statement without value."""
    found: dict[str, None] = {}
    patterns = list(statement.resources.patterns) if statement.resources else []
    for given in statement.conditions:
        patterns.extend(v.operand for v in given.values if isinstance(v.operand, Pattern))
    for pattern in patterns:
        for part in pattern.parts:
            if isinstance(part, Variable) and part.default is None:
                found[part.key] = None
    return tuple(found)


def _instant(operand: object) -> Fraction:
    assert isinstance(operand, Fraction)  # the parser gives dates and numbers as fractions
    return operand


def _matcher(value: ConditionValue, comparison: Comparison, scale: Scale | None) -> Matcher:
    match value.operand:
        case Pattern(parts=parts):
            if comparison is Comparison.ARN_LIKE:
                return arn_matcher(parts)
            folded = comparison in (Comparison.STRING_EQUALS_IGNORE_CASE, Comparison.BOOL)
            return text_matcher(parts, folded=folded)
        case Fraction() as point:
            return _interval(comparison, point, scale or Scale.NUMBER)
        case IPv4Network() | IPv6Network() as network:
            offset = 0 if network.version == 4 else _FIRST_IPV6
            low = offset + int(network.network_address)
            high = offset + int(network.broadcast_address)
            return Interval(Scale.ADDRESS, Fraction(low), Fraction(high))
        case bytes() as data:
            return literal(base64.b64encode(data).decode("ascii"))
        case _:
            raise AssertionError("Null has no operand to match")


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
