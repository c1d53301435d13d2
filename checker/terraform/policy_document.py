"""The data source `aws_iam_policy_document`: blocks to the policy that the provider writes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from checker.source.places import quoted
from checker.source.tree import Scalar
from checker.span import Span
from checker.template.value import Absent, Choice, Items, Joined, Member, Record, Unknown, Value
from checker.terraform.dynamic import Inner, inner_blocks
from checker.terraform.function_types import is_nothing
from checker.terraform.lifting import choice, lift, where_present
from checker.terraform.policy_text import policy_value
from checker.terraform.source_documents import as_source
from checker.terraform.syntax import Body
from checker.terraform.values import (
    FailedError,
    canonical,
    known_text,
    pieces_of,
    text,
    text_of,
    unknown,
)

if TYPE_CHECKING:
    from checker.terraform.resources import Resource

_LISTS: Final = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_PRINCIPALS: Final = {"principals": "Principal", "not_principals": "NotPrincipal"}
_STATEMENT: Final = frozenset({"sid", "effect", "condition", *_LISTS, *_PRINCIPALS})
_DOCUMENT: Final = frozenset(
    {"statement", "version", "policy_id", "source_policy_documents", "source_json", "provider"}
    | {"override_policy_documents", "override_json", "count", "for_each", "depends_on", "lifecycle"}
)
_BEFORE: Final = ("source_policy_documents", "source_json")
_AFTER: Final = ("override_policy_documents", "override_json")


def policy_of(resource: Resource) -> Value:
    """Return the policy of a data source.

    Errors: `FailedError` for what the provider would refuse.
    """
    before = tuple([each for name in _BEFORE for each in _documents(resource, name)])
    own = _own(resource)
    after = tuple([each for name in _AFTER for each in _documents(resource, name)])
    span = resource.block.span
    if not before and not after:
        return own
    return lift((*before, own, *after), lambda known: _merged(known, span), span)


def _documents(resource: Resource, name: str) -> Iterator[Value]:
    """Yield the documents that an argument brings in; what nobody knows is opaque."""
    found = resource.argument(name)
    if found is None:
        return
    items = found.values if isinstance(found, Items) else (found,)
    for item in items:
        if is_nothing(item) or known_text(item) == "":
            continue
        yield where_present(item, _document)


def _document(value: Value) -> Value:
    if isinstance(value, Choice):
        return choice(value.premise, _document(value.then), _document(value.other), value.span)
    if isinstance(value, Items):
        raise FailedError("a list of policies where one should be", value.span)
    if is_nothing(value) or known_text(value) == "":
        return Absent(value.span)
    return as_source(policy_value(value))


def _own(resource: Resource) -> Value:
    span = resource.block.span
    _refuse_others(resource.block.body, _DOCUMENT, "a policy document")
    members = [_member("Version", resource.argument("version") or text("2012-10-17", span), span)]
    if (policy_id := resource.argument("policy_id")) is not None:
        members.append(_member("Id", policy_id, span))
    statements = [
        where_present(block.present, partial(_statement, block))
        for block in inner_blocks(resource.block.body, "statement", resource.scope)
    ]
    members.append(_member("Statement", Items(tuple(statements), span), span))
    return Record(tuple(members), span)


def _member(name: str, value: Value, at: Span) -> Member:
    return Member(Scalar(name, at), value)


def _refuse_others(body: Body, known: frozenset[str], what: str) -> None:
    """Refuse what the provider has no name for: of a typing error less would be read."""
    for inner in body.blocks:
        name = inner.labels[0] if inner.type == "dynamic" and inner.labels else inner.type
        if name not in known:
            raise FailedError(f"{what} has no block {quoted(name)}", inner.span)
    for argument in body.arguments:
        if argument.name not in known:
            raise FailedError(f"{what} has no argument {quoted(argument.name)}", argument.at)


def _statement(block: Inner, _: Value) -> Value:
    _refuse_others(block.body, _STATEMENT, "a statement")
    members: list[Member] = []
    sid = block.argument("sid")
    if sid is not None and known_text(sid[1]) != "":
        members.append(_member("Sid", as_text(sid[1]), sid[0]))
    effect = block.argument("effect")
    shown = as_text(effect[1]) if effect else text("Allow", block.span)
    members.append(_member("Effect", shown, effect[0] if effect else block.span))
    for name, element in _PRINCIPALS.items():
        members += _principals(block, name, element)
    for name, element in _LISTS.items():
        found = block.argument(name)
        if found is None:
            continue
        values = texts(found[1], replace=element.endswith("Resource"))
        if not (isinstance(values, Items) and not values.values):
            members.append(_member(element, values, found[0]))
    if conditions := _conditions(block):
        members.append(_member("Condition", conditions, conditions.span))
    whole = Record(tuple(members), block.span)
    return unknown(f"statement {canonical(whole)}", block.span) if _is_open(whole) else whole


def _is_open(statement: Record) -> bool:
    """Whether it is unknown what kind of statement this is: its effect, or which elements it has."""
    if isinstance(statement.get("Effect"), Unknown | Joined):
        return True
    return any(
        statement.get(name) is not None and statement.get(f"Not{name}") is not None
        for name in ("Action", "Resource")
    )


def _principals(block: Inner, name: str, element: str) -> Iterator[Member]:
    groups: dict[str, Member] = {}
    for inner in block.blocks(name):
        kind, found = inner.argument("type"), inner.argument("identifiers")
        if kind is None or found is None:
            raise FailedError(f"`{name}` needs `type` and `identifiers`", inner.span)
        shown = as_text(kind[1])
        if not isinstance(shown, Scalar | Joined | Unknown):
            raise FailedError("the `type` of a principal is not known", kind[0])
        values = where_present(inner.present, partial(_same, texts(found[1])))
        before = groups.get(canonical(shown))
        if before is not None:
            values = Items((*_items(before.value), *_items(values)), inner.span)
        groups[canonical(shown)] = Member(shown, values)
    if not groups:
        return
    span = next(iter(groups.values())).name.span
    everyone = groups.get('"*"')
    if everyone is not None:
        if len(groups) > 1 or canonical(everyone.value) != '["*",]':
            raise FailedError("a principal of type `*` beside other ones", span)
        yield _member(element, text("*", everyone.value.span), everyone.name.span)
    else:
        yield _member(element, Record(tuple(groups.values()), span), span)


def _same(value: Value, _: Value) -> Value:
    return value


def _items(value: Value) -> tuple[Value, ...]:
    return value.values if isinstance(value, Items) else (value,)


def _conditions(block: Inner) -> Record | None:
    tests: dict[str, tuple[Scalar | Joined | Unknown, list[Member]]] = {}
    for inner in block.blocks("condition"):
        parts = [inner.argument(name) for name in ("test", "variable", "values")]
        if any(part is None for part in parts):
            raise FailedError("`condition` needs `test`, `variable` and `values`", inner.span)
        test, variable, values = (part[1] for part in parts if part is not None)
        name, key = as_text(test), as_text(variable)
        if not isinstance(name, Scalar | Joined | Unknown):
            raise FailedError("the `test` of a condition is not known", test.span)
        if not isinstance(key, Scalar | Joined | Unknown):
            raise FailedError("the `variable` of a condition is not known", variable.span)
        shown = texts(values)
        found = where_present(inner.present, partial(_same, shown))
        members = tests.setdefault(canonical(name), (name, []))[1]
        if any(canonical(each.name) == canonical(key) for each in members):
            problem = "two conditions of one test and variable, of which the provider may keep one"
            raise FailedError(problem, inner.span)
        members.append(Member(key, found))
    if not tests:
        return None
    whole = [Member(name, Record(tuple(members), name.span)) for name, members in tests.values()]
    return Record(tuple(whole), whole[0].name.span)


def as_text(value: Value, *, replace: bool = False) -> Value:
    """Return a value as text, as the provider takes it; `&{` is `${` where it says so."""
    match value:
        case Choice(premise, then, other, span):
            sides = (as_text(then, replace=replace), as_text(other, replace=replace))
            return choice(premise, sides[0], sides[1], span)
        case Unknown() | Absent():
            return value
        case Scalar(str(known)) if not (replace and "&{" in known):
            return value
        case _:
            pieces = pieces_of(value)
            if pieces is None:
                raise FailedError("a text should be here", value.span)
            if replace:
                pieces = tuple([p.replace("&{", "${") if isinstance(p, str) else p for p in pieces])
            return text_of(pieces, value.span)


def _text_if_any(value: Value, *, replace: bool) -> Value:
    """Return an item of a list as text; null is no item."""
    if isinstance(value, Choice):
        sides = [_text_if_any(each, replace=replace) for each in (value.then, value.other)]
        return choice(value.premise, sides[0], sides[1], value.span)
    return Absent(value.span) if is_nothing(value) else as_text(value, replace=replace)


def texts(value: Value, *, replace: bool = True) -> Value:
    """Return a list of texts."""
    match value:
        case Choice(premise, then, other, span):
            sides = (texts(then, replace=replace), texts(other, replace=replace))
            return choice(premise, sides[0], sides[1], span)
        case Items(values, span):
            kept = [_text_if_any(each, replace=replace) for each in values if not is_nothing(each)]
            return Items(tuple(kept), span)
        case Unknown(expression, span):
            return Items((Unknown(expression, span, many=True),), span)
        case _:
            raise FailedError("a list should be here", value.span)


def _merged(documents: tuple[Value, ...], at: Span) -> Value:
    """Return documents put together, those with a Sid that came before replaced."""
    version: Value | None = None
    policy_id: Value | None = None
    statements: list[Value] = []
    for document in documents:
        if isinstance(document, Absent):
            continue
        if isinstance(document, Unknown):
            statements.append(unknown(f"statements of {document.expression}", document.span))
            continue
        if not isinstance(document, Record):
            raise FailedError("a policy is an object", document.span)
        version = _later(version, document.get("Version"))
        policy_id = document.get("Id") or policy_id
        found = document.get("Statement")
        items = found.values if isinstance(found, Items) else (found,) if found else ()
        for statement in items:
            _put(statements, statement)
    members = [_member("Version", version or text("2012-10-17", at), at)]
    if policy_id is not None:
        members.append(_member("Id", policy_id, at))
    members.append(_member("Statement", Items(tuple(statements), at), at))
    return Record(tuple(members), at)


def _later(version: Value | None, other: Value | None) -> Value | None:
    """Return the version of two documents together: an older one never takes a newer one back."""
    if version is None or other is None:
        return other or version
    shown, others = known_text(version), known_text(other)
    return version if shown is not None and others is not None and shown > others else other


def _put(statements: list[Value], statement: Value) -> None:
    sid = _sid(statement)
    for index, before in enumerate(statements):
        if sid and _sid(before) == sid:
            if isinstance(statement, Choice) or isinstance(before, Choice):
                raise FailedError(
                    "a statement that replaces another one under a condition", statement.span
                )
            statements[index] = statement
            return
    statements.append(statement)


def _sid(statement: Value) -> str:
    """Return the spelling of a statement's Sid, which may be unknown; "" if it has none."""
    match statement:
        case Record():
            found = statement.get("Sid")
            is_none = found is None or is_nothing(found) or known_text(found) == ""
            return "" if is_none or found is None else canonical(found)
        case Choice(_, then, other):
            return _sid(then) or _sid(other)
        case _:
            return ""
