"""Policies that say the same in both versions, out of the way of those that do not.

Where a role has many policies that are each there under a premise of its own, there are too many ways
for all of them to be looked at. Those that do not change need not be looked at one by one. In whatever
way they are there, they allow a request or they do not:

* if they do, it is only new because something stopped denying it, and it is found as well where
  all of them are there and allow all that they may;
* if they do not, it is found as well where none of them is there.

What they deny, they deny in both versions, so leaving that out finds no less. So two comparisons
find all that there is to find, and perhaps more: which of them are there together is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from checker.source.tree import Scalar
from checker.template.outcomes import outcomes
from checker.template.value import Absent, Items, Member, Record, TemplateDocument, Value
from checker.template.worlds import meaning, premises

Documents: TypeAlias = tuple[TemplateDocument, ...]


def untied(before: Documents, after: Documents) -> tuple[tuple[Documents, Documents], ...]:
    """Return the two comparisons in place of one; none if there is nothing to set apart.

    Errors: `TooManyWorldsError` where a policy alone can be in too many ways.
    """
    said = {(d.address, meaning(d.value)) for d in before if premises([d.value])}
    same = [d for d in after if (d.address, meaning(d.value)) in said]
    addresses = {d.address for d in same}
    if not same or len(addresses) == len({d.address for d in (*before, *after)}):
        return ()
    others = [tuple(d for d in side if d.address not in addresses) for side in (before, after)]
    allowed = tuple(each for d in same for each in _allowed(d))
    return (
        ((*others[0], *allowed), (*others[1], *allowed)),
        (others[0], others[1]),
    )


def _allowed(document: TemplateDocument) -> Iterator[TemplateDocument]:
    """Yield a document without what it denies, as it may be in each way."""
    for each in outcomes([document.value]):
        value = _without_denies(each.values[0])
        if not isinstance(value, Absent):
            yield replace(document, value=value)


def _without_denies(policy: Value) -> Value:
    if not isinstance(policy, Record):
        return policy
    members = [
        Member(m.name, _kept(m.value)) if _is_named(m, "Statement") else m for m in policy.members
    ]
    return Record(tuple(members), policy.span)


def _is_named(member: Member, name: str) -> bool:
    return isinstance(member.name, Scalar) and member.name.value == name


def _kept(statements: Value) -> Value:
    items: Sequence[Value] = statements.values if isinstance(statements, Items) else (statements,)
    kept = [each for each in items if not _denies(each)]
    return Items(tuple(kept), statements.span)


def _denies(statement: Value) -> bool:
    effect = statement.get("Effect") if isinstance(statement, Record) else None
    return isinstance(effect, Scalar) and effect.value == "Deny"
