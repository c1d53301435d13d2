"""A change that names callers by symbols, for each thing that these may be once deployed.

The engine knows patterns with symbols in resources and conditions. Of a principal it must know who
it is. So a symbol that stands in a principal gets values: one that is nobody else in the two
policies, and each one that makes it somebody whom they name. A new value outside both adds nothing:
it could be exchanged for the first one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from checker.policy.model import (
    Comparison,
    Condition,
    ConditionValue,
    Effect,
    Element,
    Part,
    Pattern,
    Policy,
    Principals,
    Statement,
    Variable,
    Wildcard,
)
from checker.source.symbols import OWN_ACCOUNT, REGION, holds_mark, mark, name_of, pieces

MOST_DEPLOYMENTS: Final = 64
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_FRESH_ACCOUNTS: Final = ("444455556666", "555566667777", "666677778888", "777788889999")
_REGION: Final = "us-east-1"
_OF_CALLERS: Final = ("aws:principal", "aws:userid", "aws:username")
_LAST_NAME: Final = re.compile(r".*[:/]", re.DOTALL)
_NOT_IN_NAME: Final = re.compile(r"[^A-Za-z0-9]+")


class TooManyDeploymentsError(Exception):
    """More combinations of callers than can be looked at; the argument is how many there are."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Both policies with somebody for each symbol in a principal; `taken`: symbol -> value."""

    before: Policy | None
    after: Policy | None
    taken: Mapping[str, str]


def deployments(before: Policy | None, after: Policy | None) -> tuple[Deployment, ...]:
    """Return the policies with their callers known: one pair, or one for each way they may fall.

    Errors: `TooManyDeploymentsError`.
    """
    policies = [policy for policy in (before, after) if policy is not None]
    named = list(dict.fromkeys(text for policy in policies for text in _principals(policy)))
    symbols = dict.fromkeys(piece for text in named for piece in pieces(text) if holds_mark(piece))
    if not symbols:
        return (Deployment(before, after, {}),)
    literal = "\n".join(text for policy in policies for text in _texts(policy))
    fresh = _fresh(symbols, named, literal)
    choices = {symbol: [value] for symbol, value in fresh.items()}
    if not all(_only_adds(policy) for policy in policies):
        for symbol, value in _candidates(named, fresh, policies):
            if value not in choices[symbol]:
                choices[symbol].append(value)
    count = 1
    for values in choices.values():
        count *= len(values)
    if count > MOST_DEPLOYMENTS:
        raise TooManyDeploymentsError(count)
    found = (dict(zip(choices, each, strict=True)) for each in product(*choices.values()))
    return tuple(
        Deployment(before and _put(before, taken), after and _put(after, taken), taken)
        for taken in found
    )


def with_constants(policy: Policy) -> Policy:
    """Return a policy with one value for each symbol, which is nobody's choice.

    For questions about strangers: whoever deploys a template says what its symbols are, and no
    stranger does. A value that somebody happens to share would be no opening of this policy.
    """
    named = list(_principals(policy))
    symbols = {
        part.key: None
        for statement in policy.statements
        for pattern in _patterns(statement)
        for part in pattern.parts
        if isinstance(part, Variable) and part.is_symbol
    }
    if not symbols:
        return policy
    literal = "\n".join(_texts(policy))
    values = {mark(REGION): _REGION, **_fresh(symbols, named, literal)}
    return _put(policy, values)


def own_account(taken: Iterable[tuple[str, str]]) -> str:
    """Return what the account of a deployment is taken for, given names and their values."""
    return dict(taken).get(OWN_ACCOUNT, _FRESH_ACCOUNTS[0])


def _principals(policy: Policy) -> Iterator[str]:
    for statement in policy.statements:
        for entry in statement.principals.entries if statement.principals else ():
            yield entry.value


def _texts(policy: Policy) -> Iterator[str]:
    """Yield every text in a policy that may name a caller, a wildcard being some letter."""
    yield from _principals(policy)
    for statement in policy.statements:
        for pattern in _patterns(statement):
            yield "".join(_as_text(part) for part in pattern.parts)


def _patterns(statement: Statement) -> Iterator[Pattern]:
    if statement.resources:
        yield from statement.resources.patterns
    for condition in statement.conditions:
        for value in condition.values:
            if isinstance(value.operand, Pattern):
                yield value.operand


def _as_text(part: Part) -> str:
    if isinstance(part, Wildcard):
        return "x"
    return part.key if isinstance(part, Variable) else part


def _fresh(symbols: Iterable[str], named: Iterable[str], literal: str) -> dict[str, str]:
    """Return a value for each symbol that is nobody else."""
    accounts = iter(
        account
        for account in (*_FRESH_ACCOUNTS, *(str(10**11 + n) for n in range(10_000)))
        if account not in literal
    )
    found: dict[str, str] = {}
    for symbol in sorted(symbols, key=lambda each: each != mark(OWN_ACCOUNT)):
        if _is_account(symbol, named):
            found[symbol] = next(accounts)
            continue
        name = _NOT_IN_NAME.sub("-", name_of(symbol)).strip("-") or "name"
        while name in literal or name in found.values():
            name += "-x"
        found[symbol] = name
    return found


def _is_account(symbol: str, named: Iterable[str]) -> bool:
    """Whether a symbol stands where a principal has an account."""
    return symbol == mark(OWN_ACCOUNT) or any(
        text == symbol or text.split(":")[4:5] == [symbol] or f"::{symbol}:" in text
        for text in named
    )


def _candidates(
    named: Iterable[str], fresh: Mapping[str, str], policies: Iterable[Policy]
) -> Iterator[tuple[str, str]]:
    """Yield values by which a principal becomes somebody whom a policy names."""
    texts = dict.fromkeys(_filled(text, fresh) for policy in policies for text in _texts(policy))
    names = dict.fromkeys(name for policy in policies for name in _names(policy))
    accounts = dict.fromkeys(_ACCOUNT.findall("\n".join(texts)))
    for template in named:
        if not holds_mark(template):
            continue
        parts = list(pieces(template))
        symbols = [part for part in parts if holds_mark(part)]
        form = "".join("(.+)" if holds_mark(part) else re.escape(part) for part in parts)
        for text in texts if len(parts) > 1 else ():
            if match := re.fullmatch(form, text, re.DOTALL):
                yield from zip(symbols, match.groups(), strict=True)
        for symbol in symbols:
            if _is_account(symbol, (template,)):
                yield from ((symbol, account) for account in accounts)
            else:
                yield from ((symbol, name) for name in names)


def _names(policy: Policy) -> Iterator[str]:
    """Yield a name for each pattern by which a condition picks callers."""
    for statement in policy.statements:
        for condition in statement.conditions:
            for value in condition.values if condition.key.startswith(_OF_CALLERS) else ():
                pattern = value.operand
                if isinstance(pattern, Pattern) and any(
                    isinstance(part, Wildcard) for part in pattern.parts
                ):
                    text = "".join(_as_text(part) for part in pattern.parts)
                    if name := _LAST_NAME.sub("", text):
                        yield name


def _filled(text: str, values: Mapping[str, str]) -> str:
    return "".join(values.get(piece, piece) for piece in pieces(text))


def _only_adds(policy: Policy) -> bool:
    """Whether every part of a policy only ever widens what it allows."""
    return all(_statement_only_adds(statement) for statement in policy.statements)


def _statement_only_adds(statement: Statement) -> bool:
    elements = (statement.actions, statement.resources, statement.principals)
    if statement.effect is Effect.DENY or any(e and e.negated for e in elements):
        return False
    keys = [condition.key for condition in statement.conditions]
    if len(set(keys)) < len(keys) or any(key.startswith(_OF_CALLERS) for key in keys):
        return False  # two demands on one thing may meet for some value alone
    return not any(_takes_away(condition) for condition in statement.conditions)


def _takes_away(condition: Condition) -> bool:
    operator = condition.operator
    return operator.negated or operator.if_exists or operator.comparison is Comparison.NULL


def _put(policy: Policy, values: Mapping[str, str]) -> Policy:
    """Return a policy with the values in place of the symbols, wherever these stand."""
    return replace(policy, statements=tuple(_in_statement(s, values) for s in policy.statements))


def _in_statement(statement: Statement, values: Mapping[str, str]) -> Statement:
    return replace(
        statement,
        principals=statement.principals and _in_principals(statement.principals, values),
        resources=statement.resources and _in_element(statement.resources, values),
        conditions=tuple(_in_condition(each, values) for each in statement.conditions),
    )


def _in_principals(principals: Principals, values: Mapping[str, str]) -> Principals:
    entries = tuple(
        replace(entry, value=_filled(entry.value, values)) for entry in principals.entries
    )
    return replace(principals, entries=entries)


def _in_element(element: Element, values: Mapping[str, str]) -> Element:
    return replace(element, patterns=tuple(_in_pattern(p, values) for p in element.patterns))


def _in_condition(condition: Condition, values: Mapping[str, str]) -> Condition:
    return replace(condition, values=tuple(_in_value(each, values) for each in condition.values))


def _in_value(value: ConditionValue, values: Mapping[str, str]) -> ConditionValue:
    operand = value.operand
    return (
        replace(value, operand=_in_pattern(operand, values))
        if isinstance(operand, Pattern)
        else value
    )


def _in_pattern(pattern: Pattern, values: Mapping[str, str]) -> Pattern:
    if not any(isinstance(part, Variable) and part.key in values for part in pattern.parts):
        return pattern
    parts: list[Part] = []
    for part in pattern.parts:
        text = values.get(part.key, part) if isinstance(part, Variable) else part
        if isinstance(text, str) and parts and isinstance(parts[-1], str):
            parts[-1] += text
        else:
            parts.append(text)
    return replace(pattern, parts=tuple(parts))
