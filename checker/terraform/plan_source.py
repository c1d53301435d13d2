"""The source that a plan was made from, read with the values that the plan knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from checker.source.tree import Mapping as ObjectNode
from checker.source.tree import Node, Scalar
from checker.span import whole_file
from checker.template.files import Files
from checker.template.value import Member, Record, Unknown, Value
from checker.terraform.addresses import Address
from checker.terraform.evaluate import evaluate
from checker.terraform.instances import Instance, Instances
from checker.terraform.module import Module
from checker.terraform.plan_file import Plan, Side, is_marked, is_true, member
from checker.terraform.read import given_values
from checker.terraform.resources import Resource
from checker.terraform.tree import Tree
from checker.terraform.values import FailedError, canonical, from_node, truth

_YES: Final = truth(True, whole_file(""))  # noqa: FBT003


@dataclass(frozen=True, slots=True)
class Known:
    """What one side of a plan knows: attributes by address, and the keys of all instances."""

    sides: Mapping[str, Side]
    keys: Mapping[str, Mapping[str, Scalar | None]]

    @classmethod
    def of(cls, plan: Plan, *, before: bool) -> Known:
        """Return what the plan knows of one side."""
        sides: dict[str, Side] = {}
        keys: dict[str, dict[str, Scalar | None]] = {}
        for each in plan.planned:
            side = each.side(before=before)
            if side is None or each.is_leftover:
                continue
            address = each.address
            sides[str(address)] = side
            keys.setdefault(address.bare, {})[address.key] = address.index
            for depth, step in enumerate(address.modules):
                above = Address(address.modules[:depth], ("module", step.name))
                keys.setdefault(above.bare, {})[step.key] = step.index
        return cls(sides, keys)

    def instances(self, address: str, found: Instances) -> Instances:
        """Return the instances that the plan has; those of the source where it has none."""
        keys = self.keys.get(address, {})
        is_one = found.kind == "one"
        if not keys or not found.all or is_one != (set(keys) == {""}):
            return found
        known = {each.key: each for each in found.all}
        made = [
            replace(known[key], exists=_YES) if key in known else _made(found.all[0], key, index)
            for key, index in keys.items()
        ]
        kind = "count" if found.kind == "unknown" else found.kind
        return Instances(kind, tuple(made))

    def known(self, address: str) -> Mapping[str, Node]:
        """Return the attributes of a resource that are known and no secret."""
        side = self.sides.get(address)
        if side is None:
            return {}
        return {
            entry.name: entry.value
            for entry in side.values.entries
            if not (isinstance(entry.value, Scalar) and entry.value.value is None)
            and not is_marked(below(side.unknown, entry.name))
            and not is_marked(below(side.secret, entry.name))
        }


def below(mark: Node | None, name: str) -> Node | None:
    """Return the mark of a member; one of the whole is one of each."""
    return member(mark, name) if isinstance(mark, ObjectNode) else mark


def _made(like: Instance, key: str, index: Scalar | None) -> Instance:
    """Return an instance of a key that only the plan knows."""
    if index is None:
        return replace(like, key=key, exists=_YES)
    names: dict[str, Value] = {}
    for name, bound in like.names.items():
        value = bound.get("value") if isinstance(bound, Record) else None
        own = "index" if name == "count" else "key"
        members = [Member(Scalar(own, index.span), index)]
        if value is not None:
            is_any = isinstance(value, Unknown)
            members.append(Member(Scalar("value", index.span), value if is_any else index))
        names[name] = Record(tuple(members), index.span)
    return Instance(key, names, _YES, index)


@dataclass(frozen=True, slots=True)
class SourceOfPlan:
    """The root module of a plan as one commit has it."""

    root: Module
    _instances: dict[tuple[str, ...], dict[str, Instance]] = field(default_factory=dict)

    def resource(self, address: Address) -> Resource | None:
        """Return the resource of an address; None where the source does not tell of it."""
        module: Module | None = self.root
        try:
            for step in address.modules:
                instance = self._instance(module, ("module", step.name), step.key)
                module = module.child(instance, step.name) if module and instance else None
            found = self._instance(module, address.name, address.key)
        except FailedError:
            return None
        return module.resource(found, *address.name) if module and found else None

    def _instance(self, module: Module | None, name: tuple[str, ...], key: str) -> Instance | None:
        """Return an instance of a block of a module, if there is one."""
        if module is None or name not in module.folder.places:
            return None
        known = (module.prefix, *name)
        if known not in self._instances:
            self._instances[known] = {each.key: each for each in module.instances(*name).all}
        return self._instances[known].get(key)


def source_of_plan(
    plan: Plan, folder: str, files: Files, tfvars: Sequence[str], *, before: bool
) -> SourceOfPlan:
    """Return the root module in a folder, read with what a plan knows of one side."""
    tree = Tree(folder, files, planned=Known.of(plan, before=before))
    given = given_values(tree, tfvars, [])
    return SourceOfPlan(Module(tree, folder, given=_variables(plan, tree, given)))


def _variables(plan: Plan, tree: Tree, given: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values of variables, those of files with their places; a secret is not known."""
    module = Module(tree, tree.root)
    found = dict(given)
    variables = member(plan.root, "variables")
    for entry in variables.entries if isinstance(variables, ObjectNode) else ():
        value = member(entry.value, "value")
        said = member(member(plan.configuration, "variables"), entry.name)
        if is_true(member(said, "sensitive")):
            found.pop(entry.name, None)
            continue
        try:
            block = module.folder.block("variable", entry.name)
        except FailedError:
            block = None
        if value is None or block is None:
            continue
        written = found.get(entry.name)
        default = block.body.argument("default")
        if written is None and default is not None:
            try:
                written = evaluate(default.value, module.scope)
            except FailedError:
                written = None
        planned = from_node(value, block.span)
        if written is None or canonical(written) != canonical(planned):
            found[entry.name] = planned
    return found
