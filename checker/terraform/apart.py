"""What is made for each of a list that nobody knows, told apart where it allows and where it denies.

One item stands for all: what a policy allows for each `x` is compared with what it allowed for the
same `x`. But a Deny made for one item also bounds what is allowed for another, so the item that a
Deny is made for must not be taken for the one that an Allow is made for.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from checker.source.tree import Scalar
from checker.template.value import Choice, Items, Joined, Member, Record, Unknown, Value

_ONE_OF_MANY: Final = re.compile(r"\[(each|key)\]")


def with_denies_apart(policy: Value) -> Value:
    """Return a policy whose statements that may deny name items of their own."""
    match policy:
        case Choice(premise, then, other, span):
            return Choice(premise, with_denies_apart(then), with_denies_apart(other), span)
        case Record(members, span) if _has_any(policy):
            return Record(tuple([_in_policy(member) for member in members]), span)
        case _:
            return policy


def _in_policy(member: Member) -> Member:
    is_body = isinstance(member.name, Scalar) and member.name.value == "Statement"
    return Member(member.name, _in_body(member.value)) if is_body else member


def _in_body(value: Value) -> Value:
    match value:
        case Items(values, span):
            return Items(tuple([_in_body(each) for each in values]), span)
        case Choice(premise, then, other, span):
            return Choice(premise, _in_body(then), _in_body(other), span)
        case Record():
            effect = value.get("Effect")
            allows = isinstance(effect, Scalar) and effect.value == "Allow"
            return value if allows else _renamed(value)
        case _:
            return value


def _has_any(value: Value) -> bool:
    if type(value) is Scalar:
        return False
    match value:
        case Unknown(expression):
            return _ONE_OF_MANY.search(expression) is not None
        case Joined(pieces):
            return any(isinstance(p, Unknown) and _has_any(p) for p in pieces)
        case Choice(_, then, other):
            return _has_any(then) or _has_any(other)
        case Items(values):
            return any(_has_any(each) for each in values if type(each) is not Scalar)
        case Record(members):
            return any(
                (type(m.name) is not Scalar and _has_any(m.name))
                or (type(m.value) is not Scalar and _has_any(m.value))
                for m in members
            )
        case _:
            return False


def _renamed(value: Value) -> Value:
    match value:
        case Unknown(expression):
            return replace(value, expression=_ONE_OF_MANY.sub(r"[\1 denied]", expression))
        case Joined(pieces, span):
            return Joined(tuple([p if isinstance(p, str) else _unknown(p) for p in pieces]), span)
        case Choice(premise, then, other, span):
            return Choice(premise, _renamed(then), _renamed(other), span)
        case Items(values, span):
            return Items(tuple([_renamed(each) for each in values]), span)
        case Record(members, span):
            return Record(tuple([Member(_name(m.name), _renamed(m.value)) for m in members]), span)
        case _:
            return value


def _unknown(piece: Unknown) -> Unknown:
    return replace(piece, expression=_ONE_OF_MANY.sub(r"[\1 denied]", piece.expression))


def _name(name: Scalar | Joined | Unknown) -> Scalar | Joined | Unknown:
    match name:
        case Joined(pieces, span):
            return Joined(tuple([p if isinstance(p, str) else _unknown(p) for p in pieces]), span)
        case Unknown():
            return _unknown(name)
        case _:
            return name
