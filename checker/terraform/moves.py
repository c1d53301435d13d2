"""`moved` blocks: what has a new address keeps the old one, by which it is known."""

from __future__ import annotations

from dataclasses import dataclass, field

from checker.terraform.folder import Folder
from checker.terraform.syntax import Argument, Attribute, Expression, Index, Literal, Name
from checker.terraform.values import FailedError, canonical


@dataclass(frozen=True, slots=True)
class Moves:
    """The first address of each one that a module has now."""

    first: dict[str, str] = field(default_factory=dict)

    def address(self, bare: str, key: str) -> str:
        """Return the address by which a resource or module call is known."""
        whole = bare + key
        seen = {whole}
        while True:
            if whole in self.first:
                whole = self.first[whole]
            elif key and whole == bare + key and bare in self.first:
                whole = self.first[bare] + key
            else:
                return whole
            if whole in seen:
                return whole
            seen.add(whole)


def moves_of(folder: Folder) -> Moves:
    """Return what the `moved` blocks of a folder say."""
    found: dict[str, str] = {}
    for place in folder.others.get("moved", ()):
        try:
            body = place.block().body
        except FailedError:
            continue
        old, new = _address(body.argument("from")), _address(body.argument("to"))
        if old and new:
            found[new] = old
    return Moves(found)


def _address(argument: Argument | None) -> str:
    if argument is None:
        return ""
    if isinstance(argument.value, Literal):
        return str(argument.value.value.value)
    return spelled(argument.value)


def spelled(expression: Expression) -> str:
    """Return a reference of names and known keys as an address; "" for anything else."""
    match expression:
        case Name(name):
            return name
        case Attribute(of, name):
            inner = spelled(of)
            return inner and f"{inner}.{name}"
        case Index(of, Literal(value)):
            inner = spelled(of)
            return inner and f"{inner}[{canonical(value)}]"
        case _:
            return ""
