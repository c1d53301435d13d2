"""The encoding that comes to mind first, as a baseline: strings for everything, and z3.

Action, resource and every condition value are one string each, every wildcard is a regular
expression, and z3's theory of strings does the rest. It asks the same question as the product: a
wildcard in the first five fields of an ARN stays in its field. Only the action and the resource are
written here; conditions and callers are those of `checker.symbolic.smtlib`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import z3

from benchmarks.measure import Clock
from checker.policy import readings
from checker.policy.model import (
    Effect,
    Element,
    Part,
    Pattern,
    Policy,
    Statement,
    Variable,
    Wildcard,
)
from checker.symbolic.question import Question
from checker.symbolic.smtlib_assumed import assumed
from checker.symbolic.smtlib_caller_keys import asks_for_caller, tied
from checker.symbolic.smtlib_callers import declared, roles, selects, shaped
from checker.symbolic.smtlib_conditions import condition
from checker.symbolic.smtlib_conditions import pieces as pieces_of
from checker.symbolic.smtlib_keys import Key, keys_of, sound
from checker.symbolic.smtlib_keys import declared as declared_key
from checker.symbolic.smtlib_terms import (
    TRUE,
    InexpressibleError,
    all_of,
    any_of,
    equal,
    inside,
    matches,
    negation,
    quoted,
)

LIMIT: Final = 10.0  # seconds for one question
_NOT_COLON: Final = '(re.diff re.allchar (str.to_re ":"))'
_FIELD: Final = f'(re.+ {_NOT_COLON}) (str.to_re ":")'
_LOOSE: Final = f'(re.* {_NOT_COLON}) (str.to_re ":")'
_ARN: Final = f'(re.++ (str.to_re "arn:") {_FIELD} {_FIELD} {_LOOSE} {_LOOSE} re.allchar re.all)'
_LETTERS: Final = '(re.range "a" "z") (re.range "0" "9") (str.to_re "-")'
_ACTION: Final = (
    f'(re.++ (re.+ (re.union {_LETTERS})) (str.to_re ":") '
    f'(re.+ (re.union {_LETTERS} (str.to_re "_"))))'
)


@dataclass(frozen=True, slots=True)
class Decided:
    """z3's verdict and what it cost; `unknown` past the limit."""

    verdict: str
    seconds: float


def decide(question: Question, seconds: float = LIMIT, clock: Clock = time.perf_counter) -> Decided:
    """Put a question to z3's string theory.

    Errors: `InexpressibleError`.
    """
    started = clock()
    text = script(question)
    solver = z3.Solver(ctx=z3.Context())
    with _stopped(solver, lambda: clock() - started > seconds):
        solver.from_string(text)
        verdict = str(solver.check())
    return Decided(verdict, clock() - started)


@contextmanager
def _stopped(solver: z3.Solver, when: Callable[[], bool]) -> Iterator[None]:
    """Interrupt the solver as soon as `when` holds; its own limit knows the wall clock alone."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.02):
            if when():
                solver.ctx.interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def script(question: Question) -> str:
    """Return the question with one string for the action and one for the resource."""
    policies = (question.new, question.old)
    keys = keys_of(policies)
    lines = ["(declare-const action String)", "(declare-const resource String)"]
    lines += _setting(policies, keys)
    new, old = (_allows(policy, policies, keys) for policy in policies)
    return "\n".join([*lines, f"(assert {new})", f"(assert (not {old}))"])


def _setting(policies: Sequence[Policy], keys: dict[str, Key]) -> Iterator[str]:
    callers = asks_for_caller(policies, keys)
    if callers:
        yield from declared()
    for key in keys.values():
        yield from declared_key(key)
    terms = [term for key in keys.values() for term in sound(key)]
    terms += [inside("action", _ACTION), f'(or (= resource "*") {inside("resource", _ARN)})']
    terms += [term for _, term in assumed(keys)]
    if callers:
        terms += [term for _, term in (*shaped(policies), *tied(keys, policies))]
    yield from (f"(assert {term})" for term in terms if term != TRUE)


def _allows(policy: Policy, policies: Sequence[Policy], keys: dict[str, Key]) -> str:
    parts: dict[Effect, list[str]] = {Effect.ALLOW: [], Effect.DENY: []}
    for statement in policy.statements:
        parts[statement.effect].append(_applies(statement, policies, keys))
    return all_of((any_of(parts[Effect.ALLOW]), negation(any_of(parts[Effect.DENY]))))


def _applies(statement: Statement, policies: Sequence[Policy], keys: dict[str, Key]) -> str:
    principals = statement.principals
    return all_of(
        (
            selects(principals, statement.effect, roles(policies)) if principals else TRUE,
            _matches(statement.actions, "action", keys),
            _matches(statement.resources, "resource", keys),
            *(condition(given, keys) for given in statement.conditions),
        )
    )


def _matches(element: Element | None, term: str, keys: Mapping[str, Key]) -> str:
    if element is None:
        return TRUE
    matched = any_of(_pattern(pattern, term, keys) for pattern in element.patterns)
    return negation(matched) if element.negated else matched


def _pattern(pattern: Pattern, term: str, keys: Mapping[str, Key]) -> str:
    if readings.is_star(pattern):
        return TRUE
    parts = list(pattern.parts)
    if term == "resource":
        for _ in range(6 - readings.field_count(pattern)):  # a short ARN is completed
            parts += [":", Wildcard.ANY_RUN]
    if all(isinstance(part, str) for part in parts):
        return equal(term, quoted("".join(map(str, parts))))
    if any(isinstance(part, Variable) for part in parts):
        return _with_variables(parts, term, keys)
    pieces = list(_regular(parts, 5 if term == "resource" else 1))
    return inside(term, pieces[0] if len(pieces) == 1 else f"(re.++ {' '.join(pieces)})")


def _with_variables(parts: Sequence[Part], term: str, keys: Mapping[str, Key]) -> str:
    first = parts[0]
    if not isinstance(first, str) or first.count(":") < 5:
        raise InexpressibleError("the baseline has wildcards and variables in the last field only")
    found, resolved = pieces_of(parts, keys)
    return all_of((resolved, matches(found, term)))


def _regular(parts: Sequence[Part], fields: int) -> Iterator[str]:
    seen = 0
    for part in parts:
        if isinstance(part, Wildcard):
            one = "re.allchar" if seen >= fields else _NOT_COLON
            run = "re.all" if seen >= fields else f"(re.* {_NOT_COLON})"
            yield run if part is Wildcard.ANY_RUN else one
        elif isinstance(part, str):
            seen += part.count(":")
            yield f"(str.to_re {quoted(part)})"
