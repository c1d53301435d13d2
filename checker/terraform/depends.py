"""All that a block depends on, as far as names tell: what must change before it means something else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from checker.terraform.folder import Place
from checker.terraform.module import Module
from checker.terraform.values import canonical

_DOT: Final = r"\s*+\.\s*+"
_NAMES: Final = re.compile(rf"\b([^\W\d]\w*+){_DOT}([\w-]++)(?:{_DOT}([\w-]++))?").findall
_COMMENT: Final = re.compile(r"/\*(?s:.*?)\*/")
_READS: Final = re.compile(r"\w*file\w*+(?=\s*+(?:\(|#|//))|local_(?:sensitive_)?file").search


def depended_on(module: Module, *name: str) -> str:
    """Return a hash of a block, of all that it refers to, and of the files that these may read."""
    seen: dict[tuple[int, tuple[str, ...]], str] = {}
    waiting: list[tuple[Module, tuple[str, ...]]] = [(module, name)]
    while waiting:
        here, what = waiting.pop()
        key = (id(here), what)
        if key in seen:
            continue
        seen[key] = "\n".join(place.said for place in _places(here, what))
        for text in _readings(seen[key]):
            waiting += _referred(here, what, text)
        if what[0] == "var" and here.caller is None and what[1] in here.given:
            seen[key] += canonical(here.given[what[1]])
    reads = any(_READS(each) for text in seen.values() for each in _readings(text))
    known = sha256()
    for text in sorted([*seen.values(), *map(str, module.tree.read.items() if reads else ())]):
        known.update(text.encode("utf-8", "replace") + b"\0")
    return known.hexdigest()


def _readings(text: str) -> set[str]:
    """Return a text as it is, and without comments inside its lines: they may stand in a name."""
    return {text, _COMMENT.sub(" ", text)}


def _places(module: Module, what: tuple[str, ...]) -> list[Place]:
    """Return the blocks that a name stands for; all of its folder for a module."""
    folder = module.folder
    match what:
        case ("all",):
            return list(folder.all_places())
        case ("local", _):
            return folder.others.get("locals", [])
        case ("var", name):
            return folder.places.get(("variable", name), [])
        case _:
            return folder.places.get(what, [])


def _referred(
    module: Module, what: tuple[str, ...], text: str
) -> Iterator[tuple[Module, tuple[str, ...]]]:
    """Yield what a block refers to; a variable, to the call that gives it."""
    if what[0] == "var" and module.caller is not None:
        call = module.caller
        yield call.module, ("module", call.name)
        return
    if what[0] == "module":
        for instance in module.known_instances(*what):
            child = module.child(instance, what[1])
            if child is not None:
                yield child, ("all",)
    for first, second, third in _NAMES(text):
        match first:
            case "var" | "local" | "module":
                yield module, (first, second)
            case "data" | "ephemeral":
                yield module, (first, second, third)
            case _:
                yield module, ("resource", first, second)
