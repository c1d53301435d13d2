"""Which texts can be an action, a resource, a caller or a key's value, and pleasant ones among them.

A universe is a set of globs that every value is a member of: the assumptions, made into patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Final

from checker.policy import catalogue
from checker.policy.keys import KeyType
from checker.policy.model import CallerKind
from checker.source.symbols import OWN_ACCOUNT, REGION, is_mark, mark
from checker.symbolic import assumptions
from checker.symbolic.atoms import Interval, Scale
from checker.symbolic.globs import (
    ANY,
    NOT_COLON,
    SEPARATOR,
    CharClass,
    Glob,
    One,
    Run,
    disjoint,
    glob,
)
from checker.symbolic.patterns import ARN_SHAPE
from checker.symbolic.vocabulary import Vocabulary

_LOWER: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_PREFIX: Final = CharClass(_LOWER)
_NAME: Final = CharClass(_LOWER | {"_"})
ACTION: Final = glob((One(_PREFIX), Run(_PREFIX), ":", One(_NAME), Run(_NAME)))

_ACTION_TEXT: Final = re.compile("[a-z0-9-]+:[a-z0-9_-]+")
_ACTION_START: Final = re.compile("[a-z0-9-]+:[a-z0-9_-]*")

_FIELD: Final = (One(NOT_COLON), Run(NOT_COLON))
RESOURCE_ARN: Final = glob(
    (
        "arn:",
        *_FIELD,
        ":",
        *_FIELD,
        ":",
        Run(NOT_COLON),
        ":",
        Run(NOT_COLON),
        ":",
        One(ANY),
        Run(ANY),
    )
)

NO_OWN_FORM: Final = (glob(("*",)), glob(()), glob(("arn:", Run(ANY))))
"""What is no resource in a service's own form."""

NAME_CHARS: Final = ANY.without("*?${}")
"""K10: what a name, an id or a tag of a principal is made of, and more."""
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
_NAME_FAMILIES: Final = ("aws:principaltag/",)
_NAME_TEXT: Final = glob((Run(NAME_CHARS),))
_IN_FIELD: Final = glob((Run(NAME_CHARS.without(":")),))
_SCALES: Final = {
    KeyType.NUMERIC: Scale.NUMBER,
    KeyType.DATE: Scale.INSTANT,
    KeyType.IP: Scale.ADDRESS,
}
_CLOCKS: Final = frozenset({"aws:currenttime", "aws:epochtime"})
_SINCE_1970: Final = Interval(Scale.INSTANT, Fraction(0), None)
ON_SOME_SCALE: Final = glob((Run(CharClass(frozenset("0123456789abcdefABCDEF.:TZ+-"))),))
"""At least all texts that are a number, a date or an address."""
_DIGIT: Final = One(CharClass(frozenset("0123456789")))
_DIGITS: Final = (_DIGIT, Run(_DIGIT.of))
SHAPES_OF_SCALES: Final = (
    glob(_DIGITS),
    glob((*_DIGITS, ".", *_DIGITS)),
    glob(("-", *_DIGITS)),
    glob((*_DIGITS, ".", *_DIGITS, ".", *_DIGITS, ".", *_DIGITS)),
    glob(("2", *(_DIGIT,) * 3, "-01-01")),
    glob(("2", *(_DIGIT,) * 3, "-01-01T00:00:00Z")),
    glob(("2026-", _DIGIT, _DIGIT, "-", _DIGIT, _DIGIT, Run(ANY), "Z")),
    glob(("2001:db8:", Run(ANY))),
)
"""Common forms of numbers, dates and addresses: where to look for one that fits a pattern."""
_BOOLEANS: Final = ("true", "false")

_ACCOUNT: Final = (
    One(CharClass(_LOWER)),
    Run(CharClass(_LOWER)),
)
_PATH: Final = CharClass(frozenset(SEPARATOR), complement=True)
_LAST_NAME: Final = NAME_CHARS.without("/:")
_IN_NO_NAME: Final = CharClass(frozenset("*?${}:"))
_USER_NAME: Final = glob((One(_LAST_NAME), Run(_LAST_NAME)))
_SHAPES: Final = {
    "aws:username": _USER_NAME,
    mark(OWN_ACCOUNT): glob((_DIGIT,) * 12),
    mark(REGION): glob((One(CharClass(_LOWER)), Run(CharClass(_LOWER)))),
}
_SESSION: Final = (One(NAME_CHARS.without("/:")), Run(NAME_CHARS.without("/:")))
_PARTITION: Final = ("arn:", *_FIELD)

CALLERS: Final[dict[CallerKind, Glob]] = {
    CallerKind.ROOT_USER: glob((*_PARTITION, ":iam::", *_ACCOUNT, ":root")),
    CallerKind.USER: glob(
        (*_PARTITION, ":iam::", *_ACCOUNT, ":user/", Run(_PATH), One(_LAST_NAME))
    ),
    CallerKind.ROLE_SESSION: glob(
        (
            *(*_PARTITION, ":iam::", *_ACCOUNT, ":role/", Run(_PATH), One(_LAST_NAME)),
            *(SEPARATOR, *_SESSION),
        )
    ),
    CallerKind.FEDERATED_USER: glob(
        (*_PARTITION, ":sts::", *_ACCOUNT, ":federated-user/", *_SESSION)
    ),
    CallerKind.SERVICE: glob((One(NAME_CHARS), Run(NAME_CHARS))),
    CallerKind.FEDERATED: glob((One(ANY), Run(ANY))),
    CallerKind.CANONICAL_USER: glob((One(ANY), Run(ANY))),
    CallerKind.UNIQUE_ID: glob((One(ANY), Run(ANY))),
    CallerKind.ANONYMOUS: glob(("*",)),
}

NO_CALLERS: Final[dict[CallerKind, tuple[Glob, ...]]] = {
    CallerKind.USER: (
        glob((*_PARTITION, ":iam::", *_ACCOUNT, ":user//", Run(_PATH))),
        glob(
            (
                *(*_PARTITION, ":iam::", *_ACCOUNT, ":user/", Run(_PATH)),
                *(One(_IN_NO_NAME), Run(_PATH.without("/"))),
            )
        ),
    ),
    CallerKind.ROLE_SESSION: (
        glob((*_PARTITION, ":iam::", *_ACCOUNT, ":role//", Run(_PATH), SEPARATOR, *_SESSION)),
    ),
}
"""Of `CALLERS`, who does not exist: a path does not begin with two slashes."""

PLEASANT_CALLERS: Final[dict[CallerKind, tuple[str, ...]]] = {
    CallerKind.USER: (
        "arn:aws:iam::111122223333:user/alice",
        "arn:aws:iam::999999999999:user/mallory",
        "arn:aws:iam::888888888888:user/mallory",
    ),
    CallerKind.ROLE_SESSION: (
        f"arn:aws:iam::111122223333:role/Example{SEPARATOR}session",
        f"arn:aws:iam::999999999999:role/Stranger{SEPARATOR}session",
    ),
    CallerKind.ROOT_USER: (
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::999999999999:root",
    ),
    CallerKind.FEDERATED_USER: ("arn:aws:sts::111122223333:federated-user/carol",),
    CallerKind.SERVICE: ("lambda.amazonaws.com", "s3.amazonaws.com"),
    CallerKind.FEDERATED: ("accounts.google.com", "cognito-identity.amazonaws.com"),
    CallerKind.CANONICAL_USER: ("0" * 63 + "1",),
    CallerKind.UNIQUE_ID: ("AIDAEXAMPLEID1234567",),
    CallerKind.ANONYMOUS: ("*",),
}

_PLEASANT_ACTIONS: Final = (
    "s3:getobject",
    "ec2:runinstances",
    "iam:createuser",
    "sts:assumerole",
    "dynamodb:getitem",
    "lambda:invokefunction",
    "sqs:sendmessage",
    "kms:decrypt",
)
_FEW: Final = 3
_PLEASANT_VALUES: Final[dict[str, tuple[str, ...]]] = {
    mark(OWN_ACCOUNT): ("444455556666",),
    mark(REGION): ("us-east-1",),
    "aws:requestedregion": ("us-east-1", "eu-west-1"),
    "aws:sourcevpce": ("vpce-0a1b2c3d4e5f60718",),
    "aws:sourcevpc": ("vpc-0a1b2c3d4e5f60718",),
    "aws:principalorgid": ("o-exampleorgid",),
    "aws:principalaccount": ("999999999999", "888888888888"),
    "aws:sourceaccount": ("111122223333", "999999999999"),
    "aws:resourceaccount": ("111122223333", "999999999999"),
    "aws:sourceip": ("203.0.113.7",),
    "aws:sourcearn": ("arn:aws:s3:::example-bucket",),
}


def value_universe(key: str, vocabulary: Vocabulary) -> tuple[Glob, ...]:
    """Return the globs that each text value of a key is a member of."""
    if holds_names(key, vocabulary):
        return (_SHAPES.get(key) or _of_name(key, vocabulary),)
    if catalogue.key_type(key) is KeyType.ARN and vocabulary.assumes(assumptions.ARN_KEYS):
        return (ARN_SHAPE,)
    return ()


def _of_name(key: str, vocabulary: Vocabulary) -> Glob:
    return _IN_FIELD if key in vocabulary.confined else _NAME_TEXT


def value_spans(key: str, vocabulary: Vocabulary) -> tuple[Interval, ...]:
    """Return the intervals that each value of a key lies in."""
    is_clock = key in _CLOCKS and vocabulary.assumes(assumptions.ONE_CLOCK)
    return (_SINCE_1970,) if is_clock else ()


def holds_names(key: str, vocabulary: Vocabulary) -> bool:
    """Whether a key's values are names, ids or tags, which hold no wildcard (K10)."""
    if is_mark(key):
        return vocabulary.assumes(assumptions.REFERENCES)
    named = key in _NAME_KEYS or key.startswith(_NAME_FAMILIES)
    return named and vocabulary.assumes(assumptions.NAME_CHARACTERS)


def few_values(key: str, vocabulary: Vocabulary) -> tuple[str, ...] | None:
    """Return all values that a key can have where these are few, else None."""
    if catalogue.key_type(key) is KeyType.BOOL and vocabulary.assumes(assumptions.BOOL_DOMAIN):
        return _BOOLEANS
    return None


def scale_of(key: str, vocabulary: Vocabulary) -> Scale | None:
    """Return the scale that each value of a key lies on; None: it may be any text."""
    known = catalogue.key_type(key)
    if known is not None:
        return _SCALES.get(known)
    compared = vocabulary.scales.get(key, frozenset())
    only = next(iter(compared)) if len(compared) == 1 else None
    return only if vocabulary.assumes(assumptions.TYPED_VALUES) else None


def is_typed_by_use(key: str, vocabulary: Vocabulary) -> bool:
    """Whether only the way it is compared says of what type a key is."""
    has_scale = scale_of(key, vocabulary) is not None
    return has_scale and catalogue.key_type(key) not in _SCALES


def pleasant_values(key: str) -> tuple[str, ...]:
    """Return texts to try first as a key's value."""
    return (*_PLEASANT_VALUES.get(key, ()), "example")


def pleasant_actions(inside: Iterable[Glob]) -> Iterator[str]:
    """Yield real actions, in lower case, that may match: those of the service that is named."""
    prefixes = [pattern.prefix for pattern in inside]
    named = next((p for p in prefixes if ":" in p), None)
    if named is not None:
        service, _, start = named.partition(":")
        for name in catalogue.actions_of(service):
            if name.lower().startswith(start):
                yield f"{service}:{name.lower()}"
        return
    yield from _PLEASANT_ACTIONS
    start = max(prefixes, key=len, default="")
    for service in sorted(catalogue.services()):
        if service.startswith(start.partition(":")[0]):
            names = catalogue.actions_of(service)[:_FEW]  # enough: what is left is sought exactly
            yield from (f"{service}:{name.lower()}" for name in names)


def takes_no_resource(action: str) -> bool:
    """Whether the action is known and its resource is always `*`."""
    return catalogue.is_known(action) and not catalogue.resource_arns(action)


@lru_cache(maxsize=65536)
def is_action_possible(pattern: Glob) -> bool:
    """Whether some well-formed action matches the pattern."""
    if pattern.is_literal:
        return _ACTION_TEXT.fullmatch(pattern.prefix) is not None
    if pattern.is_prefix and _ACTION_START.fullmatch(pattern.prefix):
        return True
    return not disjoint(pattern, ACTION)


@lru_cache(maxsize=65536)
def is_resource_possible(pattern: Glob) -> bool:
    """Whether some ARN matches the pattern."""
    fields = pattern.prefix.split(":", 5)
    if len(fields) == 6 and fields[0] == "arn" and (pattern.is_literal or pattern.is_prefix):
        return bool(fields[1] and fields[2] and (fields[5] or pattern.is_prefix))
    return not disjoint(pattern, RESOURCE_ARN)
