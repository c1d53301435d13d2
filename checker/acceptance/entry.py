"""A waiver file and one waiver more -> the text of the file with it; what was there stays as it is."""

from __future__ import annotations

import json
import re
from typing import Final

from checker.acceptance.waivers import WAIVER_FILE, Waiver, parse
from checker.errors import ConfigError, UsageError
from checker.source.places import quoted

_HEAD: Final = """\
# Findings of Access Gate that are accepted for a time. A waiver is bound to its fingerprint: where the
# same statement lets more through, the finding is another one.
"""
_LIKE_A_NUMBER: Final = re.compile("[0-9]+(e[0-9]+)?")
_ITEM: Final = re.compile(r"^( *)-(\s+)\S", re.MULTILINE)


def added(text: str, waiver: Waiver) -> str:
    """Return the text of a waiver file with one more entry at its end, laid out as the others are.

    Errors: `ConfigError` where the file is not understood; `UsageError` where the finding is waived
    already, or the file is laid out so that an entry cannot go at its end.
    """
    old = parse(text.encode(), WAIVER_FILE)
    twin = next((each for each in old if each.fingerprint == waiver.fingerprint), None)
    if twin:
        problem = f"`{waiver.fingerprint}` is waived already, until `{twin.expires}`"
        raise UsageError(f"{twin.at}: {problem} (edit that entry)")
    end = "\r\n" if "\r\n" in text else "\n"
    item = _ITEM.search(text) if old else None
    indent, gap = (item[1], item[2]) if item and "\n" not in item[2] else ("", " ")
    lines = _lines(waiver)
    entry = [
        f"{indent}-{gap}{lines[0]}",
        *(f"{indent} {' ' * len(gap)}{line}" for line in lines[1:]),
    ]
    start = text if not text or text.endswith("\n") else text + end
    whole = (start or _HEAD) + "".join(f"{line}{end}" for line in entry)
    try:
        right = parse(whole.encode(), WAIVER_FILE) == (*old, waiver)
    except ConfigError:
        right = False
    if not right:
        by_hand = " ".join(["-", *(f"{line};" for line in lines)]).rstrip(";")
        hint = f"add by hand: {by_hand}"
        raise UsageError(f"{quoted(WAIVER_FILE)} cannot be added to as it is laid out ({hint})")
    return whole


def _lines(waiver: Waiver) -> list[str]:
    number = _LIKE_A_NUMBER.fullmatch(waiver.fingerprint)
    return [
        f"fingerprint: {json.dumps(waiver.fingerprint) if number else waiver.fingerprint}",
        f"owner: {json.dumps(waiver.owner, ensure_ascii=False)}",
        f"reason: {json.dumps(waiver.reason, ensure_ascii=False)}",
        f"expires: {waiver.expires.isoformat()}",
    ]
