"""A file with refined policies in it: everything else stays as it was written, and that is checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff

from checker.errors import UsageError
from checker.refinement.edits import Edit, Object, edited, plain_object
from checker.refinement.text_edits import Splice, Text, spliced, splices_of
from checker.source.documents import Document, content, documents_in
from checker.source.tree import Mapping, from_python

_MARK = "\ufeff"


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
    new = mark + spliced(source.text, splices)
    if _contents(new, path) != _expected(text, path, changes):
        hint = "apply the patch by hand: aliases or an unusual layout are in the way"
        raise UsageError(f"{path}: cannot be edited in place without changing more ({hint})")
    return new


def diff(old: str, new: str, path: str) -> str:
    """Return a unified diff of two versions of a file, as `git apply` takes it."""
    return "".join(_marked(unified_diff(_lines(old), _lines(new), f"a/{path}", f"b/{path}")))


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
