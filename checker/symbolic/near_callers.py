"""Which of many principals can be about a caller at all: those of the same account, mostly."""

from __future__ import annotations

from typing import Final, TypeAlias

from checker.policy.model import CallerKind
from checker.symbolic.atoms import CallerIn
from checker.symbolic.formula import Formula, Or, any_of

_ACCOUNT_FIELD: Final = 4
_LAST_FIELD: Final = 5

Place: TypeAlias = tuple[CallerKind, str]
"""A kind of caller and the account of all callers that a pattern is about."""


class NearCallers:
    """The principals of a statement, by account. Those of two accounts have no caller in common."""

    def __init__(self, principals: Formula) -> None:
        parts = principals.parts if isinstance(principals, Or) else (principals,)
        self._all = principals
        self._placed: dict[Place, list[Formula]] = {}
        self._anywhere: list[Formula] = []
        for part in parts:
            place = _place(part)
            if place is None:
                self._anywhere.append(part)
            else:
                self._placed.setdefault(place, []).append(part)

    def near(self, principal: Formula) -> Formula:
        """Return what is left of the principals for callers of one: the same, for these callers."""
        place = _place(principal)
        if place is None:
            return self._all
        return any_of((*self._placed.get(place, ()), *self._anywhere))


def _place(principal: Formula) -> Place | None:
    if not isinstance(principal, CallerIn):
        return None
    fields = principal.of.fields
    if len(fields) <= _LAST_FIELD or not fields[_ACCOUNT_FIELD].is_literal:
        return None
    return principal.kind, fields[_ACCOUNT_FIELD].prefix
