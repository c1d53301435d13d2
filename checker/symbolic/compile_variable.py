"""Patterns with policy variables as formulas: what they become for each way the keys can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Final, TypeAlias

from checker.policy.model import Comparison, Part, Pattern, Statement, Variable
from checker.policy.readings import Ambiguity, has_early_variable, pattern_construct
from checker.policy.values import lower
from checker.symbolic.atoms import Atom, Hole, Template, ValueIn
from checker.symbolic.compile_choice import choose, present, readings_of
from checker.symbolic.formula import Formula, all_of, any_of, negation
from checker.symbolic.globs import NOT_COLON, Glob, One, Run, glob
from checker.symbolic.patterns import ARN_FIELDS, NOTHING, folded_glob, settled
from checker.symbolic.universe import holds_names
from checker.symbolic.vocabulary import Vocabulary

Case: TypeAlias = tuple[Formula, Glob | Template | None]
"""When it is so, and what the pattern is then; None: it has no value and matches nothing."""

_TRUTHS: Final = ("true", "false")


def with_values(
    pattern: Pattern,
    template: Template,
    atom: Callable[[Glob | Template], Atom],
    vocabulary: Vocabulary,
    *,
    wildcards: bool,
) -> Formula:
    """Return the formula of a pattern with variables: absent keys leave their default or nothing."""
    return any_of(
        all_of((guard, _matched(atom(matcher))))
        for guard, matcher in cases(pattern, template, vocabulary, wildcards=wildcards)
        if matcher is not None and matcher != NOTHING
    )


def _matched(atom: Atom) -> Formula:
    """Return the atom; a value compared with itself is the same."""
    if isinstance(atom, ValueIn) and isinstance(atom.of, Template) and not atom.of.by_field:
        token = atom.of.tokens[0]
        if len(atom.of.tokens) == 1 and isinstance(token, Hole) and token.key == atom.key:
            return True  # asked only where the key is there; its own wildcards match themselves
        own = [t for t in atom.of.tokens if isinstance(t, Hole) and t.key == atom.key]
        is_plain = len(own) == 1 and not own[0].folded and not own[0].wild
        if is_plain and any(
            isinstance(t, One) or (isinstance(t, str) and t) for t in atom.of.tokens
        ):
            return False  # no text is longer than itself
    return atom


def cases(
    pattern: Pattern, template: Template, vocabulary: Vocabulary, *, wildcards: bool
) -> Iterator[Case]:
    """Yield what a template becomes, key present or absent, wildcards in its value read or not.

    The guards exclude each other, and one of them always holds. `wildcards`: the comparison has
    wildcards at all.
    """
    variables = [part for part in pattern.parts if isinstance(part, Variable)]
    keys = tuple(dict.fromkeys(variable.key for variable in variables))
    options = [list(_ways(key, variables, vocabulary, wildcards=wildcards)) for key in keys]
    for ways in product(*options):
        guard = all_of(guard for guard, _, _ in ways)
        if guard is False:
            continue
        there = {key: way[1] for key, way in zip(keys, ways, strict=True)}
        wild = frozenset(key for key, way in zip(keys, ways, strict=True) if way[2])
        yield guard, settled(template, variables, there, wild)


def _ways(
    key: str, variables: list[Variable], vocabulary: Vocabulary, *, wildcards: bool
) -> Iterator[tuple[Formula, bool, bool]]:
    """Yield when a key is there or not and whether wildcards count in what stands for it."""
    there = False if key in vocabulary.many else present(key, vocabulary)
    defaults = [v.default for v in variables if v.key == key and v.default is not None]
    own = any("*" in default or "?" in default for default in defaults)
    for is_there, guard in ((True, there), (False, negation(there))):
        if guard is False:
            continue
        if not wildcards or not (may_hold_wildcards(key, vocabulary) if is_there else own):
            yield guard, is_there, False
            continue
        for choice, reading in readings_of(vocabulary, Ambiguity.VARIABLE_WILDCARD, key):
            yield all_of((guard, reading)), is_there, choice == "wildcard"


def may_hold_wildcards(key: str, vocabulary: Vocabulary) -> bool:
    """Whether a key's value can hold `*` or `?`: names, ids and tags of principals cannot (K10)."""
    return not holds_names(key, vocabulary)


def without_colons(pattern: Pattern, formula: Formula, vocabulary: Vocabulary) -> Formula:
    """Return the formula of a resource; a variable in an early field fills no more than that field.

    The text of a policy is cut into fields before its variables get their values.
    """
    colons = 0
    guards: list[Formula] = []
    for part in pattern.parts:
        if isinstance(part, str):
            colons += part.count(":")
        elif isinstance(part, Variable) and colons < ARN_FIELDS - 1:
            in_field = ValueIn(part.key, glob((Run(NOT_COLON),)))
            there = False if part.key in vocabulary.many else present(part.key, vocabulary)
            default = part.default is not None and ":" not in part.default
            guards.append(
                any_of((in_field if there else False, all_of((negation(there), default))))
            )
    return all_of((formula, *guards))


def spells_truth(pattern: Pattern, vocabulary: Vocabulary) -> Iterator[tuple[Formula, str]]:
    """Yield when a value of `Bool` with variables is `true`, and when it is `false`."""
    for truth in _TRUTHS:
        yield any_of(_spelled(pattern.parts, truth, vocabulary)), truth


def _spelled(parts: tuple[Part, ...], text: str, vocabulary: Vocabulary) -> Iterator[Formula]:
    """Yield each way for the parts to make up a text, whatever its case."""
    if not parts:
        yield not text
        return
    for end in range(len(text) + 1):
        piece = _is_text(parts[0], text[:end], vocabulary)
        if piece is not False:
            yield from (
                all_of((piece, rest)) for rest in _spelled(parts[1:], text[end:], vocabulary)
            )


def _is_text(part: Part, text: str, vocabulary: Vocabulary) -> Formula:
    match part:
        case str():
            return lower(part) == text
        case Variable(key, default):
            there = False if key in vocabulary.many else present(key, vocabulary)
            value = False if key in vocabulary.many else ValueIn(key, folded_glob(text))
            same = default is not None and lower(default) == text
            return any_of((value, all_of((negation(there), same))))
        case _:
            return False


Need: TypeAlias = tuple[tuple[str, ...], str, bool]
"""Keys without default, the construct if they stand early in a resource, whether `Bool` asks."""


def needs(statement: Statement) -> tuple[Need, ...]:
    """Return whose absence leaves a variable of the statement without value."""
    found: dict[Need, None] = {}
    for pattern in statement.resources.patterns if statement.resources else ():
        if keys := _keys_of(pattern):
            is_early = has_early_variable(pattern)
            place = pattern_construct(pattern, Ambiguity.VARIABLE_PLACE) if is_early else ""
            found[keys, place, False] = None
    for condition in statement.conditions:
        is_bool = condition.operator.comparison is Comparison.BOOL
        for value in condition.values:
            if isinstance(value.operand, Pattern) and (keys := _keys_of(value.operand)):
                found[keys, "", is_bool] = None
    return tuple(found)


def _keys_of(pattern: Pattern) -> tuple[str, ...]:
    keys = [p.key for p in pattern.parts if isinstance(p, Variable) and p.default is None]
    return tuple(dict.fromkeys(keys)) if keys else ()


def resolved(statement: Statement, vocabulary: Vocabulary) -> Formula:
    """Return what one reading asks for: that every variable of the statement has a value (V3)."""
    asked: list[Formula] = []
    for keys, early, is_bool in needs(statement):
        given = all_of(key not in vocabulary.many and present(key, vocabulary) for key in keys)
        if early:
            choices: dict[str, Formula] = {"substituted": given, "literal": True}
            given = choose(vocabulary, Ambiguity.VARIABLE_PLACE, early, choices)
        elif is_bool:
            choices = {"substituted": given, "literal": True}
            given = choose(vocabulary, Ambiguity.BOOL_VARIABLE, "", choices)
        asked.append(given)
    all_given = all_of(asked)
    if all_given is True:
        return True
    choices = {"value": True, "statement": all_given}
    return choose(vocabulary, Ambiguity.UNRESOLVED_VARIABLE, "", choices)
