from __future__ import annotations

import json
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import jsonpatch
import pytest

from checker.errors import PolicySyntaxError, UsageError
from checker.policy.load import policy_of
from checker.policy.model import Policy, PolicyType
from checker.refinement import api, proofs, selection
from checker.refinement.api import refine
from checker.refinement.document import document_of
from checker.refinement.known import Judged
from checker.refinement.proofs import NotProvedError
from checker.refinement.refinement import Recommended, Refinement
from checker.refinement.usage import Unused
from checker.symbolic.question import Budget

EXAMPLES = json.loads((Path(__file__).parent / "cases" / "examples.json").read_text())
ARTICLE = EXAMPLES["refine"]
POLICY = EXAMPLES["policies"][ARTICLE["policy"]]

Document = dict[str, Any]


def allow(*actions: str, **members: object) -> Document:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **members}


def policy(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def unused(*actions: str) -> list[Document]:
    """Return a report: `s3:GetObject` is an action, `s3` a whole service."""
    found: dict[str, list[str] | None] = {}
    for text in actions:
        service, _, name = text.partition(":")
        if not name:
            found[service] = None
        elif (names := found.setdefault(service, [])) is not None:
            names.append(name)
    return [
        {"serviceNamespace": s, **({} if names is None else {"actions": names})}
        for s, names in found.items()
    ]


def actions_of(result: Refinement, statement: int = 0) -> object:
    assert result.policy is not None
    statements = result.policy["Statement"]
    assert isinstance(statements, list)
    found = statements[statement]
    assert isinstance(found, dict)
    return found["Action"]


def test_the_article_with_the_actions_that_came_after_it() -> None:
    report = json.loads(json.dumps(ARTICLE["unused"]))
    report[1]["actions"] += ARTICLE["unused_since"]
    result = refine(POLICY, report)
    assert result.to_dict()["recommendedAction"] == "CREATE_POLICY"
    assert result.policy == ARTICLE["recommended"]
    assert jsonpatch.apply_patch(POLICY, list(result.patch)) == ARTICLE["recommended"]


def test_the_article_as_it_was() -> None:
    result = refine(POLICY, ARTICLE["unused"])
    since = [f"s3:{name}" for name in ARTICLE["unused_since"]]
    expected = ARTICLE["recommended"]["Statement"][1]["Action"]
    assert actions_of(result, 1) == sorted([*expected, *since], key=lambda a: (a == "s3:List*", a))


@pytest.mark.parametrize(
    ("given", "report", "expected"),
    [
        pytest.param(["sqs:*"], ["s3"], None, id="nothing of it"),
        pytest.param(
            ["s3:GetObject", "S3:putobject"], ["s3:PutObject"], ["s3:GetObject"], id="case"
        ),
        pytest.param(["s3:Get*", "sqs:*"], ["sqs"], ["s3:Get*"], id="a whole service"),
        pytest.param(["foo:*", "s3:GetObject"], ["foo"], ["s3:GetObject"], id="an unknown one"),
        pytest.param(["iam:*"], ["iam"], ["iam:PassRole"], id="used through other services"),
        pytest.param(
            ["sqs:*", "sqs:SendMessage"],
            ["sqs:PurgeQueue", "sqs:ListQueues", "sqs:ListQueueTags", "sqs:AddPermission"],
            [
                "sqs:CancelMessageMoveTask",
                "sqs:Change*",
                "sqs:CreateQueue",
                "sqs:Delete*",
                "sqs:Get*",
                "sqs:ListDeadLetterSourceQueues",
                "sqs:ListMessageMoveTasks",
                "sqs:Re*",
                "sqs:Se*",
                "sqs:StartMessageMoveTask",
                "sqs:TagQueue",
                "sqs:UntagQueue",
                "sqs:SendMessage",
            ],
            id="what is listed besides stays",
        ),
        pytest.param(
            ["s3:*BucketAcl"], ["s3:PutBucketAcl"], ["s3:GetBucketAcl"], id="a wildcard in front"
        ),
        pytest.param(
            ["s3:?etBucketAcl"], ["s3:GetBucketAcl"], [], id="all that is known under a `?`"
        ),
        pytest.param(
            ["S3:GetBucketA*"],
            ["s3:GetBucketAbac"],
            ["S3:GetBucketAcl"],
            id="the service as written",
        ),
        pytest.param(["s3:GetBucketNew"], ["s3:GetBucketNew"], [], id="not known yet"),
        pytest.param(
            ["s3:GetBucketA*"],
            ["s3:GetBucketAnew"],
            ["s3:GetBucketAbac", "s3:GetBucketAcl"],
            id="not known yet, under a wildcard",
        ),
    ],
)
def test_one_list(given: list[str], report: list[str], expected: list[str] | None) -> None:
    document = policy(allow(*given))
    result = refine(document, unused(*report))
    if expected is None:
        assert result.to_dict() == {
            "recommendedAction": "NONE",
            "recommendedPolicy": None,
            "patch": [],
        }
    elif not expected:
        assert result.to_dict() == {
            "recommendedAction": "DETACH_POLICY",
            "recommendedPolicy": None,
            "patch": [],
        }
    elif given[0] == "sqs:*" and len(given) == 2 and len(expected) > 2:
        found = actions_of(result)
        assert isinstance(found, list)
        assert found[-1] == "sqs:SendMessage"
        assert found[:-1] == sorted(found[:-1])
    else:
        assert actions_of(result) == expected


def test_all_else_stays_as_it_is() -> None:
    condition = {
        "StringEquals": {"aws:PrincipalTag/team": "x"},
        "Bool": {"aws:SecureTransport": "true"},
    }
    statements = [
        allow("s3:PutObject", "s3:GetObject", Sid="One", Resource=["arn:aws:s3:::a/*"]),
        {"Effect": "Deny", "Action": "s3:PutObject", "NotResource": "arn:aws:s3:::a/*"},
        allow("s3:PutObject", Sid="Gone"),
        allow("s3:GetObjectAcl", "sqs:*", Condition=condition, Sid="Last"),
    ]
    document = {"Id": "x", "Statement": statements, "Version": "2012-10-17"}
    result = refine(document, unused("s3:PutObject"))
    expected = [{**statements[0], "Action": ["s3:GetObject"]}, statements[1], statements[3]]
    assert result.policy == {**document, "Statement": expected}
    assert jsonpatch.apply_patch(document, list(result.patch)) == result.policy
    assert list(result.policy) == ["Id", "Statement", "Version"]


@pytest.mark.parametrize("form", ["dict", "text", "policy"])
def test_every_form_of_a_policy(form: str) -> None:
    statement = {"Effect": "Allow", "Action": "s3:*Acl", "Resource": "*"}
    document: Document = {"Statement": statement}
    given: Document | str | Policy = document
    if form == "text":
        given = json.dumps(document)
    elif form == "policy":
        given = policy_of(document, PolicyType.IDENTITY)
    result = refine(given, unused("s3:PutBucketAcl", "s3:PutObjectAcl", "s3:PutObjectVersionAcl"))
    expected = {
        **statement,
        "Action": ["s3:GetBucketAcl", "s3:GetObjectAcl", "s3:GetObjectVersionAcl"],
    }
    assert result.policy == (
        {"Statement": [expected]} if form == "policy" else {"Statement": expected}
    )


def test_only_deny_statements_are_not_an_empty_policy() -> None:
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    result = refine(policy(allow("s3:GetObject"), deny), unused("s3"))
    assert result.policy == policy(deny)


def test_not_action_becomes_the_list_of_what_is_used() -> None:
    document = policy({"Effect": "Allow", "NotAction": ["iam:*", "s*:*", "ec2:*"], "Resource": "*"})
    result = refine(document, unused("sqs"))
    assert result.to_dict()["recommendedAction"] == "NONE"
    assert "leaves open what its `NotAction` excludes" in result.notes[0]

    document = policy({"Effect": "Allow", "NotAction": ["iam:*", "s3:Put*"], "Resource": "*"})
    result = refine(document, unused("sqs", "kms:Encrypt", "s3:PutObject"))
    found = actions_of(result)
    assert isinstance(found, list)
    services = {action.partition(":")[0] for action in found}
    assert not services & {"iam", "sqs"}
    assert "ec2:*" in found
    assert "kms:Decrypt" in found
    assert "s3:Get*" in found
    assert not any(fnmatch("kms:Encrypt", action) for action in found)
    assert not any(fnmatch("s3:PutObject", action) for action in found)
    assert "which AWS itself does not refine" in result.notes[0]
    assert any("a managed policy holds 6,144" in note for note in result.notes)
    assert jsonpatch.apply_patch(document, list(result.patch)) == result.policy


def test_everything_unused_leaves_the_denies() -> None:
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    report = Unused(everything=True)
    assert refine(policy(allow("*")), report).to_dict()["recommendedAction"] == "DETACH_POLICY"
    assert refine(policy(allow("*"), deny), report).policy == policy(deny)


def test_what_nobody_knows_is_kept_and_said() -> None:
    document = policy(allow("*:*", "s3:PutObject"), allow("foo:*", "foo:Bar", "s3:PutObject"))
    result = refine(document, unused("s3:PutObject", "foo:Bar"))
    assert result.policy == policy(document["Statement"][0], allow("foo:*", "foo:Bar"))
    assert [note.split(":")[0] for note in result.notes] == ["`foo", "statement 0 is kept as it is"]


def test_kept_whatever_the_report_says() -> None:
    result = refine(policy(allow("s3:Get*", "s3:PutObject")), unused("s3"), keep=["s3:*Object"])
    assert actions_of(result) == ["s3:GetObject", "s3:PutObject"]


def test_resource_policies_keep_their_principals() -> None:
    statement = allow("s3:GetObject", "s3:PutObject", Principal={"AWS": "111122223333"})
    result = refine(policy(statement), unused("s3:PutObject"))
    assert result.policy == policy({**statement, "Action": ["s3:GetObject"]})


def test_a_report_speaks_of_every_policy_of_a_role() -> None:
    role = "arn:aws:iam::111122223333:role/App"
    details = [{"unusedPermissionDetails": each} for each in unused("sqs", "s3:PutObject")]
    finding = {"resource": role, "findingType": "UnusedPermission", "findingDetails": details}
    other = {"resource": f"{role}2", "findingType": "UnusedIAMRole", "findingDetails": []}
    first, second = policy(allow("sqs:*")), policy(allow("s3:PutObject", "s3:GetObject"))
    assert refine(first, [finding, other], role=role).policy is None
    assert actions_of(refine(second, [finding, other], role=role)) == ["s3:GetObject"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["s3:GetObject", "s3:PutObject"], "would allow an unused action"),
        (["s3:NewObject"], "would refuse an action in use"),
        (["s3:GetObject", "s3:List*"], "would allow what the present one does not"),
    ],
)
def test_what_is_not_proved_is_not_shown(
    wrong: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake in the choice of entries, whatever it is, meets one of the proofs."""
    monkeypatch.setattr(selection, "narrowed", lambda *_: tuple(wrong))
    document = policy(allow("s3:*Object"))
    drop = [
        f"s3:{name}" for name in ("PutObject", "DeleteObject", "RestoreObject", "ReplicateObject")
    ]
    with pytest.raises(NotProvedError, match=said) as caught:
        refine(document, unused(*drop))
    assert caught.value.exit_code == 1


def test_no_time_is_no_proof() -> None:
    node = api.node_of(policy(allow("s3:*", Condition={"StringLike": {"aws:x": "*a*b*"}})))
    parsed = policy_of(policy(allow("s3:*")), PolicyType.IDENTITY)
    with pytest.raises(NotProvedError):
        api.refine_document(
            node, parsed, api.of_role(api.unused_of(unused("s3:PutObject"))), (), Budget(-1.0)
        )


def test_the_proofs_do_not_trust_the_catalogue_alone() -> None:
    old = policy_of(policy(allow("s3:GetObject", "x:Y")), PolicyType.IDENTITY)
    new = policy_of(policy(allow("s3:GetObject")), PolicyType.IDENTITY)
    with pytest.raises(NotProvedError, match="`x:y`"):
        proofs.prove(proofs.Refined(old, new, (0,), (0,)), Judged(False, {}), Budget())


def test_a_policy_that_is_none() -> None:
    with pytest.raises(PolicySyntaxError, match=r"^policy:4:5: .* has neither `Action` nor"):
        refine(policy({"Effect": "Allow", "Resource": "*"}), [])
    with pytest.raises(PolicySyntaxError, match="a policy must be an object"):
        refine("[]", [])
    with pytest.raises(UsageError, match="unknown policy type `x`"):
        refine(policy(allow("s3:*")), [], policy_type="x")


@pytest.mark.parametrize("name", sorted(EXAMPLES["policies"]))
def test_a_parsed_policy_goes_back_to_a_document(name: str) -> None:
    document = EXAMPLES["policies"][name]
    kind = PolicyType.RESOURCE if "Principal" in json.dumps(document) else PolicyType.IDENTITY
    parsed = policy_of(document, kind)
    assert policy_of(document_of(parsed), kind) == parsed


@pytest.mark.parametrize(
    ("given", "keep", "expected"),
    [
        (["foo:Bar", "s3:GetObject"], "foo:Bar", None),
        (["foo:*", "s3:GetObject"], "foo:B*", None),
        (["foo:*", "s3:Get*"], "foo:Bar", ["foo:Bar", "s3:Get*"]),
        (["sqs:*", "s3:GetObject"], "sqs:NewToday", ["sqs:NewToday", "s3:GetObject"]),
        (["sqs:NewToday", "sqs:OldToday", "s3:GetObject"], "SQS:new*", ["sqs:NewToday", "s3:GetObject"]),
        (["iam:NewToday", "iam:*", "s3:GetObject"], "s3:*", ["iam:PassRole", "s3:GetObject"]),
    ],
)  # fmt: skip
def test_what_nobody_knows_is_kept_by_name(
    given: list[str], keep: str, expected: list[str] | None
) -> None:
    """A whole service is unused, and what is kept of it is in no catalogue."""
    report = [{"serviceNamespace": service} for service in ("foo", "sqs", "iam")]
    document = {"Version": "2012-10-17", "Statement": [allow(*given)]}
    result = refine(document, report, keep=[keep])
    assert listed(result) == expected


def test_what_is_kept_stays_though_nothing_was_used() -> None:
    document = {"Version": "2012-10-17", "Statement": [allow("s3:Get*", "foo:*", "sqs:*")]}
    report = {"resource": "r", "findingType": "UnusedIAMRole"}
    assert refine(document, report).recommended is Recommended.DETACH_POLICY
    result = refine(document, report, keep=["s3:GetBucketAcl", "foo:Bar"])
    assert listed(result) == ["s3:GetBucketAcl", "foo:Bar"]


def listed(result: Refinement) -> list[str] | None:
    if result.policy is None:
        return None
    found: Any = result.policy["Statement"]
    return list(found[0]["Action"])


def test_what_is_kept_by_name_stays_under_any_wildcard() -> None:
    document = {"Version": "2012-10-17", "Statement": [allow("*")]}
    found = listed(refine(document, [{"serviceNamespace": "sqs"}], keep=["bar:Baz", "s3:NewToday"]))
    assert found is not None
    assert {"bar:Baz", "s3:*"} <= set(found)
    assert not any(entry.startswith("sqs:") for entry in found)
