data "aws_ssoadmin_instances" "this" {}

locals {
  instance_arn = tolist(data.aws_ssoadmin_instances.this.arns)[0]

  permission_sets = {
    ReadOnly = {
      session = "PT8H"
      managed = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    }
    Developer = {
      session = "PT8H"
      managed = [
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:iam::aws:policy/AWSSupportAccess",
      ]
    }
    Billing = {
      session = "PT2H"
      managed = ["arn:aws:iam::aws:policy/job-function/Billing"]
    }
  }

  managed = merge([
    for name, set in local.permission_sets : {
      for arn in set.managed : "${name}/${basename(arn)}" => { set = name, arn = arn }
    }
  ]...)
}

resource "aws_ssoadmin_permission_set" "this" {
  for_each = local.permission_sets

  name             = each.key
  instance_arn     = local.instance_arn
  session_duration = each.value.session
}

resource "aws_ssoadmin_managed_policy_attachment" "this" {
  for_each = local.managed

  instance_arn       = local.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.this[each.value.set].arn
  managed_policy_arn = each.value.arn
}

data "aws_iam_policy_document" "developer" {
  statement {
    sid = "Debug"
    actions = [
      "ecs:ExecuteCommand",
      "lambda:InvokeFunction",
      "logs:FilterLogEvents",
      "logs:StartLiveTail",
      "logs:StartQuery",
      "ssm:StartSession",
    ]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/environment"
      values   = ["dev"]
    }
  }

  statement {
    sid       = "NoSecrets"
    effect    = "Deny"
    actions   = ["secretsmanager:GetSecretValue", "ssm:GetParameter*"]
    resources = ["*"]

    condition {
      test     = "StringEqualsIfExists"
      variable = "aws:ResourceTag/environment"
      values   = ["prod"]
    }
  }
}

resource "aws_ssoadmin_permission_set_inline_policy" "developer" {
  instance_arn       = local.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.this["Developer"].arn
  inline_policy      = data.aws_iam_policy_document.developer.json
}

resource "aws_ssoadmin_permission_set" "operator" {
  name             = "Operator"
  instance_arn     = local.instance_arn
  session_duration = "PT4H"
}

resource "aws_ssoadmin_permission_set_inline_policy" "operator" {
  instance_arn       = local.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.operator.arn

  inline_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Restart"
        Effect = "Allow"
        Action = [
          "autoscaling:TerminateInstanceInAutoScalingGroup",
          "ecs:UpdateService",
          "rds:RebootDBInstance",
        ]
        Resource = "*"
        Condition = {
          Bool            = { "aws:MultiFactorAuthPresent" = "true" }
          NumericLessThan = { "aws:MultiFactorAuthAge" = "3600" }
        }
      },
      {
        Sid      = "Look"
        Effect   = "Allow"
        Action   = ["autoscaling:Describe*", "ecs:Describe*", "ecs:List*", "rds:Describe*"]
        Resource = "*"
      },
    ]
  })
}
