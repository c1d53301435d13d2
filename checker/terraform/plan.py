"""Plans (`terraform show -json`): what a change makes of policies, values and all.

A plan knows what the source leaves open, but for what exists only after the change is applied. A
policy with such a part is wholly unknown in a plan; the source often knows more of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from checker.source.tree import Mapping, Node, Scalar, Sequence
from checker.span import Span
from checker.template.value import InTemplate, NotResolved, Unknown, Value
from checker.terraform.attachments import with_attachments
from checker.terraform.carriers import table
from checker.terraform.held import documents_of
from checker.terraform.instances import Instance
from checker.terraform.module import Module, Tree
from checker.terraform.resources import Resource
from checker.terraform.scope import Scope
from checker.terraform.strays import strays_of
from checker.terraform.syntax import Argument, Block, Body, Expression, Literal, Name, Object, Tuple
from checker.terraform.values import canonical, named, truth

_SIGNS: Final = ("resource_changes", "planned_values")
_NAMING: Final = frozenset(
    {"role", "user", "group", "role_name", "user_name", "group_name", "policy_arn"}
)
"""Arguments that hold the name or ARN of one other resource, as it is."""


class _NoFiles:
    """A plan has everything in it."""

    def read(self, path: str) -> bytes | None:
        """Return nothing."""
        del path
        return None

    def names(self, folder: str) -> tuple[str, ...]:
        """Return nothing."""
        del folder
        return ()


def is_plan(root: Node) -> bool:
    """Whether a JSON file is a plan as `terraform show -json` writes it."""
    if not isinstance(root, Mapping) or not isinstance(root.get("format_version"), Scalar):
        return False
    return any(root.get(sign) is not None for sign in _SIGNS)


def documents_of_plan(root: Node, path: str, *, before: bool) -> tuple[InTemplate, ...]:
    """Return the policy documents of a plan: as they are, or as they will be."""
    changes = root.get("resource_changes") if isinstance(root, Mapping) else None
    if not isinstance(changes, Sequence):
        if before:
            return ()
        problem = "a plan without `resource_changes`"
        hint = "write it with `terraform show -json PLAN`"
        return (NotResolved("", path, problem, problem, root.span, hint),)
    tree = Tree("", _NoFiles())
    references = _References.of(root)
    resources: list[Resource] = []
    found: list[InTemplate] = []
    for each in changes.items:
        resource = _resource(each, tree, references, before=before)
        if resource is not None:
            resources.append(resource)
            found += documents_of(resource)
            found += strays_of(resource)
    return tuple(with_attachments(found, resources))


def _resource(node: Node, tree: Tree, references: _References, *, before: bool) -> Resource | None:
    """Return one resource as the plan has it on one side; None if it is not there."""
    change = _member(node, "change")
    type_, name = _text(_member(node, "type")), _text(_member(node, "name"))
    if change is None or not type_ or not name or _text(_member(node, "mode")) != "managed":
        return None
    values = _member(change, "before" if before else "after")
    if not isinstance(values, Mapping):
        return None
    address = _text(_member(node, "address"))
    within = _text(_member(node, "module_address"))
    module = Module(tree, "", f"{within}." if within else "")
    reader = _Reader(address, references, module.prefix)
    unknown = None if before else _member(change, "after_unknown")
    secret = _member(change, "before_sensitive" if before else "after_sensitive")
    body = reader.body(values, (unknown, secret), type_)
    module.scope = Scope(module, tree.budget, reader.names)
    block = Block("resource", (type_, name), body, values.span)
    index = _member(node, "index")
    key = f"[{canonical(index)}]" if isinstance(index, Scalar) else ""
    instance = Instance(key, {}, truth(True, values.span))  # noqa: FBT003
    known = _text(_member(node, "previous_address")) or address
    return Resource(module, ("resource", type_, name), block, instance, known)


def _member(node: Node | None, name: str) -> Node | None:
    return node.get(name) if isinstance(node, Mapping) else None


def _text(node: Node | None) -> str:
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else ""


_Marks = tuple[Node | None, Node | None]


@dataclass(slots=True)
class _Reader:
    """Values of a plan as syntax, in which what is not known goes by a name."""

    address: str
    references: _References
    prefix: str
    names: dict[str, Value] = field(default_factory=dict)

    def body(self, values: Mapping, marks: _Marks, type_: str) -> Body:
        """Return the body of a resource; blocks are made of lists where the table asks for them."""
        nested = {each.path[0] for each in table().carriers.get(type_, ()) if len(each.path) > 1}
        arguments: list[Argument] = []
        blocks: list[Block] = []
        seen = {entry.name for entry in values.entries}
        for entry in values.entries:
            inner = _below(marks, entry.name)
            if entry.name in nested and isinstance(entry.value, Sequence):
                for index, item in enumerate(entry.value.items):
                    if isinstance(item, Mapping):
                        body = self.body(item, _item(inner, index), type_)
                        blocks.append(Block(entry.name, (), body, item.span))
            else:
                value = self.value(entry.value, inner, entry.name)
                arguments.append(Argument(entry.name, value, entry.value.span))
        unknown = marks[0]
        for entry in unknown.entries if isinstance(unknown, Mapping) else ():
            if entry.name not in seen and _is_marked(entry.value):
                value = self.named(entry.name, values.span)
                arguments.append(Argument(entry.name, value, values.span))
        return Body(tuple(arguments), tuple(blocks))

    def value(self, node: Node, marks: _Marks, path: str) -> Expression:
        """Return a value; one that is marked as unknown or secret goes by its address."""
        if any(_is_marked(each) for each in marks):
            return self.named(path, node.span)
        match node:
            case Scalar():
                return Literal(node)
            case Sequence(items, span):
                return Tuple(
                    tuple(
                        [
                            self.value(each, _item(marks, index), f"{path}[{index}]")
                            for index, each in enumerate(items)
                        ]
                    ),
                    span,
                )
            case Mapping(entries, span):
                members = [
                    (Literal(e.key), self.value(e.value, _below(marks, e.name), f"{path}.{e.name}"))
                    for e in entries
                ]
                return Object(tuple(members), span)

    def named(self, path: str, at: Span) -> Expression:
        """Return a name for what is known only after the change is applied."""
        referred = self.references.of_attribute(self.address, path)
        expression = f"{self.prefix}{referred}" if referred else f"{self.address}.{path}"
        self.names[path] = Unknown(named(expression), at)
        return Name(path, at)


def _below(marks: _Marks, name: str) -> _Marks:
    first, second = (each if isinstance(each, Scalar) else _member(each, name) for each in marks)
    return first, second


def _item(marks: _Marks, index: int) -> _Marks:
    first, second = (_item_of(each, index) for each in marks)
    return first, second


def _item_of(node: Node | None, index: int) -> Node | None:
    if isinstance(node, Sequence):
        return node.items[index] if index < len(node.items) else None
    return node if isinstance(node, Scalar) else None


def _is_marked(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.value is True


@dataclass(frozen=True, slots=True)
class _References:
    """What the configuration in a plan says that attributes are."""

    known: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Node) -> _References:
        """Return the references of a plan."""
        module = _member(_member(root, "configuration"), "root_module")
        return cls(dict(_references(module, "", 0)))

    def of_attribute(self, address: str, path: str) -> str:
        """Return the one thing that an attribute refers to; "" if that is not known."""
        bare = "".join(
            part.partition("]")[2] if i else part for i, part in enumerate(address.split("["))
        )
        return self.known.get(f"{bare}.{path}", "")


def _references(module: Node | None, prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    resources = _member(module, "resources")
    for each in resources.items if isinstance(resources, Sequence) else ():
        address = f"{prefix}{_text(_member(each, 'address'))}"
        expressions = _member(each, "expressions")
        for entry in expressions.entries if isinstance(expressions, Mapping) else ():
            found = _member(entry.value, "references")
            names = [_text(n) for n in found.items] if isinstance(found, Sequence) else []
            is_one = bool(names) and all(names[0].startswith(name) for name in names[1:])
            if is_one and entry.name in _NAMING and names[0].startswith("aws_"):
                yield f"{address}.{entry.name}", names[0]
    calls = _member(module, "module_calls")
    for entry in calls.entries if isinstance(calls, Mapping) and depth < 20 else ():
        inner = _member(entry.value, "module")
        yield from _references(inner, f"{prefix}module.{entry.name}.", depth + 1)
