"""A file with refined policies in it: everything else stays as it was written, and that is checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Final

from checker.errors import UsageError
from checker.refinement.edits import Edit, Object, edited, plain_object
from checker.refinement.text_edits import Splice, Text, spliced, splices_of
from checker.source.documents import Document, content, documents_in
from checker.source.tree import Mapping, from_python

_MARK: Final = "\ufeff"
_CONTROL: Final = re.compile("[\x00-\x1f\x7f]")
_STRANGE: Final = re.compile('["\\\\\x00-\x1f\x7f]').search


@dataclass(frozen=True, slots=True)
class DocumentEdit:
    """Edits of the document at `address` (a JSON pointer) of a file."""

    address: str
    node: Mapping
    edits: tuple[Edit, ...]

    @property
    def result(self) -> Object:
        """The document after the edits."""
        return edited(plain_object(self.node), self.edits)


def rewritten(text: str, path: str, changes: Sequence[DocumentEdit]) -> str:
    """Return the text of a file after edits of its documents; the text is what they were read from.

    Errors: `UsageError` where the file cannot be edited in place, as with YAML aliases that stand
    for one list in two policies.
    """
    mark = _MARK if text.startswith(_MARK) else ""
    source = Text(text.removeprefix(_MARK))
    splices: list[Splice] = []
    for change in changes:
        splices += splices_of(source, change.node, change.edits)
    # What an alias repeats is written once, and so changed once.
    new = mark + spliced(source.text, list(dict.fromkeys(splices)))
    if _contents(new, path) != _expected(text, path, changes):
        hint = "apply the patch by hand: aliases or an unusual layout are in the way"
        raise UsageError(f"{path}: cannot be edited in place without changing more ({hint})")
    return new


def diff(old: str, new: str, path: str) -> str:
    """Return a unified diff of two versions of a file, as `git apply` takes it."""
    names = (_name(f"a/{path}"), _name(f"b/{path}"))
    return "".join(_marked(unified_diff(_lines(old), _lines(new), *names)))


def _name(path: str) -> str:
    """Return a path as git writes it in a diff: quoted, where it would not stay on its line."""
    if not _STRANGE(path):
        return path
    escaped = path.replace("\\", r"\\").replace('"', r"\"")
    return '"' + _CONTROL.sub(lambda found: f"\\{ord(found[0]):03o}", escaped) + '"'


def _lines(text: str) -> list[str]:
    r"""Return the lines of a text, which end at `\n` alone."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _marked(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _contents(text: str, path: str) -> dict[str, object]:
    found = documents_in(text, path)
    return {each.address: content(each.node) for each in found if isinstance(each, Document)}


def _expected(text: str, path: str, changes: Sequence[DocumentEdit]) -> dict[str, object]:
    after = {change.address: content(from_python(change.result)) for change in changes}
    return {**_contents(text, path), **after}
