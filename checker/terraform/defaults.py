"""What a root module holds in both versions, where defaults of variables leave some of it out.

A default such as `false` or `{}` takes a resource or a statement away. Another value brings it back,
and nobody sees it in the repository: so what it says is compared as well, each version with what it
may be. It is held apart from what the defaults give, which stays as certain as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final, TypeAlias

from checker.policy.model import PolicyType
from checker.source.places import quoted
from checker.template.answers import Answers
from checker.template.files import AllFiles
from checker.template.managed import Copies
from checker.template.value import InTemplate, NotResolved, TemplateDocument
from checker.template.worlds import meaning
from checker.terraform.read import read_module
from checker.terraform.tree import Defaults, Tree

_SET: Final = "if set: "
MOST_KNOWN: Final = 2  # versions of one module that are kept: the old one and the new one


class Version:
    """One version of a root module; under each meaning of defaults it is read once at most."""

    def __init__(
        self,
        folder: str,
        files: AllFiles,
        given: tuple[Sequence[str], Copies | None],
        known: list[Version],
    ) -> None:
        """Take what a module is read with.

        given: `tfvars` and `copies` of `documents_of_module`.
        known: versions of the same module with the same given. Where its files give the answers
            that were given for one of these, it holds the same, and is not read.
        """
        self.files = Answers(files)
        self.tree = Tree(folder, self.files)
        self.given = given
        self.known = known
        self.found: dict[Defaults, tuple[InTemplate, ...]] = {}

    @property
    def is_off(self) -> bool:
        """Whether a default leaves something out, or something else does."""
        return self.read(Defaults.COUNT).tree.is_off

    @property
    def folders(self) -> AbstractSet[str]:
        """The folders of the modules that it takes, itself included."""
        return self.read(Defaults.COUNT).tree.folders.keys()

    def documents(self, defaults: Defaults) -> tuple[InTemplate, ...]:
        """Return what the module holds."""
        return self.read(defaults).found[defaults]

    def read(self, defaults: Defaults) -> Version:
        """Return a version that has been read, and holds what this one does."""
        if defaults in self.found:
            return self
        for other in self.known:
            if defaults in other.found and other.files.are_those_of(self.files):
                return other
        tree = self.tree
        if defaults is not Defaults.COUNT:
            tree = Tree(tree.root, tree.files, defaults=defaults, folders=tree.folders)
        self.found[defaults] = read_module(tree, *self.given)
        if len(self.known) < MOST_KNOWN and self not in self.known:
            self.known.append(self)
        return self


def documents_of_versions(versions: Sequence[Version]) -> list[tuple[InTemplate, ...]]:
    """Return the documents of each version of a root module."""
    by_default = [each.documents(Defaults.COUNT) for each in versions]
    if not any(each.is_off for each in versions):
        return by_default
    whole = [each.documents(Defaults.MAY_BE_SET) for each in versions]
    wanted = _others(by_default, whole)
    if lost := _lost(whole) - _lost(by_default):
        # What is left out needs other values of other variables, too.
        whole = [each.documents(Defaults.UNKNOWN) for each in versions]
        of_lost = {_key(each) for found in whole for each in found if each.owner in lost}
        found_all = lost <= {each.owner for found in whole for each in found}
        wanted |= of_lost if found_all else _others(by_default, whole)
    return [
        (*usual, *(_apart(each, _SET) for each in every if _key(each) in wanted))
        for usual, every in zip(by_default, whole, strict=True)
    ]


_Versions: TypeAlias = Sequence[tuple[InTemplate, ...]]


def _lost(versions: _Versions) -> set[str]:
    """Return what holds something that cannot be followed."""
    return {each.owner for found in versions for each in found if isinstance(each, NotResolved)}


def _others(by_default: _Versions, whole: _Versions) -> set[str]:
    """Return what has something else to say than by default: policies, or whoever has them."""
    wanted: set[str] = set()
    for usual, every in zip(by_default, whole, strict=True):
        before = _said(usual)
        wanted |= {key for key, said in _said(every).items() if before.get(key) != said}
    return wanted


def _said(found: Iterable[InTemplate]) -> dict[str, list[object]]:
    said: dict[str, list[object]] = {}
    for each in found:
        what = each.content if isinstance(each, NotResolved) else meaning(each.value)
        said.setdefault(_key(each), []).append(what)
    return said


def _key(each: InTemplate) -> str:
    """Return what is compared as one: the unit of a document that has one, or its address."""
    if isinstance(each, TemplateDocument) and each.unit and each.type is PolicyType.IDENTITY:
        return each.unit
    return each.address


def _apart(each: InTemplate, prefix: str) -> InTemplate:
    address = f"{prefix}{each.address}"
    if isinstance(each, NotResolved):
        return replace(each, address=address)
    return replace(each, address=address, unit=each.unit and f"{prefix}{each.unit}")


def changed_with(path: str, versions: Sequence[Version]) -> list[tuple[InTemplate, ...]]:
    """Return the documents of each version that are others in each, as a file of variables has them.

    path: of the file, which only a command line names. The versions were given it.
    """
    whole = documents_of_versions(versions)
    wanted = _others(whole, whole[::-1]) | _others(whole[::-1], whole)
    shown = quoted(path)
    return [
        tuple(
            replace(_apart(each, f"with {shown}: "), owner=f"{each.owner} with {shown}")
            for each in found
            if _key(each) in wanted
        )
        for found in whole
    ]
