"""One changed file, looked at by itself: as a policy file or as the template that it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from checker.config import Config
from checker.fixes.fixes import with_fixes
from checker.fixes.in_words import with_words
from checker.fixes.mending import is_open
from checker.fixes.of_templates import with_template_fixes
from checker.judging import Part, joined, judged
from checker.source.changes import ChangedFile, UnreadFile
from checker.symbolic.question import Budget
from checker.template_files import (
    Changed,
    ChangedTemplate,
    Versions,
    modules,
    with_templates,
)
from checker.template_judging import judged_template


@dataclass
class Looking:
    """Says what there is to say about files one by one, as they are edited, and how to fix it."""

    config: Config
    budget: Budget
    versions: Versions

    def __call__(self, file: ChangedFile) -> Part:
        """Return what there is to say about a file, or about the modules that it is read in."""
        return looked_at(self.config, self.budget, self.versions, file)

    def keep(self, file: ChangedFile) -> None:
        """Take a new version of a file for what it is from now on."""
        self.versions = _with_file(self.versions, file)


def looked_at(config: Config, budget: Budget, versions: Versions, file: ChangedFile) -> Part:
    """Return what there is to say about a file, and how to put it right."""
    versions = _with_file(versions, file)
    of_terraform = modules(frozenset((file.path, file.base_path)), versions, config)
    looks = [(each, judged_template(config, budget, each)) for each in of_terraform]
    parts = with_fixes_of_modules(config, versions, looks)
    for rest in with_templates((file,), of_terraform, versions, config):
        if isinstance(rest, ChangedTemplate):
            part = judged_template(config, budget, rest)
            read = partial(_template, config, versions)
            parts.append(with_template_fixes(config, file, rest, part, read))
        else:
            parts.append(with_fixes(config, file, judged(config, budget, file)))
    return joined(parts)


def _with_file(versions: Versions, file: ChangedFile) -> Versions:
    if file.after is None:
        return versions
    return versions.edited({file.path: file.after})


def with_fixes_of_templates(
    config: Config,
    versions: Versions,
    files: Iterable[ChangedFile | UnreadFile],
    looks: Sequence[tuple[Changed, Part]],
) -> list[Part]:
    """Return what was found, with fixes for each template: a file, or a module of several."""
    by_path = {file.path: file for file in files if isinstance(file, ChangedFile)}
    read = partial(_template, config, versions)
    of_modules = iter(with_fixes_of_modules(config, versions, filter(_is_of_module, looks)))
    parts: list[Part] = []
    for entry, part in looks:
        if _is_of_module((entry, part)):
            parts.append(next(of_modules))
        elif isinstance(entry, ChangedTemplate) and entry.plan:
            parts.append(part)  # what a plan says is put right in its source
        elif isinstance(entry, ChangedTemplate) and entry.path in by_path:
            parts.append(with_template_fixes(config, by_path[entry.path], entry, part, read))
        elif isinstance(entry, ChangedTemplate):
            parts.append(with_words(config, entry, part))
        else:
            parts.append(part)
    return parts


def _is_of_module(look: tuple[Changed, Part]) -> bool:
    return isinstance(look[0], ChangedTemplate) and look[0].is_module


def with_fixes_of_modules(
    config: Config, versions: Versions, looks: Iterable[tuple[Changed, Part]]
) -> list[Part]:
    """Return what was found in modules of Terraform, with fixes."""
    several = list(looks)
    if not any(is_open(finding) for _, part in several for finding in part.findings):
        return [part for _, part in several]
    from checker.fixes.module_texts import Modules  # noqa: PLC0415  only where there is one
    from checker.fixes.of_modules import with_module_fixes  # noqa: PLC0415

    found = {
        entry.path: (entry, part.findings)
        for entry, part in several
        if isinstance(entry, ChangedTemplate)
    }
    fixed = with_module_fixes(Modules(config, versions, found), found)
    return [replace(part, findings=fixed[entry.path]) for entry, part in several]


def _template(config: Config, versions: Versions, file: ChangedFile) -> ChangedTemplate | None:
    """Return a file as the template that it is, if it is one."""
    found = next(iter(with_templates((file,), (), versions, config)), None)
    return found if isinstance(found, ChangedTemplate) else None
