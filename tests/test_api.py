"""The Python API: what goes in, what comes out, what it costs to import."""

from __future__ import annotations

import doctest
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import checker
from checker import PolicySyntaxError, check_access_not_granted, check_no_new_access, evaluate
from checker.errors import UsageError
from checker.policy.model import PolicyType
from checker.policy.parse import parse_policy
from checker.source.json_reader import read_json

EXAMPLES = json.loads((Path(__file__).parent / "cases" / "examples.json").read_text())
POLICIES: Mapping[str, Any] = EXAMPLES["policies"]
NEW_ACCESS = [row for row in EXAMPLES["checks"] if row["check"] == "no_new_access"]
NOT_GRANTED = [row for row in EXAMPLES["checks"] if row["check"] == "access_not_granted"]

Given = Callable[[object], Any]


def parsed(policy: object) -> Any:
    return parse_policy(read_json(json.dumps(policy), "p.json"), PolicyType.RESOURCE)


def described(row: Mapping[str, Any]) -> str:
    return " to ".join(row[key] for key in ("existing", "new", "policy") if key in row)


@pytest.mark.parametrize("given", [dict, json.dumps, parsed], ids=["dict", "text", "policy"])
@pytest.mark.parametrize("row", NEW_ACCESS, ids=described)
def test_the_examples_about_new_access(row: Mapping[str, Any], given: Given) -> None:
    existing, new = POLICIES[row["existing"]], POLICIES[row["new"]]
    result = check_no_new_access(given(existing), given(new), row["policy_type"])
    assert result.result == row["result"]
    assert [r.statement_index for r in result.reasons] == row.get(
        "statementIndex", [0] if row["result"] == "FAIL" else []
    )
    if result.result == "FAIL":
        assert result.witness is not None
        assert evaluate(new, result.witness, row["policy_type"]) == "Allow"
        assert evaluate(existing, result.witness, row["policy_type"]) != "Allow"


@pytest.mark.parametrize("given", [dict, json.dumps], ids=["dict", "text"])
@pytest.mark.parametrize("row", NOT_GRANTED, ids=described)
def test_the_examples_about_critical_permissions(row: Mapping[str, Any], given: Given) -> None:
    policy = POLICIES[row["policy"]]
    result = check_access_not_granted(
        given(policy), actions=row["actions"], policy_type=row["policy_type"]
    )
    assert result.result == row["result"]
    assert [r.statement_index for r in result.reasons] == row.get("statementIndex", [])
    if result.result == "FAIL":
        assert result.witness is not None
        assert result.witness["action"] == "s3:DeleteBucket"
        assert evaluate(policy, result.witness, row["policy_type"]) == "Allow"


def test_the_result_has_the_shape_of_the_service() -> None:
    old, new = POLICIES["open_bucket"], POLICIES["bucket_own_account"]
    assert check_no_new_access(old, new, "resource").to_dict() == {
        "result": "FAIL",
        "message": "The modified permissions grant new access compared to your existing policy.",
        "reasons": [
            {"description": "New access in the statement with index: 0.", "statementIndex": 0}
        ],
        "witness": {
            "principal": "arn:aws:iam::123456789012:user/alice",
            "action": "s3:DeleteBucket",
            "resource": "arn:aws:s3:::DOC-EXAMPLE-BUCKET",
            "context": {},
        },
    }


def statement(**elements: object) -> dict[str, object]:
    every = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | elements
    return {"Version": "2012-10-17", "Statement": [every]}


def test_a_sid_is_in_the_reason() -> None:
    result = check_no_new_access(statement(), statement(Sid="Read", Action="s3:Get*"))
    assert [reason.to_dict() for reason in result.reasons] == [
        {
            "description": "New access in the statement with sid: Read.",
            "statementIndex": 0,
            "statementId": "Read",
        }
    ]


def test_a_condition_is_in_the_witness() -> None:
    network = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    result = check_no_new_access(
        {"Version": "2012-10-17", "Statement": []}, statement(Condition=network)
    )
    assert result.witness is not None
    context = result.witness["context"]
    assert isinstance(context, dict)
    assert str(context["aws:SourceIp"]).startswith("203.0.113.")
    assert evaluate(statement(Condition=network), result.witness) == "Allow"


def test_a_decision_names_its_statement() -> None:
    request = {"principal": "*", "action": "s3:GetObject", "resource": "arn:aws:s3:::a/b"}
    decided = evaluate(statement(), request)
    assert decided == "Allow"
    assert decided.statement is not None
    assert decided.statement.index == 0
    assert evaluate(statement(Effect="Deny"), request) == "ExplicitDeny"
    assert evaluate(statement(Action="s3:PutObject"), request) == "ImplicitDeny"


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (
            '{"Version": "2012-10-17",\n "Statement": [{"Effect": "Allow", "Acton": "*"}]}',
            "policy:2:36: unknown statement element `Acton` (did you mean `Action`?)",
        ),
        ('{"Version": "2012-10-17",', "policy:1:26: "),
        (statement(Effect="allow"), "policy:5:17: unknown effect `allow` (did you mean `Allow`?)"),
        ({"Version": "2012-10-17"}, "policy:1:1: "),
        ('{"Version": "2012-10-17", "Version": "2008-10-17"}', "policy:1:27: "),
    ],
    ids=["element", "cut off", "dict", "no statement", "twice"],
)
def test_what_is_no_policy_is_told_with_its_place(policy: Any, said: str) -> None:
    with pytest.raises(PolicySyntaxError) as refused:
        evaluate(policy, {"principal": "*", "action": "s3:A", "resource": "*"})
    assert isinstance(refused.value, ValueError)
    assert str(refused.value).startswith(said)


def test_each_side_is_named_in_an_error() -> None:
    with pytest.raises(PolicySyntaxError, match=r"^new policy:\d+:\d+: "):
        check_no_new_access(statement(), statement(Effect="allow"))
    with pytest.raises(PolicySyntaxError, match=r"^existing policy:\d+:\d+: "):
        check_no_new_access(statement(Effect="allow"), statement())


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(UsageError, match="unknown policy type `role`"):
        check_no_new_access(statement(), statement(), "role")
    with pytest.raises(UsageError, match="name at least one action or resource"):
        check_access_not_granted(statement())


def test_what_is_listed_can_be_imported() -> None:
    assert all(getattr(checker, name) for name in checker.__all__)
    with pytest.raises(AttributeError, match="has no `nothing`"):
        _ = checker.nothing


def python(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


HEAVY = ("github", "requests", "urllib3", "http", "socket", "ssl", "asyncio", "multiprocessing")


@pytest.mark.parametrize("use", ["import checker", "from checker import *", "import checker.cli"])
def test_importing_loads_no_network_code_and_no_solver(use: str) -> None:
    names = ", ".join(repr(name) for name in (*HEAVY, "z3"))
    assert python(f"{use}; import sys; print([n for n in ({names},) if n in sys.modules])") == "[]"


def test_importing_loads_few_modules() -> None:
    program = (
        "import sys; before = len(sys.modules); from checker import *;"
        " print(len(sys.modules) - before)"
    )
    assert int(python(program)) < 220  # a tenth of a second


def test_the_documentation_of_the_api_is_true() -> None:
    page = Path(__file__).resolve().parent.parent / "docs" / "api.md"
    assert doctest.testfile(str(page), module_relative=False).failed == 0
