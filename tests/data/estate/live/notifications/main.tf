provider "aws" {
  region = var.aws_region
}

variable "aws_region" {
  type    = string
  default = "eu-west-1"
}

variable "stage" {
  type = string
}

variable "sender_domain" {
  type    = string
  default = "mail.example.com"
}

variable "orders_topic_arn" {
  type = string
}

data "aws_caller_identity" "current" {}

locals {
  prefix = format("notifications-%s", var.stage)

  functions = {
    email = {
      actions   = ["ses:SendEmail", "ses:SendRawEmail"]
      resources = [aws_ses_domain_identity.this.arn]
    }
    sms = {
      actions   = ["sms-voice:SendTextMessage"]
      resources = ["arn:aws:sms-voice:${var.aws_region}:${data.aws_caller_identity.current.account_id}:sender-id/FERNHILL/*"]
    }
    push = {
      actions   = ["sns:Publish"]
      resources = ["arn:aws:sns:${var.aws_region}:${data.aws_caller_identity.current.account_id}:endpoint/*"]
    }
  }
}

resource "aws_ses_domain_identity" "this" {
  domain = var.sender_domain
}

resource "aws_ses_identity_policy" "this" {
  identity = aws_ses_domain_identity.this.arn
  name     = "senders"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Marketing"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::222233334444:role/campaigns" }
      Action    = ["ses:SendEmail", "ses:SendTemplatedEmail"]
      Resource  = aws_ses_domain_identity.this.arn
      Condition = {
        StringLike = { "ses:FromAddress" = "news@*" }
      }
    }]
  })
}

module "function" {
  source   = "../../modules/lambda"
  for_each = local.functions

  name = "${local.prefix}-${each.key}"

  policy_statements = {
    Send = {
      actions   = each.value.actions
      resources = each.value.resources
    }
    Consume = {
      actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
      resources = [aws_sqs_queue.channel[each.key].arn]
    }
  }
}

resource "aws_sqs_queue" "channel" {
  for_each = local.functions

  name = "${local.prefix}-${each.key}"

  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Fanout",
      "Effect": "Allow",
      "Principal": {"Service": "sns.amazonaws.com"},
      "Action": "sqs:SendMessage",
      "Resource": "arn:aws:sqs:${var.aws_region}:${data.aws_caller_identity.current.account_id}:${local.prefix}-${each.key}",
      "Condition": {
        "ArnEquals": {"aws:SourceArn": "${var.orders_topic_arn}"}
      }
    }
  ]
}
EOF
}

resource "aws_sns_topic_subscription" "channel" {
  for_each = local.functions

  topic_arn = var.orders_topic_arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.channel[each.key].arn
}

resource "aws_iam_user" "smtp" {
  name = "${local.prefix}-smtp"
}

resource "aws_iam_user_policy" "smtp" {
  name   = "send"
  user   = aws_iam_user.smtp.name
  policy = data.aws_iam_policy_document.smtp.json
}

data "aws_iam_policy_document" "smtp" {
  statement {
    actions   = ["ses:SendRawEmail"]
    resources = [aws_ses_domain_identity.this.arn]

    condition {
      test     = "StringLike"
      variable = "ses:FromAddress"
      values   = ["*@${var.sender_domain}"]
    }

    condition {
      test     = "IpAddress"
      variable = "aws:SourceIp"
      values   = ["192.0.2.10/32"]
    }
  }
}

resource "aws_iam_role" "bounce_reader" {
  name               = "${local.prefix}-bounces"
  assume_role_policy = data.aws_iam_policy_document.bounce_reader_trust.json
}

data "aws_iam_policy_document" "bounce_reader_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [for name, function in module.function : function.role_arn if name != "push"]
    }
  }
}

resource "aws_iam_role_policy" "bounce_reader" {
  name = "bounces"
  role = aws_iam_role.bounce_reader.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "dynamodb:Query"
        Resource = aws_dynamodb_table.bounces.arn
      },
    ]
  })
}

resource "aws_dynamodb_table" "bounces" {
  name         = "${local.prefix}-bounces"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "address"

  attribute {
    name = "address"
    type = "S"
  }
}

resource "aws_scheduler_schedule" "digest" {
  name                = "${local.prefix}-digest"
  schedule_expression = "cron(0 6 * * ? *)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = module.function["email"].arn
    role_arn = aws_iam_role.scheduler.arn
  }
}

resource "aws_iam_role" "scheduler" {
  name = "${local.prefix}-scheduler"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  name = "invoke"
  role = aws_iam_role.scheduler.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = [module.function["email"].arn, "${module.function["email"].arn}:*"]
    }]
  })
}
