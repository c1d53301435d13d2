"""What a root module holds in both versions, where defaults of variables leave some of it out.

A default such as `false` or `{}` takes a resource or a statement away. Another value brings it back,
and nobody sees it in the repository: so what it says is compared as well, each version with what it
may be. It is held apart from what the defaults give, which stays as certain as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from checker.policy.model import PolicyType
from checker.template.files import Files
from checker.template.managed import Copies
from checker.template.value import InTemplate, NotResolved, TemplateDocument
from checker.template.worlds import meaning
from checker.terraform.module import Defaults, Tree
from checker.terraform.read import read_module

_SET: Final = "if set: "


def documents_of_versions(
    folder: str, versions: Sequence[Files], tfvars: Sequence[str], copies: Copies | None
) -> list[tuple[InTemplate, ...]]:
    """Return the documents of each version of a root module.

    tfvars, copies: as for `documents_of_module`.
    """
    trees = [Tree(folder, files) for files in versions]
    by_default = [read_module(tree, tfvars, copies) for tree in trees]
    if not any(tree.is_off for tree in trees):
        return by_default
    whole = _read_with(Defaults.MAY_BE_SET, trees, tfvars, copies)
    wanted = _others(by_default, whole)
    if lost := _lost(whole) - _lost(by_default):
        # What is left out needs other values of other variables, too.
        whole = _read_with(Defaults.UNKNOWN, trees, tfvars, copies)
        of_lost = {_key(each) for found in whole for each in found if each.owner in lost}
        found_all = lost <= {each.owner for found in whole for each in found}
        wanted |= of_lost if found_all else _others(by_default, whole)
    return [
        (*usual, *(_apart(each) for each in every if _key(each) in wanted))
        for usual, every in zip(by_default, whole, strict=True)
    ]


_Versions: TypeAlias = Sequence[tuple[InTemplate, ...]]


def _read_with(
    defaults: Defaults, trees: Iterable[Tree], tfvars: Sequence[str], copies: Copies | None
) -> _Versions:
    others = (Tree(t.root, t.files, defaults=defaults, folders=t.folders) for t in trees)
    return [read_module(tree, tfvars, copies) for tree in others]


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


def _apart(each: InTemplate) -> InTemplate:
    address = f"{_SET}{each.address}"
    if isinstance(each, NotResolved):
        return replace(each, address=address)
    return replace(each, address=address, unit=each.unit and f"{_SET}{each.unit}")
