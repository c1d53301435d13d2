"""A question as SMT-LIB 2.6, for another solver than ours: a second encoding of the same semantics.

It is written from the policies themselves, with strings and regular expressions, and shares nothing
with `compile` and the exact theories behind it but the assumptions. Constructs that AWS leaves open
have their default reading. `unsat` means that the property holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from checker.policy import readings
from checker.policy.model import (
    Effect,
    Element,
    Pattern,
    Policy,
    PolicyType,
    Statement,
    Variable,
    Wildcard,
)
from checker.policy.readings import Ambiguity
from checker.symbolic import assumptions
from checker.symbolic.assumptions import ASSUMPTIONS
from checker.symbolic.question import Question
from checker.symbolic.smtlib_assumed import assumed
from checker.symbolic.smtlib_caller_keys import asks_for_caller, tied
from checker.symbolic.smtlib_callers import Paths, declared, roles, selects, shaped
from checker.symbolic.smtlib_conditions import condition, pieces, split
from checker.symbolic.smtlib_keys import Assumed, Key, arn, keys_of, sound
from checker.symbolic.smtlib_keys import declared as declared_key
from checker.symbolic.smtlib_terms import (
    FALSE,
    NO_COLONS,
    TRUE,
    InexpressibleError,
    Piece,
    all_of,
    any_of,
    characters,
    comment,
    equal,
    implies,
    inside,
    matches,
    negation,
    symbol,
)
from checker.symbolic.smtlib_within import keys_within, restricts_callers, within
from checker.symbolic.vocabulary import vocabulary

__all__ = ["InexpressibleError", "script"]

_RESOURCE: Final = (
    "resource.partition",
    "resource.service",
    "resource.region",
    "resource.account",
    "resource.rest",
)
_TEXT: Final = {assumption.id: assumption for assumption in ASSUMPTIONS}


@dataclass(frozen=True, slots=True)
class _Setting:
    """What statements are written with."""

    policy_type: PolicyType
    keys: Mapping[str, Key]
    paths: Paths
    own_forms: bool  # some resource pattern is neither `*` nor an ARN


def script(question: Question) -> str:
    """Return the question as an SMT-LIB script: `unsat` if there is no such request.

    Errors: `InexpressibleError`, with what cannot be written and why.
    """
    policies = (question.new, question.old)
    known = vocabulary(question.new.type, policies)
    known = replace(known, keys=tuple(dict.fromkeys((*known.keys, *question.keys))))
    restriction = question.within(known)
    keys = keys_of(policies, keys_within(restriction))
    setting = _Setting(question.new.type, keys, roles(policies), _has_own_forms(policies))
    callers = restricts_callers(restriction) or asks_for_caller(policies, keys)
    lines = [*_preamble(question), *_declarations(setting, callers=callers)]
    lines += _assertions(_assumed(setting, policies, callers=callers))
    for name, policy in (("new", question.new), ("old", question.old)):
        lines += _policy(name, policy, setting)
    lines += ["", comment("Is there a request that the new policy allows and the old does not?")]
    lines += ["(assert |new allows|)", "(assert (not |old allows|))"]
    asked = within(restriction, keys)
    lines += (
        []
        if asked == TRUE
        else ["; The question is about these requests only.", f"(assert {asked})"]
    )
    return "\n".join([*lines, "(check-sat)", "; after `sat`: (get-model)", ""])


def _preamble(question: Question) -> Iterator[str]:
    yield "(set-info :smt-lib-version 2.6)"
    yield "(set-option :produce-models true)"
    yield "(set-logic ALL)"
    sizes = f"{len(question.new.statements)} and {len(question.old.statements)} statements"
    yield comment(f"Two versions of an IAM policy ({question.new.type}), new and old: {sizes}.")
    yield comment("unsat: no request is allowed by the new one and not by the old one. It holds.")
    yield comment("sat: there is such a request, and the values of the constants say which.")
    yield comment("Every constant is a part of one request; `has K` is true if it has the key K.")
    yield comment("What AWS leaves open is read by default. Actions are in lower case.")


def _declarations(setting: _Setting, *, callers: bool) -> Iterator[str]:
    yield ""
    yield "(declare-const action.service String)"
    yield "(declare-const action.name String)"
    yield '(define-fun action () String (str.++ action.service ":" action.name))'
    yield from (f"(declare-const {part} String)" for part in _RESOURCE)
    yield "(declare-const resource.is-star Bool) ; for actions that take no resource"
    whole = arn(_RESOURCE)
    if setting.own_forms:
        yield "(declare-const resource.is-arn Bool)"
        yield "(declare-const resource.text String) ; of a service's own form"
        whole = f"(ite resource.is-arn {whole} resource.text)"
    yield f'(define-fun resource () String (ite resource.is-star "*" {whole}))'
    if callers:
        yield from declared()
    for key in setting.keys.values():
        yield from declared_key(key)
    for key in setting.keys.values():
        yield from (f"(assert {term})" for term in sound(key) if term != TRUE)


def _assumed(setting: _Setting, policies: Sequence[Policy], *, callers: bool) -> Iterator[Assumed]:
    yield assumptions.ACTION_SHAPE, inside("action.service", characters("a-z0-9-", least=1))
    yield assumptions.ACTION_SHAPE, inside("action.name", characters("a-z0-9_-", least=1))
    for part in _RESOURCE[:4]:
        yield assumptions.RESOURCE_SHAPE, inside(part, NO_COLONS)
    for part in (_RESOURCE[0], _RESOURCE[1], _RESOURCE[4]):
        yield assumptions.RESOURCE_SHAPE, negation(equal(part, '""'))
    if setting.own_forms:
        own = '(not (or (str.prefixof "arn:" resource.text) (= resource.text "*")))'
        yield assumptions.RESOURCE_SHAPE, implies("(not resource.is-arn)", own)
    yield from assumed(setting.keys)
    if callers:
        yield from shaped(policies)
        yield from tied(setting.keys, policies)


def _assertions(items: Iterable[Assumed]) -> Iterator[str]:
    groups: dict[str, dict[str, None]] = {}
    for name, term in items:
        if term != TRUE:
            groups.setdefault(name, {})[term] = None
    for name, terms in groups.items():
        assumption = _TEXT[name]
        yield ""
        yield comment(f"Assumption {name} (grade {assumption.grade}): {assumption.says}.")
        yield from (f"(assert {term})" for term in terms)


def _has_own_forms(policies: Iterable[Policy]) -> bool:
    elements = (s.resources for policy in policies for s in policy.statements)
    patterns = (pattern for element in elements if element for pattern in element.patterns)
    return any(not (readings.is_arn_pattern(p) or readings.is_star_like(p)) for p in patterns)


def _policy(name: str, policy: Policy, setting: _Setting) -> Iterator[str]:
    names: dict[Effect, list[str]] = {Effect.ALLOW: [], Effect.DENY: []}
    for statement in policy.statements:
        sid = f" ({statement.sid})" if statement.sid else ""
        yield ""
        yield comment(f"Statement {statement.index}{sid} of the {name} policy applies.")
        called = symbol(f"{name} {statement.effect} {len(names[statement.effect])}")
        names[statement.effect].append(called)
        yield f"(define-fun {called} () Bool {_applies(statement, setting)})"
    allowed, denied = any_of(names[Effect.ALLOW]), any_of(names[Effect.DENY])
    yield ""
    yield f"(define-fun |{name} allows| () Bool {all_of((allowed, negation(denied)))})"


def _applies(statement: Statement, setting: _Setting) -> str:
    principals, resources = statement.principals, statement.resources
    return all_of(
        (
            selects(principals, statement.effect, setting.paths) if principals else TRUE,
            _element(statement.actions, [_action(p) for p in statement.actions.patterns]),
            _element(resources, [_resource(p, setting) for p in resources.patterns])
            if resources
            else TRUE,
            *(condition(given, setting.keys) for given in statement.conditions),
        )
    )


def _element(element: Element, matched: Sequence[str]) -> str:
    some = any_of(matched)
    return negation(some) if element.negated else some


def _action(pattern: Pattern) -> str:
    """Return whether an action matches: the half before the first colon, and the half after it."""
    if readings.is_star(pattern):
        return TRUE
    halves: list[list[Piece]] = [[]]
    for part in pattern.parts:
        if isinstance(part, Variable):
            raise InexpressibleError("a policy variable in an action")
        if isinstance(part, str) and len(halves) == 1 and ":" in part:
            before, _, after = part.partition(":")
            halves[0].append(before)
            halves.append([after])
        else:
            halves[-1].append(part)
    if len(halves) == 1:
        return FALSE
    return all_of((matches(halves[0], "action.service"), matches(halves[1], "action.name")))


def _resource(pattern: Pattern, setting: _Setting) -> str:
    if readings.is_star(pattern):
        return TRUE
    if readings.has_early_variable(pattern):
        return FALSE  # by default no variable is read there, and no ARN has `${` there
    if Ambiguity.SHORT_ARN in readings.resource_ambiguities(pattern, setting.policy_type):
        return FALSE
    found, resolved = pieces(pattern.parts, setting.keys)
    fields = split(found)
    own_form = FALSE
    if setting.own_forms:
        own_form = all_of(("(not resource.is-arn)", matches(found, "resource.text")))
    matched = FALSE
    if not readings.is_opaque_resource(pattern):
        fields += [[Wildcard.ANY_RUN]] * (6 - len(fields))
        terms = ('"arn"', *_RESOURCE)
        matched = all_of(matches(f, t) for f, t in zip(fields, terms, strict=True))
        if setting.own_forms:
            matched = all_of(("resource.is-arn", matched))
    return all_of(("(not resource.is-star)", resolved, any_of((matched, own_form))))
