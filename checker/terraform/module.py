"""A module as one call makes it: variables, locals, resources and the modules that it calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from checker.span import Span, whole_file
from checker.template.value import Items, Member, Record, Value
from checker.terraform.access import is_one_text
from checker.terraform.asked import told_apart
from checker.terraform.beside import files_like, read_beside
from checker.terraform.evaluate import evaluate, member_name
from checker.terraform.instances import Instance, Instances, both, exists_under, instances_of
from checker.terraform.labels import said_of_label
from checker.terraform.moves import Moves, moves_of
from checker.terraform.paths import relative, within
from checker.terraform.policy_document import policy_of
from checker.terraform.resources import Resource
from checker.terraform.scope import Budget, Found, Scope, key_text, missing, size_of
from checker.terraform.syntax import Argument, Body, Literal
from checker.terraform.tree import Defaults, Tree
from checker.terraform.values import FailedError, Reference, text, truth, unknown
from checker.terraform.variables import value_of_variable

DEEPEST = 8  # modules that call each other


@dataclass(frozen=True, slots=True)
class Caller:
    """The module call that made a module."""

    module: Module
    name: str
    body: Body
    instance: Instance

    def argument(self, name: str) -> Value | None:
        """Return the value that a call gives to a variable, if it gives one."""
        found = self.body.argument(name)
        if found is None:
            return None
        return evaluate(found.value, self.module.scope.binding(self.instance.names))


class Module:
    """One call of a module, or the root module."""

    def __init__(
        self,
        tree: Tree,
        path: str,
        prefix: str = "",
        *,
        caller: Caller | None = None,
        given: Mapping[str, Value] | None = None,
        depth: int = 0,
    ) -> None:
        self.tree = tree
        self.folder = tree.folder(path)
        self.prefix = prefix  # "" or "module.name."
        self.caller = caller
        self.given = given or {}
        self.exists: Value = truth(True, whole_file(path))  # noqa: FBT003
        if caller is not None:
            self.exists = both(caller.module.exists, caller.instance.exists)
        self.depth = depth
        self.scope = Scope(self, tree.budget)
        self.moves = Moves() if tree.planned else moves_of(self.folder)  # a plan has made them
        self._unset: Module | None = None
        self._contents: dict[tuple[str, ...], str] = {}
        self._locals: dict[str, Argument] | None = None
        self._values: dict[tuple[str, ...], tuple[Value, int]] = {}
        self._busy: set[tuple[str, ...]] = set()
        self._instances: dict[tuple[str, ...], Instances] = {}
        self._calls: dict[tuple[str, str], Module] = {}
        self._resources: dict[tuple[str, ...], Resource] = {}
        self._references: dict[tuple[tuple[str, ...], Span], Value] = {}

    def reference(self, root: str, steps: Sequence[Value], scope: Scope, at: Span) -> Found:
        """Return what a reference stands for, and how many of its steps that took."""
        first = key_text(steps[0]) if steps else None
        if root == "resource" and first is not None and len(steps) > 1:
            found = self.reference(first, steps[1:], scope, at)
            return Found(found.value, found.used + 1)
        if root == "path" and first in ("module", "root", "cwd"):
            base = self.folder.path if first == "module" else self.tree.root
            return Found(text(relative(base, self.tree.root), at), 1)
        if root == "terraform" and first is not None:
            return Found(unknown(f"terraform.{first}", at, many=False), 1)
        if first is None or root in ("each", "count", "self"):
            raise missing(f"{root}.{first}" if first else root, at)
        with self.tree.budget.deeper(at):
            match root:
                case "var" | "local":
                    return Found(self.once((root, first), at), 1)
                case "module":
                    return Found(self._reference(("module", first), at), 1)
                case "data" | "ephemeral" if len(steps) > 1:
                    second = key_text(steps[1]) or ""
                    return Found(self._reference((root, first, second), at), 2)
                case _:
                    return Found(self._reference(("resource", root, first), at), 1)

    def files_like(self, path: str) -> list[tuple[str, tuple[str, ...]]]:
        """Return the files whose path is like one with unknown parts, and what these are."""
        return files_like(self.tree, path)

    def read_beside(self, path: str) -> tuple[str, str] | None:
        """Return the path in the repository and the text of a file that a function names."""
        return read_beside(self.tree, path)

    def once(self, name: tuple[str, ...], at: Span) -> Value:
        """Return a variable, local or output, worked out once.

        Errors: `FailedError` if it refers to itself, or is not there.
        """
        if name not in self._values:
            with self._guarded(name, at):
                found = self._found(name, at)
                self._values[name] = found, size_of(found, at)
        value, size = self._values[name]
        self.tree.budget.take(size, at)
        return value

    @contextmanager
    def _guarded(self, name: tuple[str, ...], at: Span) -> Iterator[None]:
        if name in self._busy:
            raise FailedError(f"`{'.'.join(name)}` refers to itself", at)
        self._busy.add(name)
        try:
            yield
        finally:
            self._busy.discard(name)

    def _found(self, name: tuple[str, ...], at: Span) -> Value:
        match name[0]:
            case "var":
                return value_of_variable(self, name[1], at)
            case "local":
                if self._locals is None:
                    self._locals = {each.name: each for each in self.folder.arguments_of("locals")}
                if found := self._locals.get(name[1]):
                    return evaluate(found.value, self.scope)
                raise missing(".".join(name), at)
            case _:
                block = self.folder.block("output", name[1])
                found = block.body.argument("value") if block else None
                if found is None:
                    raise missing(f"{self.prefix}{name[1]}", at)
                return evaluate(found.value, self.scope)

    def instances(self, *name: str) -> Instances:
        """Return the instances of a resource, data source or module call of this module."""
        if name not in self._instances:
            block = self.folder.block(*name)
            if block is None:
                raise missing(".".join(name[1:]), whole_file(self.folder.path))
            with self._guarded(name, block.span):
                found = instances_of(block.body, self.address(*name), self.scope)
                if not found.all and (scope := self.otherwise()):
                    found = instances_of(block.body, self.address(*name), scope)
            if planned := self.tree.planned:
                found = planned.instances(self.address(*name), found)
            self._instances[name] = found
        return self._instances[name]

    def otherwise(self) -> Scope | None:
        """Return where what comes to nothing by a default may be something, if that is asked for."""
        self.tree.is_off = True
        if self.tree.defaults is not Defaults.MAY_BE_SET:
            return None
        return self._without_defaults().scope

    def unset(self) -> Scope | None:
        """Return where the defaults of the root's variables are not; None if none has been used."""
        is_usual = self.tree.defaults is not Defaults.UNKNOWN and self.tree.planned is None
        return self._without_defaults().scope if is_usual and self.tree.has_used_defaults else None

    def is_open(self) -> bool:
        """Note that a default decides something, and tell whether it is to be left open."""
        self.tree.is_off = True
        return self.tree.defaults is Defaults.MAY_BE_SET

    def _without_defaults(self) -> Module:
        """Return this module as it is where the defaults of the root module's variables are not."""
        if self._unset is None:
            caller = self.caller
            if caller is not None:
                parent = caller.module._without_defaults()  # noqa: SLF001 - of its own class
                caller = replace(caller, module=parent)
                tree = parent.tree
            else:
                tree = Tree(
                    self.tree.root,
                    self.tree.files,
                    defaults=Defaults.UNKNOWN,
                    folders=self.tree.folders,
                )
            self._unset = Module(
                tree,
                self.folder.path,
                self.prefix,
                caller=caller,
                given=self.given,
                depth=self.depth,
            )
        return self._unset

    def known_instances(self, *name: str) -> tuple[Instance, ...]:
        """Return the instances of a block that have been worked out; none if they cannot be."""
        found = self._instances.get(name)
        return found.all if found is not None else ()

    def address(self, *name: str) -> str:
        """Return the address of a block, without the key of an instance."""
        return self.prefix + ".".join(name[1:] if name[0] == "resource" else name)

    def resource(self, instance: Instance, *name: str) -> Resource:
        """Return one instance of a resource or data source."""
        key = (*name, instance.key)
        if key not in self._resources:
            block = self.folder.block(*name)
            if block is None:
                raise missing(".".join(name[1:]), whole_file(self.folder.path))
            bare = ".".join(name[1:] if name[0] == "resource" else name)
            address = self.prefix + self.moves.address(bare, instance.key)
            known = planned.known(address) if (planned := self.tree.planned) else {}
            self._resources[key] = Resource(self, name, block, instance, address, known)
        return self._resources[key]

    def document(self, resource: Resource, at: Span) -> Value:
        """Return the policy that a data source of this module writes, made once."""
        name = ("document", resource.address)
        if name not in self._values:
            with self._guarded(name, at):
                found = policy_of(resource)
                self._values[name] = found, size_of(found, at)
        value, size = self._values[name]
        self.tree.budget.take(size, at)
        return value

    def child(self, instance: Instance, name: str) -> Module | None:
        """Return the module that one instance of a call makes; None if its source is remote."""
        key = (name, instance.key)
        block = self.folder.block("module", name)
        path = self.source(name)
        if block is None or path is None or self.depth >= DEEPEST:
            return None
        if key not in self._calls:
            prefix = self.prefix + self.moves.address(f"module.{name}", instance.key) + "."
            caller = Caller(self, name, block.body, instance)
            depth = self.depth + 1
            self._calls[key] = Module(self.tree, path, prefix, caller=caller, depth=depth)
        return self._calls[key]

    def has_open_source(self, name: str) -> bool:
        """Whether the source of a call is worked out, which OpenTofu does: it may be a folder."""
        block = self.folder.block("module", name)
        found = block.body.argument("source") if block else None
        return found is not None and not isinstance(found.value, Literal)

    def source(self, name: str) -> str | None:
        """Return the folder that a call names; None if it is not of this repository."""
        block = self.folder.block("module", name)
        found = block.body.argument("source") if block else None
        if found is None or not isinstance(found.value, Literal):
            return None
        written = found.value.value.value
        if not isinstance(written, str) or not written.startswith(("./", "../")):
            return None
        return within(self.folder.path, written)

    def _reference(self, name: tuple[str, ...], at: Span) -> Value:
        """Return what `_referred` says, once for each place: one text may be many instances."""
        if (name, at) not in self._references:
            self._references[name, at] = self._referred(name, at)
        return self._references[name, at]

    def _referred(self, name: tuple[str, ...], at: Span) -> Value:
        """Return a reference to all instances of a block, as `count` and `for_each` make them."""
        if name not in self.folder.places:
            raise missing(".".join(name[1:]), at)
        found = self.instances(*name)
        made = [
            (each, exists_under(self._one(each, name, at), each.exists, at)) for each in found.all
        ]
        match found.kind:
            case "one":
                return made[0][1]
            case "count":
                return Items(tuple([value for _, value in made]), at)
            case "each":
                members = [
                    Member(member_name(each.index), value)
                    for each, value in made
                    if each.index is not None
                ]
                return Record(tuple(members), at)
            case _:
                return unknown(f"{self.address(*name)}{self.content(*name)}", at)

    def content(self, *name: str) -> str:
        """Return what tells a block from one that says something else.

        It is for a block that goes by its address, which does not tell what it holds.
        """
        if name not in self._contents:
            from checker.terraform.depends import depended_on  # noqa: PLC0415  which needs modules

            self._contents[name] = told_apart(depended_on(self, *name))
        return self._contents[name]

    def _one(self, instance: Instance, name: tuple[str, ...], at: Span) -> Value:
        if name[0] == "module":
            address = self.prefix + self.moves.address(f"module.{name[1]}", instance.key)
            given = Caller(self, name[1], self.folder.place(*name).block().body, instance)
            child = self.child(instance, name[1])
            call = Call(child, address, self.tree.budget, given)
            return Reference(address, at, many=True, of=call)
        resource = self.resource(instance, *name)
        return Reference(resource.address, at, many=True, of=resource)


@dataclass(frozen=True, slots=True)
class Call:
    """One instance of a module call as a value."""

    module: Module | None
    address: str
    budget: Budget
    given: Caller

    @property
    def content(self) -> str:
        """What tells it from a call that makes something else."""
        return self.given.module.content("module", self.given.name)

    def attribute(self, name: str, at: Span) -> Value:
        """Return an output."""
        if self.module is None:
            with self.budget.deeper(at):
                said = said_of_label(self.given, self.address, name, at)
            if said is not None:
                return said
            is_text = is_one_text(name)
            asked = "" if is_text else self.content
            return unknown(f"{self.address}{asked}.{name}", at, many=not is_text)
        with self.budget.deeper(at):
            return self.module.once(("output", name), at)
