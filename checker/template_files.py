"""From changed files to changed templates: which of them are templates, and what these hold.

A template may be spread over files, and a module of Terraform always is. What is judged is the whole
of it, before and after, whichever of its files has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from checker.config import Config
from checker.source.changes import ChangedFile, UnreadFile
from checker.source.commit_files import CommitFiles
from checker.template.referring import referring
from checker.template.value import Choice, InTemplate, TemplateDocument, Value
from checker.template_changes import TemplatePair, pairs_of
from checker.terraform.paths import ENDINGS, VARIABLES, is_terraform

if TYPE_CHECKING:
    from checker.terraform.defaults import Version

_SIGNS: Final = (
    *(b"AWS::", b"AWSTemplateFormatVersion", b"Custom::", b"::MODULE"),
    *(b"resource_changes", b"planned_values"),
    *(b"\\u00", b"\\x", b"\\\n", b"\\\r\n"),  # escapes, with which either may be written
)


@dataclass(frozen=True, slots=True)
class ChangedTemplate:
    """A template, or a module of several files, with what it holds on both sides."""

    path: str  # of the file, or of the module's folder
    base_path: str
    before: tuple[InTemplate, ...]
    after: tuple[InTemplate, ...]
    is_module: bool = False  # of Terraform, in the files of a folder
    plan: str = ""  # the path of the plan that it is
    notes: tuple[str, ...] = ()  # on how it was read


def policy_pairs(template: ChangedTemplate) -> tuple[TemplatePair, ...]:
    """Return the policies of a template, old beside new."""
    before, after = (
        [each for each in side if isinstance(each, TemplateDocument)]
        for side in (template.before, template.after)
    )
    return pairs_of(before, after)


Changed: TypeAlias = ChangedFile | UnreadFile | ChangedTemplate


@dataclass(frozen=True, slots=True)
class Versions:
    """All files of both commits; no module is read again that is as it was.

    known: versions of modules, by folder and the files that give the values of variables.
    """

    base: CommitFiles
    head: CommitFiles
    known: dict[tuple[str, ...], list[Version]] = field(default_factory=dict)

    def edited(self, texts: Mapping[str, bytes]) -> Versions:
        """Return the same with another content of some files of the new one."""
        return replace(self, head=self.head.with_texts(texts))

    @property
    def both(self) -> tuple[CommitFiles, CommitFiles]:
        """The old one and the new one."""
        return self.base, self.head


def with_templates(
    changed: Iterable[ChangedFile | UnreadFile],
    of_terraform: Iterable[ChangedTemplate],
    versions: Versions,
    config: Config,
) -> tuple[Changed, ...]:
    """Return what has changed, with templates in place of the files that they are.

    What is read as part of a module is left out, and so is what these modules hold: see `modules`.
    """
    elsewhere = _read_by(of_terraform)
    return tuple(
        _as_template(each, versions, config)
        for each in changed
        if each.path not in elsewhere
        and (isinstance(each, UnreadFile) or not is_of_module(each.path))
    )


def modules(
    paths: AbstractSet[str], versions: Versions, config: Config
) -> tuple[ChangedTemplate, ...]:
    """Return the modules of Terraform that a change can affect.

    paths: of all that differs between the commits.
    """
    every = [(files, files.ending(ENDINGS)) for files in versions.both if paths]
    if not any(sources for _, sources in every):
        return ()
    from checker.terraform.roots import reached_by  # noqa: PLC0415  few repositories have any

    for files, sources in every:
        files.prefetch(sources)
    reached = reached_by(paths, versions.base, versions.head)
    found: dict[str, ChangedTemplate] = {}
    taken: set[str] = set()
    for folder in reached.roots:
        if _is_looked_at(folder, versions, config):
            found[folder] = _module(folder, versions, config, taken)
    for folder in reached.own:
        if folder not in taken and _is_looked_at(folder, versions, config):
            found[folder] = _module(folder, versions, config, taken)
    for folder, path in _named_values(paths, versions, config):
        found[folder] = _with_values(path, found.get(folder), folder, versions, config)
    return tuple(found.values())


def _named_values(
    paths: AbstractSet[str], versions: Versions, config: Config
) -> Iterator[tuple[str, str]]:
    """Yield each changed file of variables that nobody names, with a root module that it is for."""
    if not any(path.endswith(VARIABLES) for path in paths):
        return
    from checker.terraform.value_files import named_files  # noqa: PLC0415

    for path, folders in named_files(sorted(paths), versions.base, versions.head):
        for folder in folders:
            is_named = path in values_of(folder, config)
            if not is_named and _is_looked_at(folder, versions, config):
                yield folder, path


def _with_values(
    path: str, module: ChangedTemplate | None, folder: str, versions: Versions, config: Config
) -> ChangedTemplate:
    """Return a root module with what else it holds with a file of variables."""
    from checker.terraform.defaults import changed_with  # noqa: PLC0415

    usual = values_of(folder, config)
    read = [
        _version(folder, files, values, versions, config)
        for files in versions.both
        for values in ([*usual, path] if files.read(path) is not None else usual,)
    ]
    before, after = changed_with(path, read)
    if module is None:
        return ChangedTemplate(folder, folder, before, after, is_module=True)
    return replace(module, before=(*module.before, *before), after=(*module.after, *after))


def values_of(folder: str, config: Config) -> list[str]:
    """Return the files of variables that the configuration names for a root module."""
    named = f"{folder}/main.tf" if folder else "main.tf"
    return [name for name in config.parameters_of(named) if name.endswith(VARIABLES)]


def _is_looked_at(folder: str, versions: Versions, config: Config) -> bool:
    names = (*versions.base.names(folder), *versions.head.names(folder))
    return any(is_terraform(name) and config.paths.matches(name) for name in names)


def _module(folder: str, versions: Versions, config: Config, taken: set[str]) -> ChangedTemplate:
    """Return a root module; `taken` gets the folders of all modules that its new version takes."""
    from checker.terraform.defaults import documents_of_versions  # noqa: PLC0415

    values = values_of(folder, config)
    read = [_version(folder, files, values, versions, config) for files in versions.both]
    before, after = documents_of_versions(read)
    taken.update(read[-1].folders)
    return ChangedTemplate(folder, folder, before, after, is_module=True)


def _version(
    folder: str, files: CommitFiles, values: Sequence[str], versions: Versions, config: Config
) -> Version:
    """Return one version of a root module with some files of variables."""
    from checker.terraform.defaults import Version  # noqa: PLC0415

    known = versions.known.setdefault((folder, *values), [])
    return Version(folder, files, (values, config.copies), known)


def _read_by(modules_found: Iterable[ChangedTemplate]) -> frozenset[str]:
    """Return the files whose policies the new version of a module holds, through `file()`.

    They are judged there, where it is known what they are.
    """
    return frozenset(
        path
        for module in modules_found
        for each in module.after
        if isinstance(each, TemplateDocument)
        for path in _paths(each.value)
    )


def _paths(value: Value) -> Iterator[str]:
    """Yield the files that hold a document, or what it is under one premise or another."""
    if isinstance(value, Choice):
        yield from _paths(value.then)
        yield from _paths(value.other)
    else:
        yield value.span.path


def is_of_module(path: str) -> bool:
    """Whether a file is read as part of a module, and not by itself."""
    return is_terraform(path) or path.endswith(VARIABLES)


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


def with_changed_parts(
    paths: AbstractSet[str], versions: Versions, config: Config
) -> tuple[ChangedFile, ...]:
    """Return the templates that did not change, but deploy or include a file that did."""
    found = dict.fromkeys(
        (*referring(paths, versions.base), *referring(paths, versions.head)),
    )
    return tuple(
        ChangedFile(path, path, versions.base.read(path), versions.head.read(path))
        for path in found
        if path not in paths and config.paths.matches(path)
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
    from checker import template_reading as reading  # noqa: PLC0415  most files are no templates

    texts = [reading.read(data, path) for data, path, _ in sides]
    if not any(reading.is_template(text) for text in texts):
        return file
    before, after = (
        reading.documents(text, files, config.parameters_of(path), config.copies)
        for text, (_, path, files) in zip(texts, sides, strict=True)
    )
    return ChangedTemplate(file.path, file.base_path, before, after)


def _may_be_template(data: bytes) -> bool:
    return any(sign in data for sign in _SIGNS)
