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
from functools import partial
from typing import Final, TypeAlias

from checker.errors import PolicySyntaxError
from checker.policy.model import Element, Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.source.places import quoted
from checker.source.symbols import (
    EFFECT_OF,
    holds_mark,
    is_many,
    is_mark,
    part_of,
    pieces,
    readable,
)
from checker.source.tree import Entry, Mapping, Node, Scalar, Sequence
from checker.span import Span
from checker.template.nodes import (
    Grammar,
    is_open,
    items,
    renamed,
    split,
    text_of,
    under,
    with_items,
    without,
)
from checker.template.open_conditions import with_conditions
from checker.template.open_principals import by_principal

_ARN_FIELDS: Final = ("service", "region", "account", "resource")
_PATTERNS: Final = ("Action", "Resource")
_WITH_VARIABLES: Final = "2012-10-17"
_Shown: TypeAlias = tuple[Span, str]


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
    if is_mark(text_of(node)):
        problem = f"what {quoted(text_of(node))} holds is known only once it is deployed"
        raise PolicySyntaxError(problem, node.span, hint="write the policy into the template")
    if not isinstance(node, Mapping):
        raise PolicySyntaxError("a policy must be an object", node.span)
    version = node.get("Version")
    grammar = Grammar(version is not None and text_of(version) == _WITH_VARIABLES)
    entries: list[Entry] = []
    indexes: list[int] = []
    for entry in node.entries:
        if entry.name != "Statement":
            entries.append(entry)
            continue
        parts = [list(_statement(item, policy_type, grammar)) for item in items(entry.value)]
        # What is split off comes last, so that parts of one statement do not shift the others.
        first = [(each[0], index) for index, each in enumerate(parts)]
        rest = [(_nameless(part), index) for index, each in enumerate(parts) for part in each[1:]]
        indexes = [index for _, index in (*first, *rest)]
        whole = tuple(part for part, _ in (*first, *rest))
        entries.append(Entry(entry.key, Sequence(whole, entry.value.span)))
    return Opened(Mapping(tuple(entries), node.span), tuple(indexes))


def _nameless(node: Node) -> Node:
    """Return a statement without its Sid, which no two of a document share."""
    return without(node, "Sid") if isinstance(node, Mapping) else node


def _statement(node: Node, policy_type: PolicyType, grammar: Grammar) -> Iterator[Node]:
    """Yield the statements that together are one that is written; one at least."""
    if isinstance(node, Scalar) and holds_mark(text_of(node)):
        # What a resource control policy may allow besides, everyone may do anyway.
        for effect in ("Deny",) if policy_type is PolicyType.RCP else ("Allow", "Deny"):
            yield _any_statement(effect, node, policy_type, grammar)
        return
    if not isinstance(node, Mapping) or not is_open(node):
        yield node
        return
    plain = with_conditions(node, grammar)
    for sure in _by_effect(plain, grammar):
        for of_callers in by_principal(sure, grammar):
            for widened in _by_action(of_callers, policy_type, grammar):
                yield from _by_resource(widened, grammar)


def _any_statement(effect: str, of: Scalar, policy_type: PolicyType, grammar: Grammar) -> Node:
    """Return a statement about everything, for one of which nothing is known."""
    members = {"Effect": effect, "Action": _widest_action("", policy_type)}
    if policy_type.has_principals:
        members["Principal"] = "*"
    if policy_type is not PolicyType.TRUST:
        members["Resource"] = "*"
    at = of.span
    entries = tuple(Entry(Scalar(name, at), Scalar(text, at)) for name, text in members.items())
    return under(Mapping(entries, at), grammar.flag(f"{effect} of the statement {of.value}"), at)


def _by_effect(node: Mapping, grammar: Grammar) -> Iterator[Mapping]:
    """Yield a statement that allows and one that denies where nobody knows which it is."""
    effect = node.get("Effect")
    if effect is None or not holds_mark(text_of(effect)):
        yield node
        return
    truth = grammar.flag(f"{EFFECT_OF}{text_of(effect)}")
    for name, holds in (("Allow", True), ("Deny", False)):
        yield under(renamed(node, "Effect", "Effect", name), truth, effect.span, holds=holds)


def _by_action(node: Mapping, policy_type: PolicyType, grammar: Grammar) -> Iterator[Mapping]:
    """Yield a statement apart for each action of which some text is unknown."""
    widest = partial(_widest_action, policy_type=policy_type)
    return _apart(node, "Action", holds_mark, widest, grammar)


def _by_resource(node: Mapping, grammar: Grammar) -> Iterator[Mapping]:
    """Yield a statement apart for each resource that may be many, or no ARN at all."""
    return _apart(_with_arns(node), "Resource", _is_open_resource, lambda _: "*", grammar)


def _apart(
    node: Mapping,
    element: str,
    is_open: Callable[[str], bool],
    widest: Callable[[str], str],
    grammar: Grammar,
) -> Iterator[Mapping]:
    """Yield a statement apart for each item of an element that is open.

    widest: a pattern of all that an open item may be.
    """
    name, known, unknown = split(node, element, is_open)
    if not unknown:
        yield node
        return
    truths = [(item, grammar.flag(f"{element.lower()} {item.value}")) for item in unknown]
    if name != element:
        kept = with_items(node, name, known) if known else renamed(node, name, element, "*")
        for item, truth in truths:
            kept = under(kept, truth, item.span, holds=False)
        yield kept
        return
    if known:
        yield with_items(node, name, known)
    for item, truth in truths:
        whole = replace(item, value=widest(str(item.value)))
        yield under(with_items(node, name, (whole,)), truth, item.span)


def _widest_action(text: str, policy_type: PolicyType) -> str:
    """Return a pattern of all actions that a text with unknown pieces may name."""
    known = [piece for piece in pieces(text) if not holds_mark(piece)]
    if not known or ":" not in known[0]:
        # The service is not known, and the name behind it may be a wildcard. A resource control
        # policy cannot say `*`, but may name all services that there are.
        return "*:*" if policy_type is PolicyType.RCP else "*"
    return "".join("*" if holds_mark(piece) else piece for piece in pieces(text))


def _is_open_resource(text: str) -> bool:
    """Whether it is unknown what a resource begins with, or whether it is one."""
    first = next(pieces(text), "")
    return holds_mark(first) or any(is_many(piece) for piece in pieces(text))


def _with_arns(node: Mapping) -> Mapping:
    """Return a statement in which an unknown at the start of a resource is an ARN of six fields."""
    for name in ("Resource", "NotResource"):
        value = node.get(name)
        if value is not None:
            node = with_items(node, name, tuple(_as_arn(item) for item in items(value)))
    return node


def _as_arn(node: Node) -> Node:
    text = text_of(node)
    first = next(pieces(text), "")
    if not isinstance(node, Scalar) or not holds_mark(first) or is_many(first):
        return node
    fields = ":".join(part_of(first, part) for part in _ARN_FIELDS)
    return replace(node, value=f"arn:aws:{fields}{text.removeprefix(first)}")


def policy_of(node: Node, policy_type: PolicyType) -> Policy:
    """Return the policy of a settled document; statements know the index they were written with.

    Errors: `PolicySyntaxError`.
    """
    found = opened(node, policy_type)
    policy = parse_policy(found.node, policy_type)
    written = list(zip(policy.statements, found.indexes, strict=True))
    sids = {index: s.sid for s, index in reversed(written)}
    body = node.get("Statement") if isinstance(node, Mapping) else None
    said = [
        {name: dict(_said_of_unknown(statement, name, policy_type)) for name in _PATTERNS}
        for statement in (items(body) if body else ())
    ]
    return replace(
        policy,
        statements=tuple(
            replace(
                s,
                index=index,
                sid=sids[index],
                actions=_as_written(s.actions, said[index]["Action"]),
                resources=s.resources and _as_written(s.resources, said[index]["Resource"]),
            )
            for s, index in written
        ),
    )


def _said_of_unknown(
    statement: Node, element: str, policy_type: PolicyType
) -> Iterator[tuple[_Shown, str]]:
    """Yield where a wildcard stands for something unknown under an element, and what is written."""
    value = statement.get(element) if isinstance(statement, Mapping) else None
    for item in items(value) if value is not None else ():
        text = text_of(item)
        if holds_mark(text):
            widest = _widest_action(text, policy_type) if element == "Action" else "*"
            yield (item.span, widest), readable(text)


def _as_written(element: Element, said: AbstractMapping[_Shown, str]) -> Element:
    """Return an element whose wildcards for what is unknown are shown as what is written."""
    if not said:
        return element
    patterns = tuple(replace(p, text=said.get((p.span, p.text), p.text)) for p in element.patterns)
    return replace(element, patterns=patterns)
