locals {
  exempt_principals = [
    "arn:aws:iam::*:role/${var.break_glass_role_name}",
    "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_OrgAdmin_*",
  ]
}

data "aws_iam_policy_document" "baseline" {
  statement {
    sid       = "StayInOrganization"
    effect    = "Deny"
    actions   = ["organizations:LeaveOrganization"]
    resources = ["*"]
  }

  statement {
    sid    = "KeepTrails"
    effect = "Deny"
    actions = [
      "cloudtrail:DeleteTrail",
      "cloudtrail:PutEventSelectors",
      "cloudtrail:StopLogging",
      "cloudtrail:UpdateTrail",
    ]
    resources = ["*"]

    condition {
      test     = "ArnNotLike"
      variable = "aws:PrincipalArn"
      values   = local.exempt_principals
    }
  }

  statement {
    sid    = "KeepDetectors"
    effect = "Deny"
    actions = [
      "config:DeleteConfigurationRecorder",
      "config:DeleteDeliveryChannel",
      "config:StopConfigurationRecorder",
      "guardduty:DeleteDetector",
      "guardduty:DisassociateFromAdministratorAccount",
      "securityhub:DisableSecurityHub",
    ]
    resources = ["*"]

    condition {
      test     = "ArnNotLike"
      variable = "aws:PrincipalArn"
      values   = local.exempt_principals
    }
  }
}

resource "aws_organizations_policy" "baseline" {
  name    = "baseline"
  type    = "SERVICE_CONTROL_POLICY"
  content = data.aws_iam_policy_document.baseline.json
}

resource "aws_organizations_policy_attachment" "baseline" {
  policy_id = aws_organizations_policy.baseline.id
  target_id = data.aws_organizations_organization.this.roots[0].id
}

resource "aws_organizations_policy" "regions" {
  name = "regions"
  type = "SERVICE_CONTROL_POLICY"

  content = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "OnlyOurRegions"
        Effect = "Deny"
        NotAction = [
          "account:*",
          "budgets:*",
          "cloudfront:*",
          "iam:*",
          "organizations:*",
          "route53:*",
          "route53domains:*",
          "sts:*",
          "support:*",
          "waf:*",
        ]
        Resource = "*"
        Condition = {
          StringNotEquals = {
            "aws:RequestedRegion" = var.allowed_regions
          }
          ArnNotLike = {
            "aws:PrincipalArn" = local.exempt_principals
          }
        }
      },
    ]
  })
}

resource "aws_organizations_policy_attachment" "regions" {
  for_each = {
    workloads = aws_organizations_organizational_unit.workloads.id
    sandbox   = aws_organizations_organizational_unit.sandbox.id
  }

  policy_id = aws_organizations_policy.regions.id
  target_id = each.value
}

resource "aws_organizations_policy" "no_users" {
  name        = "no-users"
  description = "people sign in through the identity center"
  type        = "SERVICE_CONTROL_POLICY"

  content = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "NoUsers",
      "Effect": "Deny",
      "Action": [
        "iam:CreateUser",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:UpdateLoginProfile"
      ],
      "Resource": "*",
      "Condition": {
        "StringNotLike": {
          "aws:PrincipalArn": "arn:aws:iam::*:role/${var.break_glass_role_name}"
        }
      }
    },
    {
      "Sid": "NoRootUser",
      "Effect": "Deny",
      "Action": "*",
      "Resource": "*",
      "Condition": {
        "StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}
      }
    }
  ]
}
EOF
}

resource "aws_organizations_policy_attachment" "no_users" {
  policy_id = aws_organizations_policy.no_users.id
  target_id = aws_organizations_organizational_unit.workloads.id
}

resource "aws_organizations_policy" "from_file" {
  for_each = toset(["encrypted-storage", "network-hygiene"])

  name    = each.key
  type    = "SERVICE_CONTROL_POLICY"
  content = file("${path.module}/policies/${each.key}.json")
}

resource "aws_organizations_policy_attachment" "from_file" {
  for_each = aws_organizations_policy.from_file

  policy_id = each.value.id
  target_id = aws_organizations_organizational_unit.workloads.id
}

data "aws_iam_policy_document" "sandbox" {
  statement {
    sid         = "OnlyCheapServices"
    effect      = "Deny"
    not_actions = [
      "apigateway:*",
      "cloudformation:*",
      "cloudwatch:*",
      "dynamodb:*",
      "ec2:*",
      "events:*",
      "iam:*",
      "kms:*",
      "lambda:*",
      "logs:*",
      "s3:*",
      "sns:*",
      "sqs:*",
      "ssm:*",
      "sts:*",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "OnlySmallInstances"
    effect    = "Deny"
    actions   = ["ec2:RunInstances"]
    resources = ["arn:aws:ec2:*:*:instance/*"]

    condition {
      test     = "ForAnyValue:StringNotLike"
      variable = "ec2:InstanceType"
      values   = ["t3.*", "t4g.*"]
    }
  }
}

resource "aws_organizations_policy" "sandbox" {
  name    = "sandbox"
  type    = "SERVICE_CONTROL_POLICY"
  content = data.aws_iam_policy_document.sandbox.json
}

resource "aws_organizations_policy_attachment" "sandbox" {
  policy_id = aws_organizations_policy.sandbox.id
  target_id = aws_organizations_organizational_unit.sandbox.id
}
