"""What was found in a file -> the same with edits that make the checks pass, each of them proved.

The verdict is reached before: a fix that cannot be found, or takes too long to be, changes nothing
of it.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

from checker.config import Config
from checker.findings import Finding
from checker.fixes.document import document
from checker.fixes.mending import Mender, is_open
from checker.fixes.texts import Texts, before_and_after, the_change
from checker.judging import Part
from checker.source import documents
from checker.source.changes import ChangedFile
from checker.source.documents import DocumentPair, pairs

MOST_SECONDS: Final = 4.0  # for one file; nearly all take a hundredth of that


def with_fixes(config: Config, file: ChangedFile, part: Part) -> Part:
    """Return the part with a fix for each finding that has one."""
    wanted = {each.address for each in part.findings if is_open(each)}
    if not wanted or file.after is None:
        return part
    fixed: dict[int, Finding] = {}
    until = time.process_time() + MOST_SECONDS
    before, after = before_and_after(file)
    for pair in pairs(before, after):
        text = Texts(file, before, config, pair.address)
        mender = _mender(pair, text) if pair.address in wanted else None
        if mender is not None:
            mine = [f for f in part.findings if f.address == pair.address]
            fixed |= mender.mended(mine, until)
    return replace(part, findings=tuple(fixed.get(id(f), f) for f in part.findings))


def _mender(pair: DocumentPair, texts: Texts) -> Mender | None:
    change = the_change(pair, texts.file, texts.config)
    if change is None or not isinstance(pair.after, documents.Document):
        return None
    new = document(pair.after.node, change.after)
    before = pair.before.node if isinstance(pair.before, documents.Document) else None
    if new is None:
        return None
    old = document(before, change.before)
    return Mender(texts.config, change, new, old, texts)
