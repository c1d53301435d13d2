"""What was found in a template -> the same with fixes, as far as its policies are told apart."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from checker.config import Config
from checker.findings import Finding
from checker.fixes.document import document_of_parts
from checker.fixes.fixes import MOST_SECONDS
from checker.fixes.in_words import with_words
from checker.fixes.mending import Mender, is_open
from checker.fixes.parts import merged
from checker.fixes.template_texts import TemplateTexts, the_way
from checker.judging import Part
from checker.source.changes import ChangedFile
from checker.template_changes import TemplatePair
from checker.template_files import ChangedTemplate, policy_pairs

MOST_BYTES: Final = 256 * 1024  # of a template: each edit that is tried is read as a template again


def with_template_fixes(
    config: Config,
    file: ChangedFile,
    template: ChangedTemplate,
    part: Part,
    read: Callable[[ChangedFile], ChangedTemplate | None],
) -> Part:
    """Return the part with a fix for each finding of a policy that every deployment has alike.

    file: the template, which is one file. read: what a file holds as a template.
    """
    wanted = {each.address for each in part.findings if is_open(each)}
    if len(file.after or b"") > MOST_BYTES:
        return with_words(config, template, part)
    fixed: dict[int, Finding] = {}
    until = time.process_time() + MOST_SECONDS
    done: list[str] = []
    for pair in policy_pairs(template) if wanted else ():
        mender = _mender(config, file, pair, read) if pair.address in wanted else None
        if mender is not None:
            done.append(pair.address)
            mine = [f for f in part.findings if f.address == pair.address]
            fixed |= mender.mended(mine, until)
    part = replace(part, findings=tuple(fixed.get(id(f), f) for f in part.findings))
    return with_words(config, template, part, but=done)


def _mender(
    config: Config,
    file: ChangedFile,
    pair: TemplatePair,
    read: Callable[[ChangedFile], ChangedTemplate | None],
) -> Mender | None:
    way = the_way(pair, file)
    if way is None:
        return None
    after, before = merged(pair.after, {}), merged(pair.before, {})
    change = way.change
    new = document_of_parts(after, change.after, way.statements)
    old = document_of_parts(before, change.before, way.statements)
    if after is None or new is None:
        return None
    texts = TemplateTexts(file, pair.address, after.node, after.parts, read)
    return Mender(config, change, new, old, texts)
