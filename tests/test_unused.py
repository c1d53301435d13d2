from __future__ import annotations

import json

import pytest

from checker.errors import UsageError
from checker.refinement.api import of_role, unused_of
from checker.refinement.usage import Unused, UnusedService

ROLE = "arn:aws:iam::111122223333:role/App"
OTHER = "arn:aws:iam::111122223333:role/Other"


def finding(role: object = ROLE, **members: object) -> dict[str, object]:
    permission = {"serviceNamespace": "s3", "actions": [{"action": "GetBucketAcl"}]}
    return {
        "id": "f-1",
        "resource": role,
        "resourceType": "AWS::IAM::Role",
        "status": "ACTIVE",
        "findingType": "UnusedPermission",
        "findingDetails": [
            {"unusedPermissionDetails": permission},
            {"unusedPermissionDetails": {"serviceNamespace": "SQS", "lastAccessed": "2026-01-02"}},
        ],
        **members,
    }


FOUND = (UnusedService("s3", ("GetBucketAcl",)), UnusedService("sqs", None))


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        pytest.param([], (), id="nothing"),
        pytest.param(
            [{"serviceNamespace": "lambda", "actions": ["GetFunction", "lambda:AddPermission"]}],
            (UnusedService("lambda", ("GetFunction", "AddPermission")),),
            id="services with actions",
        ),
        pytest.param(
            [
                {"serviceNamespace": "s3", "actions": ["GetObject"]},
                {"serviceNamespace": "S3", "actions": ["PutObject", "GetObject"]},
            ],
            (UnusedService("s3", ("GetObject", "PutObject")),),
            id="one service twice",
        ),
        pytest.param({"serviceNamespace": "sqs"}, (UnusedService("sqs", None),), id="a service"),
        pytest.param(finding(), FOUND, id="a finding"),
        pytest.param([finding()], FOUND, id="findings"),
        pytest.param({"findings": [finding()], "nextToken": "x"}, FOUND, id="a page of findings"),
        pytest.param(
            {
                "JobStatus": "COMPLETED",
                "JobType": "ACTION_LEVEL",
                "ServicesLastAccessed": [
                    {"ServiceName": "SQS", "ServiceNamespace": "sqs"},
                    {"ServiceNamespace": "ec2", "LastAuthenticated": "2026-09-01T00:00:00Z"},
                    {
                        "ServiceNamespace": "s3",
                        "LastAuthenticated": "2026-09-01T00:00:00Z",
                        "TrackedActionsLastAccessed": [
                            {"ActionName": "GetBucketAcl"},
                            {"ActionName": "PutBucketAcl", "LastAccessedTime": "2026-09-01T00:00Z"},
                        ],
                    },
                ],
            },
            (UnusedService("sqs", None), UnusedService("s3", ("GetBucketAcl",))),
            id="services last accessed",
        ),
    ],
)
def test_forms(report: dict[str, object] | list[object], expected: tuple[object, ...]) -> None:
    assert of_role(unused_of(report)).services == expected
    assert of_role(unused_of(json.dumps(report))).services == expected


def test_what_was_used_is_kept_where_the_report_says_it() -> None:
    tracked = [{"ActionName": "PutBucketAcl", "LastAccessedTime": 1767312000}]
    service = {
        "ServiceNamespace": "s3",
        "LastAuthenticated": 1767312000,
        "TrackedActionsLastAccessed": tracked,
    }
    assert of_role(unused_of({"ServicesLastAccessed": [service]})).used == ("s3:PutBucketAcl",)


def test_roles_are_told_apart_and_joined() -> None:
    more = finding(findingDetails=[{"unusedPermissionDetails": {"serviceNamespace": "ec2"}}])
    reports = unused_of([finding(), finding(OTHER), more])
    assert [each.role for each in reports] == [ROLE, OTHER]
    assert of_role(reports, ROLE).services == (*FOUND, UnusedService("ec2", None))
    with pytest.raises(UsageError, match=r"is about 2 roles \(name one of `arn:.*App`, `arn"):
        of_role(reports)
    with pytest.raises(UsageError, match="does not speak of `arn:x`"):
        of_role(reports, "arn:x")


def test_a_role_that_was_never_used() -> None:
    unused_role = finding(findingType="UnusedIAMRole", findingDetails=[])
    assert unused_of(unused_role) == (Unused(role=ROLE, everything=True),)


@pytest.mark.parametrize(
    ("members", "note"),
    [
        ({"status": "ARCHIVED"}, "is `ARCHIVED`: passed over"),
        ({"status": "RESOLVED"}, "is `RESOLVED`: passed over"),
        ({"findingType": "ExternalAccess"}, "is about `ExternalAccess`, not unused permissions"),
        ({"nextToken": "abc"}, "has more pages"),
    ],
)
def test_what_is_passed_over_is_said(members: dict[str, object], note: str) -> None:
    found = of_role(unused_of(finding(**members)))
    assert note in found.notes[0]
    assert found.services == (FOUND if "nextToken" in members else ())


@pytest.mark.parametrize(
    ("report", "said"),
    [
        ("", "unused:1:1: the text ends where a value should be (the file is empty)"),
        ("{", "unused:1:2: the text ends inside an object (a `}` is missing)"),
        ("3", "unused:1:1: this is no report of unused permissions that is known (use a list of"),
        ("[3]", "unused:1:2: this is no report of unused permissions that is known"),
        ('{"a": 1}', "unused:1:1: this is no report of unused permissions that is known"),
        ('{"Records": []}', "unused:1:1: these are CloudTrail records (CloudTrail records tell"),
        ('[{"serviceNamespace": 3}]', "unused:1:23: `serviceNamespace` must be a string"),
        ('[{"serviceNamespace": "s3:"}]', "unused:1:23: `s3:` is no service namespace (write the"),
        ('{"serviceNamespace": "s3", "actions": "x"}', "unused:1:39: `actions` must be a list"),
        (
            '{"serviceNamespace": "s3", "actions": ["Get*"]}',
            "unused:1:40: `Get*` is no name of an action (list each action; wildcards",
        ),
        (
            '{"serviceNamespace": "s3", "actions": ["ec2:Run"]}',
            "unused:1:40: `ec2:Run` is no action of `s3`",
        ),
        ('{"serviceNamespace": "s3", "actions": [{}]}', "unused:1:40: an unused action has no `a"),
        (
            '{"findings": [{"id": "f-1", "findingType": "UnusedPermission"}]}',
            "unused:1:15: the finding on `f-1` has no `findingDetails` (ListFindingsV2 gives summ",
        ),
        (
            '{"findingType": "UnusedPermission", "findingDetails": [{"unusedPermissionDetails": 1}]}',
            "unused:1:84: the text has no `serviceNamespace`",
        ),
        ('{"JobStatus": "IN_PROGRESS"}', "unused:1:1: the report is `IN_PROGRESS` (ask again when"),
        ('{"JobStatus": "COMPLETED"}', "unused:1:1: the object has no `ServicesLastAccessed`"),
        (
            '{"ServicesLastAccessed": [{"LastAuthenticated": ""}]}',
            "unused:1:27: the object has no `ServiceNamespace`",
        ),
        (
            """{"ServicesLastAccessed": [{"ServiceNamespace": "s3", "LastAuthenticated": "x",
 "TrackedActionsLastAccessed": [{}]}]}""",
            "unused:2:33: the object has no `ActionName`",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(report: str, said: str) -> None:
    with pytest.raises((UsageError, ValueError)) as caught:
        unused_of(report)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_what_is_wrong_in_a_value_is_placed_as_it_would_be_printed() -> None:
    with pytest.raises(UsageError, match=r"^unused:3:25: `s 3` is no service"):
        unused_of([{"serviceNamespace": "S 3"}])
