"""Values of variables, brought to the type that the variable declares."""

from __future__ import annotations

from typing import Final

from checker.source.tree import Scalar
from checker.template.value import Absent, Choice, Items, Member, Record, Unknown, Value
from checker.terraform.evaluate import evaluate
from checker.terraform.lifting import choice
from checker.terraform.scope import Scope
from checker.terraform.syntax import Call, Expression, Literal, Name, Object
from checker.terraform.values import (
    Set,
    Texts,
    canonical,
    decimal_of,
    known_text,
    number,
    pieces_of,
    text_of,
)

_COLLECTIONS: Final = frozenset({"list", "set", "map"})
_PRIMITIVE: Final = frozenset({"string", "number", "bool"})


def converted(value: Value, wanted: Expression | None, scope: Scope) -> Value:
    """Return a value as a variable of a type holds it."""
    match value:
        case Choice(premise, then, other, span):
            sides = [converted(each, wanted, scope) for each in (then, other)]
            return choice(premise, sides[0], sides[1], span)
        case Absent() | Scalar(None):
            return value
        case _:
            return _converted(value, wanted, scope)


def type_name(wanted: Expression | None) -> str:
    """Return the first word of a type."""
    match wanted:
        case Name(name) | Call(name) | Literal(Scalar(str(name))):
            return name.partition("(")[0]
        case _:
            return "any"


def _converted(value: Value, wanted: Expression | None, scope: Scope) -> Value:
    name = type_name(wanted)
    if name in _PRIMITIVE:
        if type(value) is Unknown:
            return Unknown(value.expression, value.span)
        return _primitive(value, name)
    inner = wanted.arguments[0] if isinstance(wanted, Call) and wanted.arguments else None
    if type(value) is Unknown and name in _COLLECTIONS and type_name(inner) in _PRIMITIVE:
        return Texts(value.expression, value.span, many=True)
    match name, value:
        case ("list" | "set", Items(values, span)):
            items = [converted(each, inner, scope) for each in values]
            if name == "set":
                found = {canonical(each): each for each in items}
                return Set(tuple([found[key] for key in sorted(found)]), span)
            return Items(tuple(items), span)
        case ("map", Record(members, span)):
            kept = [Member(each.name, converted(each.value, inner, scope)) for each in members]
            return Record(tuple(kept), span)
        case ("object", Record()) if isinstance(inner, Object):
            return _object(value, inner, scope)
        case _:
            return value


def _primitive(value: Value, name: str) -> Value:
    pieces = pieces_of(value)
    if name == "string" and pieces is not None and isinstance(value, Scalar):
        return text_of(pieces, value.span)
    if name == "number" and isinstance(value, Scalar) and (found := decimal_of(value)) is not None:
        return number(found, value.span)
    if name == "bool" and (known := known_text(value)) in ("true", "false"):
        return Scalar(known == "true", value.span)
    return value


def _object(value: Value, wanted: Object, scope: Scope) -> Value:
    """Return an object with the attributes of its type, and no other ones."""
    if not isinstance(value, Record):
        return value
    if any(not isinstance(member.name, Scalar) for member in value.members):
        return value
    members: list[Member] = []
    for key, kind in wanted.members:
        if not (isinstance(key, Literal) and isinstance(key.value.value, str)):
            return value
        given = value.get(key.value.value)
        inner: Expression | None = kind
        default: Value = Scalar(None, value.span)
        if isinstance(kind, Call) and kind.name == "optional" and kind.arguments:
            inner = kind.arguments[0]
            if len(kind.arguments) > 1:
                default = evaluate(kind.arguments[1], scope)
        is_null = given is None or (isinstance(given, Scalar) and given.value is None)
        taken = default if is_null or given is None else given
        members.append(Member(key.value, converted(taken, inner, scope)))
    return Record(tuple(members), value.span)
