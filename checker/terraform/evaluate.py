"""Terraform's expressions worked out as far as they are known offline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from checker.source.tree import Scalar
from checker.span import Span
from checker.template.value import Absent, Choice, Items, Joined, Member, Record, Unknown, Value
from checker.terraform import functions
from checker.terraform.access import entry, items_of, one_of_many
from checker.terraform.lifting import lift, where_present
from checker.terraform.operators import boolean, operate
from checker.terraform.scope import Scope
from checker.terraform.settable import decided, decider
from checker.terraform.syntax import (
    ITEM,
    Attribute,
    Call,
    Expression,
    For,
    Index,
    Literal,
    Name,
    Object,
    Operation,
    Splat,
    Template,
    Ternary,
    Tuple,
)
from checker.terraform.text_templates import template
from checker.terraform.values import (
    FailedError,
    Reference,
    Repeated,
    Texts,
    canonical,
    known_text,
    named,
    pieces_of,
    text,
    text_of,
    unknown,
)


def evaluate(expression: Expression, scope: Scope) -> Value:  # noqa: C901 - one case for each kind
    """Return the value of an expression.

    Errors: `FailedError` where Terraform would refuse it, or where it asks for too much work.
    """
    scope.budget.spend(expression.span)
    match expression:
        case Literal(value):
            return value
        case Template():
            return template(expression, scope, evaluate)
        case Attribute() | Index() | Name():
            return _reference(expression, scope)
        case Splat():
            return _splat(expression, scope)
        case Call():
            return functions.call(expression, scope, evaluate)
        case Tuple(items, span):
            return Items(tuple([evaluate(each, scope) for each in items]), span)
        case Object():
            return _object(expression, scope)
        case For():
            return _for(expression, scope)
        case Ternary():
            return _ternary(expression, scope)
        case Operation(operator, operands, span):
            values = tuple([evaluate(each, scope) for each in operands])
            return operate(operator, values, span)


def _reference(expression: Attribute | Index | Name, scope: Scope) -> Value:
    steps: list[Value] = []
    keys: dict[int, Expression] = {}  # of maps and lists, by their place in `steps`
    node: Expression = expression
    while isinstance(node, Attribute | Index):
        if isinstance(node, Attribute):
            steps.append(text(node.name, node.span))
        else:
            keys[len(steps)] = node.key
            steps.append(evaluate(node.key, scope))
        node = node.of
    if keys and (not isinstance(node, Name) or node.name in ("local", "var")):
        for place, key in keys.items():
            steps[place] = decider(key, steps[place], scope, evaluate)
    steps.reverse()
    if not isinstance(node, Name):
        value = evaluate(node, scope)
    elif node.name in scope.names:
        value = scope.names[node.name]
    else:
        found = scope.module.reference(node.name, steps, scope, expression.span)
        value, steps = found.value, steps[found.used :]
    for step in steps:
        value = entry(value, step, expression.span)
    return _placed(value, expression.span)


def _placed(value: Value, at: Span) -> Value:
    """Return a value; an unknown one stands where it is asked for."""
    if type(value) is Unknown:
        return Unknown(value.expression, at, value.many)
    return replace(value, span=at) if type(value) is Texts else value


def _splat(splat: Splat, scope: Scope) -> Value:
    def each(values: tuple[Value, ...]) -> Value:
        (of,) = values
        match of:
            case Items(items):
                return Items(tuple([where_present(item, _item) for item in items]), splat.span)
            case Reference():
                return Items((_item(of),), splat.span)
            case Unknown(expression):
                found = _item(Unknown(f"{expression}[*]", splat.span, many=True))
                return unknown(canonical(found), splat.span)
            case Scalar(None) | Absent():
                return Items((), splat.span)
            case _:
                return Items((_item(of),), splat.span)

    def _item(item: Value) -> Value:
        return evaluate(splat.each, scope.binding({ITEM: item}))

    return lift((evaluate(splat.of, scope),), each, splat.span)


def _object(expression: Object, scope: Scope) -> Value:
    keys = tuple([evaluate(key, scope) for key, _ in expression.members])
    values = [evaluate(value, scope) for _, value in expression.members]

    def made(names: tuple[Value, ...]) -> Value:
        members: dict[str, Member] = {}
        for name, value in zip(names, values, strict=True):
            member = Member(member_name(name), value)
            members[canonical(member.name)] = member
        return Record(tuple(members.values()), expression.span)

    return lift(keys, made, expression.span)


def member_name(value: Value) -> Scalar | Joined | Unknown:
    """Return a value as the name of a member."""
    if isinstance(value, Unknown):
        return value
    known = known_text(value)
    if known is not None:
        return text(known, value.span)
    pieces = pieces_of(value)
    if pieces is None:
        raise FailedError("the name of a member is a text", value.span)
    made = text_of(pieces, value.span)
    return made if isinstance(made, Joined | Unknown | Scalar) else text("", value.span)


def _ternary(expression: Ternary, scope: Scope) -> Value:
    usual = condition = boolean(evaluate(expression.condition, scope))
    elsewhere = scope
    if other := decided(expression.condition, usual, scope, evaluate):
        condition, elsewhere = boolean(other[0]), other[1]

    def chosen(values: tuple[Value, ...]) -> Value:
        is_true = is_truth(values[0])
        where = scope if elsewhere is scope or is_true is is_truth(usual) else elsewhere
        return evaluate(expression.then if is_true else expression.other, where)

    if isinstance(condition, Scalar):
        return chosen((condition,))
    return lift((condition,), chosen, expression.span)


def is_truth(value: Value) -> bool:
    """Whether a value is known to be true."""
    return isinstance(value, Scalar) and value.value is True


def _for(expression: For, scope: Scope) -> Value:
    def over(values: tuple[Value, ...]) -> Value:
        (collection,) = values
        if isinstance(collection, Unknown):
            many = replace(collection, many=True)
            any_one = one_of_many(Scalar(None, collection.span), many, expression.span)
            if any_one is None:
                return unknown(collection.expression, expression.span)
            if _keeps_none(expression, any_one, scope):
                of_objects = expression.member is not None
                return Record((), expression.span) if of_objects else Items((), expression.span)
            made = _repeated(expression, collection, any_one, scope)
            if expression.member is not None:
                return unknown(made.expression, expression.span)
            return Items((made,), expression.span)
        entries = items_of(collection, expression.collection.span)
        if expression.member is None:
            return Items(tuple(_for_items(expression, entries, scope)), expression.span)
        return _for_object(expression, entries, scope)

    return lift((evaluate(expression.collection, scope),), over, expression.span)


def _keeps_none(expression: For, any_one: tuple[Value, Value], scope: Scope) -> bool:
    """Whether the `if` of a `for` keeps no item, whatever items there are."""
    if expression.condition is None:
        return False
    inner = _bound(expression, any_one[0], any_one[1], scope)
    condition = boolean(evaluate(expression.condition, inner))
    return isinstance(condition, Scalar) and condition.value is False


def _bound(expression: For, key: Value, value: Value, scope: Scope) -> Scope:
    scope.budget.spend(expression.span)
    names = {expression.name: value}
    if expression.key:
        names[expression.key] = key
    return scope.binding(names)


def _for_items(
    expression: For, entries: list[tuple[Value, Value]], scope: Scope
) -> Iterator[Value]:
    for key, value in entries:
        if any_one := one_of_many(key, value, expression.span):
            if not _keeps_none(expression, any_one, scope):
                yield _repeated(expression, value, any_one, scope)
            continue

        def made(item: Value, key: Value = key) -> Value:
            inner = _bound(expression, key, item, scope)
            return _kept(expression, lambda: evaluate(expression.value, inner), inner)

        item = where_present(value, made)
        if not isinstance(item, Absent):
            yield item


def _kept(expression: For, make: Callable[[], Value], inner: Scope) -> Value:
    """Return an item where the `if` of its `for` holds."""
    if expression.condition is None:
        return make()

    def under(values: tuple[Value, ...]) -> Value:
        (condition,) = values
        is_kept = isinstance(condition, Scalar) and condition.value is True
        return make() if is_kept else Absent(expression.span)

    usual = evaluate(expression.condition, inner)
    condition = decider(expression.condition, usual, inner, evaluate)
    return lift((boolean(condition),), under, expression.span)


def _for_object(expression: For, entries: list[tuple[Value, Value]], scope: Scope) -> Value:
    if expression.member is None:
        return Absent(expression.span)
    member = expression.member
    members: dict[str, Member] = {}
    for key, value in entries:
        if any_one := one_of_many(key, value, expression.span):
            return unknown(_repeated(expression, value, any_one, scope).expression, expression.span)

        def made(item: Value, key: Value = key) -> Value:
            inner = _bound(expression, key, item, scope)

            def pair() -> Value:
                name = member_name(evaluate(member, inner))
                found = evaluate(expression.value, inner)
                return Record((Member(name, found),), expression.span)

            return _kept(expression, pair, inner)

        _collect(members, where_present(value, made), group=expression.group)
    return Record(tuple(members.values()), expression.span)


def _collect(members: dict[str, Member], made: Value, *, group: bool) -> None:
    """Add the one member of `made`; under the premise that it has, if it has one."""
    match made:
        case Absent():
            return
        case Record((member,), span):
            name = canonical(member.name)
            if group:
                before = members[name].value if name in members else Items((), span)
                items = before.values if isinstance(before, Items) else (before,)
                members[name] = Member(member.name, Items((*items, member.value), span))
            else:
                members[name] = member
        case Choice(premise, Record((member,)), Absent() as absent, span) if not group:
            members[canonical(member.name)] = Member(
                member.name, Choice(premise, member.value, absent, span)
            )
        case Choice(premise, Absent() as absent, Record((member,)), span) if not group:
            members[canonical(member.name)] = Member(
                member.name, Choice(premise, absent, member.value, span)
            )
        case _:
            raise FailedError(
                "a `for` expression whose names depend on what is not known", made.span
            )


def _repeated(expression: For, of: Value, any_one: tuple[Value, Value], scope: Scope) -> Repeated:
    """Return what a `for` makes of each item of a collection that nobody knows."""
    inner = _bound(expression, any_one[0], any_one[1], scope)
    value = evaluate(expression.value, inner)
    collection = of.expression if isinstance(of, Unknown) else canonical(any_one[0])
    said = canonical(value)
    if expression.member is not None:
        said = f"{canonical(evaluate(expression.member, inner))}=>{said}"
    if expression.condition is not None:
        said += f" if {canonical(evaluate(expression.condition, inner))}"
    name = named(f"[for {collection}: {said}]")
    whole = collection if expression.condition is None else name
    is_all = isinstance(of, Repeated) and expression.condition is None
    some = of.some if isinstance(of, Repeated) and is_all else named(f"length({whole}) > 0")
    return Repeated(name, expression.span, many=True, value=value, some=some)
