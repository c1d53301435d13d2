"""What has to be known of both policies before either is compiled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from checker.policy.catalogue import is_multivalued
from checker.policy.model import (
    CallerKind,
    Comparison,
    Pattern,
    Policy,
    PolicyType,
    PrincipalKind,
    Statement,
    Variable,
)
from checker.policy.readings import Readings, Switch, is_arn_pattern, is_star_like
from checker.source.symbols import is_mark
from checker.symbolic.assumptions import DEFAULT
from checker.symbolic.atoms import Scale
from checker.symbolic.patterns import has_all_fields

_LAST_FIELD: Final = 5  # colons before the field of an ARN that may hold more of them

RoleName: TypeAlias = tuple[str, str, str]
"""Partition, account and name of a role."""


OTHER_NAMES: Final = {
    PrincipalKind.CANONICAL_USER: CallerKind.CANONICAL_USER,
    PrincipalKind.UNIQUE_ID: CallerKind.UNIQUE_ID,
}
"""Names of somebody who is a user or a role of some account as well: unless a policy asks for the
name, the request is already there under the other kinds of caller."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The setting of one question.

    many: the keys that hold many values. keys: all keys that either policy mentions.
    role_paths: (partition, account, name) of a role that a principal names -> the paths under
        which ARNs in either policy put it.
    scales: on which scales a key is compared, None standing for text.
    floating: whether constructs that AWS leaves open are left open, or read by default.
    """

    policy_type: PolicyType
    many: frozenset[str] = frozenset()
    keys: tuple[str, ...] = ()
    role_paths: Mapping[RoleName, frozenset[str]] = field(default_factory=dict)
    scales: Mapping[str, frozenset[Scale | None]] = field(default_factory=dict)
    confined: frozenset[str] = frozenset()  # symbols that stand in a field without colons
    opaque_resources: bool = False  # some resource pattern is neither `*` nor an ARN
    names_roles: bool = False  # some principal is a role
    other_names: frozenset[CallerKind] = frozenset()  # see OTHER_NAMES; those that are asked for
    first: CallerKind | None = None  # the kind of caller to try first
    assumptions: frozenset[str] = DEFAULT
    floating: bool = False
    pinned: Readings = field(
        default_factory=dict
    )  # readings other than the default, if not floating
    open: set[Switch] = field(
        default_factory=set, compare=False
    )  # noted by `choose`, for the answer

    def assumes(self, assumption: str) -> bool:
        """Whether the assumption is on."""
        return assumption in self.assumptions


def vocabulary(policy_type: PolicyType, policies: Iterable[Policy]) -> Vocabulary:
    """Return the setting of a question about these policies."""
    many: dict[str, bool] = {}
    scales: dict[str, set[Scale | None]] = {}
    paths: dict[RoleName, set[str]] = {}
    named: set[RoleName] = set()
    other_names: set[CallerKind] = set()
    opaque = names_roles = False
    statements = [s for policy in policies for s in policy.statements]
    for statement in statements:
        for condition in statement.conditions:
            quantified = condition.operator.quantifier is not None
            if condition.operator.comparison is not Comparison.NULL:
                scales.setdefault(condition.key, set()).add(scale_of(condition.operator.comparison))
            many[condition.key] = many.get(condition.key, False) or quantified
        for key in variables_of(statement):
            many.setdefault(key, False)
            scales.setdefault(key, set()).add(None)
        for entry in statement.principals.entries if statement.principals else ():
            if entry.kind in OTHER_NAMES:
                other_names.add(OTHER_NAMES[entry.kind])
        names_roles = names_roles or _names_by_pattern(statement)
        for arn, is_principal in _role_arns(statement):
            names_roles = True
            place = role_place(arn)
            if place:
                name, path = place
                paths.setdefault(name, set()).add(path)
                if is_principal:
                    named.add(name)
        opaque = opaque or _has_opaque_resource(statement)
    return Vocabulary(
        policy_type=policy_type,
        many=frozenset(
            key for key, quantified in many.items() if _holds_many(key, quantified=quantified)
        ),
        keys=tuple(many),
        role_paths={name: frozenset(paths[name]) for name in named},
        scales={key: frozenset(found) for key, found in scales.items()},
        confined=_confined(many, statements),
        opaque_resources=opaque,
        names_roles=names_roles,
        other_names=frozenset(other_names),
    )


def scale_of(comparison: Comparison) -> Scale | None:
    """Return the scale on which an operator compares; None: it compares text."""
    if comparison is Comparison.IP_ADDRESS:
        return Scale.ADDRESS
    if comparison.value.startswith("Date"):
        return Scale.INSTANT
    return Scale.NUMBER if comparison.value.startswith("Numeric") else None


def _holds_many(key: str, *, quantified: bool) -> bool:
    known = is_multivalued(key)
    return quantified if known is None else known


def variables_of(statement: Statement) -> dict[str, None]:
    """Return the keys of the policy variables in a statement, each once."""
    found: dict[str, None] = {}
    patterns: list[Pattern] = list(statement.resources.patterns) if statement.resources else []
    for condition in statement.conditions:
        patterns.extend(v.operand for v in condition.values if isinstance(v.operand, Pattern))
    for pattern in patterns:
        for part in pattern.parts:
            if isinstance(part, Variable):
                found[part.key] = None
    return found


def _confined(keys: Iterable[str], statements: Iterable[Statement]) -> frozenset[str]:
    """Return the symbols before the sixth field of an ARN: each fills a part of one field."""
    if not any(is_mark(key) for key in keys):
        return frozenset()
    return frozenset(symbol for statement in statements for symbol in _confined_in(statement))


def _confined_in(statement: Statement) -> Iterator[str]:
    resources = statement.resources.patterns if statement.resources else ()
    patterns = [pattern for pattern in resources if is_arn_pattern(pattern)]
    for condition in statement.conditions:
        if condition.operator.comparison is Comparison.ARN_LIKE:
            operands = (v.operand for v in condition.values if isinstance(v.operand, Pattern))
            patterns.extend(each for each in operands if has_all_fields(each.parts))
    for pattern in patterns:
        colons = 0
        for part in pattern.parts:
            if isinstance(part, str):
                colons += part.count(":")
            elif isinstance(part, Variable) and part.is_symbol and colons < _LAST_FIELD:
                yield part.key


def _names_by_pattern(statement: Statement) -> bool:
    entries = statement.principals.entries if statement.principals else ()
    return any(entry.kind is PrincipalKind.ARN_PATTERN for entry in entries)


def _role_arns(statement: Statement) -> Iterable[tuple[str, bool]]:
    """Yield ARNs that may be a role's, and whether as a principal: AWS wants that role to exist."""
    if statement.principals:
        for entry in statement.principals.entries:
            if entry.kind is PrincipalKind.ROLE:
                yield entry.value, True
    for condition in statement.conditions:
        if condition.key != "aws:principalarn" or condition.operator.comparison is Comparison.NULL:
            continue
        for value in condition.values:
            operand = value.operand
            if isinstance(operand, Pattern) and len(operand.parts) == 1:
                yield str(operand.parts[0]), False


def role_place(arn: str) -> tuple[RoleName, str] | None:
    """Return whose ARN it is and the path (`/` or `/a/b/`), or None if it is no role's."""
    fields = arn.split(":", 5)
    if len(fields) < 6 or not fields[5].startswith("role/"):
        return None
    path, _, name = fields[5].removeprefix("role").rpartition("/")
    return (fields[1], fields[4], name), f"{path}/"


def _has_opaque_resource(statement: Statement) -> bool:
    if statement.resources is None:
        return False
    return any(not is_arn_pattern(p) and not is_star_like(p) for p in statement.resources.patterns)
