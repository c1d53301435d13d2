"""Context keys in SMT-LIB: which there are, of what sort, and what is taken for granted of each.

A key of many values gets one place more than there are conditions on it: each condition needs at
most one value of its own, so no request needs more (iam-semantics 0.6).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final, TypeAlias

from checker.policy.catalogue import is_multivalued, key_type
from checker.policy.keys import KeyType
from checker.policy.model import Comparison, Condition, Pattern, Policy, Statement, Variable
from checker.symbolic import assumptions
from checker.symbolic.smtlib_terms import (
    ARN,
    NO_COLONS,
    TRUE,
    InexpressibleError,
    any_of,
    concatenation,
    equal,
    implies,
    inside,
    negation,
    quoted,
    symbol,
)

Assumed: TypeAlias = tuple[str, str]
"""The id of an assumption, and what it says here."""

CLOCK: Final = "aws:currenttime"
EPOCH: Final = "aws:epochtime"
NOT_IN_NAMES: Final = "*?${}"
_NAME_KEYS: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:principalservicename",
        "aws:principaltype",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:sourceaccount",
        "aws:sourceidentity",
        "aws:sourceorgid",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:username",
    }
)
_TAGS_OF_PRINCIPALS: Final = "aws:principaltag/"


class Scale(Enum):
    """What a key's values are compared as, if not as text."""

    NUMBER = "a number"
    INSTANT = "a date"
    ADDRESS = "an address"


_SCALES: Final = {
    KeyType.NUMERIC: Scale.NUMBER,
    KeyType.DATE: Scale.INSTANT,
    KeyType.IP: Scale.ADDRESS,
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one value: whether it is taken, and terms for what is in it.

    `fields` are the partition, service, region, account and rest of an ARN.
    """

    taken: str
    value: str
    ipv6: str
    is_arn: str
    fields: tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One context key as both policies use it.

    `whole`: its text is compared as one. `by_field`: it is compared as an ARN.
    """

    name: str
    many: bool = False
    scale: Scale | None = None
    whole: bool = False
    by_field: bool = False
    conditions: int = 0

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The places for its values."""
        if not self.many:
            return (self._slot("", self.present),)
        numbers = range(1, self.conditions + 2)
        return tuple(self._slot(f"{i} ", symbol(f"has {i} of {self.name}")) for i in numbers)

    @property
    def present(self) -> str:
        """Whether the key is in the request."""
        if assumptions.is_always_there(self.name, assumptions.DEFAULT):
            return TRUE
        if self.many:
            return any_of(slot.taken for slot in self.slots)
        return symbol(f"has {self.name}")

    def _slot(self, number: str, taken: str) -> Slot:
        value = f"value {number}of {self.name}"
        parts = ("partition", "service", "region", "account", "rest")
        partition, service, region, account, rest = (symbol(f"{p} in {value}") for p in parts)
        is_arn = TRUE if self.holds_arns else symbol(f"{value} is an ARN")
        fields = (partition, service, region, account, rest)
        return Slot(taken, symbol(value), symbol(f"{value} is IPv6"), is_arn, fields)

    @property
    def holds_arns(self) -> bool:
        """Whether AWS lists ARN as the key's type."""
        return key_type(self.name) is KeyType.ARN

    @property
    def holds_names(self) -> bool:
        """Whether its values are names, ids or tags, in which no wildcard stands."""
        return self.name in _NAME_KEYS or self.name.startswith(_TAGS_OF_PRINCIPALS)

    @property
    def holds_truth(self) -> bool:
        """Whether AWS lists Bool as the key's type."""
        return key_type(self.name) is KeyType.BOOL


@dataclass(slots=True)
class _Uses:
    """What has been seen of each key so far."""

    keys: dict[str, Key] = field(default_factory=dict)

    def see(
        self, name: str, *, scale: Scale | None = None, whole: bool = False, by_field: bool = False
    ) -> None:
        """Note one use of a key."""
        key = self.keys.get(name, Key(name=name))
        if scale and key.scale and scale is not key.scale:
            raise InexpressibleError(
                f"`{name}` is compared as {key.scale.value} and as {scale.value}"
            )
        known = key_type(name)
        if scale and known and _SCALES.get(known) is not scale:
            raise InexpressibleError(
                f"`{name}` is of type {known.value}, and is compared as {scale.value}"
            )
        key = replace(
            key,
            scale=scale or key.scale,
            whole=key.whole or whole,
            by_field=key.by_field or by_field,
        )
        text = key.whole or key.by_field
        if text and (key.scale or key_type(name) in _SCALES):
            meant = key.scale.value if key.scale else "a number, date or address"
            raise InexpressibleError(f"`{name}` is {meant}, and is compared as text")
        self.keys[name] = key


def keys_of(
    policies: Iterable[Policy], asked: Iterable[tuple[str, Scale | None]] = ()
) -> dict[str, Key]:
    """Return all keys that the policies speak of, and those that the question itself compares.

    Errors: `InexpressibleError`.
    """
    uses = _Uses()
    statements = [statement for policy in policies for statement in policy.statements]
    conditions = [condition for statement in statements for condition in statement.conditions]
    for condition in conditions:
        _see_condition(condition, uses)
    for variable in (v for statement in statements for v in _variables(statement)):
        uses.see(variable.key, whole=True)
    names: list[str] = []
    for name, scale in asked:
        uses.see(name, scale=scale, whole=scale is None)
        names.append(name)
    for name, key in tuple(uses.keys.items()):
        here = [c for c in conditions if c.key == name]
        quantified = any(c.operator.quantifier is not None for c in here)
        known = is_multivalued(name)
        many = quantified if known is None else known
        uses.keys[name] = replace(key, many=many, conditions=len(here) + names.count(name))
    return uses.keys


def compared_key(condition: Condition) -> str:
    """Return the key whose value is compared: as a date or number, the epoch is the clock."""
    return CLOCK if _is_clock(condition) else condition.key


def _is_clock(condition: Condition) -> bool:
    scale = _scale(condition.operator.comparison)
    return condition.key == EPOCH and scale in (Scale.INSTANT, Scale.NUMBER)


def _see_condition(condition: Condition, uses: _Uses) -> None:
    comparison = condition.operator.comparison
    if comparison is Comparison.NULL:
        uses.see(condition.key)
        return
    scale = _scale(comparison)
    if _is_clock(condition):
        scale = Scale.INSTANT  # in seconds
    by_field = comparison is Comparison.ARN_LIKE
    whole = not by_field and scale is None
    uses.see(compared_key(condition), scale=scale, whole=whole, by_field=by_field)


def _scale(comparison: Comparison) -> Scale | None:
    if comparison.startswith("Date"):
        return Scale.INSTANT
    if comparison.startswith("Numeric"):
        return Scale.NUMBER
    return Scale.ADDRESS if comparison is Comparison.IP_ADDRESS else None


def _variables(statement: Statement) -> Iterator[Variable]:
    patterns: list[Pattern] = list(statement.resources.patterns) if statement.resources else []
    for condition in statement.conditions:
        patterns.extend(v.operand for v in condition.values if isinstance(v.operand, Pattern))
    for pattern in patterns:
        yield from (part for part in pattern.parts if isinstance(part, Variable))


def declared(key: Key) -> Iterator[str]:
    """Yield the declarations of a key."""
    if key.present != TRUE and not key.many:
        yield f"(declare-const {key.present} Bool)"
    for slot in key.slots:
        if key.many:
            yield f"(declare-const {slot.taken} Bool)"
        if key.scale is Scale.ADDRESS:
            yield f"(declare-const {slot.ipv6} Bool)"
            yield f"(declare-const {slot.value} (_ BitVec 128))"
        elif key.scale:
            yield f"(declare-const {slot.value} Real)"
        elif key.whole:
            yield f"(declare-const {slot.value} String)"
        if key.by_field:
            if slot.is_arn != TRUE:
                yield f"(declare-const {slot.is_arn} Bool)"
            yield from (f"(declare-const {part} String)" for part in slot.fields)


def sound(key: Key) -> Iterator[str]:
    """Yield what makes the parts of a value fit together; no assumption, only what they mean."""
    for slot in key.slots:
        if key.scale is Scale.ADDRESS:
            high = f"((_ extract 127 32) {slot.value})"
            yield implies(negation(slot.ipv6), equal(high, "(_ bv0 96)"))
        if not key.by_field:
            continue
        yield from (inside(part, NO_COLONS) for part in slot.fields[:4])
        if key.whole:
            if slot.is_arn != TRUE:
                yield equal(slot.is_arn, inside(slot.value, ARN))
            yield implies(slot.is_arn, equal(slot.value, arn(slot.fields)))


def arn(fields: Sequence[str], *ending: str) -> str:
    """Return the ARN of these fields as one text; `ending` goes on with the last one."""
    terms = [quoted("arn:"), fields[0]]
    for part in fields[1:]:
        terms += [quoted(":"), part]
    return concatenation((*terms, *ending))
