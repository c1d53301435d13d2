"""What nobody can know of a statement, said in the policy language itself.

A list of actions, a whole condition or a whole statement that a template leaves open becomes the
widest thing that it may be, under a condition on a truth value of its own (`source.symbols.flag`):
for each request it applies or it does not, the same way in the old and in the new version. So an
unknown that did not change cancels, and one that is new is new access.

Text with unknown pieces stays as it is where the engine knows patterns with symbols: in resources,
in principals, and in conditions that compare text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, replace
from typing import Final

from checker.errors import PolicySyntaxError
from checker.policy.model import Element, Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.source.documents import content
from checker.source.places import quoted
from checker.source.symbols import (
    flag,
    holds_mark,
    is_many,
    is_mark,
    mark,
    name_of,
    pieces,
    readable,
)
from checker.source.tree import Entry, Mapping, Node, Scalar, Sequence
from checker.span import Span

_ARN_FIELDS: Final = ("service", "region", "account", "resource")
_PATTERNS: Final = ("Action", "Resource")
_TEXT_OPERATORS: Final = ("String", "Arn", "Bool")


@dataclass(frozen=True, slots=True)
class Opened:
    """A document that the parser understands.

    indexes: of each statement, that of the one it was written as.
    """

    node: Mapping
    indexes: tuple[int, ...]


def opened(node: Node, policy_type: PolicyType) -> Opened:
    """Return a settled document with what is unknown said by truth values.

    Errors: `PolicySyntaxError` where too little is known to call it a policy.
    """
    if isinstance(node, Scalar) and isinstance(node.value, str) and is_mark(node.value):
        problem = f"what {quoted(node.value)} holds is known only once it is deployed"
        raise PolicySyntaxError(problem, node.span, hint="write the policy into the template")
    if not isinstance(node, Mapping):
        raise PolicySyntaxError("a policy must be an object", node.span)
    entries: list[Entry] = []
    indexes: list[int] = []
    for entry in node.entries:
        if entry.name != "Statement":
            entries.append(entry)
            continue
        written = _items(entry.value)
        split = [list(_statement(item, policy_type)) for item in written]
        # What is split off comes last, so that parts of one statement do not shift the others.
        first = [(parts[0], index) for index, parts in enumerate(split)]
        rest = [(_nameless(part), index) for index, parts in enumerate(split) for part in parts[1:]]
        statements = tuple(part for part, _ in (*first, *rest))
        indexes = [index for _, index in (*first, *rest)]
        entries.append(Entry(entry.key, Sequence(statements, entry.value.span)))
    return Opened(Mapping(tuple(entries), node.span), tuple(indexes))


def _nameless(node: Node) -> Node:
    """Return a statement without its Sid, which no two of a document share."""
    return _without(node, "Sid") if isinstance(node, Mapping) else node


def _items(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Sequence) else (node,)


def _statement(node: Node, policy_type: PolicyType) -> Iterator[Node]:
    """Yield the statements that together are one that is written; one at least."""
    if isinstance(node, Scalar) and isinstance(node.value, str) and holds_mark(node.value):
        for effect in ("Allow", "Deny"):
            yield _any_statement(effect, node, policy_type)
        return
    if not isinstance(node, Mapping) or not _holds_marks(node):
        yield node
        return
    plain = _with_conditions(node)
    widened = list(_by_action(plain))
    yield from (each for part in widened for each in _by_resource(part))


def _holds_marks(node: Node) -> bool:
    match node:
        case Scalar(value):
            return isinstance(value, str) and holds_mark(value)
        case Sequence(items):
            return any(_holds_marks(item) for item in items)
        case Mapping(entries):
            return any(holds_mark(entry.name) or _holds_marks(entry.value) for entry in entries)


def _any_statement(effect: str, of: Scalar, policy_type: PolicyType) -> Node:
    """Return a statement about everything, for one of which nothing is known."""
    members = {"Effect": effect, "Action": "*"}
    if policy_type.has_principals:
        members["Principal"] = "*"
    if policy_type is not PolicyType.TRUST:
        members["Resource"] = "*"
    at = of.span
    entries = tuple(Entry(Scalar(name, at), Scalar(text, at)) for name, text in members.items())
    return _under(Mapping(entries, at), f"{effect} of the statement {of.value}", at)


def _by_action(node: Mapping) -> Iterator[Mapping]:
    """Yield a statement apart for each action of which some text is unknown."""
    name, known, unknown = _split(node, "Action", holds_mark)
    if not unknown:
        yield node
        return
    if name == "NotAction":
        kept = _with(node, name, known) if known else _renamed(node, name, "Action", "*")
        for item in unknown:
            kept = _under(kept, f"action {item.value}", item.span, holds=False)
        yield kept
        return
    if known:
        yield _with(node, name, known)
    for item in unknown:
        whole = replace(item, value=_widest_action(str(item.value)))
        yield _under(_with(node, name, (whole,)), f"action {item.value}", item.span)


def _widest_action(text: str) -> str:
    """Return a pattern of all actions that a text with unknown pieces may name."""
    known = [piece for piece in pieces(text) if not holds_mark(piece)]
    if not known or ":" not in known[0]:
        return "*"  # the service is not known, and the name behind it may be a wildcard
    return "".join("*" if holds_mark(piece) else piece for piece in pieces(text))


def _by_resource(node: Mapping) -> Iterator[Mapping]:
    """Yield a statement apart for each resource that may be many, or no ARN at all."""
    node = _with_arns(node)
    name, known, unknown = _split(node, "Resource", _is_open_resource)
    if not unknown:
        yield node
        return
    if name == "NotResource":
        kept = _with(node, name, known) if known else _renamed(node, name, "Resource", "*")
        for item in unknown:
            kept = _under(kept, f"resource {item.value}", item.span, holds=False)
        yield kept
        return
    if known:
        yield _with(node, name, known)
    for item in unknown:
        whole = replace(item, value="*")
        yield _under(_with(node, name, (whole,)), f"resource {item.value}", item.span)


def _is_open_resource(text: str) -> bool:
    """Whether it is unknown what a resource begins with, or whether it is one."""
    first = next(pieces(text), "")
    return holds_mark(first) or any(is_many(piece) for piece in pieces(text))


def _with_arns(node: Mapping) -> Mapping:
    """Return a statement in which an unknown at the start of a resource is an ARN of six fields."""
    for name in ("Resource", "NotResource"):
        value = node.get(name)
        if value is not None:
            items = tuple(_as_arn(item) for item in _items(value))
            node = _with(node, name, items)
    return node


def _as_arn(node: Node) -> Node:
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return node
    first = next(pieces(node.value), "")
    if not holds_mark(first) or is_many(first):
        return node
    name = name_of(first)
    fields = ":".join(mark(f"{name}#{part}") for part in _ARN_FIELDS)
    return replace(node, value=f"arn:aws:{fields}{node.value.removeprefix(first)}")


def _with_conditions(node: Mapping) -> Mapping:
    """Return a statement whose unknown conditions are truth values."""
    block = node.get("Condition")
    if block is None:
        return node
    if not isinstance(block, Mapping):
        return _under(_without(node, "Condition"), f"condition {_said(block)}", block.span)
    kept: list[Entry] = []
    opaque: list[Entry] = []
    for operator in block.entries:
        if not isinstance(operator.value, Mapping) or holds_mark(operator.name):
            (opaque if _is_unknown(operator) else kept).append(operator)
            continue
        keys = operator.value.entries
        bad = [key for key in keys if _is_opaque(operator.name, key)]
        good = tuple(key for key in keys if key not in bad)
        opaque += (Entry(operator.key, Mapping((key,), key.value.span)) for key in bad)
        if good or not bad:
            kept.append(Entry(operator.key, Mapping(good, operator.value.span)))
    if not opaque:
        return node
    rest = _without(node, "Condition")
    if kept:
        rest = _added(
            rest, Entry(Scalar("Condition", block.span), Mapping(tuple(kept), block.span))
        )
    for each in opaque:
        rest = _under(rest, f"condition {each.name} {_said(each.value)}", each.value.span)
    return rest


def _is_unknown(operator: Entry) -> bool:
    return holds_mark(operator.name) or _has_mark(operator.value)


def _is_opaque(operator: str, key: Entry) -> bool:
    """Whether the engine has no pattern for what is unknown in a condition."""
    values = [v for v in _items(key.value) if isinstance(v, Scalar) and isinstance(v.value, str)]
    texts = [str(value.value) for value in values if holds_mark(str(value.value))]
    if not texts:
        return False
    bare = operator.rpartition(":")[2]
    is_text = bare.startswith(_TEXT_OPERATORS)
    return not is_text or any(is_many(piece) for text in texts for piece in pieces(text))


def _has_mark(node: Node) -> bool:
    return isinstance(node, Scalar) and isinstance(node.value, str) and holds_mark(node.value)


def _split(
    node: Mapping, element: str, is_open: Callable[[str], bool]
) -> tuple[str, tuple[Node, ...], tuple[Scalar, ...]]:
    """Return the name of an element as it is there, its items that are known, and the others."""
    name = element if node.get(element) is not None else f"Not{element}"
    value = node.get(name)
    known: list[Node] = []
    unknown: list[Scalar] = []
    for item in _items(value) if value is not None else ():
        if isinstance(item, Scalar) and isinstance(item.value, str) and is_open(item.value):
            unknown.append(item)
        else:
            known.append(item)
    return name, tuple(known), tuple(unknown)


def _with(node: Mapping, name: str, items: tuple[Node, ...]) -> Mapping:
    """Return an object with other items in one of its lists."""
    return Mapping(
        tuple(
            Entry(e.key, Sequence(items, e.value.span)) if e.name == name else e
            for e in node.entries
        ),
        node.span,
    )


def _renamed(node: Mapping, name: str, new: str, text: str) -> Mapping:
    return Mapping(
        tuple(
            Entry(Scalar(new, e.key.span), Scalar(text, e.value.span)) if e.name == name else e
            for e in node.entries
        ),
        node.span,
    )


def _without(node: Mapping, name: str) -> Mapping:
    return Mapping(tuple(e for e in node.entries if e.name != name), node.span)


def _added(node: Mapping, entry: Entry) -> Mapping:
    return Mapping((*node.entries, entry), node.span)


def _under(node: Mapping, about: str, at: Span, *, holds: bool = True) -> Mapping:
    """Return a statement that asks for a truth value as well."""
    asked = Entry(
        Scalar("Bool", at),
        Mapping((Entry(Scalar(flag(readable(about)), at), Scalar(str(holds).lower(), at)),), at),
    )
    block = node.get("Condition")
    conditions = block.entries if isinstance(block, Mapping) else ()
    whole = Mapping((*conditions, asked), block.span if block else at)
    return _added(_without(node, "Condition"), Entry(Scalar("Condition", at), whole))


def _said(node: Node) -> str:
    """Return all that a node says, as text that is equal for nodes that say the same."""
    return repr(_sorted(content(node)))


def _sorted(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(repr(_sorted(item)) for item in value)
    if isinstance(value, tuple):
        return tuple(_sorted(item) for item in value)
    return value


def policy_of(node: Node, policy_type: PolicyType) -> Policy:
    """Return the policy of a settled document; statements know the index they were written with.

    Errors: `PolicySyntaxError`.
    """
    found = opened(node, policy_type)
    policy = parse_policy(found.node, policy_type)
    written = list(zip(policy.statements, found.indexes, strict=True))
    sids = {index: s.sid for s, index in reversed(written)}
    said = {name: dict(_said_of_unknown(node, name)) for name in _PATTERNS}
    return replace(
        policy,
        statements=tuple(
            replace(
                s,
                index=index,
                sid=sids[index],
                actions=_as_written(s.actions, said["Action"]),
                resources=s.resources and _as_written(s.resources, said["Resource"]),
            )
            for s, index in written
        ),
    )


def _said_of_unknown(document: Node, element: str) -> Iterator[tuple[Span, str]]:
    """Yield where something unknown is written under an element, and as what."""
    body = document.get("Statement") if isinstance(document, Mapping) else None
    for statement in _items(body) if body else ():
        for entry in statement.entries if isinstance(statement, Mapping) else ():
            for item in _items(entry.value) if entry.name.removeprefix("Not") == element else ():
                text = item.value if isinstance(item, Scalar) else None
                if isinstance(text, str) and holds_mark(text):
                    yield item.span, readable(text)


def _as_written(element: Element, said: AbstractMapping[Span, str]) -> Element:
    """Return an element whose wildcards for what is unknown are shown as what is written."""
    if not said:
        return element
    patterns = tuple(replace(p, text=said.get(p.span, p.text)) for p in element.patterns)
    return replace(element, patterns=patterns)
