"""Templates on a pull request: what stands on which line of the source, through GitHub's API alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repository import Repository
from tests.steps import Job, job

STACK = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Data:
    Type: AWS::S3::Bucket
  Deploy:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: codebuild.amazonaws.com}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: data
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Sid: Read
                Effect: Allow
                Action:
                  - s3:GetObject
                Resource: !Sub "${Data.Arn}/*"
"""
MODULE = """\
variable "bucket" {}

data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::${var.bucket}/*"]
  }
}

resource "aws_iam_policy" "read" {
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_sqs_queue_policy" "queue" {
  queue_url = "q"
  policy    = file("${path.module}/queue.json")
}
"""
QUEUE = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": "111122223333"},
      "Action": "sqs:SendMessage",
      "Resource": "*"
    }
  ]
}
"""


@pytest.fixture
def step(repository: Repository, tmp_path: Path) -> Iterator[Job]:
    """Give a job; in the end no request and no answer broke GitHub's own description."""
    with job(repository, tmp_path) as made:
        yield made
        assert not made.fake.violations


def said(step: Job) -> list[tuple[str, int, str]]:
    """Return where each comment stands, and its headline."""
    return [
        (remark["path"], remark.get("line", 0), remark["body"].split("\n")[1])
        for remark in step.pull.remarks
    ]


def test_a_stack_is_commented_on_its_own_lines(step: Job) -> None:
    wider = STACK.replace("- s3:GetObject", "- s3:GetObject\n                  - s3:DeleteObject")
    step.open({"stack.yml": STACK}, {"stack.yml": wider})
    done = step.run()
    assert (done.code, done.outputs["new-access"]) == (1, "true")
    ((path, line, headline),) = said(step)
    assert (path, line) == ("stack.yml", 23)
    assert "s3:DeleteObject" in headline
    body = step.pull.remarks[0]["body"]
    assert "Deploy: the policy `data` of the role" in body.replace("\\", "")
    assert "arn:aws:s3:::${Data}/\\*" in body or "arn:aws:s3:::${Data}/*" in body


def test_the_same_access_in_other_words_opens_the_gate(step: Job) -> None:
    other = STACK.replace('!Sub "${Data.Arn}/*"', '!Join ["", ["arn:aws:s3:::", !Ref Data, "/*"]]')
    step.open({"stack.yml": STACK}, {"stack.yml": other})
    assert step.run().outputs["result"] == "pass"
    assert step.fake.writes() == []


def test_a_module_is_commented_where_the_text_stands(step: Job) -> None:
    base = {"infra/main.tf": MODULE, "infra/queue.json": QUEUE}
    step.open(
        base,
        {
            "infra/main.tf": MODULE.replace('"s3:GetObject"', '"s3:GetObject", "s3:PutObject"'),
            "infra/queue.json": QUEUE.replace('"sqs:SendMessage"', '"sqs:*"'),
        },
    )
    assert step.run().outputs["findings"] == "2"
    found = sorted(said(step))
    assert [(path, line) for path, line, _ in found] == [
        ("infra/main.tf", 6),
        ("infra/queue.json", 7),
    ]
    assert "s3:PutObject" in found[0][2]
    assert "sqs:*" in found[1][2].replace("\\", "")


def test_a_variable_with_a_new_value_is_new_access_where_it_is_used(step: Job) -> None:
    step.open(
        {
            "infra/main.tf": MODULE,
            "infra/queue.json": QUEUE,
            "infra/a.auto.tfvars": 'bucket = "a"\n',
        },
        {"infra/a.auto.tfvars": 'bucket = "b"\n'},
    )
    done = step.run()
    assert (done.code, done.outputs["findings"]) == (1, "1")
    assert "arn:aws:s3:::b/" in step.pull.said[0]["body"].replace("\\", "")


def test_a_broken_template_closes_the_gate_and_names_the_line(step: Job) -> None:
    step.open(
        {"stack.yml": STACK}, {"stack.yml": STACK.replace("      Policies:", "      Policies")}
    )
    done = step.run()
    assert (done.code, done.outputs["result"]) == (1, "fail")
    assert "not YAML" in step.pull.said[0]["body"] + "".join(r["body"] for r in step.pull.remarks)


QUEUES = """\
Resources:
  A: {Type: AWS::SQS::Queue}
  B: {Type: AWS::SQS::Queue}
  P:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref A]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          {Effect: Allow, Principal: {AWS: "111122223333"}, Action: "sqs:SendMessage", Resource: "*"}
"""


@pytest.mark.parametrize(
    ("before", "after", "result"),
    [
        ("[!Ref A]", "[!Ref A, !Ref B]", "fail"),
        ("[!Ref A]", "[!Ref B]", "fail"),
        ("[!Ref A, !Ref B]", "[!Ref B]", "pass"),
        ("[!Ref A, !Ref B]", "[!Ref B, !Ref A]", "pass"),
    ],
)
def test_a_policy_that_gets_another_resource_is_new_there(
    step: Job, before: str, after: str, result: str
) -> None:
    stack, module = ({"stack.yml": QUEUES.replace("[!Ref A]", each)} for each in (before, after))
    step.open(stack, module)
    assert step.run().outputs["result"] == result


def test_a_module_s_policy_that_gets_another_resource_is_new_there(step: Job) -> None:
    files = {"infra/main.tf": MODULE, "infra/queue.json": QUEUE}
    step.open(files, {"infra/main.tf": MODULE.replace('queue_url = "q"', 'queue_url = "other"')})
    done = step.run()
    assert (done.code, done.outputs["findings"]) == (1, "1")


@pytest.mark.parametrize(
    ("before", "after", "result"),
    [
        ('["111122223333"]', '["444455556666"]', "fail"),
        ('["111122223333"]', '["111122223333", "444455556666"]', "pass"),
    ],
)
def test_a_guardrail_that_leaves_an_account_is_gone_there(
    step: Job, before: str, after: str, result: str
) -> None:
    stack = """\
Resources:
  Guard:
    Type: AWS::Organizations::Policy
    Properties:
      Name: guard
      Type: SERVICE_CONTROL_POLICY
      TargetIds: TARGETS
      Content:
        Version: "2012-10-17"
        Statement: [{Effect: Deny, Action: "iam:CreateUser", Resource: "*"}]
"""
    old, new = ({"stack.yml": stack.replace("TARGETS", each)} for each in (before, after))
    step.open(old, new)
    assert step.run().outputs["result"] == result
