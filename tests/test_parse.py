import json
import lzma
from collections.abc import Iterable, Iterator
from fractions import Fraction
from os import environ
from pathlib import Path
from typing import Any

import pytest

from checker.errors import PolicySyntaxError
from checker.policy.canonical import statement_text
from checker.policy.model import (
    Comparison,
    Pattern,
    Policy,
    PolicyType,
    PrincipalKind,
    Quantifier,
    Statement,
    Variable,
    Wildcard,
)
from checker.policy.parse import parse_policy
from checker.policy.parse_pattern import parts
from checker.source.json_reader import read_json
from checker.source.tree import from_python
from tests.effort import steps

CASES = json.loads((Path(__file__).parent / "cases" / "semantics.json").read_text())
CORPUS = Path(environ.get("ACCESS_GATE_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
ANY, ONE = Wildcard.ANY_RUN, Wildcard.ANY_ONE
ACCOUNT = "111122223333"


def parsed(document: object, policy_type: str = "identity") -> Policy:
    return parse_policy(from_python(document), PolicyType(policy_type))


def document(**elements: Any) -> dict[str, Any]:
    """Return a policy of one statement: a plain Allow with elements added, or (None) removed."""
    plain = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    statement = {name: value for name, value in {**plain, **elements}.items() if value is not None}
    return {"Version": "2012-10-17", "Statement": [statement]}


def statement(policy_type: str = "identity", **elements: Any) -> Statement:
    return parsed(document(**elements), policy_type).statements[0]


def condition(operator: str, key: str, values: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: values}}}


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["kind"] == "invalid"], ids=lambda c: c["id"]
)
def test_cases_to_reject(case: dict[str, Any]) -> None:
    with pytest.raises(PolicySyntaxError):
        parse_policy(read_json(case["document"], "p.json"), PolicyType(case["policyType"]))


def _valid_documents() -> Iterator[Any]:
    for case in CASES:
        for name in ("base", "head", "policy"):
            if case.get(name) and case["kind"] in ("pair", "eval", "public", "access-not-granted"):
                yield pytest.param(case[name], case["policyType"], id=f"{case['id']} {name}")


@pytest.mark.parametrize(("policy", "policy_type"), list(_valid_documents()))
def test_cases_to_accept(policy: dict[str, Any], policy_type: str) -> None:
    assert len(parsed(policy, policy_type).statements) == len(
        policy["Statement"] if isinstance(policy["Statement"], list) else [0]
    )


IN_IDENTITY = [
    ({"Acton": "s3:*"}, "unknown statement element `Acton` (did you mean `Action`?)"),
    ({"Effect": "Permit"}, "unknown effect `Permit` (write `Allow` or `Deny`)"),
    ({"Effect": None}, "the statement has no `Effect`"),
    ({"Action": None}, "the statement has neither `Action` nor `NotAction`"),
    ({"Resource": None}, "a statement of an identity policy needs a `Resource`"),
    ({"NotResource": "*"}, "`Resource` and `NotResource` cannot stand in one statement"),
    ({"NotPrincipal": "*"}, "an identity policy has no `NotPrincipal`"),
    ({"Sid": 1}, "`Sid` must be a string"),
    ({"Action": ["s3:*", 1]}, "an action must be a string"),
    ({"Action": {"s3": "*"}}, "an action must be a string"),
    ({"Resource": ""}, "the resource is empty"),
    ({"Resource": "a`\n*"}, "the resource `a`\\n*` is neither `*` nor an ARN"),
    ({"Condition": []}, "`Condition` must be an object"),
    ({"Condition": {"StringEquals": "x"}}, "the value of `StringEquals` must be an object"),
    (
        condition("NullIfExists", "aws:username", "true"),
        "unknown condition operator `NullIfExists` (`Null` itself asks whether the key is there)",
    ),
    (
        condition("stringequals", "aws:username", "a"),
        "unknown condition operator `stringequals` (did you mean `StringEquals`?)",
    ),
    (
        condition("ForAnyValues:StringLike", "aws:TagKeys", "a"),
        "unknown condition operator `ForAnyValues:StringLike` (did you mean `ForAnyValue:StringLike`?)",
    ),
    (
        condition("StringEquals", "aws:username", None),
        "a value of `aws:username` must be a string, a number, a truth value or a list of these",
    ),
    (condition("StringEquals", "", "a"), "a condition key is empty"),
    (
        condition("Null", "aws:username", "yes"),
        "`yes` is no value for `Null` (it compares `true` or `false`)",
    ),
    (
        condition("Bool", "aws:SecureTransport", 1),
        "`1` is no value for `Bool` (it compares `true` or `false`)",
    ),
    (
        condition("NumericEquals", "s3:max-keys", "1e3"),
        "`1e3` is no value for `NumericEquals` (it compares a decimal number)",
    ),
    (
        condition("NumericEquals", "s3:max-keys", "${aws:username}"),
        "`${aws:username}` is no value for `NumericEquals` (it compares a decimal number)",
    ),
    (
        condition("DateLessThan", "aws:CurrentTime", "2025-01-01T00:00:00"),
        "`2025-01-01T00:00:00` is no value for `DateLessThan` (it compares dates, an offset with each time, or epoch seconds)",
    ),
    (
        condition("IpAddress", "aws:SourceIp", "10.0.0.0/255.0.0.0"),
        "`10.0.0.0/255.0.0.0` is no value for `IpAddress` (it compares an address or a CIDR block)",
    ),
    (
        condition("ArnLike", "aws:SourceArn", "arn:aws:s3"),
        "`arn:aws:s3` is no value for `ArnLike` (it compares an ARN of six fields)",
    ),
    (
        condition("BinaryEquals", "x:y", "?"),
        "`?` is no value for `BinaryEquals` (it compares base-64 text)",
    ),
]


@pytest.mark.parametrize(("elements", "message"), IN_IDENTITY, ids=[m for _, m in IN_IDENTITY])
def test_says_what_is_wrong_with_a_statement(elements: dict[str, Any], message: str) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parsed(document(**elements))
    assert str(caught.value) == f"policy:1:1: {message}"


USER = f"arn:aws:iam::{ACCOUNT}:user/u"
OTHER_TYPES: list[tuple[str, dict[str, Any], str]] = [
    ("session", {"Resource": "arn:aws:s3:*"}, "has fewer than six fields"),
    ("scp", {"NotPrincipal": "*"}, "a service control policy has no `NotPrincipal`"),
    ("boundary", {"Principal": "*"}, "a permissions boundary has no `Principal`"),
    ("resource", {}, "a statement of a resource policy needs a `Principal`"),
    ("resource", {"Principal": {"Aws": "*"}}, "unknown kind of principal `Aws` (did you mean"),
    ("resource", {"Principal": ["*"]}, "`Principal` must be `*` or an object"),
    ("resource", {"Principal": "me"}, "the principal `me` is neither `*` nor an object"),
    ("resource", {"Principal": {"AWS": "11112222333"}}, "`11112222333` is no principal of `AWS`"),
    ("resource", {"Principal": {"AWS": f"{USER}*"}}, "holds a wildcard"),
    ("resource", {"Principal": {"AWS": "${aws:username}"}}, "holds a policy variable"),
    ("resource", {"Principal": {"AWS": ""}}, "the principal is empty"),
    ("resource", {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/"}}, "is no principal of"),
    (
        "resource",
        {"Principal": {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/R"}},
        "is no principal of",
    ),
    ("resource", {"Principal": {"CanonicalUser": "*"}}, "the canonical user `*` is not one"),
    ("resource", {"Principal": {"Service": "s3 amazonaws"}}, "holds a blank"),
    ("resource", {"NotPrincipal": {}}, "`NotPrincipal` names nobody"),
    ("vpc-endpoint", {"Principal": {"Federated": "x.y"}}, "stand only in role trust policies"),
    ("vpc-endpoint", {"Principal": "*", "Resource": None}, "needs a `Resource`"),
    ("trust", {"NotPrincipal": "*", "Resource": None}, "has no `NotPrincipal`"),
    ("rcp", {"Principal": {"AWS": "*"}, "Effect": "Deny"}, "of a resource control policy is `*`"),
    ("rcp", {"Principal": "*", "Effect": "Deny", "Action": "*"}, "cannot deny the action `*`"),
    (
        "rcp",
        {"Principal": "*", "Effect": "Deny", "Action": None, "NotAction": "s3:*"},
        "a resource control policy has no `NotAction`",
    ),
]


@pytest.mark.parametrize(("policy_type", "elements", "message"), OTHER_TYPES)
def test_each_type_has_its_own_rules(
    policy_type: str, elements: dict[str, Any], message: str
) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parsed(document(**elements), policy_type)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("whole", "message"),
    [
        ([], "a policy must be an object"),
        ({"Version": "2012-10-17"}, "the policy has no `Statement`"),
        ({"Version": None, "Statement": []}, "`Version` must be a string"),
        ({"Version": 2012, "Statement": []}, "`Version` must be a string"),
        ({"Id": 1, "Statement": []}, "`Id` must be a string"),
        ({"Statement": "Allow"}, "`Statement` must be an object or a list of objects"),
        ({"Statement": [[]]}, "a statement must be an object"),
        ({"Statement": [], "Statements": []}, "unknown policy element `Statements` (did you mean"),
    ],
)
def test_says_what_is_wrong_with_a_document(whole: object, message: str) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parsed(whole)
    assert message in str(caught.value)


def test_says_where() -> None:
    text = '{\n "Statement": {\n  "Acton": "*"}}'
    with pytest.raises(PolicySyntaxError) as caught:
        parse_policy(read_json(text, "iam/role.json"), PolicyType.IDENTITY)
    message = "unknown statement element `Acton` (did you mean `Action`?)"
    assert str(caught.value) == f"iam/role.json:3:3: {message}"


def test_a_version_switches_variables_on() -> None:
    elements = {
        "Resource": "arn:aws:s3:::${aws:username}",
        **condition("StringLike", "k:x", "${*}"),
    }
    new = statement(**elements)
    old = parsed(document(**elements) | {"Version": "2008-10-17"}).statements[0]
    none = parsed({"Statement": document(**elements)["Statement"]}).statements[0]
    assert new.resources
    assert old.resources
    assert new.resources.patterns[0].parts == ("arn:aws:s3:::", Variable("aws:username"))
    assert old.resources.patterns[0].parts == ("arn:aws:s3:::${aws:username}",)
    assert old == none
    assert [_operands(s) for s in (new, old)] == [[("*",)], [("${", ANY, "}")]]


def _operands(found: Statement) -> list[object]:
    values = (value for condition in found.conditions for value in condition.values)
    return [v.operand.parts if isinstance(v.operand, Pattern) else v.operand for v in values]


def test_actions_ignore_case_and_hold_no_variables() -> None:
    found = statement(Action=["S3:Get*", "s3:${aws:username}"]).actions.patterns
    assert [p.parts for p in found] == [("s3:get", ANY), ("s3:${aws:username}",)]
    assert found[0].text == "S3:Get*"


@pytest.mark.parametrize(
    ("operator", "written", "operands"),
    [
        ("StringEquals", ["a*", True, 5], [("a*",), ("true",), ("5",)]),
        ("StringLike", "a*", [("a", ANY)]),
        ("Bool", ["TRUE", False], [("true",), ("false",)]),
        ("Bool", "${a:b}", [(Variable("a:b"),)]),
        ("Null", [True, "False"], [True, False]),
        ("BinaryEquals", "aGk=", [b"hi"]),
        ("NumericEquals", [1, 1.5, "-2"], [1, 1.5, -2]),
        ("DateEquals", ["1970-01-02", 86400], [86400, 86400]),
    ],
)
def test_typed_values(operator: str, written: Any, operands: list[object]) -> None:
    assert _operands(statement(**condition(operator, "a:b", written))) == operands


def test_a_date_of_four_digits_has_two_readings() -> None:
    value = statement(**condition("DateEquals", "aws:CurrentTime", "1971")).conditions[0].values[0]
    assert value.operand == Fraction(365 * 86400)
    assert value.alternative == 1971


def test_operators_are_taken_apart() -> None:
    found = statement(**condition("ForAllValues:ArnNotEqualsIfExists", "aws:TagKeys", []))
    operator = found.conditions[0].operator
    assert operator.comparison is Comparison.ARN_LIKE
    assert operator.negated
    assert operator.if_exists
    assert operator.quantifier is Quantifier.FOR_ALL_VALUES
    assert found.conditions[0].key == "aws:tagkeys"


@pytest.mark.parametrize(
    ("policy_type", "principal", "expected"),
    [
        ("resource", "*", [("everyone", "*")]),
        ("resource", ACCOUNT, [("account", ACCOUNT)]),
        ("resource", f"arn:aws-cn:iam::{ACCOUNT}:root", [("account", ACCOUNT)]),
        ("vpc-endpoint", {"AWS": ACCOUNT}, [("root-user", ACCOUNT)]),
        ("trust", {"Federated": "accounts.google.com"}, [("federated", "accounts.google.com")]),
        ("resource", {"AWS": [], "Service": []}, []),
        (
            "resource",
            {"AWS": ["AROAEXAMPLEID12345678", 111122223333], "CanonicalUser": "79a5"},
            [
                ("unique-id", "AROAEXAMPLEID12345678"),
                ("account", ACCOUNT),
                ("canonical-user", "79a5"),
            ],
        ),
        (
            "resource",
            {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"},
            [("user", "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1")],
        ),
    ],
)
def test_principals(policy_type: str, principal: Any, expected: list[tuple[str, str]]) -> None:
    resource = None if policy_type == "trust" else "*"
    found = statement(policy_type, Principal=principal, Resource=resource).principals
    assert found
    assert [(e.kind, e.value) for e in found.entries] == [
        (PrincipalKind(kind), value) for kind, value in expected
    ]


def test_resources_in_a_form_of_the_service() -> None:
    own = statement("resource", Principal="*", Resource=["execute-api:/prod/*", "repo-x"])
    assert own.resources
    whole, opaque = own.resources.patterns
    assert whole.parts == parts("arn:*:execute-api:*:*:*/prod/*", wildcards=True, variables=True)
    assert whole.text == "execute-api:/prod/*"
    assert opaque.parts == ("repo-x",)


def test_the_policy_that_aws_attaches_everywhere_is_one() -> None:
    parsed(document(Principal="*", Action="*"), "rcp")


def test_empty_conditions_are_remembered() -> None:
    assert statement(Condition={}).empty_condition
    assert statement(Condition={"StringEquals": {}}).empty_condition
    assert not statement(**condition("StringEquals", "a:b", [])).empty_condition


def test_the_same_meaning_has_the_same_text() -> None:
    one = statement(Sid="A", Action=["S3:Put*", "s3:Get"], **condition("Bool", "A:b", ["TRUE"]))
    two = statement(Action=["s3:get", "s3:put*"], **condition("Bool", "a:B", [True, "true"]))
    assert statement_text(one) == statement_text(two)
    assert statement_text(one) == ("Allow Action [s3:get, s3:put*] Resource [*] Bool a:b ['true']")


def test_work_grows_with_the_document_and_no_faster() -> None:
    parsed(large_document(range(1)))  # what is done once
    few = steps(lambda: parsed(large_document(range(1, 201))))
    many = steps(lambda: parsed(large_document(range(201, 1001))))
    assert many < 4.2 * few


def large_document(numbers: Iterable[int]) -> dict[str, Any]:
    statements = [
        {
            "Effect": "Allow",
            "Action": [f"s3:Get{index}*"],
            "Resource": [f"arn:aws:s3:::b{index}/*"],
            "Condition": {"StringEquals": {"aws:username": f"u{index}"}},
        }
        for index in numbers
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def test_what_aws_publishes_is_valid() -> None:
    file = CORPUS / "managed-policy-updates-2019-2023.jsonl.xz"
    if not file.exists():
        pytest.skip("the corpus is not beside the repository")
    with lzma.open(file, "rt") as lines:
        for update in map(json.loads, lines):
            parsed(update["base"])
            parsed(update["head"])
