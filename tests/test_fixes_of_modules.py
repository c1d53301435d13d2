"""Fixes of policies in Terraform: made where each is written, proved on all modules that they reach."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from checker.config import Config
from checker.findings import Finding
from checker.fixes import of_modules
from checker.fixes.applying import applied
from checker.fixes.looking import Looking
from checker.render import suggestion
from checker.render.sources import Sources
from checker.source.changes import ChangedFile
from checker.symbolic.question import Budget
from checker.template_files import Versions
from tests.fixing import edited, suggested
from tests.repository import Repository
from tests.terraform_edits import is_laid_out, widened
from tests.terraform_modules import Memory
from tests.test_cli import Gate, gate

_ = gate  # a fixture
Texts = Mapping[str, str]

BLOCKS = """\
data "aws_iam_policy_document" "p" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/team"
      values   = ["red"]
    }
  }

  # nobody reads secrets
  statement {
    sid       = "Guard"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["${aws_s3_bucket.b.arn}/secret/*"]
  }
}

resource "aws_s3_bucket" "b" {}

resource "aws_iam_policy" "p" {
  policy = data.aws_iam_policy_document.p.json
}
"""
GUARD = BLOCKS[BLOCKS.index("  # nobody") : BLOCKS.index("}\n\nresource")]
CONDITION = BLOCKS[BLOCKS.index("\n    condition") : BLOCKS.index("  }\n\n  # nobody")]
LINES = """\
data "aws_iam_policy_document" "p" {
  statement {
    actions = [
      "s3:GetObject", # one
      "s3:ListBucket"
    ]
    resources = ["arn:aws:s3:::b/*"]
    principals {
      type        = "AWS"
      identifiers = [data.aws_caller_identity.me.account_id, aws_iam_role.r.arn]
    }
  }
}

data "aws_caller_identity" "me" {}

resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = "{}"
}

resource "aws_s3_bucket_policy" "p" {
  count  = var.on ? 1 : 0
  bucket = "b"
  policy = data.aws_iam_policy_document.p.json
}

variable "on" {
  type = bool
}
"""
OBJECTS = """\
resource "aws_iam_role_policy" "p" {
  role = "app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Read"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:ListBucket"]
        Resource = "${aws_s3_bucket.b.arn}/*" # the bucket
        Condition = {
          StringEquals = {
            "aws:PrincipalTag/team" = var.team
          }
        }
      },
      {
        Effect   = "Deny"
        Action   = "s3:*"
        Resource = ["arn:aws:s3:::secret/*"]
      }
    ]
  })
}

resource "aws_s3_bucket" "b" {}

variable "team" {
  type = string
}
"""
DENIED = OBJECTS[
    OBJECTS.index(',\n      {\n        Effect   = "Deny"') : OBJECTS.index("\n    ]\n")
]
WHEN = OBJECTS[OBJECTS.index("        Condition") : OBJECTS.index("      },\n      {")]
SHORT = """\
resource "aws_iam_policy" "p" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "true" } } }] })
}
"""
HEREDOC = """\
resource "aws_iam_policy" "p" {
  policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": ["s3:GetObject"],
          "Resource": "${aws_s3_bucket.b.arn}/$${aws:username}/*",
          "Condition": {"Bool": {"aws:SecureTransport": "true"}}
        },
        {
          "Effect": "Deny",
          "Action": "s3:*",
          "Resource": "${aws_s3_bucket.b.arn}/secret/*"
        }
      ]
    }
  EOF
}

resource "aws_s3_bucket" "b" {}
"""
QUOTED = """\
resource "aws_iam_policy" "p" {
  policy = "{\\"Statement\\":[{\\"Effect\\":\\"Allow\\",\\"Action\\":\\"s3:GetObject\\",\\"Resource\\":\\"*\\"}]}"
}
"""
NAMED = """\
locals {
  actions = ["s3:GetObject"]
}

variable "on" {
  type = bool
}

variable "queues" {
  type    = list(string)
  default = ["sqs:SendMessage"]
}

resource "aws_iam_policy" "p" {
  for_each = toset(["a", "b"])
  name     = each.key
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = local.actions, Resource = "arn:aws:s3:::${each.key}/*" },
      { Effect = "Allow", Action = var.queues, Resource = "*" },
      { Effect = "Allow", Action = var.on ? "sns:Publish" : "sns:Subscribe", Resource = "*" },
    ]
  })
}
"""
ROLE = """\
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = "{}"
  managed_policy_arns = [
    "arn:aws:iam::123456789012:policy/one",
  ]

  inline_policy {
    name   = "one"
    policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
  }
}

data "aws_iam_policy_document" "base" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "two" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]

  dynamic "statement" {
    for_each = ["orders", "bills"]

    content {
      actions   = ["sns:Publish"]
      resources = ["arn:aws:sns:*:*:${statement.value}"]
    }
  }
}

resource "aws_iam_role_policy" "two" {
  role   = aws_iam_role.r.name
  policy = data.aws_iam_policy_document.two.json
}
"""
SECOND = """
resource "aws_iam_role_policy" "three" {
  role = aws_iam_role.r.name
  policy = jsonencode({
    Statement = [
      { Effect = "Deny", Action = "s3:*", Resource = "arn:aws:s3:::x/*" },
      { Effect = "Allow", Action = "kms:Decrypt", Resource = "*" },
    ]
  })
}
"""
MODULE = {
    "modules/p/main.tf": """\
variable "actions" {
  type = list(string)
}

resource "aws_iam_policy" "p" {
  policy = jsonencode({ Statement = [
    { Effect = "Allow", Action = var.actions, Resource = "*" },
    { Effect = "Allow", Action = "sns:Publish", Resource = "*" },
  ] })
}
""",
    "a/main.tf": 'module "p" {\n  source  = "../modules/p"\n  actions = ["s3:GetObject"]\n}\n',
    "b/main.tf": 'module "p" {\n  source  = "../modules/p"\n  actions = ["s3:*"]\n}\n',
}
FILE = {
    "main.tf": 'resource "aws_iam_policy" "p" {\n  policy = file("${path.module}/p.json")\n}\n',
    "p.json": '{\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": "s3:GetObject",\n'
    '      "Resource": "arn:aws:s3:::b/*"\n    }\n  ]\n}\n',
}
SYNTAX = (
    '{"resource": {"aws_iam_policy": {"p": {"policy": "${data.aws_iam_policy_document.p.json}"}}},\n'
    ' "data": {"aws_iam_policy_document": {"p": {"statement": [\n'
    '  {"actions": ["s3:GetObject"], "resources": ["*"]}\n ]}}}}\n'
)


def with_text(files: Texts, path: str, old: str, new: str) -> Texts:
    assert old in files[path]
    return {**files, path: files[path].replace(old, new)}


def looking(before: Texts, after: Texts) -> Looking:
    base, head = ({p: t.encode() for p, t in side.items()} for side in (before, after))
    return Looking(Config(), Budget(10.0), Versions(Memory(base), Memory(head)))  # type: ignore[arg-type]


def changed(before: Texts, after: Texts) -> ChangedFile:
    path = next(path for path, text in after.items() if text != before.get(path))
    old, new = before.get(path), after[path]
    return ChangedFile(path, path, None if old is None else old.encode(), new.encode())


def found(before: Texts, after: Texts) -> tuple[Finding, ...]:
    findings = looking(before, after)(changed(before, after)).findings
    return tuple(f for f in findings if f.check == "no-new-access")


def shown(before: str | Texts, after: str | Texts) -> str:
    """Return what is suggested, once it was seen to answer the finding."""
    old, new = ({"main.tf": x} if isinstance(x, str) else x for x in (before, after))
    findings = found(old, new)
    blocks: list[str] = []
    for finding in findings:
        assert finding.fix
        assert finding.suggestion
        keeps_its_promise(finding, findings, old, new)
        path = finding.suggestion.path
        where = "" if path == "main.tf" else f"{path}: "
        block = suggestion.block(finding, Sources(head=new), fits=True)
        blocks += [where + finding.fix.words, block]
    return "\n".join(dict.fromkeys(blocks))


def keeps_its_promise(
    finding: Finding, findings: tuple[Finding, ...], old: Texts, new: Texts
) -> None:
    """Hold what is suggested to be the edit that there is, to answer its finding, and to look right."""
    assert finding.suggestion
    assert finding.fix
    path = finding.suggestion.path
    text = suggested(new[path], finding.suggestion)
    assert text == edited(new[path], finding.fix.edits)
    assert is_laid_out(text) or not is_laid_out(new[path])
    left = found(old, {**new, path: text}) if text != old.get(path) else ()
    assert len(left) < len(findings)
    assert not (finding.fix.alone and any(f.address == finding.address for f in left))


def allowing(action: str, resource: str = '"*"', more: str = "") -> str:
    statement = f'{{ Effect = "Allow", Action = {action}, Resource = {resource} }}'
    return f'resource "aws_iam_policy" "p" {{\n  policy = jsonencode({{ Statement = [{statement}] }})\n}}\n{more}'


WIDE = 'variable "actions" {\n  default = ["s3:*"]\n}\n'
BECAME = (
    'resource "aws_iam_role_policy" "p" {\n  role   = "app"\n'
    "  policy = data.aws_iam_policy_document.p.json\n}\n\n"
    'data "aws_iam_policy_document" "p" {\n  statement {\n    sid       = "Read"\n'
    '    actions   = ["s3:*"]\n    resources = ["arn:aws:s3:::b/*"]\n  }\n}\n'
)

CASES: dict[str, tuple[str | Texts, str | Texts]] = {
    "an action goes": (BLOCKS, BLOCKS.replace('"s3:ListBucket"]', '"s3:ListBucket", "s3:Put*"]')),
    "resources come back with their references": (
        BLOCKS,
        BLOCKS.replace('[aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*"]', '["*"]'),
    ),
    "a condition comes back": (BLOCKS, BLOCKS.replace(CONDITION, "")),
    "a condition comes back below the blank line that is left": (
        BLOCKS,
        BLOCKS.replace(CONDITION, "\n"),
    ),
    "a value of a condition goes": (BLOCKS, BLOCKS.replace('["red"]', '["red", "blue"]')),
    "an operator comes back": (BLOCKS, BLOCKS.replace('"StringEquals"', '"StringNotEquals"')),
    "a Deny comes back": (BLOCKS, BLOCKS.replace(f"\n{GUARD}", "")),
    "a Deny is one again": (BLOCKS, BLOCKS.replace('    effect    = "Deny"\n', "")),
    "a Deny covers again what it did": (BLOCKS, BLOCKS.replace("/secret/*", "/other/*")),
    "a Deny loses its new condition": (
        BLOCKS,
        BLOCKS.replace('/secret/*"]\n', f'/secret/*"]\n{CONDITION.replace("red", "blue")}'),
    ),
    "a new statement goes": (
        BLOCKS,
        BLOCKS.replace(
            "  # nobody",
            '  statement {\n    actions   = ["sqs:*"]\n    resources = ["*"]\n  }\n\n  # nobody',
        ),
    ),
    "an element by its old name, in columns": (
        BLOCKS.replace(
            'sid       = "Read"\n    actions   = ["s3:GetObject", "s3:ListBucket"]\n    resources =',
            'sid         = "Read"\n    not_actions = ["iam:*"]\n    resources   =',
        ),
        BLOCKS.replace('["s3:GetObject", "s3:ListBucket"]', '["*"]'),
    ),
    "the line of an action goes": (
        LINES,
        LINES.replace('"s3:GetObject", # one\n', '"s3:GetObject", # one\n      "s3:Put*",\n'),
    ),
    "the last line goes with the comma before it": (
        LINES,
        LINES.replace('"s3:ListBucket"\n', '"s3:ListBucket",\n      "s3:Put*"\n'),
    ),
    "a list of lines comes back": (
        LINES,
        re.sub(r"actions = \[[^]]*\]", 'actions = ["*"]', LINES),
    ),
    "principals": (LINES, LINES.replace("aws_iam_role.r.arn]", '"999988887777"]')),
    "everyone": (LINES, LINES.replace("[data.aws_caller_identity.me.account_id, ", '["*", ')),
    "a kind of principals": (
        LINES,
        LINES.replace(
            "    principals {",
            '    principals {\n      type        = "Service"\n'
            '      identifiers = ["ec2.amazonaws.com"]\n    }\n    principals {',
        ),
    ),
    "objects: an action": (
        OBJECTS,
        OBJECTS.replace('"s3:ListBucket"]', '"s3:ListBucket", "iam:*"]'),
    ),
    "objects: a resource": (OBJECTS, OBJECTS.replace('"${aws_s3_bucket.b.arn}/*" #', '"*" #')),
    "objects: a condition": (OBJECTS, OBJECTS.replace(WHEN, "")),
    "objects: a value": (OBJECTS, OBJECTS.replace("= var.team", '= [var.team, "blue"]')),
    "objects: a Deny": (OBJECTS, OBJECTS.replace(DENIED, "")),
    "objects: a new statement": (
        OBJECTS,
        OBJECTS.replace(
            "Statement = [\n",
            'Statement = [\n      {\n        Effect   = "Allow"\n        Action   = "sqs:*"\n'
            '        Resource = "*"\n      },\n',
        ),
    ),
    "one line: an action": (
        SHORT,
        SHORT.replace('["s3:GetObject"]', '["s3:GetObject", "s3:Put*"]'),
    ),
    "one line: a text for a list": (SHORT, SHORT.replace('["s3:GetObject"]', '"s3:*"')),
    "one line: a condition": (SHORT, re.sub(r", Condition = .* \} \} ", " ", SHORT)),
    "heredoc: an action": (HEREDOC, HEREDOC.replace('["s3:Get', '["iam:*", "s3:Get')),
    "heredoc: a resource": (HEREDOC, HEREDOC.replace("$${aws:username}/*", "*")),
    "heredoc: a condition": (HEREDOC, re.sub(r',\n *"Condition".*', "", HEREDOC)),
    "heredoc: a Deny": (
        HEREDOC,
        re.sub(r",\n *\{\n *.Effect.: .Deny.[^}]*\}/[^}]*\}", "", HEREDOC),
    ),
    "JSON in quotes": (QUOTED, QUOTED.replace("s3:GetObject", "s3:*")),
    "part of JSON in quotes": (
        QUOTED.replace('\\"s3:GetObject\\"', '[\\"s3:GetObject\\", \\"s3:ListBucket\\"]'),
        QUOTED.replace('\\"s3:GetObject\\"', '[\\"s3:GetObject\\", \\"s3:PutObject\\"]'),
    ),
    "JSON in a file": (
        FILE,
        with_text(FILE, "p.json", '"s3:GetObject"', '["s3:GetObject", "s3:*"]'),
    ),
    "a local, for all that it feeds": (NAMED, NAMED.replace('["s3:GetObject"]', '["s3:*"]')),
    "a default": (NAMED, NAMED.replace('["sqs:SendMessage"]', '["sqs:SendMessage", "sqs:*"]')),
    "one side of a conditional": (NAMED, NAMED.replace('"sns:Publish"', '"sns:*"')),
    "a conditional that is gone": (
        NAMED,
        NAMED.replace('var.on ? "sns:Publish" : "sns:Subscribe"', '"sns:*"'),
    ),
    "a local that is gone": (NAMED, NAMED.replace("local.actions", '"s3:*"')),
    "a loop that is gone": (
        SHORT.replace('["s3:GetObject"]', '[for a in ["Get"] : "s3:${a}Object"]'),
        SHORT.replace('["s3:GetObject"]', '["s3:*"]'),
    ),
    "what was there, and not what is referred to now": (
        allowing('["s3:GetObject"]', more=WIDE),
        allowing("var.actions", more=f"# a note\n{WIDE}"),
    ),
    "a file of variables": (
        {"main.tf": NAMED, "terraform.tfvars": 'queues = ["sqs:SendMessage"]\n'},
        {"main.tf": NAMED, "terraform.tfvars": 'queues = ["sqs:SendMessage", "sqs:*"]\n'},
    ),
    "an inline policy": (ROLE, ROLE.replace('"s3:GetObject"', '["s3:GetObject", "s3:Put*"]')),
    "a Deny where it was, of several policies of a role": (
        ROLE + SECOND,
        ROLE
        + SECOND.replace(
            SECOND[
                SECOND.index('      { Effect = "Deny') : SECOND.index('      { Effect = "Allow')
            ],
            "",
        ),
    ),
    "a document that others start from": (
        ROLE,
        ROLE.replace('["sqs:SendMessage"]', '["sqs:SendMessage", "sqs:Purge*"]'),
    ),
    "all that a dynamic block makes": (
        ROLE,
        ROLE.replace('"arn:aws:sns:*:*:${statement.value}"', '"*"'),
    ),
    "what is attached by its ARN": (
        ROLE,
        ROLE.replace("policy/one", 'policy/one",\n    "arn:aws:iam::123456789012:policy/two'),
    ),
    "a module, for all that call it": (
        MODULE,
        with_text(MODULE, "modules/p/main.tf", '"sns:Publish"', '"sns:*"'),
    ),
    "what a call gives to a module": (
        MODULE,
        with_text(MODULE, "a/main.tf", '"s3:GetObject"', '"s3:GetObject", "s3:Put*"'),
    ),
    "Terraform's language in JSON": (
        {"main.tf.json": SYNTAX},
        {"main.tf.json": SYNTAX.replace('["s3:GetObject"]', '["s3:GetObject", "s3:Put*"]')},
    ),
    "other ends of lines": (
        BLOCKS.replace("\n", "\r\n"),
        BLOCKS.replace(CONDITION, "").replace("\n", "\r\n"),
    ),
    "blocks that were objects": (
        OBJECTS.replace(WHEN, "").replace("${aws_s3_bucket.b.arn}", "arn:aws:s3:::b"),
        BECAME,
    ),
}
EXPECTED: dict[str, str] = snapshot(
    {
        "an action goes": """\
remove `s3:Put*` from `Action` of the statement `Read`
```suggestion
    actions   = ["s3:GetObject", "s3:ListBucket"]
```\
""",
        "resources come back with their references": """\
narrow `*` back to `arn:aws:s3:::${aws_s3_bucket.b.bucket}`, `arn:aws:s3:::${aws_s3_bucket.b.bucket}/*` in `Resource` of the statement `Read`
```suggestion
    resources = [aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*"]
```\
""",
        "a condition comes back": """\
put `Condition` back as it was in the statement `Read`
```suggestion
    resources = [aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/team"
      values   = ["red"]
    }
```\
""",
        "a condition comes back below the blank line that is left": """\
put `Condition` back as it was in the statement `Read`
```suggestion

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/team"
      values   = ["red"]
    }
```\
""",
        "a value of a condition goes": """\
remove `blue` from `aws:PrincipalTag/team` of the statement `Read`
```suggestion
      values   = ["red"]
```\
""",
        "an operator comes back": """\
put the condition `StringEquals` back in place of `StringNotEquals` in the statement `Read`
```suggestion
      test     = "StringEquals"
```\
""",
        "a Deny comes back": """\
put the Deny statement `Guard` back
```suggestion
  }

  statement {
    sid       = "Guard"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["${aws_s3_bucket.b.arn}/secret/*"]
  }
```\
""",
        "a Deny is one again": """\
set `Effect` back to `Deny` in the statement `Guard`
```suggestion
    sid       = "Guard"
    effect    = "Deny"
```\
""",
        "a Deny covers again what it did": """\
put `arn:aws:s3:::${aws_s3_bucket.b.bucket}/secret/*` back in place of `arn:aws:s3:::${aws_s3_bucket.b.bucket}/other/*` in `Resource` of the Deny statement `Guard`
```suggestion
    resources = ["${aws_s3_bucket.b.arn}/secret/*"]
```\
""",
        "a Deny loses its new condition": """\
remove the conditions of the Deny statement `Guard`
```suggestion
```\
""",
        "a new statement goes": """\
remove the statement on line 14
```suggestion
```\
""",
        "an element by its old name, in columns": """\
put `NotAction` back as it was in the statement `Read`
```suggestion
    sid         = "Read"
    not_actions = ["iam:*"]
    resources   = [aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*"]
```\
""",
        "the line of an action goes": """\
remove `s3:Put*` from `Action` of the statement on line 2
```suggestion
```\
""",
        "the last line goes with the comma before it": """\
remove `s3:Put*` from `Action` of the statement on line 2
```suggestion
      "s3:ListBucket"
```\
""",
        "a list of lines comes back": """\
narrow `*` back to `s3:GetObject`, `s3:ListBucket` in `Action` of the statement on line 2
```suggestion
    actions = [
      "s3:GetObject", # one
      "s3:ListBucket"
    ]
```\
""",
        "principals": """\
remove `999988887777` from `Principal` of the statement on line 2
```suggestion
      identifiers = [data.aws_caller_identity.me.account_id]
```\
""",
        "everyone": """\
narrow `*` back to `${AWS::AccountId}` in `Principal` of the statement on line 2
```suggestion
      identifiers = [data.aws_caller_identity.me.account_id, aws_iam_role.r.arn]
```\
""",
        "a kind of principals": """\
remove `Service` from `Principal` of the statement on line 2
```suggestion
```\
""",
        "objects: an action": """\
remove `iam:*` from `Action` of the statement `Read`
```suggestion
        Action   = ["s3:GetObject", "s3:ListBucket"]
```\
""",
        "objects: a resource": """\
put `arn:aws:s3:::${aws_s3_bucket.b.bucket}/*` back in place of `*` in `Resource` of the statement `Read`
```suggestion
        Resource = "${aws_s3_bucket.b.arn}/*" # the bucket
```\
""",
        "objects: a condition": """\
put `Condition` back as it was in the statement `Read`
```suggestion
        Resource = "${aws_s3_bucket.b.arn}/*" # the bucket
        Condition = {
          StringEquals = {
            "aws:PrincipalTag/team" = var.team
          }
        }
```\
""",
        "objects: a value": """\
remove `blue` from `aws:PrincipalTag/team` of the statement `Read`
```suggestion
            "aws:PrincipalTag/team" = [var.team]
```\
""",
        "objects: a Deny": """\
put the Deny statement that was on line 17 back
```suggestion
        }
      },
      {
        Effect   = "Deny"
        Action   = "s3:*"
        Resource = ["arn:aws:s3:::secret/*"]
```\
""",
        "objects: a new statement": """\
remove the statement on line 6
```suggestion
```\
""",
        "one line: an action": """\
remove `s3:Put*` from `Action` of the statement on line 2
```suggestion
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "true" } } }] })
```\
""",
        "one line: a text for a list": """\
put `s3:GetObject` back in place of `s3:*` in `Action` of the statement on line 2
```suggestion
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "true" } } }] })
```\
""",
        "one line: a condition": """\
put `Condition` back as it was in the statement on line 2
```suggestion
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "true" } } }] })
```\
""",
        "heredoc: an action": """\
remove `iam:*` from `Action` of the statement on line 6
```suggestion
          "Action": ["s3:GetObject"],
```\
""",
        "heredoc: a resource": """\
put `arn:aws:s3:::${aws_s3_bucket.b.bucket}/${aws:username}/*` back in place of `arn:aws:s3:::${aws_s3_bucket.b.bucket}/*` in `Resource` of the statement on line 6
```suggestion
          "Resource": "${aws_s3_bucket.b.arn}/$${aws:username}/*",
```\
""",
        "heredoc: a condition": """\
put `Condition` back as it was in the statement on line 6
```suggestion
          "Resource": "${aws_s3_bucket.b.arn}/$${aws:username}/*",
          "Condition": {"Bool": {"aws:SecureTransport": "true"}}
```\
""",
        "heredoc: a Deny": """\
put the Deny statement that was on line 12 back
```suggestion
          "Condition": {"Bool": {"aws:SecureTransport": "true"}}
        },
        {
          "Effect": "Deny",
          "Action": "s3:*",
          "Resource": "${aws_s3_bucket.b.arn}/secret/*"
```\
""",
        "JSON in quotes": """\
put `s3:GetObject` back in place of `s3:*` in `Action` of the statement on line 2
```suggestion
  policy = "{\\"Statement\\":[{\\"Effect\\":\\"Allow\\",\\"Action\\":\\"s3:GetObject\\",\\"Resource\\":\\"*\\"}]}"
```\
""",
        "part of JSON in quotes": """\
remove `s3:PutObject` from `Action` of the statement on line 2
```suggestion
  policy = "{\\"Statement\\":[{\\"Effect\\":\\"Allow\\",\\"Action\\":[\\"s3:GetObject\\"],\\"Resource\\":\\"*\\"}]}"
```\
""",
        "JSON in a file": """\
p.json: remove `s3:*` from `Action` of the statement on line 3
```suggestion
      "Action": ["s3:GetObject"],
```\
""",
        "a local, for all that it feeds": """\
narrow `s3:*` back to `s3:GetObject` in `Action` of the statement on line 19
```suggestion
  actions = ["s3:GetObject"]
```\
""",
        "a default": """\
remove `sqs:*` from `Action` of the statement on line 20
```suggestion
  default = ["sqs:SendMessage"]
```\
""",
        "one side of a conditional": """\
put `sns:Publish` back in place of `sns:*` in `Action` of the statement on line 21
```suggestion
      { Effect = "Allow", Action = var.on ? "sns:Publish" : "sns:Subscribe", Resource = "*" },
```\
""",
        "a conditional that is gone": """\
put `sns:Publish` back in place of `sns:*` in `Action` of the statement on line 21
```suggestion
      { Effect = "Allow", Action = var.on ? "sns:Publish" : "sns:Subscribe", Resource = "*" },
```\
""",
        "a local that is gone": """\
put `Action` back as it was in the statement on line 19
```suggestion
      { Effect = "Allow", Action = local.actions, Resource = "arn:aws:s3:::${each.key}/*" },
```\
""",
        "a loop that is gone": """\
narrow `s3:*` back to `s3:GetObject` in `Action` of the statement on line 2
```suggestion
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = [for a in ["Get"] : "s3:${a}Object"], Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "true" } } }] })
```\
""",
        "what was there, and not what is referred to now": """\
narrow `s3:*` back to `s3:GetObject` in `Action` of the statement on line 2
```suggestion
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "*" }] })
```\
""",
        "a file of variables": """\
terraform.tfvars: remove `sqs:*` from `Action` of the statement on line 20
```suggestion
queues = ["sqs:SendMessage"]
```\
""",
        "an inline policy": """\
remove `s3:Put*` from `Action` of the statement on line 10
```suggestion
    policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "*" }] })
```\
""",
        "a Deny where it was, of several policies of a role": """\
put the Deny statement that was on line 43 back
```suggestion
    Statement = [
      { Effect = "Deny", Action = "s3:*", Resource = "arn:aws:s3:::x/*" },
```\
""",
        "a document that others start from": """\
remove `sqs:Purge*` from `Action` of the statement on line 15
```suggestion
    actions   = ["sqs:SendMessage"]
```\
""",
        "all that a dynamic block makes": """\
narrow `*` back to `arn:aws:sns:*:*:orders` in `Resource` of the statement on line 27, as in all that is made there
```suggestion
      resources = ["arn:aws:sns:*:*:${statement.value}"]
```\
""",
        "what is attached by its ARN": """\
remove the policy that is attached on line 6
```suggestion
```\
""",
        "a module, for all that call it": """\
modules/p/main.tf: put `sns:Publish` back in place of `sns:*` in `Action` of the statement on line 8
```suggestion
    { Effect = "Allow", Action = "sns:Publish", Resource = "*" },
```\
""",
        "what a call gives to a module": """\
a/main.tf: remove `s3:Put*` from `Action` of the statement on line 7
```suggestion
  actions = ["s3:GetObject"]
```\
""",
        "Terraform's language in JSON": """\
main.tf.json: remove `s3:Put*` from `Action` of the statement on line 3
```suggestion
  {"actions": ["s3:GetObject"], "resources": ["*"]}
```\
""",
        "other ends of lines": """\
put `Condition` back as it was in the statement `Read`
```suggestion
    resources = [aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*"]\r
\r
    condition {\r
      test     = "StringEquals"\r
      variable = "aws:PrincipalTag/team"\r
      values   = ["red"]\r
    }\r
```\
""",
        "blocks that were objects": """\
narrow `s3:*` back to `s3:GetObject`, `s3:ListBucket` in `Action` of the statement `Read`
```suggestion
    actions   = ["s3:GetObject", "s3:ListBucket"]
```\
""",
    }
)


def test_what_is_suggested() -> None:
    assert {name: shown(*case) for name, case in CASES.items()} == EXPECTED


FED = """
resource "aws_iam_policy" "q" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = WHAT, Resource = "*" }] })
}

locals {
  actions = ["s3:GetObject"]
}
"""
MANY = 'variable "more" {\n  type = list(string)\n}\n'


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        pytest.param(
            allowing("local.actions") + FED.replace("WHAT", '"s3:*"'),
            allowing("local.actions")
            + FED.replace("WHAT", "local.actions").replace("Object", 'Object", "s3:Put*'),
            "remove `s3:Put*` from `Action` of the statement on line 2",
            id="another policy would lose what it had",
        ),
        pytest.param(
            allowing('[for a in ["Get", "List"] : "s3:${a}*"]'),
            allowing('[for a in ["Get", "List", "Put"] : "s3:${a}*"]'),
            "remove `s3:Put*` from `Action` of the statement on line 2",
            id="a loop makes the list",
        ),
        pytest.param(
            allowing('["s3:GetObject"]', more=MANY),
            allowing('concat(["s3:GetObject"], var.more)', more=MANY),
            "remove `${var.more}` from `Action` of the statement on line 2",
            id="an entry is a variable",
        ),
        pytest.param(
            ROLE,
            ROLE.replace('"orders", "bills"', '"orders", "bills", "rest"'),
            None,
            id="one of the statements that a loop makes",
        ),
    ],
)
def test_what_is_not_certain_is_not_edited(before: str, after: str, words: str | None) -> None:
    findings = found({"main.tf": before}, {"main.tf": after})
    assert findings
    for finding in findings:
        assert not finding.suggestion
        assert not finding.fix or not finding.fix.edits
        assert (finding.fix and finding.fix.words) == words
        assert finding.evidence
        assert finding.evidence.fix == (words or "")


WRITTEN = {
    f"{number}.tf": text
    for number, text in enumerate((BLOCKS, OBJECTS, HEREDOC, ROLE, LINES, SHORT, NAMED))
}


@settings(deadline=None, max_examples=40)
@given(st.sampled_from([(p, w) for p, t in WRITTEN.items() for _, w in widened(t)]))
def test_every_edit_answers_its_finding(case: tuple[str, str]) -> None:
    """Whatever is widened: what is suggested makes the finding go, and leaves the file in form."""
    path, after = case
    old, new = {path: WRITTEN[path]}, {path: after}
    findings = found(old, new)
    for finding in findings:
        if finding.suggestion:
            keeps_its_promise(finding, findings, old, new)


ESTATE = Path(__file__).parent / "data" / "estate"


def test_most_of_an_estate_can_be_fixed() -> None:
    """Of every 80th way to widen a policy there: how many findings, fixes, and clicks."""
    files = {
        str(path.relative_to(ESTATE)): path.read_text()
        for path in sorted(ESTATE.rglob("*"))
        if path.suffix in (".tf", ".json", ".tfvars", ".tftpl")
    }
    every = [(path, text) for path, old in files.items() for _, text in widened(old)]
    counts = [0, 0, 0]
    for path, text in every[::80]:
        file = ChangedFile(path, path, files[path].encode(), text.encode())
        look = looking(files, {**files, path: text})
        findings = [f for f in look(file).findings if f.check == "no-new-access"]
        fixes = [f for f in findings if f.fix]
        clicks = [f for f in fixes if f.suggestion]
        counts = [n + len(more) for n, more in zip(counts, (findings, fixes, clicks), strict=True)]
        if clicks and clicks[0].suggestion and clicks[0].suggestion.path == path:
            done = applied(look, file)
            assert done.fixed
    found_, fixed_, clicked_ = counts
    assert found_ > 15
    assert clicked_ > 0.85 * found_  # 0.96 of 250 drawn ones
    assert fixed_ >= clicked_


def test_a_search_without_time_changes_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = {"main.tf": BLOCKS}, {"main.tf": BLOCKS.replace(CONDITION, "")}
    (fixed,) = found(old, new)
    monkeypatch.setattr(of_modules, "MOST_SECONDS", 0.0)
    (found_,) = found(old, new)
    assert fixed.fix
    assert fixed.evidence
    evidence = replace(fixed.evidence, fix="")
    assert found_ == replace(fixed, fix=None, suggestion=None, evidence=evidence)


def test_the_working_tree_is_fixed(gate: Gate, repository: Repository) -> None:
    old = {**MODULE, "c/main.tf": BLOCKS, "c/r.tf": ROLE, "c/p.json": "{}\n"}
    repository.commit(old)
    repository.git("switch", "--quiet", "--create", "topic")
    new = {
        "modules/p/main.tf": MODULE["modules/p/main.tf"].replace('"sns:Publish"', '"sns:*"'),
        "a/main.tf": MODULE["a/main.tf"].replace("s3:GetObject", "s3:*"),
        "c/main.tf": BLOCKS.replace(CONDITION, ""),
        "c/r.tf": ROLE.replace('"orders", "bills"', '"orders", "*"'),
    }
    repository.commit(new)
    said = gate("diff", "--fix")
    assert said.out == snapshot("""\
`c/main.tf`: 1 finding fixed
`c/r.tf`: not fixed: no edit was found that makes the checks pass
`a/main.tf`: 1 finding fixed
`modules/p/main.tf`: 2 findings fixed
""")
    assert said.code == 1
    for path in ("modules/p/main.tf", "a/main.tf", "c/main.tf"):
        assert (repository.folder / path).read_text() == old[path]
    assert (repository.folder / "c/r.tf").read_text() == new["c/r.tf"]
