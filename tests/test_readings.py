from dataclasses import dataclass, field
from typing import Any

import pytest

from checker.policy.evaluate import allows
from checker.policy.model import Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.policy.readings import (
    Ambiguity,
    Readings,
    Switch,
    condition_construct,
    pattern_construct,
    resource_ambiguities,
)
from checker.policy.requests import parse_request
from checker.source.tree import from_python


@dataclass(frozen=True)
class Open:
    """A request and an Allow that is about it under some readings and not under others."""

    ambiguity: Ambiguity
    construct: str
    allowed: dict[str, bool]
    elements: dict[str, Any]
    context: dict[str, Any] = field(default_factory=dict)
    resource: str = "arn:aws:s3:::b/k"
    principal: str = "*"
    policy_type: str = "identity"

    def policy(self) -> Policy:
        statement = {"Effect": "Allow", "Action": "*", "Resource": "*"} | self.elements
        plain = {name: value for name, value in statement.items() if value is not None}
        node = from_python({"Version": "2012-10-17", "Statement": plain})
        return parse_policy(node, PolicyType(self.policy_type))


def on_key(operator: str, values: Any, key: str = "k:x") -> dict[str, Any]:
    return {"Condition": {operator: {key: values}}}


TO_ANYONE = {"Principal": "*"}
EMPTY: dict[str, Any] = {"Condition": {"StringEquals": {}}}
VOID = on_key("StringNotEquals", "${k:none}")
TAGS = {"aws:TagKeys": ["a", "b"]}
OPEN = [
    Open(
        Ambiguity.NP_MODE,
        "",
        {"chain": True, "any": False, "exact": True},
        {"NotPrincipal": {"AWS": "111122223333"}},
        principal="arn:aws:iam::111122223333:user/u",
        policy_type="resource",
    ),
    Open(
        Ambiguity.SHORT_ARN,
        "arn:aws:s3",
        {"nothing": False, "completed": True},
        {**TO_ANYONE, "Resource": "arn:aws:s3"},
        policy_type="resource",
    ),
    Open(
        Ambiguity.SHORT_ARN_WILD,
        "arn:aws:s?",
        {"completed": True, "nothing": False},
        {"Resource": "arn:aws:s?"},
        policy_type="scp",
    ),
    Open(
        Ambiguity.EMPTY_CONDITION,
        "",
        {"no-restriction": True, "never": False},
        EMPTY,
    ),
    Open(
        Ambiguity.EMPTY_VALUES,
        "k:x",
        {"never": False, "always": True},
        on_key("StringEquals", []),
    ),
    Open(
        Ambiguity.EMPTY_NOT_ELEMENT,
        "NotAction",
        {"everything": True, "nothing": False},
        {"Action": None, "NotAction": []},
    ),
    Open(
        Ambiguity.EMPTY_NOT_ELEMENT,
        "NotResource",
        {"everything": True, "nothing": False},
        {"Resource": None, "NotResource": []},
    ),
    Open(
        Ambiguity.SET_IF_EXISTS,
        "k:x",
        {"true": True, "false": False},
        on_key("ForAnyValue:StringEqualsIfExists", "a"),
    ),
    Open(
        Ambiguity.SET_NULL,
        "k:x",
        {"plain": True, "constant": False},
        on_key("ForAnyValue:Null", True),
    ),
    Open(
        Ambiguity.SET_NULL,
        "k:x",
        {"plain": False, "constant": True},
        on_key("ForAllValues:Null", False),
    ),
    Open(
        Ambiguity.PLAIN_ON_MULTIVALUED,
        "aws:tagkeys",
        {"any": True, "never": False, "all": False},
        on_key("StringNotEquals", "a", "aws:TagKeys"),
        TAGS,
    ),
    Open(
        Ambiguity.PLAIN_ON_MULTIVALUED,
        "aws:tagkeys",
        {"any": True, "never": False, "all": True},
        on_key("StringLike", "*", "aws:TagKeys"),
        TAGS,
    ),
    Open(
        Ambiguity.BAD_ARN_VALUE,
        "",
        {"true": True, "false": False},
        on_key("ArnNotLike", "arn:aws:s3:::b"),
        {"k:x": "no arn"},
    ),
    Open(
        Ambiguity.VARIABLE_WILDCARD,
        "k:y",
        {"literal": False, "wildcard": True},
        {"Resource": "arn:aws:s3:::b/${k:y}"},
        {"k:y": "?"},
    ),
    Open(
        Ambiguity.BOOL_VARIABLE,
        "",
        {"substituted": True, "literal": False},
        on_key("Bool", "${k:y}"),
        {"k:x": "true", "k:y": "true"},
    ),
    Open(
        Ambiguity.UNRESOLVED_VARIABLE,
        "",
        {"value": True, "statement": False},
        VOID,
        {"k:x": "a"},
    ),
    Open(
        Ambiguity.VARIABLE_PLACE,
        "arn:aws:${k:y}::",
        {"literal": False, "substituted": True},
        {"Resource": "arn:aws:${k:y}:::*"},
        {"k:y": "s3"},
    ),
    Open(
        Ambiguity.SERVICE_WILDCARD,
        "",
        {"glob": True, "nothing": False},
        {"Action": "s*:Get"},
    ),
    Open(
        Ambiguity.ACTION_WITHOUT_COLON,
        "",
        {"nothing": False, "glob": True},
        {"Action": "S3*"},
    ),
    Open(
        Ambiguity.STAR_LIKE_RESOURCE,
        "arn:*",
        {"no": False, "yes": True},
        {"Resource": "arn:*"},
        resource="*",
    ),
    Open(
        Ambiguity.UNICODE_CASE,
        "",
        {"ascii": False, "unicode": True},
        on_key("StringEqualsIgnoreCase", "É"),
        {"k:x": "é"},
    ),
    Open(
        Ambiguity.DATE_YEAR,
        "",
        {"year": True, "epoch": False},
        on_key("DateEquals", "2025"),
        {"k:x": "2025-01-01"},
    ),
]


@pytest.mark.parametrize("case", OPEN, ids=lambda c: f"{c.ambiguity.name} {c.construct}")
def test_each_reading_is_taken(case: Open) -> None:
    assert set(case.allowed) == set(case.ambiguity.choices)
    given = {"action": "s3:get", "resource": case.resource, "context": case.context}
    request, policy = parse_request({**given, "principal": case.principal}), case.policy()
    for choice, expected in case.allowed.items():
        readings: Readings = {Switch(case.ambiguity, case.construct): choice}
        assert allows(policy, request, readings) is expected, choice
    other = {Switch(case.ambiguity, "something else"): case.ambiguity.choices[-1]}
    assert allows(policy, request, other) is case.allowed[case.ambiguity.default]
    assert allows(policy, request) is case.allowed[case.ambiguity.default]


def test_every_open_question_is_tested() -> None:
    assert {case.ambiguity for case in OPEN} == set(Ambiguity)


@pytest.mark.parametrize("case", OPEN, ids=lambda c: f"{c.ambiguity.name} {c.construct}")
def test_constructs_have_the_names_that_the_evaluator_asks_for(case: Open) -> None:
    statement = case.policy().statements[0]
    patterns = [*statement.actions.patterns]
    patterns += statement.resources.patterns if statement.resources else ()
    names = {pattern_construct(pattern, case.ambiguity) for pattern in patterns}
    names |= {condition_construct(condition) for condition in statement.conditions}
    names |= {"", "NotAction", "NotResource", "k:y"}
    assert case.construct in names


@pytest.mark.parametrize(
    ("resource", "policy_type", "expected"),
    [
        ("*", "resource", []),
        ("arn:aws:s3", "identity", []),
        ("arn:aws:s3", "rcp", [Ambiguity.SHORT_ARN]),
        ("arn:*", "boundary", [Ambiguity.STAR_LIKE_RESOURCE]),
        ("**", "resource", [Ambiguity.SHORT_ARN_WILD, Ambiguity.STAR_LIKE_RESOURCE]),
        ("arn:*:*:*:*:*", "identity", [Ambiguity.STAR_LIKE_RESOURCE]),
        ("arn:aws:s3:::${k:y}", "identity", []),
        ("arn:aws:s3::${k:y}:b", "identity", [Ambiguity.VARIABLE_PLACE]),
        ("repo-*", "resource", []),
    ],
)
def test_open_questions_about_a_resource(
    resource: str, policy_type: str, expected: list[Ambiguity]
) -> None:
    principal = TO_ANYONE if PolicyType(policy_type).has_principals else {}
    effect = {"Effect": "Deny", "Action": "s3:*"}
    case = Open(
        Ambiguity.NP_MODE,
        "",
        {},
        {**principal, **effect, "Resource": resource},
        policy_type=policy_type,
    )
    statement = case.policy().statements[0]
    assert statement.resources
    found = resource_ambiguities(statement.resources.patterns[0], PolicyType(policy_type))
    assert list(found) == expected
