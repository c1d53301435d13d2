"""What `Ref` and the attributes of a resource return, as far as AWS documents it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from checker.cloudformation.template import Resource
from checker.cloudformation.texts import joined, lifted
from checker.source.symbols import OWN_ACCOUNT, REGION
from checker.source.tree import Node, Scalar
from checker.span import Span
from checker.template.value import Absent, Joined, Unknown, Value

_FIELD: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Identity:
    """A resource's names: what its type makes of them, and those that the template sets."""

    id: str
    shapes: Mapping[str, str]
    name: Value | None
    path: Value | None

    def made(self, attribute: str, span: Span) -> Value | None:
        """Return `Ref` or an attribute; None where AWS's documentation gives no shape."""
        shape = self.shapes.get(attribute)
        if shape is None:
            return None
        return joined(
            (
                self._field(piece, span) if index % 2 else Scalar(piece, span)
                for index, piece in enumerate(_FIELD.split(shape))
            ),
            span,
        )

    def _field(self, field: str, span: Span) -> Value:
        match field:
            case "region":
                return Unknown(REGION, span)
            case "account":
                return Unknown(OWN_ACCOUNT, span)
            case "suffix":
                return Unknown(f"{self.id}#suffix", span)
            case "path":
                return self.path or Scalar("/", span)
            case "name" if self.name is not None:
                return self.name
            case _:
                return Unknown(self.id, span)


def identity_of(resource: Resource, value: Callable[[Node], Value | None]) -> Identity:
    """Return the names of a resource; `value` resolves what the template says of them."""
    shapes = _table().get(resource.type, {})
    return Identity(
        resource.id,
        {name: shape for name, shape in shapes.items() if name != "name"},
        _set(resource, shapes.get("name", ""), value),
        _set(resource, "Path", value) if "{path}" in "".join(shapes.values()) else None,
    )


def _set(resource: Resource, name: str, value: Callable[[Node], Value | None]) -> Value | None:
    """Return a property that is text; where it may be absent, the resource's own name."""
    node = resource.get(name)
    found = value(node) if node is not None else None
    if found is None or isinstance(found, Absent):
        return None
    unnamed = Scalar("/", found.span) if name == "Path" else Unknown(resource.id, found.span)

    def text(each: Value) -> Value:
        return each if isinstance(each, Scalar | Joined | Unknown) else unnamed

    return lifted(found, text)


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    data = files("checker.cloudformation").joinpath("arns.toml").read_text("utf-8")
    return tomllib.loads(data)
