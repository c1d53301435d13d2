"""The files of one folder: its blocks by name, each read when somebody asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from checker.errors import PolicySyntaxError
from checker.source.places import quoted
from checker.source.symbols import is_reserved
from checker.span import Span, whole_file
from checker.template.files import Files
from checker.terraform.blocks import File, Header, read_file
from checker.terraform.json_blocks import read_json_file
from checker.terraform.paths import is_left_out, is_override, is_terraform, of_opentofu
from checker.terraform.syntax import Argument, Block, Body
from checker.terraform.values import FailedError

_POLICY: Final = re.compile(r"\bdata\.aws_iam_policy_document\.([\w-]+)").findall
_LOOKS_LIKE_MORE: Final = re.compile(r"\n(?:resource|data|module|locals)\b").search
_KINDS = frozenset({"resource", "data", "ephemeral", "module", "variable", "output"})
_TWO_LABELS: Final = frozenset({"resource", "data", "ephemeral"})
_HARMLESS: Final = frozenset({"terraform", "provider"})
_MAY_DENY: Final = re.compile(r"polic|statement|deny|module", re.IGNORECASE).search
_OTHER_KINDS = frozenset(
    {"terraform", "provider", "locals", "moved", "import", "removed", "check"}
    | {"action", "list", "store", "language", "encryption"}
)


@dataclass(frozen=True, slots=True)
class Place:
    """A block that has not been read, in its file."""

    file: File
    header: Header

    def block(self) -> Block:
        """Return the block, read.

        Errors: `FailedError` if its text is not Terraform's language.
        """
        try:
            return self.file.block(self.header)
        except PolicySyntaxError as error:
            raise FailedError(error.problem, error.at) from None

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.file.span(self.header)

    @property
    def text(self) -> str:
        """Its text."""
        return self.file.text(self.header)

    @property
    def said(self) -> str:
        """Its text without indentation, and without lines that only comment."""
        text = self.text
        if "<<" in text:
            return text.replace("\r\n", "\n")
        lines = (line.strip() for line in text.splitlines())
        return "\n".join(line for line in lines if line and not line.startswith(("#", "//")))


@dataclass(frozen=True, slots=True)
class Trouble:
    """A file that could not be read to its end."""

    problem: str
    at: Span
    content: str


@dataclass(slots=True)
class Folder:
    """The blocks of a folder's files, as Terraform puts them together."""

    path: str
    places: dict[tuple[str, ...], list[Place]] = field(default_factory=dict)
    others: dict[str, list[Place]] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    _referenced: frozenset[str] | None = None

    @property
    def referenced(self) -> frozenset[str]:
        """The names of the policy documents that resources and data sources refer to."""
        if self._referenced is None:
            found = (
                name
                for key, places in self.places.items()
                if key[0] in ("resource", "data")
                for place in places
                for name in _POLICY(place.text)
            )
            self._referenced = frozenset(found)
        return self._referenced

    @property
    def is_empty(self) -> bool:
        """Whether there is no block at all, nor a file that could not be read."""
        return not (self.places or self.others or self.troubles)

    def block(self, *name: str) -> Block | None:
        """Return the block of a kind and its labels, what overrides it included."""
        places = self.places.get(name)
        if not places:
            return None
        block = places[0].block()
        for place in places[1:]:
            block = _overridden(block, place.block())
        return block

    def names(self, kind: str) -> Iterator[tuple[str, ...]]:
        """Yield the labels of all blocks of a kind."""
        return (name[1:] for name in self.places if name[0] == kind)

    def place(self, *name: str) -> Place:
        """Return where a block stands."""
        return self.places[name][0]

    def all_places(self) -> Iterator[Place]:
        """Yield all blocks."""
        for found in (*self.places.values(), *self.others.values()):
            yield from found

    def arguments_of(self, kind: str) -> Iterator[Argument]:
        """Yield the arguments of all blocks of a kind without labels, such as `locals`."""
        for place in self.others.get(kind, ()):
            yield from place.block().body.arguments


def read_folder(path: str, files: Files) -> Folder:
    """Return a folder; what is wrong in a file is among its troubles."""
    folder = Folder(path)
    names = [name for name in files.names(path) if is_terraform(name) and not is_left_out(name)]
    of_terraform = {name: of_opentofu(name) for name in names if name != of_opentofu(name)}
    for name in sorted(names, key=lambda name: (is_override(name), name)):
        content = files.read(name)
        is_read = of_terraform.get(name) not in names
        if is_read:
            _add(folder, name, content, is_last=is_override(name))
        is_for_opentofu = name not in of_terraform and name not in of_terraform.values()
        if not is_read or (of_terraform and is_for_opentofu):
            _add_of_one_program(folder, name, content, is_read=is_read)
    return folder


def _add_of_one_program(folder: Folder, name: str, content: bytes | None, *, is_read: bool) -> None:
    """Add as trouble what Terraform and OpenTofu read differently: nothing tells which of them runs.

    is_read: whether it is taken for what OpenTofu reads.
    """
    alone = Folder(folder.path)
    _add(alone, name, content, is_last=False)
    places = [each for each in alone.all_places() if each.header.type not in _HARMLESS]
    if is_read and not is_override(name):
        places = [each for each in places if _MAY_DENY(each.text)]
    said = [each.said for each in places] + [each.content for each in alone.troubles]
    if said:
        problem = "is read by OpenTofu and not by Terraform, which the folder has files of as well"
        if not is_read:
            problem = f"is read by Terraform, while OpenTofu reads {quoted(of_opentofu(name))}"
        folder.troubles.append(Trouble(problem, whole_file(name), "\n".join(said)))


def _add(folder: Folder, name: str, content: bytes | None, *, is_last: bool) -> None:
    at = whole_file(name)
    if content is None:
        folder.troubles.append(Trouble("cannot be read: no ordinary file", at, name))
        return
    try:
        text = content.decode()
    except UnicodeDecodeError:
        shown = content.decode(errors="replace")
        folder.troubles.append(Trouble("not UTF-8", at, shown))
        return
    if is_reserved(text):
        folder.troubles.append(Trouble("holds a character that no text has", at, text))
        return
    file = read_json_file(text, name) if name.endswith(".json") else read_file(text, name)
    for problem in file.problems:
        folder.troubles.append(Trouble(problem.problem, problem.at, text))
    for header in file.headers:
        _add_block(folder, Place(file, header), is_last=is_last)


def _add_block(folder: Folder, place: Place, *, is_last: bool) -> None:
    header = place.header
    if _LOOKS_LIKE_MORE(place.text):
        try:
            place.block()
        except FailedError as failed:  # whatever was not read may be among what it took in
            folder.troubles.append(Trouble(failed.problem, failed.at, place.text))
    name = (header.type, *header.labels)
    if header.type in _KINDS and len(name) == (3 if header.type in _TWO_LABELS else 2):
        before = folder.places.setdefault(name, [])
        if before and not is_last:
            problem = f"`{'.'.join(name)}` is there twice"
            folder.troubles.append(Trouble(problem, place.span, place.text))
        before.append(place)
    elif header.type in _KINDS:
        labels = "two labels" if header.type in _TWO_LABELS else "one label"
        problem = f"a block `{header.type}` has {labels}"
        folder.troubles.append(Trouble(problem, place.span, place.text))
    else:
        if header.type not in _OTHER_KINDS and ("olicy" in place.text or "Statement" in place.text):
            problem = f"{quoted(header.type)} is no block of Terraform's"
            folder.troubles.append(Trouble(problem, place.span, place.text))
        folder.others.setdefault(header.type, []).append(place)


def _overridden(block: Block, by: Block) -> Block:
    """Return a block with the arguments and the types of blocks that another one replaces."""
    names = {argument.name for argument in by.body.arguments}
    types = {_inner_type(inner) for inner in by.body.blocks}
    body = Body(
        (*[a for a in block.body.arguments if a.name not in names], *by.body.arguments),
        (*[b for b in block.body.blocks if _inner_type(b) not in types], *by.body.blocks),
    )
    return replace(block, body=body)


def _inner_type(block: Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type
