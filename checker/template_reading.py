"""From the text of a template or a plan to the policies in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from checker.cloudformation import read as cloudformation
from checker.cloudformation.parameter_files import parameters_in
from checker.errors import PolicySyntaxError
from checker.source.documents import Document, Found, documents_in_file, tree_of
from checker.source.places import quoted
from checker.source.tree import Node
from checker.span import whole_file
from checker.template.files import Files
from checker.template.managed import Copies
from checker.template.value import InTemplate, NotResolved, TemplateDocument, Value
from checker.template.worlds import known
from checker.terraform.paths import VARIABLES
from checker.terraform.plan_file import PlanError, is_plan, plan_of

_MEANT: Final = tuple(  # to be a template, however it is broken
    re.compile(pattern, re.MULTILINE).search
    for pattern in (r"^\s*[\"']?Resources[\"']?\s*:", r"\bType[\"']?\s*:\s*[\"']?AWS::")
)
_SUFFIXES: Final = (".cfn", ".json", ".template", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Text:
    """A file of one version. `root` is None where it is not there, or cannot be read.

    broken: why it cannot be read; it counts if the other version is a template.
    """

    path: str
    data: bytes | None
    root: Node | NotResolved | None
    broken: NotResolved | None = None


def read(data: bytes | None, path: str) -> Text:
    """Return a file as a tree; a broken one counts as a template if it was meant to be one."""
    if data is None:
        return Text(path, None, None)
    content = data.decode("utf-8", "replace")
    try:
        return Text(path, data, tree_of(data.decode("utf-8"), path))
    except UnicodeDecodeError:
        problem, at = "the template is not UTF-8 text", whole_file(path)
    except PolicySyntaxError as error:
        problem, at = error.problem, error.at
    broken = NotResolved("", quoted(path), problem, content, at)
    was_meant = path.lower().endswith(_SUFFIXES) and all(search(content) for search in _MEANT)
    return Text(path, data, broken if was_meant else None, broken)


def is_template(text: Text) -> bool:
    """Whether a file is a template, or a plan, or was meant to be one."""
    root = text.root
    if root is None or isinstance(root, NotResolved):
        return root is not None
    return cloudformation.is_template(root) or is_plan(root)


def documents(
    text: Text, files: Files, parameters: Iterable[str], copies: Copies
) -> tuple[InTemplate, ...]:
    """Return the policies of a file, of an ordinary one as well.

    parameters: the files with the values that it is deployed with.
    copies: of managed policies that it names and does not hold.
    """
    root, path, data = text.root or text.broken, text.path, text.data or b""
    if isinstance(root, NotResolved):
        return (root,)
    if root is not None and is_plan(root):
        return _of_plan(root, path, data, copies)
    if root is not None and cloudformation.is_template(root):
        try:
            given = _parameters(parameters, files)
        except PolicySyntaxError as error:
            content = data.decode("utf-8", "replace")
            return (NotResolved("", quoted(path), error.problem, content, error.at, error.hint),)
        return cloudformation.documents(root, path, files, given, copies)
    return tuple(_plain(each, path, data) for each in documents_in_file(data, path))


def _of_plan(root: Node, path: str, data: bytes, copies: Copies) -> tuple[InTemplate, ...]:
    """Return what a plan that is a file of the repository leads to."""
    from checker.terraform.plan import documents_of_plan  # noqa: PLC0415  few files are plans

    try:
        return documents_of_plan(plan_of(root, path), before=False, copies=copies)
    except PlanError as error:
        content = data.decode("utf-8", "replace")
        return (NotResolved("", quoted(path), error.problem, content, error.at, error.hint),)


def _parameters(names: Iterable[str], files: Files) -> dict[str, Value]:
    """Return the values that a template is deployed with; of Terraform's files none."""
    found: dict[str, Value] = {}
    for name in names:
        if not name.endswith(VARIABLES):
            found.update(parameters_in(files.read(name), name))
    return found


def _plain(found: Found, path: str, data: bytes) -> InTemplate:
    """Return a document of an ordinary file, which a template has become or was before."""
    owner = quoted(path)
    if isinstance(found, Document):
        value = known(found.node)
        return TemplateDocument(
            address=found.address,
            owner=owner,
            holds="the policy",
            type=None,
            value=value,
            at=found.span,
        )
    content = data.decode("utf-8", "replace")
    return NotResolved(found.address, owner, found.problem, content, found.at, found.hint)
