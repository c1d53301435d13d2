"""One changed file, looked at by itself: as a policy file or as the template that it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from checker.config import Config
from checker.fixes.fixes import with_fixes
from checker.fixes.of_templates import with_template_fixes
from checker.judging import Part, judged
from checker.source.changes import ChangedFile, UnreadFile
from checker.symbolic.question import Budget
from checker.template_files import Changed, ChangedTemplate, Versions, with_templates
from checker.template_judging import judged_template


def looked_at(config: Config, budget: Budget, versions: Versions, file: ChangedFile) -> Part:
    """Return what there is to say about a file, and how to put it right."""
    template = _template(config, versions, file)
    if template is None:
        return with_fixes(config, file, judged(config, budget, file))
    part = judged_template(config, budget, template)
    return with_template_fixes(config, file, part, partial(_template, config, versions))


def with_fixes_of_templates(
    config: Config,
    versions: Versions,
    files: Iterable[ChangedFile | UnreadFile],
    looks: Sequence[tuple[Changed, Part]],
) -> list[Part]:
    """Return what was found, with fixes for each template that is one of the files."""
    by_path = {file.path: file for file in files if isinstance(file, ChangedFile)}
    read = partial(_template, config, versions)
    return [
        with_template_fixes(config, by_path[entry.path], part, read)
        if isinstance(entry, ChangedTemplate) and entry.path in by_path
        else part
        for entry, part in looks
    ]


def _template(config: Config, versions: Versions, file: ChangedFile) -> ChangedTemplate | None:
    """Return a file as the template that it is, if it is one."""
    found = next(iter(with_templates((file,), (), versions, config)), None)
    return found if isinstance(found, ChangedTemplate) else None
