"""Boolean formulas over atoms, simplified while they are built.

A formula is a `bool`, an atom (any hashable value that `atoms` defines) or one of the three nodes
here. Equal formulas are equal values, which is what lets unchanged parts cancel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from checker.symbolic.atoms import Atom


class _Node:
    """A node with its hash kept: formulas are compared and looked up all the time."""

    __slots__ = ("_hash", "parts")

    def __init__(self, parts: tuple[Formula, ...]) -> None:
        self.parts = parts
        self._hash = hash((type(self).__name__, parts))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, _Node) or type(self) is not type(other):
            return False
        return self._hash == other._hash and self.parts == other.parts

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self.parts!r}"


class And(_Node):
    """True when all parts are; at least two of them."""

    __slots__ = ()


class Or(_Node):
    """True when some part is; at least two of them."""

    __slots__ = ()


class Not(_Node):
    """The opposite of its one part, which is an atom."""

    __slots__ = ()


Formula: TypeAlias = bool | Atom | And | Or | Not


def literal_of(formula: Formula) -> tuple[Atom, bool] | None:
    """Return an atom and whether it is to hold; None for a formula that is no literal."""
    holds = not isinstance(formula, Not)
    atom = formula.parts[0] if isinstance(formula, Not) else formula
    return None if isinstance(atom, bool | And | Or | Not) else (atom, holds)


def all_of(parts: Iterable[Formula]) -> Formula:
    """Return the conjunction."""
    return _joined(parts, And, absorbing=False)


def any_of(parts: Iterable[Formula]) -> Formula:
    """Return the disjunction."""
    return _joined(parts, Or, absorbing=True)


def _joined(parts: Iterable[Formula], node: type[And | Or], *, absorbing: bool) -> Formula:
    flat: dict[Formula, None] = {}
    for part in parts:
        for piece in part.parts if isinstance(part, node) else (part,):
            if isinstance(piece, bool):
                if piece is absorbing:
                    return absorbing
                continue
            if (piece.parts[0] if isinstance(piece, Not) else Not((piece,))) in flat:
                return absorbing
            flat[piece] = None
    if not flat:
        return not absorbing
    if len(flat) == 1:
        return next(iter(flat))
    return node(tuple(flat))


def negation(formula: Formula) -> Formula:
    """Return the opposite, with `Not` only in front of atoms."""
    match formula:
        case bool():
            return not formula
        case And():
            return any_of(negation(part) for part in formula.parts)
        case Or():
            return all_of(negation(part) for part in formula.parts)
        case Not():
            return formula.parts[0]
        case _:
            return Not((formula,))


def replaced(formula: Formula, value: Callable[[Atom], Formula]) -> Formula:
    """Return the formula with each atom replaced by `value(atom)`, simplified."""
    match formula:
        case bool():
            return formula
        case And():
            return all_of(replaced(part, value) for part in formula.parts)
        case Or():
            return any_of(replaced(part, value) for part in formula.parts)
        case Not():
            return negation(replaced(formula.parts[0], value))
        case _:
            return value(formula)


def atoms_of(formula: Formula) -> dict[Atom, None]:
    """Return the atoms, each once, in order of first occurrence."""
    found: dict[Atom, None] = {}
    stack = [formula]
    while stack:
        match stack.pop():
            case bool():
                continue
            case And(parts=parts) | Or(parts=parts) | Not(parts=parts):
                stack.extend(reversed(parts))
            case atom:
                found[atom] = None
    return found
