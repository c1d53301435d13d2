"""Requests of outsiders as a formula, and the statements that can be about them at all.

Everything said of an outsider is a "not": not of these accounts, not with this value. So an outsider
may always lack a key, and what is left free is up to whoever looks for a request that is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from checker.checks.bounds import Insiders, Keys, Kind
from checker.policy.model import CallerKind, Effect, Policy, PrincipalEntry
from checker.symbolic.atoms import CallerIn, Matcher, SomeValue, ValueIn
from checker.symbolic.compile_principal import OF_ACCOUNT, of_account
from checker.symbolic.formula import Formula, all_of, negation
from checker.symbolic.globs import EVERYTHING, literal
from checker.symbolic.vocabulary import Vocabulary

_SERVICE_KEYS: Final = {
    "aws:principalisawsservice": literal("true"),
    "aws:principalservicename": EVERYTHING,
    "aws:principalservicenameslist": EVERYTHING,
}


def about(policy: Policy, covers: Callable[[PrincipalEntry], bool]) -> Policy:
    """Return the policy less the Allows whose principals cover no outsider.

    Errors: none; a `NotPrincipal`, and a statement without principals, may always cover one.
    """
    return replace(
        policy,
        statements=tuple(
            statement
            for statement in policy.statements
            if statement.effect is Effect.DENY
            or statement.principals is None
            or statement.principals.negated
            or any(map(covers, statement.principals.entries))
        ),
    )


def outside(
    insiders: Insiders, keys: Keys, callers: Iterable[CallerIn]
) -> Callable[[Vocabulary], Formula]:
    """Return what restricts requests to those of outsiders.

    keys: those whose values can be an insider's. callers: insiders too, besides all of the accounts.
    """
    known = (
        *callers,
        *(of_account(kind, account) for account in insiders.accounts for kind in OF_ACCOUNT),
    )

    def within(vocabulary: Vocabulary) -> Formula:
        values = (
            atom
            for key in vocabulary.keys
            if key in keys
            for atom in _held(key, insiders.of(key, keys[key]), vocabulary)
        )
        return all_of(negation(atom) for atom in (*known, *values))

    return within


def _held(
    key: str, matchers: tuple[Matcher, ...], vocabulary: Vocabulary
) -> Iterator[ValueIn | SomeValue]:
    """Yield that the key holds one of these values."""
    if key not in vocabulary.many:
        yield from (ValueIn(key, matcher) for matcher in matchers)
    elif matchers:
        yield SomeValue(key, matchers, negated=False)


def all_callers(*kinds: CallerKind) -> tuple[CallerIn, ...]:
    """Return all callers of these kinds."""
    return tuple(CallerIn(kind, EVERYTHING) for kind in kinds)


def exactly(kind: CallerKind, names: Iterable[str]) -> tuple[CallerIn, ...]:
    """Return the callers of a kind with these names."""
    return tuple(CallerIn(kind, literal(name)) for name in names)


def no_service() -> tuple[Keys, Insiders]:
    """Return the keys that only services carry, and their values, for outsiders who are none."""
    return dict.fromkeys(_SERVICE_KEYS, Kind.OTHER), Insiders(values=tuple(_SERVICE_KEYS.items()))
