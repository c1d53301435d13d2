"""The policy documents of a root module, and of the modules that it calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checker.errors import PolicySyntaxError
from checker.source.places import quoted
from checker.source.symbols import is_reserved
from checker.span import whole_file
from checker.template.files import Files
from checker.template.managed import Copies
from checker.template.value import InTemplate, NotResolved, TemplateDocument, Value
from checker.terraform.apart import with_denies_apart
from checker.terraform.attachments import with_attachments
from checker.terraform.blocks import File
from checker.terraform.depends import depended_on
from checker.terraform.evaluate import evaluate
from checker.terraform.held import documents_of, is_of_interest, lost, span_of
from checker.terraform.instances import exists_under
from checker.terraform.json_blocks import values_of_json
from checker.terraform.module import DEEPEST, Module
from checker.terraform.policy_text import policy_value
from checker.terraform.remote import of_remote_call
from checker.terraform.resources import Resource
from checker.terraform.strays import strays_of
from checker.terraform.tree import Tree
from checker.terraform.values import FailedError, plain


def documents_of_module(
    folder: str, files: Files, tfvars: Sequence[str] = (), copies: Copies | None = None
) -> tuple[InTemplate, ...]:
    """Return the documents that a root module holds, and what of it cannot be followed.

    tfvars: files with values of variables, besides those that Terraform finds by itself.
    copies: of managed policies that the module names and does not hold.
    """
    return read_module(Tree(folder, files), tfvars, copies)


def read_module(tree: Tree, tfvars: Sequence[str], copies: Copies | None) -> tuple[InTemplate, ...]:
    """Return what the root module of a tree holds."""
    folder = tree.root
    troubles: list[InTemplate] = []
    given = given_values(tree, tfvars, troubles)
    root = Module(tree, folder, given=given)
    try:
        resources = list(_resources(root, troubles))
        found: list[InTemplate] = []
        for resource in resources:
            if resource.name[0] == "resource":
                found += documents_of(resource)
                found += strays_of(resource)
        found = list(with_attachments(found, resources, copies))
        for resource in resources:
            if resource.name[0] == "data" and not _is_used(resource):
                found += _unused(resource)
    except RecursionError:
        problem = "its expressions refer to each other too deeply to be followed"
        at = whole_file(folder or ".")
        return (NotResolved(folder, folder, problem, tree.content(), at),)
    return (*troubles, *found)


def given_values(tree: Tree, tfvars: Sequence[str], troubles: list[InTemplate]) -> dict[str, Value]:
    """Return the values that files of variables give; a later file wins."""
    names = tree.files.names(tree.root)
    prefix = f"{tree.root}/" if tree.root else ""
    usual = [f"{prefix}terraform.tfvars", f"{prefix}terraform.tfvars.json"]
    automatic = sorted(n for n in names if n.endswith((".auto.tfvars", ".auto.tfvars.json")))
    given: dict[str, Value] = {}
    for path in (*(name for name in usual if name in names), *automatic, *tfvars):
        content = tree.files.read(path)
        try:
            given |= _values(path, content, tree)
        except FailedError as failed:
            shown = (content or b"").decode("utf-8", "replace")
            troubles.append(NotResolved(path, quoted(path), failed.problem, shown, failed.at))
    return given


def _values(path: str, content: bytes | None, tree: Tree) -> dict[str, Value]:
    if content is None:
        raise FailedError("there is no such file of variables", whole_file(path))
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise FailedError("not UTF-8", whole_file(path)) from None
    if is_reserved(text):
        raise FailedError("holds a character that no text has", whole_file(path))
    if path.endswith(".json"):
        return values_of_json(text, path)
    file = File(text, path)
    if file.problems:
        error: PolicySyntaxError = file.problems[0]
        raise FailedError(error.problem, error.at)
    scope = Module(tree, tree.root).scope
    return {each.name: evaluate(each.value, scope) for each in file.arguments}


def _resources(module: Module, troubles: list[InTemplate]) -> Iterator[Resource]:
    """Yield all resources and data sources that may matter, those of called modules included."""
    for trouble in module.folder.troubles:
        address = f"{module.prefix}{trouble.at.path}"
        owner = quoted(trouble.at.path)
        troubles.append(NotResolved(address, owner, trouble.problem, trouble.content, trouble.at))
    for kind in ("resource", "data"):
        for type_, name in list(module.folder.names(kind)):
            if is_of_interest(kind, type_, module.folder.place(kind, type_, name).text):
                yield from _instances(module, (kind, type_, name), troubles)
    for (name,) in list(module.folder.names("module")):
        yield from _called(module, name, troubles)


def _instances(
    module: Module, name: tuple[str, ...], troubles: list[InTemplate]
) -> Iterator[Resource]:
    try:
        for instance in module.instances(*name).all:
            yield module.resource(instance, *name)
    except FailedError as failed:
        troubles.append(_lost_block(module, name, failed))


def _lost_block(module: Module, name: tuple[str, ...], failed: FailedError) -> NotResolved:
    place = module.folder.place(*name)
    at = failed.at if failed.at.path else place.span
    content = f"{failed.problem}\n{depended_on(module, *name)}"
    address = module.address(*name)
    return NotResolved(address, address, failed.problem, content, at)


def _called(module: Module, name: str, troubles: list[InTemplate]) -> Iterator[Resource]:
    try:
        instances = module.instances("module", name).all
    except FailedError as failed:
        troubles.append(_lost_block(module, ("module", name), failed))
        return
    for instance in instances:
        child = module.child(instance, name)
        if child is not None and not child.folder.is_empty:
            yield from _resources(child, troubles)
        elif (path := module.source(name)) is not None:
            here = "has no files" if child else f"is more than {DEEPEST} calls away"
            why = FailedError(f"the module in {quoted(path)} {here}", whole_file(""))
            troubles.append(_lost_block(module, ("module", name), why))
        else:
            if module.has_open_source(name):
                why = FailedError("the source of a module is not written out", whole_file(""))
                troubles.append(_lost_block(module, ("module", name), why))
            troubles.extend(of_remote_call(module, instance, name))


def _is_used(resource: Resource) -> bool:
    """Whether a resource or another policy takes a policy, in some instance or in none."""
    module = resource.module
    return resource.address in module.tree.used or resource.name[2] in module.folder.referenced


def _unused(resource: Resource) -> Iterator[InTemplate]:
    """Yield a policy that no resource of the module takes: somebody else may."""
    at = resource.block.span
    try:
        value = with_denies_apart(plain(policy_value(resource.document(at))))
    except FailedError as failed:
        yield lost(resource, resource.address, failed)
        return
    yield TemplateDocument(
        address=resource.address,
        owner=resource.shown,
        holds="the policy",
        type=None,
        value=exists_under(value, resource.exists, at),
        at=span_of(value, at),
    )
