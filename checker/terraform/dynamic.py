"""Blocks inside a block, those that a `dynamic` block makes included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from checker.source.tree import Scalar
from checker.span import Span
from checker.template.value import Absent, Choice, Member, Record, Unknown, Value
from checker.terraform.access import items_of, one_of_many
from checker.terraform.evaluate import evaluate
from checker.terraform.function_types import is_nothing
from checker.terraform.instances import present
from checker.terraform.lifting import lift, where_present
from checker.terraform.scope import Scope
from checker.terraform.syntax import Argument, Block, Body, Literal, Name
from checker.terraform.values import FailedError, canonical, truth, whether


@dataclass(frozen=True, slots=True)
class Inner:
    """One block inside another; `present` is absent under premises where it is not there."""

    body: Body
    scope: Scope
    span: Span
    present: Value

    def argument(self, name: str) -> tuple[Span, Value] | None:
        """Return where an argument is and its value; None if it is not there or null."""
        found = self.body.argument(name)
        if found is None:
            return None
        value = evaluate(found.value, self.scope)
        return None if is_nothing(value) else (found.at, value)

    def blocks(self, type_: str) -> Iterator[Inner]:
        """Yield the blocks of one type inside it."""
        return inner_blocks(self.body, type_, self.scope)


def inner_blocks(body: Body, type_: str, scope: Scope) -> Iterator[Inner]:
    """Yield the blocks of one type in a body, in order.

    Errors: `FailedError` where it cannot be worked out which ones there are.
    """
    for block in body.blocks:
        if block.type == type_:
            yield Inner(block.body, scope, block.span, truth(True, block.span))  # noqa: FBT003
        elif block.type == "dynamic" and block.labels == (type_,):
            yield from _dynamic(block, type_, scope)


def _dynamic(block: Block, type_: str, scope: Scope) -> Iterator[Inner]:
    each, content = block.body.argument("for_each"), block.body.of_type("content")
    if each is None or len(content) != 1:
        raise FailedError("a `dynamic` block needs `for_each` and `content`", block.span)
    name = _iterator(block.body.argument("iterator")) or type_
    entries = list(_entries(evaluate(each.value, scope.by_defaults()), each.at))
    if not entries and (other := scope.module.otherwise()):
        entries = list(_entries(evaluate(each.value, other.binding(scope.names)), each.at))
    for key, value, there in entries:
        scope.budget.spend(block.span)
        item = Record((_member("key", key), _member("value", value)), each.at)
        yield Inner(content[0].body, scope.binding({name: item}), content[0].span, there)


def _member(name: str, value: Value) -> Member:
    return Member(Scalar(name, value.span), value)


def _iterator(argument: Argument | None) -> str:
    match argument.value if argument else None:
        case Name(name) | Literal(Scalar(str(name))):
            return name
        case _:
            return ""


def _entries(collection: Value, at: Span) -> Iterator[tuple[Value, Value, Value]]:
    """Yield keys and values, each with what says whether it is there."""
    if isinstance(collection, Choice):
        for is_true, side in ((True, collection.then), (False, collection.other)):
            for key, value, there in _entries(side, at):
                gone = Absent(at)
                sides = (there, gone) if is_true else (gone, there)
                yield key, value, Choice(collection.premise, sides[0], sides[1], at)
        return
    if isinstance(collection, Unknown):
        many = replace(collection, many=True)
        if any_one := one_of_many(Scalar(None, at), many, at):
            yield (*any_one, _present_if_any(many, at))
        return
    if is_nothing(collection):
        raise FailedError("`for_each` of a `dynamic` block is null", at)
    for key, value in items_of(collection, at):
        if any_one := one_of_many(key, value, at):
            of = value if isinstance(value, Unknown) else Unknown(canonical(key), at)
            yield (*any_one, _present_if_any(of, at))
        else:
            yield key, present(value), where_present(value, lambda _: truth(True, at))  # noqa: FBT003


def _present_if_any(of: Unknown, at: Span) -> Value:
    """Return what is there if a collection that nobody knows has any items."""
    return lift(
        (whether(f"length({of.expression}) > 0", at),),
        lambda known: known[0] if known[0] == truth(True, at) else Absent(at),  # noqa: FBT003
        at,
    )
