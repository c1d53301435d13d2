"""Policies of templates, two versions of each, and what they may be once deployed.

A value is drawn as the JSON of a policy in which some texts, lists, objects and premises are left
open; alphabets are small, so that what is open meets what is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from checker.policy.model import PolicyType
from checker.source.symbols import OWN_ACCOUNT, REGION
from checker.source.tree import Scalar
from checker.span import whole_file
from checker.template.value import (
    Absent,
    Choice,
    Items,
    Joined,
    Member,
    Premise,
    Record,
    TemplateDocument,
    Unknown,
    Value,
)
from tests.drawing import Draw

AT: Final = whole_file("template.yml")
Json: TypeAlias = Any
"""A policy as `json.loads` gives it, with values of templates in it."""

ONE, OTHER = "111122223333", "444455556666"
PREMISES: Final = (
    Premise("IsProd"),
    Premise("Stage == a", "Stage", "a"),
    Premise("Stage == b", "Stage", "b"),
)


def unknown(name: str) -> Unknown:
    return Unknown(name, AT)


def many(name: str) -> Unknown:
    return Unknown(name, AT, many=True)


def text(*pieces: str | Unknown) -> Joined:
    return Joined(pieces, AT)


A, B, NUM = unknown("A"), unknown("B"), unknown("Num")
ACCOUNT, IN_REGION, WHO = unknown(OWN_ACCOUNT), unknown(REGION), unknown("Who")
ARN = unknown("Arn")

ACTIONS: Final[tuple[Json, ...]] = (
    *("s3:GetObject", "s3:PutObject", "s3:Get*", "s3:*", "*"),
    *(A, text("s3:", A), text("s3:Get", A), text("s3:", A, "Object"), text(A, ":GetObject")),
    *(many("Actions"), many("Actions")),
)
RESOURCES: Final[tuple[Json, ...]] = (
    *(
        "*",
        "arn:aws:s3:::a",
        "arn:aws:s3:::a/*",
        "arn:aws:s3:::a*",
        "arn:aws:s3:::a/${aws:username}",
    ),
    *(f"arn:aws:sqs:us-east-1:{ONE}:a", "arn:aws:sqs:*:*:a*", "arn:*:s3:::?", "arn:aws:*:*:*:*"),
    *(text("arn:aws:s3:::", A), text("arn:aws:s3:::", A, "/*"), text("arn:aws:s3:::a", A)),
    *(text("arn:aws:s3:::", A, B), text("arn:aws:s3:::a/", A), text("arn:aws:s3:::", A, "*")),
    *(text("arn:aws:sqs:", IN_REGION, ":", ACCOUNT, ":", A), text("arn:aws:sqs:*:", ACCOUNT, ":a")),
    *(text("arn:aws:sqs:", A, ":", ACCOUNT, ":*"), text("arn:aws:s3:::${aws:username}/", A)),
    *(ARN, text(ARN, "/*"), text(ARN, "/", A), many("Resources")),
)
CALLERS: Final[Mapping[str, tuple[Json, ...]]] = {
    "AWS": (
        *(ONE, "*", OTHER, f"arn:aws:iam::{ONE}:user/a", f"arn:aws:iam::{ONE}:role/a"),
        *(f"arn:aws:iam::{OTHER}:role/a", f"arn:aws:sts::{ONE}:assumed-role/a/b"),
        *(text("arn:aws:iam::", ACCOUNT, ":root"), text("arn:aws:iam::", ACCOUNT, ":role/", A)),
        *(text(f"arn:aws:iam::{ONE}:user/", A), text(f"arn:aws:iam::{ONE}:role/", B)),
        *(text("arn:aws:iam::", ACCOUNT, ":role/a"), text(f"arn:aws:iam::{ONE}:role/p/", A)),
        *(text(f"arn:aws:sts::{ONE}:assumed-role/", A, "/b"), ACCOUNT, WHO, WHO, many("Callers")),
    ),
    "Service": ("lambda.amazonaws.com", "*", text("lambda.", A), A),
    "Federated": ("a.example", A, text(f"arn:aws:iam::{ONE}:saml-provider/", A)),
    "CanonicalUser": ("a", A),
}
TEXTS: Final[tuple[Json, ...]] = (
    *("a", "b", "A", "a*", "*a", "?", "", "*", "ab", "${aws:username}", "a${k:y}"),
    *(A, A, B, text("a", A), text(A, "*"), text(A, B), text("*", A), many("Texts")),
)
ARNS: Final[tuple[Json, ...]] = (
    *("arn:aws:s3:::a", "arn:aws:s3:::*", "arn:*:*:*:*:*", f"arn:aws:sqs:*:{ONE}:a"),
    *(ARN, text("arn:aws:s3:::", A), text("arn:aws:sqs:*:", ACCOUNT, ":", A), text("arn:aws:", A)),
    *(text("arn:aws:s3:", IN_REGION, "::*"), many("Texts")),
)
CALLER_ARNS: Final[tuple[Json, ...]] = (
    *(f"arn:aws:iam::{ONE}:role/a", f"arn:aws:iam::{ONE}:user/a", f"arn:aws:iam::{ONE}:*"),
    *("arn:aws:iam::*:role/a*", f"arn:aws:iam::{ONE}:user/?", "*/ab", "*"),
    *(text("arn:aws:iam::", ACCOUNT, ":role/", A), text("arn:aws:iam::", ACCOUNT, ":*"), WHO),
    *(text(f"arn:aws:iam::{ONE}:user/", A), text("arn:aws:iam::*:role/", A, "*"), many("Texts")),
)
NUMBERS: Final[tuple[Json, ...]] = ("1", "5", NUM, many("Numbers"))
DATES: Final[tuple[Json, ...]] = ("2026-01-01", "2027-01-01T00:00:00Z", A)
BLOCKS: Final[tuple[Json, ...]] = ("10.0.0.0/8", "10.0.0.1", "0.0.0.0/0", A, many("Texts"))
BOOLS: Final[tuple[Json, ...]] = ("true", "false", A, many("Texts"))
_STRINGS: Final = ("StringEquals", "StringLike", "StringNotEquals", "StringNotLike")
_CASELESS: Final = ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase")
_ARN_OPERATORS: Final = ("ArnLike", "ArnNotLike", "ArnEquals")
FAMILIES: Final[tuple[tuple[tuple[Json, ...], tuple[str, ...], tuple[Json, ...]], ...]] = (
    (("k:x", "k:y", "aws:PrincipalTag/t", "aws:username"), (*_STRINGS, *_CASELESS), TEXTS),
    (("aws:TagKeys", "k:x", "aws:PrincipalOrgPaths"), (*_STRINGS, *_CASELESS), TEXTS),
    ((text("aws:PrincipalTag/", A), text(A, ":sub"), "aws:PrincipalTag/a", A), _STRINGS, TEXTS),
    (("aws:SourceArn", "k:x"), _ARN_OPERATORS, ARNS),
    (("aws:PrincipalArn",), (*_ARN_OPERATORS, *_STRINGS), CALLER_ARNS),
    (("aws:PrincipalAccount", "aws:SourceAccount"), _STRINGS, (ONE, "1*", ACCOUNT, A)),
    (("k:z",), ("NumericEquals", "NumericLessThan", "NumericNotEquals"), NUMBERS),
    (("aws:CurrentTime",), ("DateLessThan", "DateGreaterThan"), DATES),
    (("aws:SourceIp",), ("IpAddress", "NotIpAddress"), BLOCKS),
    (("aws:SecureTransport", "k:b"), ("Bool",), BOOLS),
    (("k:x", "aws:TagKeys", text("aws:PrincipalTag/", A)), ("Null",), ("true", "false", A)),
)
_OF_MANY: Final = ("aws:TagKeys", "aws:PrincipalOrgPaths")


def document(draw: Draw, kind: PolicyType) -> Json:
    """Return a document that is, but for what is open, valid for its type."""
    found: Json = {"Statement": [statement(draw, kind) for _ in range(1 + draw.below(3))]}
    version = draw.one((*("2012-10-17",) * 6, "2008-10-17", None))
    if version:
        found["Version"] = version
    if draw.chance(4):
        found["Statement"].append(many("Statements"))
    if draw.chance(3):
        found["Statement"] = many("Statements")
    return found


def statement(draw: Draw, kind: PolicyType) -> Json:
    """Return one statement."""
    if kind is PolicyType.RCP:
        found: Json = {"Effect": "Deny", "Principal": "*", "Action": draw.one(ACTIONS[:4])}
    else:
        found = {"Effect": draw.one(("Allow", "Allow", "Allow", "Deny", "Deny"))}
        if kind.has_principals:
            is_negated = kind is not PolicyType.TRUST and draw.chance(15)
            found["NotPrincipal" if is_negated else "Principal"] = principal(draw, kind)
        found["NotAction" if draw.chance(12) else "Action"] = _several(draw, ACTIONS)
    if kind is not PolicyType.TRUST:
        found["NotResource" if draw.chance(12) else "Resource"] = _several(draw, RESOURCES)
    if draw.chance(50):
        found["Condition"] = condition(draw)
    if draw.chance(10):
        return choice(draw, found, draw.one((Absent(AT), statement(draw, kind))))
    return found


def principal(draw: Draw, kind: PolicyType) -> Json:
    if draw.chance(15):
        return draw.one(("*", WHO, many("Principal"), ACCOUNT))
    kinds = ["AWS", "AWS", "AWS", "Service", "CanonicalUser"]
    if kind in (PolicyType.TRUST, PolicyType.RESOURCE):
        kinds.append("Federated")
    return {each: _several(draw, CALLERS[each]) for each in draw.some(kinds, 2)}


def condition(draw: Draw) -> Json:
    """Return a condition block."""
    if draw.chance(4):
        return many("Condition")
    block: Json = {}
    for _ in range(1 + draw.below(2)):
        keys, operators, values = draw.one(FAMILIES)
        key, operator = draw.one(keys), draw.one(operators)
        if operator != "Null" and draw.chance(15):
            operator += "IfExists"
        if draw.chance(40 if key in _OF_MANY else 8):
            operator = draw.one(("ForAnyValue:", "ForAllValues:")) + operator
        name: str | Joined = text(operator[:3], A) if draw.chance(2) else operator
        tests = block.setdefault(name, {})
        if isinstance(tests, dict):
            tests[key] = _several(draw, values)
        if draw.chance(2):
            block[name] = many("Tests")
    return block


def _several(draw: Draw, options: Sequence[Json]) -> Json:
    found = [_one(draw, options) for _ in range(1 + draw.below(2))]
    if draw.chance(3):
        return choice(draw, found, _one(draw, options))
    return found[0] if len(found) == 1 else found


def _one(draw: Draw, options: Sequence[Json]) -> Json:
    found = draw.one(options)
    if draw.chance(6):
        return choice(draw, found, draw.one((*options, Absent(AT))))
    return found


def choice(draw: Draw, then: Json, other: Json) -> Choice:
    return Choice(draw.one(PREMISES), value(then), value(other), AT)


def changed(draw: Draw, of: Json, kind: PolicyType) -> Json:
    """Return another version of a document: most of it is the same."""
    if isinstance(of["Statement"], Unknown):
        return draw.one((of, document(draw, kind), {**of, "Statement": [of["Statement"]]}))
    statements = list(of["Statement"])
    for _ in range(1 + draw.below(2)):
        at = draw.below(len(statements)) if statements else 0
        change = draw.below(8)
        if change == 0 or not statements:
            statements.append(statement(draw, kind))
        elif change == 1:
            del statements[at]
        else:
            statements[at] = _varied(draw, statements[at], kind)
    if draw.chance(5):
        return {**of, "Statement": statements, "Version": draw.one(("2012-10-17", "2008-10-17"))}
    return {**of, "Statement": statements}


def _varied(draw: Draw, of: Json, kind: PolicyType) -> Json:
    if not isinstance(of, dict):
        return draw.one((of, statement(draw, kind)))
    other = statement(draw, kind)
    if not isinstance(other, dict):
        return other
    part = draw.one(("Action", "Resource", "Condition", "Principal", "Condition", "Resource"))
    names = (part, f"Not{part}")
    found = {name: held for name, held in of.items() if name not in names}
    for name in names:
        held = of.get(name)
        if isinstance(held, list) and draw.chance(40):
            found[name] = draw.one((held[:1], [*held, *_list(other.get(name))]))
            return found
        if name == "Condition" and isinstance(held, dict) and draw.chance(40):
            also = other.get("Condition")
            found[name] = {**held, **also} if isinstance(also, dict) else held
            return found
        if name in other:
            found[name] = other[name]
    return found


def _list(of: Json) -> list[Json]:
    if of is None:
        return []
    return of if isinstance(of, list) else [of]


def value(of: Json) -> Value:
    """Return the value of a template that JSON with such values in it is."""
    if isinstance(of, dict):
        return Record(tuple(Member(_name(k), value(held)) for k, held in of.items()), AT)
    if isinstance(of, list):
        return Items(tuple(value(item) for item in of), AT)
    found: Value = Scalar(of, AT) if isinstance(of, str | bool) else of
    return found


def _name(of: str | Joined | Unknown) -> Scalar | Joined | Unknown:
    return Scalar(of, AT) if isinstance(of, str) else of


def held(of: Json, kind: PolicyType) -> TemplateDocument:
    """Return a document where a template holds it."""
    return TemplateDocument(
        address="/d", owner="`R`", holds="the policy", type=kind, value=value(of), at=AT
    )


@dataclass(frozen=True)
class Deployment:
    """What everything that is open is, in one deployment of both versions."""

    draw: Draw
    kind: PolicyType
    arns: frozenset[str]
    fields: frozenset[str]
    taken: dict[tuple[str, bool], Json] = field(default_factory=dict)
    truths: dict[Premise, bool] = field(default_factory=dict)

    def of(self, open_value: Unknown) -> Json:
        key = (open_value.expression, open_value.many)
        if key not in self.taken:
            name = open_value.expression
            drawn = self._list(name) if open_value.many else self._text(name)
            self.taken[key] = drawn
        return self.taken[key]

    def holds(self, premise: Premise) -> bool:
        if premise not in self.truths:
            others = (p for p, holds in self.truths.items() if holds and p.subject)
            clashes = premise.subject and any(p.subject == premise.subject for p in others)
            self.truths[premise] = not clashes and self.draw.chance(50)
        return self.truths[premise]

    def _text(self, name: str) -> str:
        draw = self.draw
        if name == OWN_ACCOUNT:
            return draw.one((ONE, OTHER, "777788889999", "123456789012"))
        if name == REGION:
            return draw.one(("us-east-1", "eu-west-1"))
        if name in self.arns:
            return draw.one(
                (
                    *("arn:aws:s3:::a", "arn:aws:s3:::b", "arn:aws:s3:::a/b", "arn:aws:s3:::zq"),
                    *(f"arn:aws:sqs:us-east-1:{ONE}:a", "arn:aws:s3:::a:b", "arn:aws:sns:x:y:z"),
                )
            )
        texts = ["a", "b", "ab", "zq", "A", "GetObject", "1", "aab", "x" * 9]
        if name == "Num":
            texts = ["1", "3", "5", "7", "5.0"]
        if name == "Who":
            texts = [ONE, OTHER, "777788889999", *self._callers()]
        if draw.chance(12):
            texts = ["", "true", "2026-06-01", "10.0.0.2", "Equals", "a/b", "s3", "Object", "k:x"]
            texts += ["a:b", "arn:aws:s3:::a", "s3:GetObject", "s3:::a", "zq.zq/zq", "anonymous"]
            texts += [ONE, OTHER, "amazonaws.com", "t", "a.example", "777788889999"]
        if name in self.fields:
            texts = [each for each in texts if ":" not in each] or ["a"]
        return draw.one(texts)

    def _callers(self) -> Iterator[str]:
        for account in (ONE, OTHER, "777788889999"):
            for name in ("a", "ab", "zq"):
                yield f"arn:aws:iam::{account}:user/{name}"
                yield f"arn:aws:iam::{account}:role/{name}"
                yield f"arn:aws:sts::{account}:assumed-role/{name}/b"
            yield f"arn:aws:iam::{account}:root"

    def _list(self, name: str) -> Json:
        draw = self.draw
        options: dict[str, Callable[[], Json]] = {
            "Actions": lambda: self._known(ACTIONS),
            "Resources": lambda: self._known(RESOURCES),
            "Callers": lambda: self._known(CALLERS["AWS"]),
            "Texts": lambda: draw.one(("a", "b", "a*", "*", "true", "zq", "", "10.0.0.0/9", ONE)),
            "Numbers": lambda: draw.one(("1", "5", "7")),
            "Statements": lambda: self._settled(statement(draw, self.kind)),
        }
        if name == "Condition":
            return self._settled(condition(draw)) if draw.chance(80) else None
        if name == "Tests":
            return {"k:x": draw.one(("a", "b", "*"))}
        if name == "Principal":
            return self._settled(principal(draw, self.kind))
        return [options[name]() for _ in range(draw.below(4))]

    def _known(self, options: Sequence[Json]) -> Json:
        return draw_known(self.draw, options)

    def _settled(self, of: Json) -> Json:
        return plain(value(of), _NoMany(self))


@dataclass(frozen=True)
class _NoMany:
    """A deployment inside what a list holds: of that, nothing is open."""

    of_whole: Deployment

    def of(self, open_value: Unknown) -> Json:
        return self.of_whole.draw.one(("a", "b", "zq", "5")) if not open_value.many else ["a"]

    def holds(self, premise: Premise) -> bool:
        return self.of_whole.holds(premise)


def draw_known(draw: Draw, options: Sequence[Json]) -> Json:
    return draw.one([each for each in options if isinstance(each, str)])


class _Gone:
    """Nothing: the entry or item is not there."""


_GONE: Final = _Gone()


def plain(of: Value, deployment: Deployment | _NoMany) -> Json:
    """Return what a value is once deployed, as plain JSON."""
    found = _plain(of, deployment)
    return None if found is _GONE else found


def _plain(of: Value, deployment: Deployment | _NoMany) -> Json:
    match of:
        case Scalar(written):
            return written
        case Absent():
            return _GONE
        case Unknown():
            found = deployment.of(of)
            return _GONE if found is None else found
        case Joined(pieces):
            return "".join(p if isinstance(p, str) else deployment.of(p) for p in pieces)
        case Choice(premise, then, other):
            return _plain(then if deployment.holds(premise) else other, deployment)
        case Items(values):
            return [item for each in values for item in _items(each, deployment)]
        case Record(members):
            return _object(members, deployment)


def _items(of: Value, deployment: Deployment | _NoMany) -> list[Json]:
    """Return the items that one item is: an unknown of many is as many as it is."""
    item = _plain(of, deployment)
    if item is _GONE:
        return []
    return item if isinstance(of, Unknown) and of.many and isinstance(item, list) else [item]


def _object(members: Sequence[Member], deployment: Deployment | _NoMany) -> Json:
    found = {}
    for member in members:
        is_there = _plain(member.value, deployment)
        if is_there is not _GONE:
            name = _plain(member.name, deployment)
            if name in found:
                raise KeyError(name)
            found[name] = is_there
    return found


def arns_and_fields(of: Sequence[Json]) -> tuple[frozenset[str], frozenset[str]]:
    """Return what resources begin with, and what stands before the sixth field of an ARN."""
    arns: set[str] = set()
    fields: set[str] = set()
    for each in of:
        for name, held in _texts(value(each), ""):
            pieces = held.pieces if isinstance(held, Joined) else (held,)
            first = pieces[0]
            if isinstance(first, Unknown) and name.endswith("Resource"):
                arns.add(first.expression)
            colons = 0
            every = sum(piece.count(":") for piece in pieces if isinstance(piece, str))
            is_arn = isinstance(first, str) and first.startswith("arn:")
            is_arn = is_arn and (every > 4 or name.endswith("Resource"))
            for piece in pieces:
                if isinstance(piece, str):
                    colons += piece.count(":")
                elif colons < 5 and is_arn:
                    fields.add(piece.expression)
    return frozenset(arns), frozenset(fields)


def _texts(of: Value, name: str) -> Iterator[tuple[str, Joined | Unknown]]:
    match of:
        case Joined() | Unknown():
            yield name, of
        case Choice(_, then, other):
            yield from _texts(then, name)
            yield from _texts(other, name)
        case Items(values):
            for each in values:
                yield from _texts(each, name)
        case Record(members):
            for member in members:
                inner = member.name.value if isinstance(member.name, Scalar) else name
                inner = name if name.endswith("Resource") else str(inner)
                yield from _texts(member.value, inner)
        case _:
            return
