data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "observability_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.observability_account_id}:role/grafana"]
    }
  }
}

module "observability" {
  source = "../../../modules/iam-role"

  name                = "observability-read"
  assume_role_policy  = data.aws_iam_policy_document.observability_trust.json
  managed_policy_arns = ["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"]

  inline_policies = {
    logs = <<-EOT
      {
        "Version": "2012-10-17",
        "Statement": [
          {
            "Effect": "Allow",
            "Action": ["logs:StartQuery", "logs:GetQueryResults", "logs:StopQuery"],
            "Resource": "arn:aws:logs:eu-west-1:${data.aws_caller_identity.current.account_id}:log-group:/apps/*"
          }
        ]
      }
    EOT
  }
}

module "cost_reader" {
  source = "../../../modules/iam-role"

  name              = "cost-reader"
  trusted_role_arns = ["arn:aws:iam::123456789012:role/finops"]

  inline_policies = {
    costs = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = ["ce:Get*", "ce:List*", "cur:DescribeReportDefinitions", "budgets:ViewBudget"]
        Resource = "*"
      }]
    })
  }
}

resource "aws_iam_role" "inventory" {
  name = "inventory"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::777788889999:role/inventory-collector" }
      Condition = {
        StringEquals = { "sts:ExternalId" = "inventory-${var.environment}" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "inventory" {
  name   = "inventory"
  role   = aws_iam_role.inventory.id
  policy = data.aws_iam_policy_document.inventory.json
}

data "aws_iam_policy_document" "inventory" {
  statement {
    actions = [
      "ec2:DescribeInstances",
      "ec2:DescribeVolumes",
      "lambda:ListFunctions",
      "rds:DescribeDBInstances",
      "s3:GetBucketTagging",
      "s3:ListAllMyBuckets",
      "tag:GetResources",
    ]
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = var.environment == "prod" ? [] : ["tagging"]

    content {
      sid       = "Tag"
      actions   = ["tag:TagResources", "ec2:CreateTags"]
      resources = ["*"]

      condition {
        test     = "ForAllValues:StringEquals"
        variable = "aws:TagKeys"
        values   = ["owner", "cost-center"]
      }
    }
  }
}
