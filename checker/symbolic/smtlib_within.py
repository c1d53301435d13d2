"""What a question restricts requests to, in SMT-LIB.

The restriction is no part of a policy: it is the question's own, and comes as a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from checker.policy.model import CallerKind
from checker.symbolic.atoms import (
    ActionIn,
    Atom,
    CallerIn,
    HasBoundary,
    Interval,
    Matcher,
    Present,
    ResourceIn,
    SomeValue,
    ValueIn,
)
from checker.symbolic.formula import And, Formula, Not, Or, atoms_of
from checker.symbolic.globs import SEPARATOR, CharClass, Glob, One, Token
from checker.symbolic.smtlib_callers import BOUNDARY, is_kind, text_of
from checker.symbolic.smtlib_keys import Key, Scale, Slot
from checker.symbolic.smtlib_terms import (
    FALSE,
    TRUE,
    InexpressibleError,
    all_of,
    any_of,
    equal,
    inside,
    negation,
    number,
    quoted,
)

_FIRST_IPV6: Final = 2**32
_LAST_ADDRESS: Final = _FIRST_IPV6 + 2**128 - 1


def keys_within(restriction: Formula) -> Iterator[tuple[str, Scale | None]]:
    """Yield the key that is compared, and on what scale, for each comparison."""
    for atom in atoms_of(restriction):
        if isinstance(atom, ValueIn | SomeValue):
            several = (atom.of,) if isinstance(atom, ValueIn) else atom.of
            scales = [Scale[of.scale.name] for of in several if isinstance(of, Interval)]
            yield atom.key, scales[0] if scales else None


def restricts_callers(restriction: Formula) -> bool:
    """Return whether the restriction speaks of callers."""
    return any(isinstance(atom, CallerIn | HasBoundary) for atom in atoms_of(restriction))


def within(restriction: Formula, keys: Mapping[str, Key]) -> str:
    """Return the restriction as a term.

    Errors: `InexpressibleError`.
    """
    match restriction:
        case bool():
            return TRUE if restriction else FALSE
        case And(parts=parts):
            return all_of(within(part, keys) for part in parts)
        case Or(parts=parts):
            return any_of(within(part, keys) for part in parts)
        case Not(parts=parts):
            return negation(within(parts[0], keys))
        case atom:
            return _atom(atom, keys)


def _atom(atom: Atom, keys: Mapping[str, Key]) -> str:
    match atom:
        case ActionIn(of=of):
            return _member("action", of)
        case ResourceIn(of=Glob() as of):
            return _member("resource", of)
        case CallerIn(kind=kind, of=of):
            text = text_of(kind)
            if kind is CallerKind.ROLE_SESSION:
                return all_of((is_kind(kind), inside(text, _expression(of, separated=True))))
            return all_of((is_kind(kind), _member(text, of)))
        case HasBoundary():
            return BOUNDARY
        case Present(key=key) if key in keys:
            return keys[key].present
        case ValueIn(key=key, of=of) if not keys[key].many:
            return all_of((keys[key].present, _holds(keys[key].slots[0], of)))
        case SomeValue(key=key, of=several, negated=negated) if keys[key].many:
            return _some(keys[key], several, negated=negated)
        case _:
            raise InexpressibleError("the question restricts requests by what this cannot write")


def _some(key: Key, several: Iterable[Matcher], *, negated: bool) -> str:
    found: list[str] = []
    for slot in key.slots:
        matched = any_of(_holds(slot, of) for of in several)
        found.append(all_of((slot.taken, negation(matched) if negated else matched)))
    return any_of(found)


def _holds(slot: Slot, of: Matcher) -> str:
    match of:
        case Glob():
            return _member(slot.value, of)
        case Interval(scale=scale) if scale.name == Scale.ADDRESS.name:
            return _address(slot, of)
        case Interval(low=low, high=high):
            less, more = "<" if of.low_open else "<=", "<" if of.high_open else "<="
            above = TRUE if low is None else f"({less} {number(low)} {slot.value})"
            return all_of(
                (above, TRUE if high is None else f"({more} {slot.value} {number(high)})")
            )
        case _:
            raise InexpressibleError("the question compares values with a policy variable")


def _address(slot: Slot, of: Interval) -> str:
    """Return whether an address lies in an interval, in which IPv6 comes after all of IPv4."""
    low, high = int(of.low or 0), int(_LAST_ADDRESS if of.high is None else of.high)
    families = ((negation(slot.ipv6), 0, _FIRST_IPV6 - 1), (slot.ipv6, _FIRST_IPV6, _LAST_ADDRESS))
    found: list[str] = []
    for family, first, last in families:
        if low <= last and high >= first:
            least, most = (f"(_ bv{n - first} 128)" for n in (max(low, first), min(high, last)))
            found.append(
                all_of((family, f"(bvule {least} {slot.value})", f"(bvule {slot.value} {most})"))
            )
    return any_of(found)


def _member(term: str, of: Glob) -> str:
    """Return whether a text, which holds no separator, matches."""
    if of.is_literal:
        return equal(term, quoted(of.prefix))
    if of.is_prefix:
        return f"(str.prefixof {quoted(of.prefix)} {term})" if of.prefix else TRUE
    return inside(term, _expression(of))


def _expression(of: Glob, *, separated: bool = False) -> str:
    """Return the regular expression; a wildcard takes no separator, if there can be any."""
    pieces = [_piece(token, separated=separated) for token in of.tokens]
    return pieces[0] if len(pieces) == 1 else f"(re.++ {' '.join(pieces)})"


def _piece(token: Token, *, separated: bool) -> str:
    if isinstance(token, str):
        return f"(str.to_re {quoted(token)})"
    one = _character(token.of, separated=separated)
    return one if isinstance(token, One) else f"(re.* {one})"


def _character(of: CharClass, *, separated: bool) -> str:
    chars = sorted(of.chars if separated or not of.complement else of.chars - {SEPARATOR})
    singles = " ".join(f"(str.to_re {quoted(char)})" for char in chars)
    some = f"(re.union {singles})" if len(chars) > 1 else singles
    if not of.complement:
        return some
    return f"(re.diff re.allchar {some})" if chars else "re.allchar"
