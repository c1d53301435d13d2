"""From changed files to changed templates: which of them are templates, and what these hold.

A template may be spread over files, and a module of Terraform always is. What is judged is the whole
of it, before and after, whichever of its files has changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, TypeAlias

from checker.cloudformation import read as cloudformation
from checker.cloudformation.parameter_files import parameters_in
from checker.config import Config
from checker.errors import PolicySyntaxError, UsageError
from checker.source.changes import ChangedFile, UnreadFile
from checker.source.commit_files import CommitFiles
from checker.source.documents import Document, Found, documents_in_file, tree_of
from checker.source.json_reader import read_json
from checker.source.places import quoted
from checker.source.tree import Node
from checker.span import whole_file
from checker.template.files import Files
from checker.template.value import InTemplate, NotResolved, TemplateDocument, Value
from checker.template.worlds import known
from checker.terraform.paths import is_terraform
from checker.terraform.plan import documents_of_plan, is_plan
from checker.terraform.read import documents_of_module
from checker.terraform.roots import module_folders

_SIGNS: Final = (
    *(b"AWS::", b"AWSTemplateFormatVersion", b"resource_changes", b"planned_values"),
    *(b"\\u00", b"\\x", b"\\\n", b"\\\r\n"),  # escapes, with which either may be written
)
_MEANT: Final = tuple(  # to be a template, however it is broken
    re.compile(pattern, re.MULTILINE).search
    for pattern in (r"^\s*[\"']?Resources[\"']?\s*:", r"\bType[\"']?\s*:\s*[\"']?AWS::")
)
_VARIABLES: Final = (".tfvars", ".tfvars.json")
_SUFFIXES: Final = (".cfn", ".json", ".template", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class ChangedTemplate:
    """A template, or a module of several files, with what it holds on both sides."""

    path: str  # of the file, or of the module's folder
    base_path: str
    before: tuple[InTemplate, ...]
    after: tuple[InTemplate, ...]


Changed: TypeAlias = ChangedFile | UnreadFile | ChangedTemplate


@dataclass(frozen=True, slots=True)
class Versions:
    """All files of both commits."""

    base: CommitFiles
    head: CommitFiles


def with_templates(
    changed: Iterable[ChangedFile | UnreadFile], versions: Versions, config: Config
) -> tuple[Changed, ...]:
    """Return what has changed, with templates in place of the files that they are.

    What is read as part of a module is left out: see `modules`.
    """
    return tuple(
        _as_template(each, versions, config)
        for each in changed
        if isinstance(each, UnreadFile) or not is_of_module(each.path)
    )


def modules(
    paths: AbstractSet[str], versions: Versions, config: Config
) -> tuple[ChangedTemplate, ...]:
    """Return the modules of Terraform that a change can affect.

    paths: of all that differs between the commits.
    """
    if not paths:
        return ()
    for files in (versions.base, versions.head):
        files.prefetch(path for path in files.everything() if is_terraform(path))
    folders = module_folders(paths, versions.base, versions.head)
    return tuple(
        _module(folder, versions, config)
        for folder in folders
        if _is_looked_at(folder, versions, config)
    )


def _is_looked_at(folder: str, versions: Versions, config: Config) -> bool:
    names = (*versions.base.names(folder), *versions.head.names(folder))
    return any(is_terraform(name) and config.paths.matches(name) for name in names)


def _module(folder: str, versions: Versions, config: Config) -> ChangedTemplate:
    named = f"{folder}/main.tf" if folder else "main.tf"
    values = [name for name in config.parameters_of(named) if name.endswith(_VARIABLES)]
    before, after = (
        documents_of_module(folder, files, values) for files in (versions.base, versions.head)
    )
    return ChangedTemplate(folder, folder, before, after)


def planned(data: bytes, path: str) -> ChangedTemplate:
    """Return the change that a plan of Terraform is (`terraform show -json`).

    Errors: `UsageError`.
    """
    try:
        root = read_json(data.decode("utf-8-sig"), path)
    except (PolicySyntaxError, UnicodeDecodeError) as error:
        raise UsageError(f"{quoted(path)} is no plan: {error}") from error
    if not is_plan(root):
        hint = "write it with `terraform show -json PLAN`"
        raise UsageError(f"{quoted(path)} is no plan ({hint})")
    before, after = (documents_of_plan(root, path, before=side) for side in (True, False))
    return ChangedTemplate(path, path, before, after)


def read_by(modules_found: Iterable[ChangedTemplate]) -> frozenset[str]:
    """Return the files whose policies the new version of a module holds, through `file()`.

    They are judged there, where it is known what they are.
    """
    return frozenset(
        each.value.span.path
        for module in modules_found
        for each in module.after
        if isinstance(each, TemplateDocument)
    )


def is_of_module(path: str) -> bool:
    """Whether a file is read as part of a module, and not by itself."""
    return is_terraform(path) or path.endswith(_VARIABLES)


def with_changed_parameters(
    paths: AbstractSet[str], versions: Versions, config: Config
) -> tuple[ChangedFile, ...]:
    """Return the files that did not change, but for which files with parameters did.

    paths: of all that differs between the commits.
    """
    asked = [each for each in config.parameters if paths & set(each.files)]
    if not asked:
        return ()
    every = dict.fromkeys((*versions.base.everything(), *versions.head.everything()))
    found = (
        path
        for path in every
        if path not in paths
        and config.paths.matches(path)
        and any(each.paths.matches(path) for each in asked)
    )
    return tuple(
        ChangedFile(path, path, versions.base.read(path), versions.head.read(path))
        for path in found
    )


def _as_template(file: ChangedFile | UnreadFile, versions: Versions, config: Config) -> Changed:
    """Return a file as the template that it is on one side at least, or as it is."""
    if isinstance(file, UnreadFile):
        return file
    sides = [
        (file.before, file.base_path, versions.base),
        (file.after, file.path, versions.head),
    ]
    if not any(data is not None and _may_be_template(data) for data, _, _ in sides):
        return file
    roots = [None if data is None else _root(data, path) for data, path, _ in sides]
    if not any(_is_template(root) for root in roots):
        return file
    before, after = (
        _documents(root, data, path, files, config)
        for root, (data, path, files) in zip(roots, sides, strict=True)
    )
    return ChangedTemplate(file.path, file.base_path, before, after)


def _may_be_template(data: bytes) -> bool:
    return any(sign in data for sign in _SIGNS)


def _is_template(root: Node | NotResolved | None) -> bool:
    if root is None or isinstance(root, NotResolved):
        return root is not None
    return cloudformation.is_template(root) or is_plan(root)


def _root(data: bytes, path: str) -> Node | NotResolved | None:
    """Return what a file says; None for one that has no sign of a template."""
    if not _may_be_template(data):
        return None
    content = data.decode("utf-8", "replace")
    try:
        return tree_of(data.decode("utf-8"), path)
    except UnicodeDecodeError:
        problem, at = "the template is not UTF-8 text", whole_file(path)
    except PolicySyntaxError as error:
        problem, at = error.problem, error.at
    if path.lower().endswith(_SUFFIXES) and all(search(content) for search in _MEANT):
        return NotResolved("", quoted(path), problem, content, at)
    return None


def _documents(
    root: Node | NotResolved | None,
    data: bytes | None,
    path: str,
    files: Files,
    config: Config,
) -> tuple[InTemplate, ...]:
    if isinstance(root, NotResolved):
        return (root,)
    if root is not None and is_plan(root):
        return documents_of_plan(root, path, before=False)
    if root is not None and cloudformation.is_template(root):
        try:
            given = _parameters(config.parameters_of(path), files)
        except PolicySyntaxError as error:
            content = (data or b"").decode("utf-8", "replace")
            return (NotResolved("", quoted(path), error.problem, content, error.at, error.hint),)
        return cloudformation.documents(root, path, files, given)
    if data is None:
        return ()
    return tuple(_plain(each, path, data) for each in documents_in_file(data, path))


def _parameters(names: Iterable[str], files: Files) -> dict[str, Value]:
    """Return the values that a template is deployed with; of Terraform's files none."""
    found: dict[str, Value] = {}
    for name in names:
        if not name.endswith(_VARIABLES):
            found.update(parameters_in(files.read(name), name))
    return found


def _plain(found: Found, path: str, data: bytes) -> InTemplate:
    """Return a document of an ordinary file, which a template has become or was before."""
    owner = quoted(path)
    if isinstance(found, Document):
        value = known(found.node)
        return TemplateDocument(
            address=found.address,
            owner=owner,
            holds="the policy",
            type=None,
            value=value,
            at=found.span,
        )
    content = data.decode("utf-8", "replace")
    return NotResolved(found.address, owner, found.problem, content, found.at, found.hint)
