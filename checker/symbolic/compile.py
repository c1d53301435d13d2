"""From a policy to formulas: the symbolic twin of `policy.evaluate`.

`allows`, `applies` and the names of the elements mean the same in both files, so that they can be
read side by side. A statement is compiled element by element and entry by entry, because the
solver looks at single cells (one action pattern on one resource pattern) first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

from checker.policy import readings
from checker.policy.model import Effect, Element, Pattern, Policy, Statement
from checker.policy.readings import Ambiguity
from checker.symbolic import compile_condition, compile_principal, compile_variable
from checker.symbolic.atoms import ActionIn, ResourceIn, Template
from checker.symbolic.compile_choice import choose
from checker.symbolic.discharge import Rest, whole
from checker.symbolic.formula import Formula, all_of, any_of, negation
from checker.symbolic.globs import EVERYTHING, Glob, literal
from checker.symbolic.patterns import (
    ARN_SHAPE,
    NOTHING,
    action_glob,
    resource_matcher,
    text_matcher,
)
from checker.symbolic.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Entry:
    """One pattern of an element and the formula true of exactly what it matches.

    `pattern` is None where the whole element is one entry: it is negated, or not there at all.
    """

    pattern: Pattern | None
    formula: Formula


Entries: TypeAlias = tuple[Entry, ...]


class CompiledStatement:
    """A statement as entries to choose from (any of each kind) and what must hold besides.

    Each part is compiled when it is first asked for: most statements are ruled out by their actions.
    """

    def __init__(self, rest: Rest, vocabulary: Vocabulary) -> None:
        self.statement = rest.statement
        self._rest = rest
        self._vocabulary = vocabulary

    @cached_property
    def principals(self) -> tuple[Formula, ...]:
        """The entries of `Principal`."""
        return compile_principal.principals(self.statement, self._vocabulary)

    @cached_property
    def actions(self) -> Entries:
        """The entries of `Action`, or the one of `NotAction`."""
        return _actions(self._rest.actions, self._vocabulary)

    @cached_property
    def resources(self) -> Entries:
        """The entries of `Resource`, or the one of `NotResource`."""
        return _resources(self._rest.resources, self._vocabulary)

    @cached_property
    def conditions(self) -> Formula:
        """What else the statement asks for."""
        given = self.statement.conditions
        return all_of(
            (
                *(compile_condition.condition(c, self._vocabulary) for c in given),
                _empty_condition(self.statement, self._vocabulary),
                compile_variable.resolved(self.statement, self._vocabulary),
            )
        )

    @property
    def applies(self) -> Formula:
        """The formula true of exactly the requests that the statement applies to."""
        return all_of(
            (
                any_of(entry.formula for entry in self.actions),
                any_of(entry.formula for entry in self.resources),
                any_of(self.principals),
                self.conditions,
            )
        )


@dataclass(frozen=True, slots=True, eq=False)
class CompiledPolicy:
    """The statements of a policy by effect, in order."""

    allows: tuple[CompiledStatement, ...]
    denies: tuple[CompiledStatement, ...]

    @property
    def formula(self) -> Formula:
        """The formula true of exactly the requests that the policy, alone, allows."""
        allowed = any_of(statement.applies for statement in self.allows)
        denied = any_of(statement.applies for statement in self.denies)
        return all_of((allowed, negation(denied)))


def compiled(
    policy: Policy, vocabulary: Vocabulary, allows: Sequence[Rest] | None = None
) -> CompiledPolicy:
    """Return the policy's statements as formulas over the atoms of a request.

    `allows`: what alone to compile of its Allow statements.
    """
    if allows is None:
        allows = [whole(s) for s in policy.statements if s.effect is Effect.ALLOW]
    denies = [whole(s) for s in policy.statements if s.effect is Effect.DENY]
    return CompiledPolicy(
        tuple(CompiledStatement(rest, vocabulary) for rest in allows),
        tuple(CompiledStatement(rest, vocabulary) for rest in denies),
    )


def _empty_condition(statement: Statement, vocabulary: Vocabulary) -> Formula:
    if not statement.empty_condition:
        return True
    choices: dict[str, Formula] = {"no-restriction": True, "never": False}
    return choose(vocabulary, Ambiguity.EMPTY_CONDITION, "", choices)


def _actions(element: Element, vocabulary: Vocabulary) -> Entries:
    entries = tuple(Entry(p, _action(p, vocabulary)) for p in element.patterns)
    return _negated(entries, element, "NotAction", vocabulary) if element.negated else entries


def _negated(entries: Entries, element: Element, name: str, vocabulary: Vocabulary) -> Entries:
    """Return the one entry of `NotAction` or `NotResource`: none of its patterns matches."""
    none = all_of(negation(entry.formula) for entry in entries)
    if not element.patterns:
        kind = Ambiguity.EMPTY_NOT_ELEMENT
        none = choose(vocabulary, kind, name, {"everything": True, "nothing": False})
    return (Entry(None, none),)


@lru_cache(maxsize=65536)
def _literal_action(text: str) -> Formula:
    """Return the formula of an action without wildcards: most are, and policies repeat them."""
    found = action_glob((text,))
    return False if found is None else ActionIn(found)


def _action(pattern: Pattern, vocabulary: Vocabulary) -> Formula:
    if len(pattern.parts) == 1 and isinstance(text := pattern.parts[0], str):
        return _literal_action(text)
    found = action_glob(pattern.parts)
    open_question = readings.action_ambiguity(pattern)
    if found == EVERYTHING:
        return True
    if open_question is None:
        return False if found is None else ActionIn(found)
    whole = text_matcher(pattern.parts)
    assert isinstance(whole, Glob)  # the parser leaves no variables in actions
    matched = ActionIn(whole if found is None else found)
    construct = readings.pattern_construct(pattern, open_question)
    choices: dict[str, Formula] = {"glob": matched, "nothing": False}
    return choose(vocabulary, open_question, construct, choices)


def _resources(element: Element | None, vocabulary: Vocabulary) -> Entries:
    if element is None:
        return (Entry(None, formula=True),)
    entries = tuple(Entry(p, _resource(p, vocabulary)) for p in element.patterns)
    return _negated(entries, element, "NotResource", vocabulary) if element.negated else entries


def _resource(pattern: Pattern, vocabulary: Vocabulary) -> Formula:
    if readings.is_star(pattern):
        return True
    formula = _matching_resource(pattern, vocabulary)
    choices: dict[str, Formula]
    if readings.has_early_variable(pattern):
        # A variable's own colon keeps its literal text from ever equalling a field.
        choices = {"substituted": formula, "literal": False}
        construct = readings.pattern_construct(pattern, Ambiguity.VARIABLE_PLACE)
        formula = choose(vocabulary, Ambiguity.VARIABLE_PLACE, construct, choices)
    if readings.is_star_like(pattern):
        choices = {"yes": any_of((formula, ResourceIn(literal("*")))), "no": formula}
        construct = readings.pattern_construct(pattern, Ambiguity.STAR_LIKE_RESOURCE)
        formula = choose(vocabulary, Ambiguity.STAR_LIKE_RESOURCE, construct, choices)
    return formula


def _matching_resource(pattern: Pattern, vocabulary: Vocabulary) -> Formula:
    """Return whether the pattern matches, field by field an ARN, as a whole any other form (R8)."""
    matched: list[Formula] = []
    if not readings.is_opaque_resource(pattern):
        as_arn = _matched(pattern, resource_matcher(pattern.parts), vocabulary)
        as_arn = compile_variable.without_colons(pattern, as_arn, vocabulary)
        if not readings.is_arn_pattern(pattern):
            as_arn = all_of((as_arn, ResourceIn(ARN_SHAPE)))
        matched.append(_of_short_arn(pattern, as_arn, vocabulary))
    if vocabulary.opaque_resources and not readings.is_arn_pattern(pattern):
        whole = _matched(pattern, text_matcher(pattern.parts), vocabulary)
        neither = (negation(ResourceIn(ARN_SHAPE)), negation(ResourceIn(literal("*"))))
        matched.append(all_of((whole, *neither)))
    return any_of(matched)


def _of_short_arn(pattern: Pattern, completed: Formula, vocabulary: Vocabulary) -> Formula:
    short = readings.short_arn_ambiguity(pattern, vocabulary.policy_type)
    if short is None:
        return completed
    choices: dict[str, Formula] = {"completed": completed, "nothing": False}
    return choose(vocabulary, short, readings.pattern_construct(pattern, short), choices)


def _matched(pattern: Pattern, matcher: Glob | Template, vocabulary: Vocabulary) -> Formula:
    if isinstance(matcher, Template):
        return compile_variable.with_values(
            pattern, matcher, ResourceIn, vocabulary, wildcards=True
        )
    return matcher != NOTHING and ResourceIn(matcher)
