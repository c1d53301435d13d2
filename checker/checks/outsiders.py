"""Requests of outsiders as a formula.

What is said of the keys of an outsider is a "not": not with this value. So an outsider may always
lack a key, and what is left free is up to whoever looks for a request that is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from checker.checks import bounds
from checker.checks.bounds import Insiders, Keys, Kind
from checker.checks.relevant import asks_for_accounts
from checker.policy.model import CallerKind, Policy, PolicyType
from checker.symbolic.atoms import ActionIn, CallerIn, Matcher, SomeValue, ValueIn
from checker.symbolic.compile_principal import ALL_KINDS, OF_ACCOUNT, of_account
from checker.symbolic.formula import Formula, all_of, any_of, negation
from checker.symbolic.globs import ANY, EVERYTHING, Run, literal
from checker.symbolic.patterns import spliced
from checker.symbolic.vocabulary import Vocabulary

_SERVICE_KEYS: Final = {
    "aws:principalisawsservice": literal("true"),
    "aws:principalservicename": EVERYTHING,
    "aws:principalservicenameslist": EVERYTHING,
}
_FEDERATED: Final = all_of(  # `sts:AssumeRole` itself is for those who sign
    (
        CallerIn(CallerKind.FEDERATED, EVERYTHING),
        ActionIn(spliced("sts:assumerolewith", Run(ANY))),
    )
)
_STRANGERS: Final = ("999999999999", "888888888888", "777777777777")
_OTHER_KINDS: Final = tuple(kind for kind in ALL_KINDS if kind not in OF_ACCOUNT)


def outside(
    policy: Policy, insiders: Insiders, keys: Keys, callers: Iterable[CallerIn]
) -> Callable[[Vocabulary], Formula]:
    """Return what restricts requests to those of outsiders.

    policy: what of it is about outsiders. keys: those whose values can be an insider's.
    callers: insiders too, besides all of the accounts.
    """
    caller = _caller(policy, insiders, tuple(callers))
    silent = bounds.CALLER if policy.type is PolicyType.TRUST else ()

    def within(vocabulary: Vocabulary) -> Formula:
        values = (
            any_of((negation(atom), key in silent and _FEDERATED))
            for key in vocabulary.keys
            if key in keys
            for atom in _held(key, insiders.of(key, keys[key]), vocabulary)
        )
        return all_of((caller, *values))

    return within


def telling(policy: Policy, keys: Keys) -> Keys:
    """Return the keys of which an insider's value always tells an insider.

    Whose account it is that a federated caller comes to a role with, AWS does not say.
    """
    if policy.type is not PolicyType.TRUST:
        return keys
    return {key: kind for key, kind in keys.items() if key not in bounds.CALLER}


def _caller(policy: Policy, insiders: Insiders, known: tuple[CallerIn, ...]) -> Formula:
    """Return whether the caller is an outsider.

    Where the policy looks at accounts only by naming them, those that it does not name are alike:
    one of them stands for all.
    """
    if asks_for_accounts(policy):
        own = (of_account(kind, a) for a in insiders.accounts for kind in OF_ACCOUNT)
        return all_of(negation(caller) for caller in (*known, *own))
    named = dict.fromkeys(a for s in policy.statements for a in bounds.accounts_of(s))
    others = [account for account in named if account not in insiders.accounts]
    theirs = [_unnamed({*named, *insiders.accounts}), *others]
    return any_of(
        (
            *(_less(kind, known) for kind in _OTHER_KINDS),
            *(of_account(kind, a) for kind in OF_ACCOUNT for a in theirs if _is_open(kind, known)),
        )
    )


def _less(kind: CallerKind, known: tuple[CallerIn, ...]) -> Formula:
    """Return whether the caller is of a kind, and none of those known."""
    if not _is_open(kind, known):
        return False
    apart = (negation(caller) for caller in known if caller.kind is kind)
    return all_of((CallerIn(kind, EVERYTHING), *apart))


def _is_open(kind: CallerKind, known: tuple[CallerIn, ...]) -> bool:
    return CallerIn(kind, EVERYTHING) not in known


def _unnamed(accounts: set[str]) -> str:
    """Return an account that is none of these."""
    numbers = (*_STRANGERS, *(f"{number:012d}" for number in range(len(accounts) + 1)))
    return next(number for number in numbers if number not in accounts)


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
