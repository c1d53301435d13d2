data "aws_iam_policy_document" "boundary_allow" {
  statement {
    sid       = "Everything"
    actions   = ["*"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "boundary_protect" {
  statement {
    sid    = "NoIdentityChanges"
    effect = "Deny"
    actions = [
      "iam:CreateUser",
      "iam:DeleteRolePermissionsBoundary",
      "iam:PutUserPolicy",
      "iam:AttachUserPolicy",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "RolesOnlyWithBoundary"
    effect    = "Deny"
    actions   = ["iam:CreateRole", "iam:PutRolePermissionsBoundary"]
    resources = ["*"]

    condition {
      test     = "ArnNotEquals"
      variable = "iam:PermissionsBoundary"
      values   = ["arn:${local.partition}:iam::${local.account_id}:policy/boundary/workload"]
    }
  }

  statement {
    sid    = "BoundaryIsFixed"
    effect = "Deny"
    actions = [
      "iam:CreatePolicyVersion",
      "iam:DeletePolicy",
      "iam:DeletePolicyVersion",
      "iam:SetDefaultPolicyVersion",
    ]
    resources = ["arn:${local.partition}:iam::${local.account_id}:policy/boundary/*"]
  }
}

data "aws_iam_policy_document" "boundary" {
  source_policy_documents = [
    data.aws_iam_policy_document.boundary_allow.json,
    data.aws_iam_policy_document.boundary_protect.json,
  ]
}

resource "aws_iam_policy" "boundary" {
  name   = "workload"
  path   = "/boundary/"
  policy = data.aws_iam_policy_document.boundary.json
}

resource "aws_iam_role" "break_glass" {
  name                 = "BreakGlass"
  max_session_duration = 3600
  managed_policy_arns  = ["arn:aws:iam::aws:policy/AdministratorAccess"]

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { AWS = formatlist("arn:aws:iam::${var.management_account_id}:user/%s", ["oncall-1", "oncall-2"]) }
        Condition = {
          Bool            = { "aws:MultiFactorAuthPresent" = true }
          NumericLessThan = { "aws:MultiFactorAuthAge" = 900 }
          IpAddress       = { "aws:SourceIp" = ["192.0.2.0/24", "198.51.100.32/27"] }
        }
      },
    ]
  })
}
