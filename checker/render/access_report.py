"""A page on what the policies of a repository grant and what they need: one file, no network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from typing import Final

from checker.render.escape import visible

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --gone: #d2384433; --come: #2a9d4f33;
  --list: #7aa6c2; --read: #4f7fb5; --write: #e0a030; --tagging: #9a8fb8; --manage: #c8503c; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin: 2.2rem 0 .3rem; overflow-wrap: anywhere }
table { border-collapse: collapse } td, th { padding: .15rem .8rem .15rem 0; text-align: left }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
.bar { display: flex; height: .9rem; min-width: 1px; border-radius: 2px; overflow: hidden }
.bar i { display: block } .track { width: 22rem; max-width: 40vw }
.key i { display: inline-block; width: .8rem; height: .8rem; margin: 0 .3rem 0 1rem }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem }
pre { border: 1px solid var(--line); border-radius: 4px; padding: .6rem; overflow-x: auto;
  font: 12px/1.45 ui-monospace, monospace; margin: .3rem 0 }
pre del { background: var(--gone); text-decoration: none }
pre ins { background: var(--come); text-decoration: none } .note { opacity: .8; margin: .2rem 0 }
@media (max-width: 50rem) { .sides { grid-template-columns: 1fr } }
"""
_COLOURS: Final = {
    "List": "var(--list)",
    "Read": "var(--read)",
    "Write": "var(--write)",
    "Tagging": "var(--tagging)",
    "Permissions management": "var(--manage)",
}


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One policy of the page. Documents are None where there is none: `after`, if nothing is left.

    The levels count known actions; `problem` stands for all else where there is no proof.
    """

    name: str
    before: object
    after: object
    levels_before: Mapping[str, int]
    levels_after: Mapping[str, int]
    said: str  # what is recommended, one line
    notes: tuple[str, ...] = ()
    problem: str = ""


def render(rows: Sequence[PolicyRow], title: str, notes: Sequence[str] = ()) -> str:
    """Return the page."""
    body = "\n".join([*_head(rows, title, notes), *map(_policy, range(len(rows)), rows)])
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _text(text: str) -> str:
    return escape(visible(text))


def _head(rows: Sequence[PolicyRow], title: str, notes: Sequence[str]) -> Iterator[str]:
    before = sum(sum(row.levels_before.values()) for row in rows)
    after = sum(sum(row.levels_after.values()) for row in rows)
    yield f"<h1>{_text(title)}</h1>"
    shown = [row for row in rows if not row.problem]
    rest = (
        f" {len(rows) - len(shown):,} more could not be judged." if len(rows) > len(shown) else ""
    )
    yield (
        f"<p>{len(shown):,} policies grant {before:,} known actions; the proposed ones "
        f"{after:,}.{rest}</p>"
    )
    yield from (f'<p class="note">{_text(note)}</p>' for note in notes)
    key = "".join(f'<i style="background:{c}"></i>{_text(n)}' for n, c in _COLOURS.items())
    yield f'<p class="key">Access levels:{key}</p>'
    most = max((sum(row.levels_before.values()) for row in rows), default=0)
    yield '<table id="chart"><tr><th>policy</th><th></th><th class="n">actions</th></tr>'
    for number, row in enumerate(rows):
        if row.problem:
            yield f'<tr><td><a href="#p{number}">{_text(row.name)}</a></td><td>no proof</td></tr>'
            continue
        yield _chart_row(f'<a href="#p{number}">{_text(row.name)}</a>', row.levels_before, most)
        yield _chart_row("proposed", row.levels_after, most)
    yield "</table>"


def _chart_row(name: str, levels: Mapping[str, int], most: int) -> str:
    total = sum(levels.values())
    return (
        f'<tr><td>{name}</td><td class="track">{_bar(levels, total, most)}</td>'
        f'<td class="n">{total:,}</td></tr>'
    )


def _bar(levels: Mapping[str, int], total: int, most: int) -> str:
    """Return a bar as long as the total is of the most, parted by access level."""
    parts = "".join(
        f'<i style="width:{100 * count / total:.3f}%;background:{_COLOURS[level]}" '
        f'title="{_text(level)}: {count:,}"></i>'
        for level, count in levels.items()
        if count
    )
    return f'<div class="bar" style="width:{100 * total / max(most, 1):.2f}%">{parts}</div>'


def _policy(number: int, row: PolicyRow) -> str:
    heading = f'<h2 id="p{number}">{_text(row.name)}</h2>'
    if row.problem:
        return f'{heading}<p class="problem">{_text(row.problem)}</p>'
    notes = "".join(f'<p class="note">{_text(note)}</p>' for note in row.notes)
    before, after = _sides(_lines(row.before), _lines(row.after))
    return (
        f"{heading}<p>{_text(row.said)}</p>{notes}{_levels(row)}"
        f'<details><summary>before and after</summary><div class="sides"><pre>{before}</pre>'
        f"<pre>{after}</pre></div></details>"
    )


def _levels(row: PolicyRow) -> str:
    cells = "".join(
        f'<tr><td>{_text(level)}</td><td class="n">{row.levels_before.get(level, 0):,}</td>'
        f'<td class="n">{row.levels_after.get(level, 0):,}</td></tr>'
        for level in _COLOURS
    )
    head = '<tr><th>access level</th><th class="n">now</th><th class="n">proposed</th></tr>'
    return f"<table>{head}{cells}</table>"


def _lines(document: object) -> list[str]:
    return (
        [] if document is None else json.dumps(document, indent=2, ensure_ascii=False).split("\n")
    )


def _sides(before: Sequence[str], after: Sequence[str]) -> tuple[str, str]:
    """Return both documents with what differs marked."""
    left: list[str] = []
    right: list[str] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        mark = tag != "equal"
        left += [f"<del>{_text(line)}</del>" if mark else _text(line) for line in before[start:end]]
        right += [
            f"<ins>{_text(line)}</ins>" if mark else _text(line)
            for line in after[new_start:new_end]
        ]
    return "\n".join(left), "\n".join(right)
