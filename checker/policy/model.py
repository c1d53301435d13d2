"""IAM's policies and requests, as values. What they mean is in `evaluate` and `symbolic`.

Two values are equal when they mean the same: spans, Sids and the position of a statement do not
count, so a statement that only moved equals itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from fractions import Fraction
from ipaddress import IPv4Network, IPv6Network
from typing import TypeAlias

from checker.source.symbols import holds_mark
from checker.span import Span


class PolicyType(StrEnum):
    """What a document is attached to, which decides its grammar and its reading."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    TRUST = "trust"
    SCP = "scp"
    RCP = "rcp"
    BOUNDARY = "boundary"
    SESSION = "session"
    VPC_ENDPOINT = "vpc-endpoint"

    @property
    def has_principals(self) -> bool:
        """Whether its statements name principals."""
        return self in _WITH_PRINCIPALS

    @property
    def is_guardrail(self) -> bool:
        """Whether it only ever bounds what other policies allow."""
        return self in _GUARDRAILS


_WITH_PRINCIPALS = frozenset(
    {PolicyType.RESOURCE, PolicyType.TRUST, PolicyType.RCP, PolicyType.VPC_ENDPOINT}
)
_GUARDRAILS = frozenset(
    {
        PolicyType.SCP,
        PolicyType.RCP,
        PolicyType.BOUNDARY,
        PolicyType.SESSION,
        PolicyType.VPC_ENDPOINT,
    }
)


class Effect(StrEnum):
    """What a statement does to the requests it applies to."""

    ALLOW = "Allow"
    DENY = "Deny"


class Wildcard(Enum):
    """Not a `StrEnum`: a literal `*`, written `${*}`, must never equal `ANY_RUN`."""

    ANY_RUN = "*"  # zero or more characters
    ANY_ONE = "?"  # exactly one character

    __hash__ = object.__hash__  # patterns are looked up all the time, and `Enum` hashes in Python


@dataclass(frozen=True, slots=True)
class Variable:
    """`${key}` or `${key, 'default'}`; the key is in lower case, as all context keys here.

    Or a symbol: what a template leaves open. Its key is a mark of `source.symbols`, it has the same
    value in every request to one deployment, and it is put in before AWS reads the policy.
    """

    key: str
    default: str | None = None

    @property
    def is_symbol(self) -> bool:
        """Whether it stands for what a template leaves open, and not for a context key."""
        return holds_mark(self.key)


Part: TypeAlias = str | Wildcard | Variable


@dataclass(frozen=True, slots=True)
class Pattern:
    """Literal text, wildcards and variables in order; the empty tuple is the empty string.

    No part is an empty string and no two strings are neighbours. `text` is as written.
    """

    parts: tuple[Part, ...]
    text: str = field(compare=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Element:
    """`Action` or `Resource`; `NotAction` or `NotResource` when `negated`.

    Action patterns are in lower case (IAM ignores the case of an action) and hold no variables.
    Resource patterns are whole: `*`, an ARN of any number of fields, or a service's own form.
    """

    patterns: tuple[Pattern, ...]
    negated: bool
    span: Span = field(compare=False, repr=False)


class PrincipalKind(StrEnum):
    """How an entry of `Principal` names callers."""

    EVERYONE = "everyone"  # `*` and {"AWS": "*"}
    ACCOUNT = "account"  # value: the 12 digits (or a service's pseudo account)
    ROOT_USER = "root-user"  # value: account; only in VPC endpoint policies
    USER = "user"  # value: the ARN
    ROLE = "role"  # value: the role's ARN, path included
    ROLE_SESSION = "role-session"  # value: the arn:…:sts::…:assumed-role/NAME/SESSION
    FEDERATED_USER = "federated-user"  # value: the arn:…:sts::…:federated-user/NAME
    SERVICE = "service"  # value: the host name, or `*`
    FEDERATED = "federated"  # value: provider ARN or host name, or `*`
    CANONICAL_USER = "canonical-user"  # value: the id
    UNIQUE_ID = "unique-id"  # value: AIDA…, AROA…: what is left of a deleted principal
    ARN_PATTERN = "arn-pattern"  # value: an ARN with wildcards; only in a reference


@dataclass(frozen=True, slots=True)
class PrincipalEntry:
    """One entry of `Principal` or `NotPrincipal`; `text` is as written."""

    kind: PrincipalKind
    value: str
    text: str = field(compare=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Principals:
    """`Principal`, or `NotPrincipal` when `negated`."""

    entries: tuple[PrincipalEntry, ...]
    negated: bool
    span: Span = field(compare=False, repr=False)


class Comparison(StrEnum):
    """A condition operator in its positive form, without prefix and suffix."""

    STRING_EQUALS = "StringEquals"
    STRING_EQUALS_IGNORE_CASE = "StringEqualsIgnoreCase"
    STRING_LIKE = "StringLike"
    NUMERIC_EQUALS = "NumericEquals"
    NUMERIC_LESS_THAN = "NumericLessThan"
    NUMERIC_LESS_THAN_EQUALS = "NumericLessThanEquals"
    NUMERIC_GREATER_THAN = "NumericGreaterThan"
    NUMERIC_GREATER_THAN_EQUALS = "NumericGreaterThanEquals"
    DATE_EQUALS = "DateEquals"
    DATE_LESS_THAN = "DateLessThan"
    DATE_LESS_THAN_EQUALS = "DateLessThanEquals"
    DATE_GREATER_THAN = "DateGreaterThan"
    DATE_GREATER_THAN_EQUALS = "DateGreaterThanEquals"
    BOOL = "Bool"
    BINARY_EQUALS = "BinaryEquals"
    IP_ADDRESS = "IpAddress"
    ARN_LIKE = "ArnLike"  # also ArnEquals, which means the same
    NULL = "Null"


class Quantifier(StrEnum):
    """A set operator: over which of a key's values the comparison ranges."""

    FOR_ANY_VALUE = "ForAnyValue"
    FOR_ALL_VALUES = "ForAllValues"


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition operator. `negated` turns "matches some value" into "matches none"."""

    comparison: Comparison
    negated: bool = False
    if_exists: bool = False
    quantifier: Quantifier | None = None
    name: str = field(default="", compare=False)  # as written


ConditionOperand: TypeAlias = Pattern | Fraction | IPv4Network | IPv6Network | bool | bytes


@dataclass(frozen=True, slots=True)
class ConditionValue:
    """One value of a condition, typed by the operator's comparison.

    String and ARN comparisons hold a `Pattern` (with wildcards where the comparison has them),
    `Bool` a `Pattern` that is `true`, `false` or holds a variable; numeric ones a `Fraction`;
    dates a `Fraction` of seconds since 1970 in UTC; addresses a network; `Binary` the decoded
    bytes; `Null` a `bool`. `alternative` is the other instant that a date of four digits may mean.
    """

    operand: ConditionOperand
    text: str = field(compare=False)
    span: Span = field(compare=False, repr=False)
    alternative: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator, one key, its values (any of which may match)."""

    operator: Operator
    key: str  # lower case
    values: tuple[ConditionValue, ...]
    span: Span = field(compare=False, repr=False)  # of the key and its values
    key_text: str = field(default="", compare=False)  # as written


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement; `span` runs from its opening to its closing brace."""

    effect: Effect
    principals: Principals | None  # None where the policy type has none
    actions: Element
    resources: Element | None  # None: the statement names no resource, so any
    conditions: tuple[Condition, ...] = ()
    empty_condition: bool = False  # it holds `Condition: {}` or an operator with an empty object
    sid: str | None = field(default=None, compare=False)
    index: int = field(default=0, compare=False)  # counts from 0 in its document
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A whole document. `version` only ever matters to the parser: variables are parsed or not."""

    type: PolicyType
    statements: tuple[Statement, ...]
    version: str | None = None
    span: Span = field(compare=False, repr=False)


class CallerKind(StrEnum):
    """Who sends a request."""

    ANONYMOUS = "anonymous"  # value: `*`
    ROOT_USER = "root-user"  # value: arn:…:iam::A:root
    USER = "user"  # value: the ARN
    ROLE_SESSION = "role-session"  # value: session ARN; or the role's ARN for "some session of it"
    FEDERATED_USER = "federated-user"  # value: the ARN
    SERVICE = "service"  # value: host name
    FEDERATED = "federated"  # value: provider
    CANONICAL_USER = "canonical-user"  # value: the id
    UNIQUE_ID = "unique-id"  # value: the id


@dataclass(frozen=True, slots=True)
class Caller:
    """The principal of a request.

    `has_boundary`: the caller carries a permissions boundary, which only `Deny` with
    `NotPrincipal` asks about (iam-semantics P8).
    """

    kind: CallerKind
    value: str
    has_boundary: bool = False


ContextValue: TypeAlias = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One concrete request. A context key that is not there is absent; keys are in lower case.

    A tuple is the value of a multivalued key; the empty tuple counts as absent.
    """

    caller: Caller
    action: str  # `service:Name`, in any case
    resource: str  # an ARN, or `*` for actions that take no resource
    context: Mapping[str, ContextValue] = field(default_factory=dict)
