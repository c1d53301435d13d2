"""A change that names callers by symbols, for each thing that these may be once deployed.

The engine knows patterns with symbols in resources and conditions. Of a principal it must know who
it is. So a symbol that stands in a principal gets values: one that is nobody else, and one of each
kind that the two policies tell apart: named by another principal, or picked by a condition on the
caller. Two values of one kind could be exchanged for each other. Where it stands in a resource or
another condition it stays a symbol, which may be more than it is there, and never less.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Final

from checker.errors import PolicySyntaxError
from checker.policy.deployments import (
    account_symbols,
    filled,
    fresh_values,
    is_of_caller,
    patterns_of,
    principals_of,
    tells_callers_apart,
    with_callers,
)
from checker.policy.model import Pattern, Policy, PrincipalEntry, Statement, Variable
from checker.source.symbols import holds_mark, pieces
from checker.symbolic.automaton import TooLargeError
from checker.symbolic.caller_forms import Form, Told, forms_of, kinds_told_apart
from checker.symbolic.globs import Glob, member

MOST_DEPLOYMENTS: Final = 64
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")


class TooManyDeploymentsError(Exception):
    """More combinations of callers than can be looked at; the argument says how many."""


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
    every = list(dict.fromkeys(entry for policy in policies for entry in principals_of(policy)))
    symbols = dict.fromkeys(s for entry in every for s in _symbols(entry))
    if not symbols:
        return (Deployment(before, after, {}),)
    found = _ways(policies, every, fresh_values(symbols, policies))
    if len(found) > MOST_DEPLOYMENTS:
        raise TooManyDeploymentsError(f"{len(found)} ways")
    accounts = account_symbols(policies)
    valid = tuple(each for taken in found for each in _deployed(before, after, taken, accounts))
    if not valid:
        raise TooManyDeploymentsError("ways that do not go together")
    return valid


def _ways(
    policies: Sequence[Policy], every: Sequence[PrincipalEntry], fresh: Mapping[str, str]
) -> list[Mapping[str, str]]:
    """Return the values to think of: of callers told apart together, of others one by one.

    Who is only ever allowed something can take nothing from anybody. So beside one of them, the
    others may be nobody in particular.
    """
    apart = [s for policy in policies for s in policy.statements if tells_callers_apart(s)]
    if not apart:
        return [fresh]
    asked = [e for s in apart if s.principals for e in s.principals.entries]
    told, of_asked = (kinds_told_apart(named, policies, fresh) for named in (every, asked))
    choices: dict[str, dict[str, None]] = {symbol: {v: None} for symbol, v in fresh.items()}
    compared = _compared(apart) & account_symbols(policies)
    for symbol in compared:
        choices[symbol].update(dict.fromkeys(_accounts(every, apart)))
    bound = compared.union(*map(_symbols, asked))
    for entry in every:
        is_bound = not bound.isdisjoint(_symbols(entry))
        for form in forms_of(entry, fresh):
            for symbol, value in _of_form(form, told if is_bound else of_asked, fresh):
                choices[symbol][value] = None
    found: dict[tuple[str, ...], Mapping[str, str]] = {}
    for group in ((), *map(_symbols, every)):
        varied = {symbol: choices[symbol] for symbol in fresh if symbol in (*bound, *group)}
        if prod(len(values) for values in varied.values()) > MOST_DEPLOYMENTS:
            raise TooManyDeploymentsError(f"more than {MOST_DEPLOYMENTS} ways")
        for values in product(*varied.values()):
            taken = {**fresh, **dict(zip(varied, values, strict=True))}
            found.setdefault(tuple(taken.values()), taken)
    return list(found.values())


def _compared(statements: Iterable[Statement]) -> frozenset[str]:
    """Return the symbols in conditions on the caller."""
    return frozenset(
        part.key
        for statement in statements
        for condition in statement.conditions
        for value in condition.values
        if is_of_caller(condition.key) and isinstance(value.operand, Pattern)
        for part in value.operand.parts
        if isinstance(part, Variable)
    )


def _accounts(entries: Iterable[PrincipalEntry], statements: Iterable[Statement]) -> list[str]:
    """Return the accounts that are written out."""
    parts = (part for s in statements for pattern in patterns_of(s) for part in pattern.parts)
    texts = [entry.value for entry in entries] + [part for part in parts if isinstance(part, str)]
    return _ACCOUNT.findall("\n".join(texts))


def _symbols(entry: PrincipalEntry) -> tuple[str, ...]:
    return tuple(piece for piece in pieces(entry.value) if holds_mark(piece))


def _deployed(
    before: Policy | None,
    after: Policy | None,
    taken: Mapping[str, str],
    accounts: AbstractSet[str],
) -> Iterator[Deployment]:
    """Yield the deployment, unless these values are no principals there."""
    try:
        sides = [side and with_callers(side, taken, accounts) for side in (before, after)]
    except PolicySyntaxError:
        return
    yield Deployment(sides[0], sides[1], taken)


def _of_form(
    form: Form, told: Iterable[Told], fresh: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield values by which a caller of this form is of each kind that it can be of."""
    kinds = [_Kind(form, form.example)]
    try:
        for each in told:
            if each.concerns(form):
                kinds = [part for kind in kinds for part in kind.parted(each.callers)]
            if len(kinds) > MOST_DEPLOYMENTS:
                raise TooManyDeploymentsError(f"more than {MOST_DEPLOYMENTS} ways")
    except TooLargeError as error:
        raise TooManyDeploymentsError("ways beyond number") from error
    for kind in kinds:
        yield from kind.values(fresh).items()


@dataclass(frozen=True, slots=True)
class _Kind:
    """Callers of one form that are inside and outside the same patterns, and one of them."""

    form: Form
    example: str
    inside: tuple[Glob, ...] = ()
    outside: tuple[Glob, ...] = ()

    def parted(self, pattern: Glob) -> Iterator[_Kind]:
        """Yield those that are of a pattern, and those that are not."""
        is_of = pattern.matches(self.example)
        within, without = (*self.inside, pattern), (*self.outside, pattern)
        example = self.example if is_of else self._member(within, self.outside)
        if example is not None:
            yield _Kind(self.form, example, within, self.outside)
        example = self._member(self.inside, without) if is_of else self.example
        if example is not None:
            yield _Kind(self.form, example, self.inside, without)

    def values(self, fresh: Mapping[str, str]) -> Mapping[str, str]:
        """Return values of the symbols of one of them; fresh ones where these will do."""
        values = dict(self.form.values_in(self.example))
        for symbol in values if not self.form.whole else ():
            plainer = {**values, symbol: fresh[symbol]}
            text = filled(self.form.text, plainer)
            if all(g.matches(text) for g in self.inside) and not any(
                g.matches(text) for g in self.outside
            ):
                values = plainer
        return values

    def _member(self, inside: tuple[Glob, ...], outside: tuple[Glob, ...]) -> str | None:
        found = (member((form, *inside), outside) for form in self.form.globs)
        return next((text for text in found if text is not None), None)
