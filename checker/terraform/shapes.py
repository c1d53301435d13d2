"""Attributes whose text is documented: ARNs made of names that a module writes."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

_HOLE: Final = re.compile(r"\{([a-z_]+)(?:\|([^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Hole:
    """An attribute that a shape is made of; `default` is what it is if nobody writes it."""

    name: str
    default: str | None


@cache
def _shapes() -> dict[str, dict[str, tuple[str | Hole, ...]]]:
    text = files("checker.terraform").joinpath("shapes.toml").read_text("utf-8")
    return {
        type_: {name: _parts(shape) for name, shape in attributes.items()}
        for type_, attributes in tomllib.loads(text).items()
    }


def _parts(shape: str) -> tuple[str | Hole, ...]:
    found: list[str | Hole] = []
    end = 0
    for match in _HOLE.finditer(shape):
        found += [shape[end : match.start()], Hole(match[1], match[2])]
        end = match.end()
    return tuple([part for part in (*found, shape[end:]) if part != ""])


def shape_of(type_: str, attribute: str) -> tuple[str | Hole, ...]:
    """Return the parts of an attribute; nothing if its text is not documented."""
    return _shapes().get(type_, {}).get(attribute, ())
