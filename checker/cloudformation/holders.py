"""Who has a policy: roles, users and groups of a template, and those that it only names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from checker.cloudformation.resolve import Resolver
from checker.cloudformation.template import Resource, escaped
from checker.cloudformation.tests import Decision, Test, any_of, both, chosen
from checker.cloudformation.texts import shown, spelled
from checker.source.tree import Node
from checker.span import Span
from checker.template.value import Absent, Choice, Items, TemplateDocument, Value

ROLE: Final = "AWS::IAM::Role"
USER: Final = "AWS::IAM::User"
GROUP: Final = "AWS::IAM::Group"
_PRINCIPALS: Final = (ROLE, USER, GROUP)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a policy: a resource of the template, or someone whom it only names."""

    address: str
    owner: str
    unit: str
    at: Span
    there: Test


Holders: TypeAlias = dict[str, Holder]
Principals: TypeAlias = Mapping[tuple[str, str], Resource]


def principals(to: Resolver) -> Principals:
    """Return the template's roles, users and groups by type and by what `Ref` gives for them."""
    return {
        (of.type, spelled(to.reference(of.id, of.at))): of
        for of in to.template.resources.values()
        if of.type in _PRINCIPALS
    }


def holders(node: Node, kind: str, names: Principals, to: Resolver) -> Iterator[Holder]:
    """Yield the principals of a type that a property names."""
    for value, there in alternatives(to.value(node), to):
        found = names.get((kind, spelled(value)))
        if found is not None:
            yield Holder(found.address, found.owner, found.address, value.span, there)
        else:
            text = shown(value)
            address = f"{kind.rpartition('::')[2].lower()}/{escaped(text)}"
            yield Holder(address, text, "", value.span, there)


def alternatives(
    value: Value,
    to: Resolver,
    there: Test = True,  # noqa: FBT002  a condition that is decided
) -> Iterator[tuple[Value, Test]]:
    """Yield each item that a list may hold, with the condition under which it is there."""
    to.template.budget.spend()
    match value:
        case Choice(premise, then, other):
            yes = both(there, Decision(premise, then=True, other=False), to.template.budget)
            no = both(there, Decision(premise, then=False, other=True), to.template.budget)
            yield from alternatives(then, to, yes)
            yield from alternatives(other, to, no)
        case Items(values):
            for each in values:
                yield from alternatives(each, to, there)
        case Absent():
            return
        case _:
            if there is not False:
                yield value, there


def add(to_these: Holders, holder: Holder, to: Resolver) -> None:
    """Note a holder; one that is named twice has the policy under either condition."""
    known = to_these.get(holder.address)
    if known is not None:
        there = any_of(known.there, holder.there, to.template.budget)
        holder = replace(known, there=there)
    to_these[holder.address] = holder


def had_by(document: TemplateDocument, holder: Holder) -> TemplateDocument:
    """Return a document as one of those that a holder has."""
    return replace(
        document,
        address=f"{document.address}@{holder.address}",
        holds=f"{document.holds} for {holder.owner}",
        unit=holder.unit,
        value=chosen(holder.there, document.value, Absent(document.at), document.at),
    )
