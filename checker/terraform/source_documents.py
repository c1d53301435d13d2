"""Documents that `aws_iam_policy_document` puts into another one, as the provider reads them.

It does not mind how the name of an element is capitalised, and has no room for what it does not
expect: a condition with a number is gone from what it writes.
"""

from __future__ import annotations

from typing import Final

from checker.source.places import quoted
from checker.source.tree import Number, Scalar
from checker.template.value import Choice, Items, Member, Record, Value
from checker.terraform.lifting import choice
from checker.terraform.values import FailedError, known_text

_OF_POLICY: Final = {name.lower(): name for name in ("Version", "Id", "Statement")}
_OF_STATEMENT: Final = {
    name.lower(): name
    for name in (
        *("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource"),
        *("Principal", "NotPrincipal", "Condition"),
    )
}


def as_source(policy: Value) -> Value:
    """Return a policy as it is put into another one.

    Errors: `FailedError` where the provider would leave a condition out.
    """
    match policy:
        case Choice(premise, then, other, span):
            return choice(premise, as_source(then), as_source(other), span)
        case Record():
            members = _spelled(policy, _OF_POLICY)
            return Record(tuple([_in_policy(member) for member in members]), policy.span)
        case _:
            return policy


def _spelled(record: Record, names: dict[str, str]) -> list[Member]:
    """Return the members by the names that they are known under; a later one wins."""
    found: dict[object, Member] = {}
    for member in record.members:
        name = known_text(member.name)
        known = names.get(name.lower(), name) if name is not None else None
        key = member.name if known is None or known == name else Scalar(known, member.name.span)
        found[known if known is not None else key] = Member(key, member.value)
    return list(found.values())


def _in_policy(member: Member) -> Member:
    is_body = known_text(member.name) == "Statement"
    return Member(member.name, _in_body(member.value)) if is_body else member


def _in_body(value: Value) -> Value:
    match value:
        case Items(values, span):
            return Items(tuple([_in_body(each) for each in values]), span)
        case Choice(premise, then, other, span):
            return choice(premise, _in_body(then), _in_body(other), span)
        case Record(span=span):
            members = _spelled(value, _OF_STATEMENT)
            for member in members:
                if known_text(member.name) == "Condition":
                    _refuse_left_out(member.value)
            return Record(tuple(members), span)
        case _:
            return value


def _refuse_left_out(conditions: Value) -> None:
    for test in _members(conditions):
        for key in _members(test.value):
            if any(_is_left_out(each) for each in _sides(key.value)):
                name = known_text(key.name)
                shown = f" of {quoted(name)}" if name is not None else ""
                problem = f"the provider leaves out the condition{shown}: its value is no text"
                raise FailedError(problem, key.value.span)


def _members(value: Value) -> list[Member]:
    found = [each.members for each in _sides(value) if isinstance(each, Record)]
    return [member for members in found for member in members]


def _sides(value: Value) -> list[Value]:
    """Return what a value may be, whatever it depends on."""
    match value:
        case Choice(_, then, other):
            return [*_sides(then), *_sides(other)]
        case _:
            return [value]


def _is_left_out(value: Value) -> bool:
    return isinstance(value, Scalar) and (value.value is None or isinstance(value.value, Number))
