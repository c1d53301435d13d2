resource "aws_iam_role" "config" {
  name               = "config-recorder"
  assume_role_policy = data.aws_iam_policy_document.config_trust.json
}

data "aws_iam_policy_document" "config_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["config.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "AWS:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role_policy_attachment" "config" {
  role       = aws_iam_role.config.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AWS_ConfigRole"
}

module "config_bucket" {
  source = "../../modules/s3-bucket"

  name                    = "fernhill-config-${local.account_id}"
  source_policy_documents = [data.aws_iam_policy_document.config_delivery.json]
}

data "aws_iam_policy_document" "config_delivery" {
  statement {
    sid       = "Deliver"
    actions   = ["s3:PutObject"]
    resources = formatlist("arn:%s:s3:::fernhill-config-%s/AWSLogs/%s/Config/*", local.partition, local.account_id, var.member_account_ids)

    principals {
      type        = "Service"
      identifiers = ["config.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = var.member_account_ids
    }
  }
}

module "findings_topic" {
  source = "../../modules/sns-topic"

  name               = "security-findings"
  publisher_services = ["events.amazonaws.com", "cloudwatch.amazonaws.com"]
}

resource "aws_cloudwatch_event_rule" "findings" {
  name = "guardduty-findings"

  event_pattern = jsonencode({
    source      = ["aws.guardduty"]
    detail-type = ["GuardDuty Finding"]
    detail      = { severity = [{ numeric = [">=", 7] }] }
  })
}

resource "aws_cloudwatch_event_target" "findings" {
  rule = aws_cloudwatch_event_rule.findings.name
  arn  = module.findings_topic.arn
}

module "remediation" {
  source = "../../modules/lambda"

  name = "remediate-findings"

  policy_statements = {
    Isolate = {
      actions   = ["ec2:ModifyInstanceAttribute", "ec2:CreateSnapshot"]
      resources = ["arn:aws:ec2:*:${local.account_id}:instance/*", "arn:aws:ec2:*:${local.account_id}:volume/*"]
      condition = {
        StringEquals = { "aws:ResourceTag/isolation" = "allowed" }
      }
    }
    Keys = {
      actions   = ["iam:UpdateAccessKey", "iam:ListAccessKeys"]
      resources = ["arn:aws:iam::${local.account_id}:user/*"]
    }
    NeverBreakGlass = {
      effect    = "Deny"
      actions   = ["iam:*"]
      resources = ["arn:aws:iam::${local.account_id}:role/BreakGlass"]
    }
  }

  triggers = {
    findings = {
      service    = "events.amazonaws.com"
      source_arn = aws_cloudwatch_event_rule.findings.arn
    }
  }
}

resource "aws_cloudwatch_event_bus" "security" {
  name = "security"
}

resource "aws_cloudwatch_event_bus_policy" "security" {
  event_bus_name = aws_cloudwatch_event_bus.security.name

  policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Members",
      "Effect": "Allow",
      "Principal": "*",
      "Action": "events:PutEvents",
      "Resource": "${aws_cloudwatch_event_bus.security.arn}",
      "Condition": {
        "StringEquals": {
          "aws:PrincipalOrgID": "${data.aws_organizations_organization.org.id}"
        }
      }
    }
  ]
}
POLICY
}
