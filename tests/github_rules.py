"""Where GitHub takes a comment, and in which words it refuses one; apart from our own code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

LONGEST_BODY = 65_536


def lines_of_hunks(patch: str) -> list[dict[str, set[int]]]:
    """Return, for each hunk, the lines that can be commented on, by side."""
    found: list[dict[str, set[int]]] = []
    left = right = 0
    for line in patch.split("\n"):
        if header := re.match(r"@@ -(\d+)(?:,\d+)? \+(\d+)", line):
            left, right = int(header[1]), int(header[2])
            found.append({"LEFT": set(), "RIGHT": set()})
        elif line[:1] == "+":
            found[-1]["RIGHT"].add(right)
            right += 1
        elif line[:1] == "-":
            found[-1]["LEFT"].add(left)
            left += 1
        elif line[:1] != "\\":
            found[-1]["RIGHT"].add(right)
            found[-1]["LEFT"].add(left)
            left, right = left + 1, right + 1
    return found


def refusal(comment: Mapping[str, Any], patches: Mapping[str, str | None], *, alone: bool) -> str:
    """Return why GitHub refuses a review comment; "" if it takes it. `alone`: not in a review."""
    if not comment["body"].strip():
        return "Body can't be blank"
    if len(comment["body"]) > LONGEST_BODY:
        return f"Body is too long (maximum is {LONGEST_BODY} characters)"
    if comment["path"] not in patches:
        return "Path could not be resolved"
    if alone and comment.get("subject_type") == "line":
        return "subject_type is not a permitted key"
    if alone and comment.get("subject_type") == "file":
        return "line is not a permitted key" if "line" in comment else ""
    return _lines(comment, patches[comment["path"]])


def _lines(comment: Mapping[str, Any], patch: str | None) -> str:
    if "line" not in comment or patch is None:
        return "Line could not be resolved"
    line, side = comment["line"], comment.get("side", "RIGHT")
    hunks = [hunk for hunk in lines_of_hunks(patch) if line in hunk[side]]
    if not hunks:
        return "pull_request_review_thread.line must be part of the diff"
    if "start_line" not in comment:
        return ""
    if "start_side" not in comment or comment["start_line"] >= line:
        return "start_line must precede the end line"
    if comment["start_line"] not in hunks[0][comment["start_side"]]:
        return "pull_request_review_thread.start_line must be part of the same hunk as the line"
    return ""
