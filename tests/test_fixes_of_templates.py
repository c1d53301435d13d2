"""Fixes of policies in templates: made where the policy is written, as it is written."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from inline_snapshot import snapshot

from checker.config import Config
from checker.findings import Finding
from checker.fixes.looking import looked_at
from checker.render import suggestion
from checker.render.sources import Sources
from checker.source.changes import ChangedFile
from checker.symbolic.question import Budget
from checker.template_files import Versions
from tests.fixing import edited, suggested
from tests.repository import Repository
from tests.test_cli import Gate, gate

_ = gate  # a fixture
ROLE = """\
Parameters:
  Bucket: {Type: String}
  Prod: {Type: String}
Conditions:
  IsProd: !Equals [!Ref Prod, 'yes']
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: ec2.amazonaws.com}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: files
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              # what it reads
              - Sid: Read
                Effect: Allow
                Action: [s3:GetObject]
                Resource: !Sub arn:aws:s3:::${Bucket}/*  # its bucket
              - Effect: Deny
                Action: s3:*
                Resource: !Sub 'arn:aws:s3:::${Bucket}/secret/*'
                Condition:
                  StringNotEquals: {aws:PrincipalTag/t: !Ref Bucket}
        - PolicyName: queue
          PolicyDocument:
            Statement:
              Effect: Allow
              Action: sqs:SendMessage
              Resource: '*'
"""
DENY = ROLE[ROLE.index("              - Effect: Deny") : ROLE.index("        - PolicyName: queue")]
QUEUE = """\
{
  "Resources": {
    "Open": {
      "Type": "AWS::SQS::QueuePolicy",
      "Properties": {
        "Queues": [ { "Ref": "Queue" } ],
        "PolicyDocument": {
          "Statement": [
            { "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" },
              "Action": "sqs:SendMessage", "Resource": { "Fn::GetAtt": [ "Queue", "Arn" ] },
              "Condition": { "ArnEquals": { "aws:SourceArn": { "Ref": "Topic" } } } }
          ]
        }
      }
    },
    "Queue": { "Type": "AWS::SQS::Queue" },
    "Topic": { "Type": "AWS::SNS::Topic" }
  }
}
"""
SOURCE = ',\n              "Condition": { "ArnEquals": { "aws:SourceArn": { "Ref": "Topic" } } }'


@dataclass(frozen=True)
class NoFiles:
    """Both commits have no other file."""

    def read(self, _: str) -> bytes | None:
        return None

    def names(self, _: str) -> tuple[str, ...]:
        return ()

    def ending(self, _: object) -> tuple[str, ...]:
        return ()

    def with_texts(self, _: object) -> NoFiles:
        return self


def found(before: str, after: str, path: str = "t.yaml") -> tuple[Finding, ...]:
    file = ChangedFile(path, path, before.encode(), after.encode())
    versions = Versions(NoFiles(), NoFiles())  # type: ignore[arg-type]
    return looked_at(Config(), Budget(10.0), versions, file).findings


def shown(before: str, after: str, path: str = "t.yaml") -> str:
    """Return what is suggested, once it was seen to answer the finding."""
    blocks: list[str] = []
    findings = [f for f in found(before, after, path) if f.check == "no-new-access"]
    for finding in findings:
        assert finding.fix
        assert finding.suggestion
        text = suggested(after, finding.suggestion)
        assert text == edited(after, finding.fix.edits)
        left = [f for f in found(before, text, path) if f.check == "no-new-access"]
        assert len(left) < len(findings)
        block = suggestion.block(finding, Sources(head={path: after}), fits=True)
        blocks += [finding.fix.words, block]
    return "\n".join(blocks)


@pytest.mark.parametrize(
    ("before", "after", "path", "expected"),
    [
        pytest.param(
            ROLE,
            ROLE.replace("!Sub arn:aws:s3:::${Bucket}/*  #", "'*'  #"),
            "t.yaml",
            snapshot("""\
put `arn:aws:s3:::${Bucket}/*` back in place of `*` in `Resource` of the statement `Read`
```suggestion
                Resource: !Sub arn:aws:s3:::${Bucket}/*  # its bucket
```\
"""),
            id="what a function makes is put back as the function",
        ),
        pytest.param(
            ROLE,
            ROLE.replace(DENY, ""),
            "t.yaml",
            snapshot("""\
put the Deny statement that was on line 25 back
```suggestion
                Resource: !Sub arn:aws:s3:::${Bucket}/*  # its bucket
              - Effect: Deny
                Action: s3:*
                Resource: !Sub 'arn:aws:s3:::${Bucket}/secret/*'
                Condition:
                  StringNotEquals: {aws:PrincipalTag/t: !Ref Bucket}
```\
"""),
            id="a Deny with references",
        ),
        pytest.param(
            ROLE,
            ROLE.replace("sqs:SendMessage", "sqs:*").replace("[s3:Get", "[s3:PutObject, s3:Get"),
            "t.yaml",
            snapshot("""\
remove `s3:PutObject` from `Action` of the statement `Read`; the check passes once its other findings are fixed as well
```suggestion
                Action: [s3:GetObject]
```
put `sqs:SendMessage` back in place of `sqs:*` in `Action` of the statement on line 33; the check passes once its other findings are fixed as well
```suggestion
              Action: sqs:SendMessage
```\
"""),
            id="two policies of one role",
        ),
        pytest.param(
            QUEUE,
            QUEUE.replace(SOURCE, ""),
            "t.json",
            snapshot("""\
put `Condition` back as it was in the statement on line 9
```suggestion
              "Action": "sqs:SendMessage", "Resource": { "Fn::GetAtt": [ "Queue", "Arn" ] }, "Condition": { "ArnEquals": { "aws:SourceArn": { "Ref": "Topic" } } } }
```\
"""),
            id="a condition in JSON",
        ),
    ],
)
def test_what_is_suggested(before: str, after: str, path: str, expected: str) -> None:
    assert shown(before, after, path) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            ROLE,
            ROLE.replace(
                "[s3:GetObject]", "[s3:GetObject, !If [IsProd, s3:PutObject, s3:GetObject]]"
            ),
            id="it depends on the deployment",
        ),
        pytest.param(
            ROLE.replace("{Service: ec2.amazonaws.com}", "{AWS: !Ref AWS::AccountId}"),
            ROLE.replace("{Service: ec2.amazonaws.com}", "'*'"),
            id="it names its own account",
        ),
        pytest.param(
            ROLE.replace("[s3:GetObject]", "!Split [',', 's3:GetObject,s3:ListBucket']"),
            ROLE.replace("[s3:GetObject]", "!Split [',', 's3:GetObject,s3:PutObject']"),
            id="the list is none in the text",
        ),
    ],
)
def test_what_is_not_certain_is_not_edited(before: str, after: str) -> None:
    findings = [f for f in found(before, after) if f.check == "no-new-access"]
    assert findings
    assert not any(f.suggestion for f in findings)


def test_a_template_of_the_working_tree_is_fixed(gate: Gate, repository: Repository) -> None:
    repository.commit({"t.yaml": ROLE})
    repository.git("switch", "--quiet", "--create", "topic")
    repository.commit({"t.yaml": ROLE.replace(DENY, "").replace("sqs:SendMessage", "sqs:*")})
    said = gate("diff", "--fix")
    assert said.out == "`t.yaml`: 2 findings fixed\n"
    assert said.code == 0
    assert (repository.folder / "t.yaml").read_text() == ROLE
