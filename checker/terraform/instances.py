"""`count` and `for_each`: the instances that one block makes, as far as they are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from checker.source.tree import Number, Scalar
from checker.span import Span, whole_file
from checker.template.value import Absent, Choice, Items, Member, Record, Unknown, Value
from checker.terraform.access import is_any, is_many, items_of, one_of_many
from checker.terraform.evaluate import evaluate
from checker.terraform.lifting import assume, choice, lift, may_be_absent
from checker.terraform.scope import Scope
from checker.terraform.syntax import Body
from checker.terraform.values import (
    FailedError,
    canonical,
    decimal_of,
    number,
    truth,
    unknown,
    whether,
)

MOST: Final = 200  # instances of one block


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of a block.

    key: how it is told from the others, as an address writes it: `[0]`, `["a"]`, `[*]` or "".
    names: `each` or `count` in it.
    exists: a Boolean, which depends on premises where the instance is not always there.
    """

    key: str
    names: Mapping[str, Value]
    exists: Value
    index: Value | None = None  # its key; one of `many` stands for any number of keys


@dataclass(frozen=True, slots=True)
class Instances:
    """All instances of a block, and whether it is a list, a map or one thing."""

    kind: str  # "one", "count", "each", or "unknown" for a `count` that nobody knows
    all: tuple[Instance, ...] = field(default=())


def instances_of(body: Body, address: str, scope: Scope) -> Instances:
    """Return the instances of a block.

    Errors: `FailedError` where `count` or `for_each` cannot be worked out.
    """
    if count := body.argument("count"):
        value = evaluate(count.value, scope.by_defaults())
        return _counted(value, address, count.at)
    if each := body.argument("for_each"):
        value = evaluate(each.value, scope.by_defaults())
        return _keyed(value, each.at)
    return Instances("one", (Instance("", {}, truth(True, body_span(body))),))  # noqa: FBT003


def body_span(body: Body) -> Span:
    """Return a place in a body."""
    if body.arguments:
        return body.arguments[0].at
    if body.blocks:
        return body.blocks[0].span
    return whole_file("")


def _leaves(value: Value) -> list[Value]:
    if isinstance(value, Choice):
        return [*_leaves(value.then), *_leaves(value.other)]
    return [value]


def _counted(value: Value, address: str, at: Span) -> Instances:
    most = 0
    for leaf in _leaves(value):
        found = decimal_of(leaf)
        if found is None:
            if isinstance(leaf, Scalar | Items | Record | Absent):
                raise FailedError("`count` is a number", at)
            return _uncounted(value, address, at)
        most = max(most, int(found))
    if most > MOST:
        raise FailedError(f"more than {MOST} instances of one block", at)
    made: list[Instance] = []
    for index in range(most):
        names = {"count": Record((_member("index", number(index, at)),), at)}
        exists = lift((value,), partial(_more, index, at), at)
        key = Scalar(Number(str(index)), at)
        made.append(Instance(f"[{index}]", names, exists, key))
    return Instances("count", tuple(made))


def _more(index: int, at: Span, values: tuple[Value, ...]) -> Value:
    found = decimal_of(values[0])
    return truth(found is not None and found > index, at)


def _uncounted(value: Value, address: str, at: Span) -> Instances:
    names = {
        "count": Record((_member("index", unknown(f"{address}[*].index", at, many=False)),), at)
    }
    exists = whether(f"{canonical(value)} > 0", at)
    return Instances("unknown", (Instance("[*]", names, exists),))


def _keyed(value: Value, at: Span) -> Instances:
    if isinstance(value, Unknown):
        exists = whether(f"length({value.expression}) > 0", at)
        return Instances("each", (_any_each(value, exists, at),))
    keys: dict[str, Value] = {}
    for leaf in _leaves(value):
        keys |= {shown: key for shown, (key, _) in _entries(leaf, at).items()}
    if len(keys) > MOST:
        raise FailedError(f"more than {MOST} instances of one block", at)
    return Instances("each", tuple([_one(value, shown, keys[shown], at) for shown in keys]))


def _one(value: Value, shown: str, key: Value, at: Span) -> Instance:
    """Return the instance of one key."""

    def item_of(known: tuple[Value, ...]) -> Value:
        (leaf,) = known
        found = _entries(leaf, at).get(shown)
        return Absent(at) if found is None else found[1]

    item = lift((value,), item_of, at)
    exists = presence(item, at)
    if isinstance(key, Unknown) and key.many:
        premise = whether(f"length({key.expression}) > 0", at)
        return _any_each(item if isinstance(item, Unknown) else key, both(exists, premise), at)
    names = {"each": Record((_member("key", key), _member("value", present(item))), at)}
    return Instance(f"[{shown}]", names, exists, key)


def both(first: Value, second: Value) -> Value:
    """Return a Boolean that is true where two are."""
    return lift((first, second), _all, first.span)


def _all(values: tuple[Value, ...]) -> Value:
    is_true = all(isinstance(each, Scalar) and each.value is True for each in values)
    return truth(is_true, values[0].span)


def _entries(leaf: Value, at: Span) -> dict[str, tuple[Value, Value]]:
    """Return keys and items of what `for_each` is given, by the keys as addresses write them."""
    if isinstance(leaf, Absent | Scalar):
        raise FailedError("`for_each` is a map or a set", at)
    if isinstance(leaf, Unknown):
        return {f"*{leaf.expression}": (Unknown(leaf.expression, at, many=True), leaf)}
    found: dict[str, tuple[Value, Value]] = {}
    for key, item in items_of(leaf, at):
        if isinstance(leaf, Record) and is_any(key):
            found[f"*{canonical(key)}"] = (key, item)
        elif isinstance(leaf, Record):
            found[canonical(key)] = (key, item)
        elif isinstance(item, Unknown) and is_many(item):
            found[f"*{item.expression}"] = (Unknown(item.expression, at, many=True), item)
        else:
            name = present(item)
            found[canonical(name)] = (name, item)
    return found


def presence(item: Value, at: Span) -> Value:
    """Return whether an item is there, as a Boolean."""
    match item:
        case Choice(premise, then, other, span) if may_be_absent(item):
            return choice(premise, presence(then, at), presence(other, at), span)
        case _:
            return truth(not isinstance(item, Absent), at)


def present(item: Value) -> Value:
    """Return an item without the premises under which it is not there."""
    match item:
        case Choice(_, Absent(), other) if not isinstance(other, Absent):
            return present(other)
        case Choice(_, then, Absent()):
            return present(then)
        case Choice(premise, then, other, span):
            return choice(premise, present(then), present(other), span)
        case _:
            return item


def _any_each(of: Unknown, exists: Value, at: Span) -> Instance:
    """Return the instance that stands for all those of a collection that nobody knows."""
    many = of if is_many(of) else replace(of, many=True)
    key, value = one_of_many(Scalar(None, at), many, at) or (of, of)
    names = {"each": Record((_member("key", key), _member("value", value)), at)}
    index = Unknown(key.expression, at, many=True) if isinstance(key, Unknown) else key
    return Instance(f"[{of.expression}]", names, exists, index)


def _member(name: str, value: Value) -> Member:
    return Member(Scalar(name, value.span), value)


def exists_under(value: Value, exists: Value, at: Span) -> Value:
    """Return a value where an instance exists, and nothing elsewhere."""
    match exists:
        case Choice(premise, then, other):
            sides = (
                exists_under(assume(value, premise, truth=True), then, at),
                exists_under(assume(value, premise, truth=False), other, at),
            )
            return choice(premise, sides[0], sides[1], at)
        case Scalar(True):
            return value
        case _:
            return Absent(at)
