"""The functions that a template may call, by name; what is not well written gives None."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from checker.cloudformation import functions
from checker.cloudformation.calls import text_of
from checker.cloudformation.texts import lifted, plain
from checker.source.tree import Mapping, Node, Sequence
from checker.template.value import Unknown, Value

if TYPE_CHECKING:
    from checker.cloudformation.resolve import Resolver

Function: TypeAlias = "Callable[[Resolver, Node, Mapping], Value | None]"


def _ref(to: Resolver, argument: Node, node: Mapping) -> Value | None:
    name = text_of(argument)
    return to.reference(name.strip(), node.span) if name else None


def _get_att(to: Resolver, argument: Node, node: Mapping) -> Value | None:
    """Return `Fn::GetAtt`, written `Name.Attribute` or as a list of two."""
    if isinstance(argument, Sequence):
        parts = [plain(to.value(item)) for item in argument.items]
        if len(parts) != 2 or parts[0] is None or parts[1] is None:
            return None
        return to.attribute(parts[0], parts[1], node.span)
    name, dot, attribute = (text_of(argument) or "").partition(".")
    return to.attribute(name, attribute, node.span) if dot else None


def _sub(to: Resolver, argument: Node, _: Mapping) -> Value | None:
    """Return `Fn::Sub`, with or without variables of its own."""
    items = argument.items if isinstance(argument, Sequence) else (argument,)
    text = text_of(items[0]) if items else None
    if text is None or len(items) > 2:
        return None
    variables: dict[str, Value] = {}
    if len(items) == 2:
        if not isinstance(items[1], Mapping):
            return None
        variables = {entry.name: to.value(entry.value) for entry in items[1].entries}
    return to.text(text, variables, items[0].span)


def _join(to: Resolver, argument: Node, node: Mapping) -> Value | None:
    items = argument.items if isinstance(argument, Sequence) else ()
    if len(items) != 2:
        return None
    return functions.join(to.value(items[0]), to.value(items[1]), node.span)


def _select(to: Resolver, argument: Node, node: Mapping) -> Value | None:
    items = argument.items if isinstance(argument, Sequence) else ()
    if len(items) != 2:
        return None
    return functions.select(to.value(items[0]), to.value(items[1]), node.span)


def _split(to: Resolver, argument: Node, node: Mapping) -> Value | None:
    items = argument.items if isinstance(argument, Sequence) else ()
    if len(items) != 2:
        return None
    return functions.split(to.value(items[0]), to.value(items[1]), node.span)


def _if(to: Resolver, argument: Node, node: Mapping) -> Value | None:
    items = argument.items if isinstance(argument, Sequence) else ()
    if len(items) != 3 or (name := text_of(items[0])) is None:
        return None
    test = to.condition(name)
    if isinstance(test, bool):
        return to.value(items[1] if test else items[2])
    return to.sides(test, items[1], items[2], node.span)


def _find_in_map(to: Resolver, argument: Node, node: Mapping) -> Value | None:
    """Return `Fn::FindInMap`, the language extension's default included."""
    items = argument.items if isinstance(argument, Sequence) else ()
    if len(items) not in (3, 4):
        return None
    name, *keys = (to.open_value(item) for item in items[:3])
    options = items[3] if len(items) == 4 else None
    written = options.get("DefaultValue") if isinstance(options, Mapping) else None
    default = to.value(written) if written is not None else None
    table = to.template.map(plain(name) or "")
    found = to.found_in(table, tuple(keys), default, node.span) if table is not None else None
    if found is not None:
        return found
    given = functions.unknown("FindInMap", (name, *keys), node.span)
    return Unknown(given.expression, node.span, many=True)


def _base64(to: Resolver, argument: Node, node: Mapping) -> Value | None:
    return functions.base64_of(to.value(argument), node.span)


def _length(to: Resolver, argument: Node, node: Mapping) -> Value | None:
    return functions.length(to.value(argument), node.span)


def _to_json(to: Resolver, argument: Node, node: Mapping) -> Value | None:
    return functions.to_json(to.value(argument), node.span)


def _import_value(to: Resolver, argument: Node, node: Mapping) -> Value | None:
    return lifted(
        to.value(argument), lambda each: functions.unknown("ImportValue", (each,), node.span)
    )


def _transform(to: Resolver, argument: Node, _: Mapping) -> Value | None:
    return to.included(argument)


def _list_of(name: str) -> Function:
    def answer(to: Resolver, argument: Node, node: Mapping) -> Value | None:
        return functions.unknown(name, (to.value(argument),), node.span)

    return answer


FUNCTIONS: Final[dict[str, Function]] = {
    "Ref": _ref,
    "GetAtt": _get_att,
    "Sub": _sub,
    "Join": _join,
    "Select": _select,
    "Split": _split,
    "If": _if,
    "FindInMap": _find_in_map,
    "Base64": _base64,
    "Length": _length,
    "ToJsonString": _to_json,
    "ImportValue": _import_value,
    "Transform": _transform,
    "Cidr": _list_of("Cidr"),
    "GetAZs": _list_of("GetAZs"),
}
