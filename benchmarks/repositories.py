"""Repositories as they grow in a company, made anew for each measurement; the same each time."""

from __future__ import annotations

from pathlib import Path
from typing import Final

MODULE: Final = "infra"
ADDED: Final = "s3:PutObjectAcl"
"""What the changes below let somebody do who could not before."""

_MAIN: Final = """\
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = { Team = var.team, Environment = var.environment }
  }
}

data "aws_caller_identity" "this" {}
data "aws_region" "this" {}
data "aws_partition" "this" {}
"""
_VARIABLES: Final = """\
variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "team" {
  type    = string
  default = "platform"
}

variable "environment" {
  type = string
}

variable "vpc_id" {
  type = string
}
"""
_BUCKET_MODULE: Final = """\
variable "name" {
  type = string
}

variable "readers" {
  type    = list(string)
  default = []
}

resource "aws_s3_bucket" "this" {
  bucket = var.name
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "EncryptedTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
  dynamic "statement" {
    for_each = length(var.readers) > 0 ? [1] : []
    content {
      sid       = "Readers"
      actions   = ["s3:GetObject"]
      resources = ["${aws_s3_bucket.this.arn}/*"]
      principals {
        type        = "AWS"
        identifiers = var.readers
      }
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = data.aws_iam_policy_document.this.json
}

output "arn" {
  value = aws_s3_bucket.this.arn
}
"""
_WORKER: Final = """\
locals {
  NAME_name = "NAME-${var.environment}"
  NAME_tags = { Name = local.NAME_name, Service = "NAME" }
}

resource "aws_s3_bucket" "NAME" {
  bucket = local.NAME_name
  tags   = local.NAME_tags
}

resource "aws_security_group" "NAME" {
  name   = local.NAME_name
  vpc_id = var.vpc_id
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

data "aws_iam_policy_document" "NAME_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

resource "aws_iam_role" "NAME" {
  name               = local.NAME_name
  assume_role_policy = data.aws_iam_policy_document.NAME_trust.json
  tags               = local.NAME_tags
}

data "aws_iam_policy_document" "NAME" {
  statement {
    sid       = "Objects"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = ["${aws_s3_bucket.NAME.arn}/*"]
  }
  statement {
    sid       = "Bucket"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.NAME.arn]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["home/*", "shared/*"]
    }
  }
  statement {
    sid       = "Jobs"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    resources = [aws_sqs_queue.NAME.arn]
  }
}

resource "aws_iam_role_policy" "NAME" {
  name   = "worker"
  role   = aws_iam_role.NAME.id
  policy = data.aws_iam_policy_document.NAME.json
}

resource "aws_sqs_queue" "NAME" {
  name = local.NAME_name
}

resource "aws_sqs_queue_policy" "NAME" {
  queue_url = aws_sqs_queue.NAME.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "FromTheBucket"
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.NAME.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_s3_bucket.NAME.arn } }
    }]
  })
}
"""
_FUNCTION: Final = """\
resource "aws_cloudwatch_log_group" "NAME" {
  name              = "/aws/lambda/NAME-${var.environment}"
  retention_in_days = 30
}

resource "aws_iam_role" "NAME" {
  name = "NAME-${var.environment}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_policy" "NAME" {
  name   = "NAME-${var.environment}"
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
          "Resource": "${aws_cloudwatch_log_group.NAME.arn}:*"
        },
        {
          "Effect": "Allow",
          "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
          "Resource": ["${aws_dynamodb_table.NAME.arn}", "${aws_dynamodb_table.NAME.arn}/index/*"]
        }
      ]
    }
  EOT
}

resource "aws_iam_role_policy_attachment" "NAME" {
  role       = aws_iam_role.NAME.name
  policy_arn = aws_iam_policy.NAME.arn
}

resource "aws_dynamodb_table" "NAME" {
  name         = "NAME-${var.environment}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_lambda_function" "NAME" {
  function_name = "NAME-${var.environment}"
  role          = aws_iam_role.NAME.arn
  runtime       = "python3.13"
  handler       = "main.handler"
  filename      = "build/NAME.zip"
  environment {
    variables = { TABLE = aws_dynamodb_table.NAME.name, LEVEL = "info" }
  }
}
"""
_STORE: Final = """\
locals {
  NAME_readers = ["reports", "audit"]
}

module "NAME" {
  source  = "./modules/bucket"
  name    = "NAME-${var.environment}"
  readers = [for reader in aws_iam_role.NAME : reader.arn]
}

resource "aws_iam_role" "NAME" {
  for_each = toset(local.NAME_readers)
  name     = "NAME-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.this.account_id}:root" }
      Action    = "sts:AssumeRole"
    }]
  })
}

data "aws_iam_policy_document" "NAME" {
  for_each = toset(local.NAME_readers)
  statement {
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [module.NAME.arn, "${module.NAME.arn}/${each.key}/*"]
  }
}

resource "aws_iam_role_policy" "NAME" {
  for_each = toset(local.NAME_readers)
  name     = each.key
  role     = aws_iam_role.NAME[each.key].id
  policy   = data.aws_iam_policy_document.NAME[each.key].json
}
"""
_KINDS: Final = (("worker", _WORKER), ("function", _FUNCTION), ("store", _STORE))
_POLICY: Final = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["s3:GetObject"],
      "Resource": "arn:aws:s3:::DOC-EXAMPLE-BUCKET*"
    }
  ]
}
"""
_ORDINARY: Final = (
    ("README.md", "# Part NAME\n\nWhat it does, and who looks after it.\n"),
    ("package.json", '{"name": "NAME", "version": "1.0.0", "dependencies": {"left": "^2.1.0"}}\n'),
    ("deploy.yaml", "name: NAME\nreplicas: 2\nimage: registry.example/NAME:1\n"),
    ("index.ts", 'export const name = "NAME";\n'),
    ("main.py", 'NAME = "NAME"\n'),
)


def root_module(repository: Path, files: int) -> str:
    """Write a root module of so many files, and return the path of the one that will change."""
    folder = repository / MODULE
    (folder / "modules" / "bucket").mkdir(parents=True)
    (folder / "modules" / "bucket" / "main.tf").write_text(_BUCKET_MODULE)
    (folder / "main.tf").write_text(_MAIN)
    (folder / "variables.tf").write_text(_VARIABLES)
    for number in range(files - 2):
        kind, text = _KINDS[number % len(_KINDS)]
        name = f"{kind}_{number:03}"
        (folder / f"{name}.tf").write_text(text.replace("NAME", name))
    return f"{MODULE}/{_KINDS[0][0]}_003.tf"


def many_files(repository: Path, folders: int, in_each: int, of_terraform: int) -> str:
    """Write a repository of folders with ordinary files, and return the path of a policy in it.

    of_terraform: in how many of the folders a small root module stands as well.
    """
    for number in range(folders):
        name = f"part_{number:04}"
        folder = repository / "parts" / f"{number // 50:02}" / name
        folder.mkdir(parents=True)
        for count in range(in_each):
            file, text = _ORDINARY[count % len(_ORDINARY)]
            stem, _, ending = file.partition(".")
            path = folder / (f"{stem}{count}.{ending}" if count >= len(_ORDINARY) else file)
            path.write_text(text.replace("NAME", name))
        if number < of_terraform:
            (folder / "main.tf").write_text(_MAIN + _VARIABLES)
            (folder / "app.tf").write_text(_FUNCTION.replace("NAME", name))
    (repository / "policies").mkdir()
    (repository / "policies" / "app.json").write_text(_POLICY)
    return "policies/app.json"


def changed(repository: Path, path: str) -> None:
    """Let the policy of a file allow `ADDED` besides what it allows."""
    file = repository / path
    text = file.read_text()
    file.write_text(text.replace('["s3:GetObject"', f'["{ADDED}", "s3:GetObject"', 1))
