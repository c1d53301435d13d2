"""Values of a plan without any source: what it knows, and names for what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from checker.source.tree import Mapping, Node, Scalar, Sequence
from checker.span import Span
from checker.template.value import Unknown, Value
from checker.terraform.access import is_one_text
from checker.terraform.carriers import table
from checker.terraform.instances import Instance
from checker.terraform.module import Module
from checker.terraform.plan_file import (
    Plan,
    Planned,
    Side,
    is_marked,
    is_true,
    member,
    says_the_same,
    text_of,
)
from checker.terraform.plan_source import Known, below
from checker.terraform.resources import Resource
from checker.terraform.scope import Scope
from checker.terraform.syntax import Argument, Block, Body, Expression, Literal, Name, Object, Tuple
from checker.terraform.tree import Tree
from checker.terraform.values import named, truth

_NAMING: Final = frozenset(
    {"role", "user", "group", "role_name", "user_name", "group_name", "policy_arn"}
)
"""Arguments that hold the name or ARN of one other resource, as it is."""


def nested_in(type_: str) -> frozenset[str]:
    """Return the blocks of a type of resource that hold policies."""
    return frozenset(c.path[0] for c in table().carriers.get(type_, ()) if len(c.path) > 1)


@dataclass(slots=True)
class Names:
    """What is bound to names that no file can write."""

    bound: dict[str, Value] = field(default_factory=dict)

    def name(self, path: str, value: Value, at: Span) -> Name:
        """Return the name of a value."""
        self.bound[f"@{path}"] = value
        return Name(f"@{path}", at)


@dataclass(frozen=True, slots=True)
class Marks:
    """What of a value is not known, or secret."""

    planned: Planned
    before: bool
    side: Side

    def of(self, name: str) -> tuple[Node | None, Node | None]:
        """Return the marks of an attribute."""
        unknown = None if self.before else below(self.side.unknown, name)
        return unknown, below(self.side.secret, name)

    def is_old(self, name: str) -> bool:
        """Whether the value of an attribute is the one before the change."""
        sides = self.planned.before, self.planned.after
        values = [side.values.get(name) if side else None for side in sides]
        return self.before or (values[0] is not None and says_the_same(*values))

    def hidden(self, name: str, path: str) -> str:
        """Return the name of a secret: the same one before and after only if it is the same."""
        old = " as it is" if self.is_old(name) else ""
        return named(f"{self.planned.address}.{path}{old}")


def alone(planned: Planned, tree: Tree, references: References, *, before: bool) -> Resource | None:
    """Return a resource of which only the plan tells."""
    side = planned.side(before=before)
    if side is None:
        return None
    address = planned.address
    module = Module(tree, "", address.prefix)
    reader = Reader(Marks(planned, before, side), references, Names())
    body = reader.body(side.values)
    module.scope = Scope(module, tree.budget, reader.names.bound)
    at = side.values.span
    block = Block("resource", address.name[1:], body, at)
    instance = Instance(address.key, {}, truth(True, at))  # noqa: FBT003
    known = Known({str(address): side}, {}).known(str(address))
    return Resource(module, address.name, block, instance, planned.known_as, known)


@dataclass(frozen=True, slots=True)
class Reader:
    """Values of a plan as syntax, in which what is not known goes by a name."""

    marks: Marks
    references: References
    names: Names

    def body(self, values: Mapping) -> Body:
        """Return the body of a resource, of what its configuration sets."""
        address = self.marks.planned.address
        nested = nested_in(address.name[1])
        configured = self.references.configured(address.configured)
        arguments: list[Argument] = []
        blocks: list[Block] = []
        for entry in values.entries:
            name, value = entry.name, entry.value
            if isinstance(value, Scalar) and value.value is None and not self.is_open(name):
                continue
            if name in nested and isinstance(value, Sequence):
                blocks += self.blocks(name, value)
            elif configured is None or name in configured or _is_block(value) or is_one_text(name):
                read = self.value(value, self.marks.of(name), name, name)
                arguments.append(Argument(name, read, value.span))
        there = {entry.name for entry in values.entries}
        unknown = None if self.marks.before else self.marks.side.unknown
        for entry in unknown.entries if isinstance(unknown, Mapping) else ():
            is_set = configured is None or entry.name in configured or is_one_text(entry.name)
            if entry.name not in there and is_marked(entry.value) and is_set:
                read = self.open(entry.name, values.span)
                arguments.append(Argument(entry.name, read, values.span))
        return Body(tuple(arguments), tuple(blocks))

    def is_open(self, name: str) -> bool:
        """Whether something of an attribute is not known."""
        return any(map(is_marked, self.marks.of(name)))

    def blocks(self, name: str, value: Sequence) -> Iterator[Block]:
        """Yield the blocks that a list stands for."""
        marks = self.marks.of(name)
        for index, item in enumerate(value.items):
            if not isinstance(item, Mapping):
                continue
            inner = _item(marks, index)
            path = f"{name}[{index}]"
            found = [
                Argument(
                    e.name,
                    self.value(e.value, _member(inner, e.name), name, f"{path}.{e.name}"),
                    e.value.span,
                )
                for e in item.entries
            ]
            there = {entry.name for entry in item.entries}
            mark = inner[0]
            for entry in mark.entries if isinstance(mark, Mapping) else ():
                if entry.name not in there and is_marked(entry.value):
                    read = self.open(f"{path}.{entry.name}", item.span)
                    found.append(Argument(entry.name, read, item.span))
            yield Block(name, (), Body(tuple(found), ()), item.span)

    def value(self, node: Node, marks: tuple[Node | None, ...], name: str, path: str) -> Expression:
        """Return a value; what is not known or secret goes by its address."""
        unknown, secret = marks
        if is_true(unknown):
            return self.open(path, node.span)
        if is_true(secret):
            value = Unknown(self.marks.hidden(name, path), node.span, many=True)
            return self.names.name(path, value, node.span)
        match node:
            case Scalar():
                return Literal(node)
            case Sequence(items, span):
                parts = [
                    self.value(each, _item(marks, index), name, f"{path}[{index}]")
                    for index, each in enumerate(items)
                ]
                return Tuple(tuple(parts), span)
            case Mapping(entries, span):
                members = [
                    (
                        Literal(e.key),
                        self.value(e.value, _member(marks, e.name), name, f"{path}.{e.name}"),
                    )
                    for e in entries
                ]
                return Object(tuple(members), span)

    def open(self, path: str, at: Span) -> Expression:
        """Return a name for what is known only after the change is applied."""
        address = self.marks.planned.address
        referred = self.references.known.get(f"{address.configured}.{path}", "")
        expression = f"{address.prefix}{referred}" if referred else f"{address}.{path}"
        many = not is_one_text(path) and path not in _NAMING
        return self.names.name(path, Unknown(named(expression), at, many=many), at)


def _is_block(node: Node) -> bool:
    return isinstance(node, Sequence) and all(isinstance(each, Mapping) for each in node.items)


def _member(marks: tuple[Node | None, ...], name: str) -> tuple[Node | None, ...]:
    return tuple(below(each, name) for each in marks)


def _item(marks: tuple[Node | None, ...], index: int) -> tuple[Node | None, ...]:
    return tuple(_item_of(each, index) for each in marks)


def _item_of(node: Node | None, index: int) -> Node | None:
    if isinstance(node, Sequence):
        return node.items[index] if index < len(node.items) else None
    return node if isinstance(node, Scalar) else None


@dataclass(frozen=True, slots=True)
class References:
    """What the configuration in a plan says: which attributes are set, and what names refer to."""

    known: dict[str, str] = field(default_factory=dict)
    names: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan) -> References:
        """Return the references of a plan."""
        found = cls()
        found.read(plan.configuration, "", 0)
        return found

    def configured(self, address: str) -> frozenset[str] | None:
        """Return the attributes that a resource sets; None if that is not known."""
        return self.names.get(address)

    def read(self, module: Node | None, prefix: str, depth: int) -> None:
        """Take in a module, and those that it calls."""
        resources = member(module, "resources")
        for each in resources.items if isinstance(resources, Sequence) else ():
            address = f"{prefix}{text_of(member(each, 'address'))}"
            expressions = member(each, "expressions")
            entries = expressions.entries if isinstance(expressions, Mapping) else ()
            self.names[address] = frozenset(entry.name for entry in entries)
            for entry in entries:
                found = member(entry.value, "references")
                names = [text_of(n) for n in found.items] if isinstance(found, Sequence) else []
                is_one = bool(names) and all(names[0].startswith(name) for name in names[1:])
                if is_one and entry.name in _NAMING and names[0].startswith("aws_"):
                    self.known[f"{address}.{entry.name}"] = names[0]
        calls = member(module, "module_calls")
        for entry in calls.entries if isinstance(calls, Mapping) and depth < 20 else ():
            inner = member(entry.value, "module")
            self.read(inner, f"{prefix}module.{entry.name}.", depth + 1)
