"""What the new policy says in the very words of the old one, and what needs a proof.

Between two versions of a policy nearly everything is the same text. An action and a resource that
stand together in an Allow statement of the old policy too, under the same principals and the same
or no conditions, give no new access, as long as all that the old policy denies is denied in such words
by the new one.
That is so under every reading of an open construct, since equal text is read alike. Only what is
left is compiled and compared.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from checker.policy.model import Effect, Element, Policy, Statement, Wildcard
from checker.symbolic.compile_variable import needs

_STAR: Final = (Wildcard.ANY_RUN,)

Bits: TypeAlias = int  # a set of statements: the bits of their numbers


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """An Allow statement with the entries that are still to be compared."""

    statement: Statement
    actions: Element
    resources: Element | None


def whole(statement: Statement) -> Rest:
    """Return a statement with all its entries."""
    return Rest(statement, statement.actions, statement.resources)


@dataclass(slots=True)
class _Holders:
    """Which of the other statements hold an entry of one element, word by word."""

    of: dict[Hashable, Bits] = field(default_factory=dict)

    def add(self, element: Element | None, bit: Bits) -> None:
        for entry in _entries(element):
            self.of[entry] = self.of.get(entry, 0) | bit

    @property
    def of_all(self) -> Bits:
        """Those that hold every entry: they say `*`, or have no such element."""
        return self.of.get(_STAR, 0) | self.of.get(None, 0)


@dataclass(slots=True)
class _Alike:
    """The other statements of one guard."""

    actions: _Holders = field(default_factory=_Holders)
    resources: _Holders = field(default_factory=_Holders)


def undischarged(new: Policy, old: Policy) -> tuple[Rest, ...]:
    """Return what is left to compare of the Allow statements of the new policy."""
    allows = _with_effect(new, Effect.ALLOW)
    if _unheld(_with_effect(old, Effect.DENY), _with_effect(new, Effect.DENY)):
        return tuple(whole(statement) for statement in allows)
    return tuple(_unheld(allows, _with_effect(old, Effect.ALLOW)))


def _with_effect(policy: Policy, effect: Effect) -> list[Statement]:
    return [statement for statement in policy.statements if statement.effect is effect]


def _unheld(statements: Sequence[Statement], others: Sequence[Statement]) -> list[Rest]:
    """Return what of some statements is in no other one in the same words."""
    alike = _by_guard(others)
    rests: list[Rest] = []
    for statement in statements:
        guards = _weaker_guards(statement) if alike else ()
        rest = _rest(statement, [alike[guard] for guard in guards if guard in alike])
        if rest:
            rests.append(rest)
    return rests


def _by_guard(statements: Sequence[Statement]) -> dict[Hashable, _Alike]:
    alike: dict[Hashable, _Alike] = {}
    for number, statement in enumerate(statements):
        same = alike.setdefault(_guard(statement), _Alike())
        same.actions.add(statement.actions, 1 << number)
        same.resources.add(statement.resources, 1 << number)
    return alike


def _guard(statement: Statement) -> Hashable:
    """Return all that a statement asks for besides action and resource.

    Its variables are among that: under one reading, one without value voids the whole statement.
    """
    return (
        statement.principals,
        statement.conditions,
        statement.empty_condition,
        needs(statement),
    )


def _weaker_guards(statement: Statement) -> dict[Hashable, None]:
    """Return the statement's own guard, and the one that asks for no more than its principals."""
    return {_guard(statement): None, (statement.principals, (), False, ()): None}


def _entries(element: Element | None) -> Iterable[Hashable]:
    """Return what stands for each entry; a negated or missing element is one entry."""
    if element is None or element.negated:
        return (element,)
    return [pattern.parts for pattern in element.patterns]


def _rest(statement: Statement, alike: Sequence[_Alike]) -> Rest | None:
    """Return the entries with a cell that no old statement holds; None if there is no such cell."""
    actions = _held(statement.actions, [same.actions for same in alike])
    resources = _held(statement.resources, [same.resources for same in alike])
    kinds = {(a, r) for a in set(actions) for r in set(resources) if not a & r}
    if not kinds:
        return None
    left = _left(statement.actions, actions, {a for a, _ in kinds})
    assert left is not None
    return Rest(statement, left, _left(statement.resources, resources, {r for _, r in kinds}))


def _held(element: Element | None, holders: Sequence[_Holders]) -> list[Bits]:
    """Return for each entry of an element the old statements that hold it."""
    always = 0
    for same in holders:
        always |= same.of_all
    found: list[Bits] = []
    for entry in _entries(element):
        bits = always
        for same in holders:
            bits |= same.of.get(entry, 0)
        found.append(bits)
    return found


def _left(element: Element | None, held: Sequence[Bits], wanted: set[Bits]) -> Element | None:
    if element is None or element.negated or len(wanted) == len(set(held)):
        return element
    patterns = zip(element.patterns, held, strict=True)
    return replace(element, patterns=tuple(p for p, bits in patterns if bits in wanted))
