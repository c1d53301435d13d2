"""What a team writes in Terraform for a service of its own; `NAME` stands for the service."""

from __future__ import annotations

from typing import Final

MAIN: Final = """\
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
VARIABLES: Final = """\
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
BUCKET_MODULE: Final = """\
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
WORKER: Final = """\
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
FUNCTION: Final = """\
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
STORE: Final = """\
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
