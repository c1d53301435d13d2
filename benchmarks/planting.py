"""Changes planted into the texts of policies: each gives new access, or takes a Deny away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from benchmarks.policy_texts import Written, closing, enclosing, value_end

_DENY: Final = re.compile(r'"?effect"?\s*[:=]\s*"Deny"', re.IGNORECASE)
_ACTION: Final = re.compile(r'(?<![\w.-])("?)(?:not_?)?actions?\1\s*[:=](?!=)\s*', re.IGNORECASE)
_RESOURCE: Final = re.compile(r'(?<![\w.-])("?)resources?\1\s*[:=](?!=)\s*', re.IGNORECASE)
_CONDITION: Final = re.compile(r'^ *(?:condition|"?Condition"?\s*[:=])\s*(?=\{)', re.MULTILINE)
_ACCOUNTS: Final = re.compile(r'identifiers\s*=\s*|"AWS"\s*:\s*|(?<![\w".-])AWS\s*=\s*')
_SERVICE: Final = re.compile(r'"([a-z0-9-]+):(?!\*")')
_DENY_GONE: Final = "a Deny is gone"
_EXCEPTION: Final = "an exception is added"
_NAMED: Final = re.compile(
    r'"(?:arn:[^":]*:iam::aws:policy/)?(?:service-role/|job-function/)?'
    r'((?:Amazon|AWS(?!_IAM)|CloudWatch|ReadOnly|SecurityAudit|View|Billing)\w{4,})"(?! *:)'
)
_STRANGER: Final = '"arn:aws:iam::999988887777:root"'
_HARMLESS: Final = '"sts:DecodeAuthorizationMessage"'


@dataclass(frozen=True, slots=True)
class Planted:
    """A change that gives new access or takes a Deny away.

    start, end, new: what of the old file is replaced, and by what.
    block: from where to where the statement stands that changes.
    """

    of: Written
    kind: str
    start: int
    end: int
    new: str
    block: tuple[int, int]

    @property
    def is_gone(self) -> bool:
        """Whether the statement is not there any more."""
        return self.start <= self.block[0] and self.block[1] <= self.end

    @property
    def weakens_deny(self) -> bool:
        """Whether less is denied than before."""
        return self.kind in (_DENY_GONE, _EXCEPTION)


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the statement stands that a change was planted in: first and last line, old and new."""

    planted: Planted
    old: tuple[int, int]
    new: tuple[int, int]  # of nothing if it is gone


_Found: TypeAlias = tuple[int, int, str, int]  # what is replaced, and a place in the statement


def plants(of: Written, text: str) -> tuple[Planted, ...]:
    """Return the changes of one policy, one of each kind that there can be."""
    found = tuple(
        Planted(of, kind, *edit[:3], _statement(text, edit[3]))
        for kind, find in _KINDS.items()
        if (edit := find(text, of))
    )
    if not found and (edit := _more_resources(text, of, of_others=True)):
        return (Planted(of, "resources are added", *edit[:3], _statement(text, edit[3])),)
    return found


def named(files: Mapping[str, bytes]) -> Iterator[Planted]:
    """Yield changes of the policies of AWS that are attached by name: each to one that allows all."""
    for path, content in sorted(files.items()):
        text = content.decode() if path.endswith((".tf", ".tofu")) else ""
        for match in _NAMED.finditer(text):
            start, end = match.span(1)
            block = text.rfind("\n\n", 0, start) + 2, text.find("\n}", end) + 2
            while text[block[0]].isspace():
                block = text.rfind("\n\n", 0, block[0] - 2) + 2, block[1]
            of = Written(path, "name", start, end)
            if text.startswith("data ", block[0]):
                continue  # nobody has it by that
            yield Planted(of, "another is attached", start, end, "AdministratorAccess", block)


def with_plants(text: str, planted: Sequence[Planted]) -> tuple[str, tuple[Lines, ...]]:
    """Return a file with changes planted into it, no two in one place, and where they are."""
    new = text
    for each in sorted(planted, key=lambda each: -each.start):
        new = new[: each.start] + each.new + new[each.end :]
    return new, tuple(_lines(each, planted, text, new) for each in planted)


def _lines(of: Planted, every: Sequence[Planted], old: str, new: str) -> Lines:
    grown = [(each.end, len(each.new) - (each.end - each.start)) for each in every]
    moved = [place + sum(more for end, more in grown if end <= place) for place in of.block]
    old_lines, new_lines = (
        (text.count("\n", 0, places[0]) + 1, text.count("\n", 0, places[1]) + 1)
        for text, places in ((old, of.block), (new, moved))
    )
    return Lines(of, old_lines, (0, 0) if of.is_gone else new_lines)


def _statement(text: str, place: int) -> tuple[int, int]:
    """Return from where to where the statement around a place stands, with what is merged into it."""
    start, end = enclosing(text, place)
    merged = re.search(r"merge\(\s*$", text[:start])
    return (
        (merged.start(), closing(text, merged.start() + len("merge"))) if merged else (start, end)
    )


def _each(
    pattern: re.Pattern[str], text: str, of: Written, *, denies: bool
) -> Iterator[tuple[re.Match[str], tuple[int, int]]]:
    """Yield the elements of statements that allow, or of those that deny."""
    for match in pattern.finditer(text, of.start, of.end):
        start, end = enclosing(text, match.start(0))
        said = _DENY.search(text, start, end)
        if bool(said) == denies and _ACTION.search(text, start, end):
            yield match, (start, end)


def _more_actions(text: str, of: Written) -> _Found | None:
    for match, _ in _each(_ACTION, text, of, denies=False):
        start = match.end()
        end = value_end(text, start)
        service = _SERVICE.search(text, start, end)
        if "not" in match[0].lower() or service is None or f'"{service[1]}:*"' in text[start:end]:
            continue
        more = f'"{service[1]}:*"'
        if of.way == "permission":
            return start, end, more, match.start()
        if text[start] == '"':
            return start, end, f"[{text[start:end]}, {more}]", match.start()
        if text[start] == "[":
            return start, start + 1, f"[{more}, ", match.start()
        return start, end, f"[{more}]", match.start()
    return None


def _fewer_conditions(text: str, of: Written) -> _Found | None:
    for match, _ in _each(_CONDITION, text, of, denies=False):
        start, end = match.start(), closing(text, match.end())
        if text[end : end + 1] == ",":
            end += 1
        elif '"' in match[0]:
            start = text.rindex(",", 0, start) if text[:start].rstrip()[-1] == "," else start
        return start, end, "", match.start()
    return None


def _fewer_denials(text: str, of: Written) -> _Found | None:
    for match, (start, end) in _each(_ACTION, text, of, denies=True):
        if "not" in match[0].lower():
            continue
        if (header := re.search(r" *statement $", text[:start])) is not None:
            return header.start(), end, "", match.start()
        if (comma := re.match(r",\s*(?=\{)", text[end:])) is not None:
            return start, end + comma.end(), "", match.start()
        where = match.end()
        return where, value_end(text, where), _HARMLESS, match.start()
    return None


def _more_exceptions(text: str, of: Written) -> _Found | None:
    for match, _ in _each(_ACTION, text, of, denies=True):
        if "not" in match[0].lower() and text[match.end()] == "[":
            return match.end(), match.end() + 1, '["glue:*", ', match.start()
    return None


def _more_callers(text: str, of: Written) -> _Found | None:
    for match in _ACCOUNTS.finditer(text, of.start, of.end):
        start, inside = match.end(), enclosing(text, match.start())
        block = enclosing(text, inside[0])
        end = value_end(text, start)
        if (
            _DENY.search(text, *block)
            or "AWS" not in text[slice(*inside)]
            or '"*"' in text[start:end]
        ):
            continue
        if re.match(r"\[\s*\"", text[start:]):
            return start, start + 1, f"[{_STRANGER}, ", block[0] + 1
        return start, end, f"[{_STRANGER}]", block[0] + 1
    return None


def _more_resources(text: str, of: Written, *, of_others: bool = False) -> _Found | None:
    if not of_others and re.search(r"\bprincipals?\b", text[of.start : of.end], re.IGNORECASE):
        return None  # it is about the resource alone that has it
    for match, _ in _each(_RESOURCE, text, of, denies=False):
        start = match.end()
        end = value_end(text, start)
        if '"*"' not in text[start:end]:
            return start, end, '["*"]', match.start()
    return None


_KINDS: Final[Mapping[str, Callable[[str, Written], _Found | None]]] = {
    "an action is added": _more_actions,
    "a condition is gone": _fewer_conditions,
    _DENY_GONE: _fewer_denials,
    _EXCEPTION: _more_exceptions,
    "a caller is added": _more_callers,
    "resources are added": _more_resources,
}
