"""What of a policy is about outsiders: the rest cannot change the answer, so it is not asked about.

A policy that lists hundreds of accounts says nothing of anybody else. Each step leaves the decision
on every request of an outsider as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network

from checker.checks import addresses, bounds
from checker.checks.bounds import Insiders, Keys
from checker.policy.catalogue import is_multivalued, key_type
from checker.policy.keys import KeyType
from checker.policy.model import (
    Comparison,
    Condition,
    ConditionValue,
    Policy,
    PrincipalEntry,
    PrincipalKind,
    Principals,
    Quantifier,
    Statement,
)
from checker.symbolic.atoms import Interval
from checker.symbolic.vocabulary import variables_of


def by_principal(policy: Policy, covers: Callable[[PrincipalEntry], bool]) -> Policy:
    """Return the policy less the principals that cover no outsider."""
    statements = (_open_to(statement, covers) for statement in policy.statements)
    return replace(policy, statements=tuple(s for s in statements if s is not None))


def _open_to(statement: Statement, covers: Callable[[PrincipalEntry], bool]) -> Statement | None:
    element = statement.principals
    if element is None or all(map(covers, element.entries)):
        return statement if element is None or element.entries else None
    entries = tuple(entry for entry in element.entries if covers(entry))
    if entries:
        return replace(statement, principals=replace(element, entries=entries))
    if not element.negated:
        return None
    everyone = PrincipalEntry(PrincipalKind.EVERYONE, "*", "*", element.span)  # nobody is exempt
    return replace(statement, principals=Principals((everyone,), negated=False, span=element.span))


def by_condition(
    policy: Policy, insiders: Insiders, keys: Keys, *, whole: Collection[str] = ()
) -> Policy:
    """Return the policy less the values of conditions that only insiders' requests have.

    `whole`: as `bounds.fixed` has it.
    """
    held = _Held(insiders, keys, whole)
    statements = (_met_by_outsiders(statement, held) for statement in policy.statements)
    return replace(policy, statements=tuple(s for s in statements if s is not None))


class _Held:
    """Whether a value of a condition is an insider's alone."""

    def __init__(self, insiders: Insiders, keys: Keys, whole: Collection[str]) -> None:
        self._accounts = frozenset(insiders.accounts)
        self._organisations = frozenset(insiders.organisations)
        self._values = frozenset(insiders.values)
        self._blocks = tuple(
            of for key, of in insiders.values if key == addresses.KEY and isinstance(of, Interval)
        )
        self._keys = keys
        self._whole = whole

    def __call__(self, given: Condition, value: ConditionValue) -> bool:
        if isinstance(value.operand, IPv4Network | IPv6Network):
            block = addresses.interval(addresses.block(value.operand))
            return given.key == addresses.KEY and any(b.covers(block) for b in self._blocks)
        own = bounds.fixed_by(given, value, self._keys, whole=self._whole)
        return own != Insiders() and (
            self._accounts.issuperset(own.accounts)
            and self._organisations.issuperset(own.organisations)
            and self._values.issuperset(own.values)
        )


def _met_by_outsiders(statement: Statement, held: _Held) -> Statement | None:
    """Return the statement as outsiders meet it; None if they never do."""
    conditions: list[Condition] = []
    for given in statement.conditions:
        kept = tuple(value for value in given.values if not held(given, value))
        if len(kept) == len(given.values) or not _is_plain(given):
            conditions.append(given)
        elif kept:
            conditions.append(replace(given, values=kept))
        elif given.operator.negated and given.operator.quantifier is not Quantifier.FOR_ANY_VALUE:
            continue  # none of the values is an outsider's, so the condition always holds
        elif given.operator.negated or given.operator.if_exists:
            conditions.append(given)  # what is left of it is about the key being there
        else:
            return None
    return replace(statement, conditions=tuple(conditions))


def _is_plain(given: Condition) -> bool:
    """Whether each value counts for itself, and AWS leaves nothing open about the operator.

    Open are an ARN operator on a text that is no ARN, and a plain operator on many values.
    """
    if given.operator.comparison is Comparison.ARN_LIKE and key_type(given.key) is not KeyType.ARN:
        return False
    if given.operator.quantifier is Quantifier.FOR_ALL_VALUES:
        return given.operator.negated
    return given.operator.quantifier is not None or is_multivalued(given.key) is not True


def asks_for_accounts(policy: Policy) -> bool:
    """Whether the policy asks for the account of a caller in any way but by naming it."""
    return any(
        key in ("aws:principalaccount", "aws:principalarn")
        for statement in policy.statements
        for key in _asked(statement)
    )


def _asked(statement: Statement) -> Iterator[str]:
    yield from (given.key for given in statement.conditions)
    yield from variables_of(statement)
