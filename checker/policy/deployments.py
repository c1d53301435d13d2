"""What a template leaves open in a policy, and the policy with values for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from checker.policy.model import (
    Condition,
    ConditionValue,
    Effect,
    Element,
    Part,
    Pattern,
    Policy,
    PolicyType,
    PrincipalEntry,
    PrincipalKind,
    Statement,
    Variable,
    Wildcard,
)
from checker.policy.parse_principal import aws_principal
from checker.source.symbols import (
    OWN_ACCOUNT,
    REGION,
    holds_mark,
    is_mark,
    mark,
    name_of,
    pieces,
    readable,
)

_FRESH_ACCOUNTS: Final = ("444455556666", "555566667777", "666677778888", "777788889999")
_REGION: Final = "us-east-1"
_OF_CALLERS: Final = ("aws:principal", "aws:userid", "aws:username")
_NOT_OF_CALLERS: Final = ("aws:principaltag/", "aws:principalorg")
_OF_KINDS: Final = ("aws:principaltype", "aws:principalisawsservice")
_OF_AWS: Final = (
    *(PrincipalKind.ACCOUNT, PrincipalKind.ROOT_USER, PrincipalKind.USER, PrincipalKind.ROLE),
    *(PrincipalKind.ROLE_SESSION, PrincipalKind.FEDERATED_USER),
)
_NOT_IN_NAME: Final = re.compile(r"[^A-Za-z0-9]+")


def with_constants(policy: Policy, given: Iterable[tuple[str, str]] = ()) -> Policy:
    """Return a policy with one value for each symbol, which is nobody's choice.

    For questions about strangers: whoever deploys a template says what its symbols are, and no
    stranger does. A value that somebody happens to share would be no opening of this policy.
    given: names of symbols that have a value already.
    """
    symbols = {
        part.key: None
        for statement in policy.statements
        for pattern in patterns_of(statement)
        for part in pattern.parts
        if isinstance(part, Variable) and part.is_symbol
    }
    if not symbols:
        return policy
    known = dict(given)
    fresh = {mark(REGION): _REGION, **fresh_values(symbols, (policy,))}
    return _put(policy, {each: known.get(name_of(each), value) for each, value in fresh.items()})


def own_account(taken: Iterable[tuple[str, str]]) -> str:
    """Return what the account of a deployment is taken for, given names and their values."""
    return dict(taken).get(OWN_ACCOUNT, _FRESH_ACCOUNTS[0])


def principals_of(policy: Policy) -> Iterator[PrincipalEntry]:
    """Yield the entries of `Principal` and `NotPrincipal`."""
    for statement in policy.statements:
        yield from statement.principals.entries if statement.principals else ()


def patterns_of(statement: Statement) -> Iterator[Pattern]:
    """Yield the patterns of a statement's resources and conditions."""
    if statement.resources:
        yield from statement.resources.patterns
    for condition in statement.conditions:
        for value in condition.values:
            if isinstance(value.operand, Pattern):
                yield value.operand


def is_of_caller(key: str) -> bool:
    """Whether a condition key says who calls."""
    return key.startswith(_OF_CALLERS) and not key.startswith(_NOT_OF_CALLERS)


def speaks_of_callers(pattern: Pattern) -> bool:
    """Whether a pattern has a variable that says who calls."""
    return any(isinstance(part, Variable) and is_of_caller(part.key) for part in pattern.parts)


def is_whole(entry: PrincipalEntry) -> bool:
    """Whether an entry is one symbol and no account beyond doubt: it may be any one principal."""
    alone = is_mark(entry.value) and entry.text == readable(entry.value)
    return alone and entry.value != mark(OWN_ACCOUNT)


def fresh_values(symbols: Iterable[str], policies: Iterable[Policy]) -> dict[str, str]:
    """Return a value for each symbol that is nobody else."""
    policies = tuple(policies)
    named = [entry.value for policy in policies for entry in principals_of(policy)]
    literal = "\n".join((*named, *(text for policy in policies for text in _texts(policy))))
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


def _texts(policy: Policy) -> Iterator[str]:
    for statement in policy.statements:
        for pattern in patterns_of(statement):
            yield "".join(_as_text(part) for part in pattern.parts)


def _as_text(part: Part) -> str:
    if isinstance(part, Wildcard):
        return "x"
    return part.key if isinstance(part, Variable) else part


def _is_account(symbol: str, named: Iterable[str]) -> bool:
    """Whether a symbol stands where a principal has an account."""
    return symbol == mark(OWN_ACCOUNT) or any(
        text == symbol or text.split(":")[4:5] == [symbol] or f"::{symbol}:" in text
        for text in named
    )


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with values in place of symbols."""
    return "".join(values.get(piece, piece) for piece in pieces(text))


def tells_callers_apart(statement: Statement) -> bool:
    """Whether a statement is about some callers in another way than by allowing them something.

    Where none is, it does not matter who a caller of an Allow is: whoever else is allowed the same
    stands for him.
    """
    principals = statement.principals
    if any(is_of_caller(c.key) and c.key not in _OF_KINDS for c in statement.conditions):
        return True
    if any(speaks_of_callers(pattern) for pattern in patterns_of(statement)):
        return True
    if principals is None:
        return False
    names = any(entry.kind is not PrincipalKind.EVERYONE for entry in principals.entries)
    return principals.negated or (statement.effect is Effect.DENY and names)


def account_symbols(policies: Iterable[Policy]) -> frozenset[str]:
    """Return the symbols that stand for an account in a principal, and for nothing else."""
    entries = [entry for policy in policies for entry in principals_of(policy)]
    whole = {entry.value for entry in entries if is_whole(entry)}
    return frozenset(
        field
        for entry in entries
        for field in (entry.value, *entry.value.split(":", 5)[4:5])
        if is_mark(field) and field not in whole and _is_account(field, (entry.value,))
    )


def with_callers(
    policy: Policy, values: Mapping[str, str], accounts: AbstractSet[str] = frozenset()
) -> Policy:
    """Return a policy with values for the symbols in its principals.

    accounts: the symbols whose values are put into conditions on the caller as well. Others stay
    what they are there: the text of a condition may be any part of a name.
    Errors: `PolicySyntaxError` where a value is no principal.
    """
    known = {symbol: value for symbol, value in values.items() if symbol in accounts}
    return replace(
        policy,
        statements=tuple(_with_callers(s, values, known, policy.type) for s in policy.statements),
    )


def _with_callers(
    statement: Statement,
    values: Mapping[str, str],
    known: Mapping[str, str],
    policy_type: PolicyType,
) -> Statement:
    principals = statement.principals
    return replace(
        statement,
        principals=principals
        and replace(
            principals,
            entries=tuple(_caller(entry, values, policy_type) for entry in principals.entries),
        ),
        conditions=tuple(
            _in_condition(each, known) if is_of_caller(each.key) else each
            for each in statement.conditions
        ),
    )


def _caller(
    entry: PrincipalEntry, values: Mapping[str, str], policy_type: PolicyType
) -> PrincipalEntry:
    if not holds_mark(entry.value):
        return entry
    value = filled(entry.value, values)
    if entry.kind in _OF_AWS:
        kind, value = aws_principal(value, entry.span, policy_type)
        return replace(entry, kind=kind, value=value)
    return replace(entry, value=value)


def _put(policy: Policy, values: Mapping[str, str]) -> Policy:
    """Return a policy with values in place of the symbols in its resources and conditions."""
    return replace(policy, statements=tuple(_in_statement(s, values) for s in policy.statements))


def _in_statement(statement: Statement, values: Mapping[str, str]) -> Statement:
    return replace(
        statement,
        resources=statement.resources and _in_element(statement.resources, values),
        conditions=tuple(_in_condition(each, values) for each in statement.conditions),
    )


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
