"""Edits of Terraform source that widen a policy, by its text: whoever reads it knows no syntax."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ENTRY = re.compile(r'"([a-z0-9-]+):([A-Z][A-Za-z]+)"')
_RESOURCES = re.compile(
    r"""(\b(?:resources|Resource|"Resource")\s*[=:]\s*)(\[[^\[\]]*\]|"[^"\n]*")"""
)
_BLOCK = re.compile(
    r"^([ \t]*)(?:condition|Condition|statement)\b[^\n]*\{[ \t]*\r?\n", re.MULTILINE
)


def widened(text: str) -> Iterator[tuple[str, str]]:
    """Yield what was done and the text after it, for each place where something can be done."""
    for found in _ENTRY.finditer(text):
        start, end = found.start(), found.end()
        name = f"{found[1]}:{found[2]}"
        yield f"wildcard for {name}", f'{text[:start]}"{found[1]}:*"{text[end:]}'
        if _is_in_list(text, start):
            more = f'"{found[1]}:Tag*", '
            yield f"more before {name}", text[:start] + more + text[start:]
            lead = text[text.rfind("\n", 0, start) + 1 : start]
            if not lead.strip():
                line = f'{lead}"{found[1]}:Tag*",\n'
                yield (
                    f"a line before {name}",
                    text[: start - len(lead)] + line + lead + text[start:],
                )
    for found in _RESOURCES.finditer(text):
        if found[2] not in ('["*"]', '"*"'):
            star = '"*"' if found[2].startswith('"') else '["*"]'
            yield "any resource", text[: found.start(2)] + star + text[found.end(2) :]
    for found in _BLOCK.finditer(text):
        closed = re.compile(rf"^{found[1]}\}},?[ \t]*\r?\n", re.MULTILINE).search(text, found.end())
        if closed:
            first = text[found.start() : closed.end()]
            what = first.split()[0]
            if what != "statement" or '"Deny"' in first:
                yield f"no {what}", text[: found.start()] + text[closed.end() :]


def _is_in_list(text: str, at: int) -> bool:
    before = text[:at].rstrip()
    return before.endswith("[") or (
        before.endswith(",") and text.count("[", 0, at) > text.count("]", 0, at)
    )


def is_laid_out(text: str) -> bool:
    """Whether a text is as `terraform fmt` leaves it, as far as columns and indentation go."""
    depth, chain = 0, list[tuple[int, int]]()
    for line in (*re.sub(r"<<-?(\w+)\n.*?\n\s*\1\n", "0\n", text, flags=re.DOTALL).split("\n"), ""):
        bare = re.sub(r'"(?:[^"\\]|\\.)*"', lambda found: "s" * len(found[0]), line.rstrip("\r"))
        bare = re.sub(r"(?:#|//).*", "", bare)
        opened, closed = (sum(map(bare.count, signs)) for signs in ("([{", ")]}"))
        leading = re.match(r"\s*[)\]}]*", bare)
        own = len((leading[0] if leading else "").strip())
        if bare.strip() and len(bare) - len(bare.lstrip(" ")) != 2 * max(0, depth - (own > 0)):
            return False
        depth += min(1, max(-1, opened - closed))
        name = re.match(r"(\s*\S+ *)= ", bare)
        if name and opened == closed:
            chain.append((len(name[1]), len(name[1].rstrip())))
            continue
        if chain and {width for width, _ in chain} != {max(least for _, least in chain) + 1}:
            return False
        chain = []
    return True
