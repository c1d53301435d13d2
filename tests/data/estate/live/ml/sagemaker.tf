data "aws_iam_policy_document" "sagemaker_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["sagemaker.amazonaws.com"]
    }
  }
}

# One execution role for each team that has a bucket; the buckets are given at deployment.
resource "aws_iam_role" "team" {
  for_each = var.team_buckets

  name               = "sagemaker-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.sagemaker_trust.json
}

data "aws_iam_policy_document" "team" {
  for_each = var.team_buckets

  statement {
    sid       = "Data"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:ListBucket"]
    resources = ["arn:aws:s3:::${each.value}", "arn:aws:s3:::${each.value}/*"]
  }

  statement {
    sid = "Train"
    actions = [
      "sagemaker:CreateTrainingJob",
      "sagemaker:DescribeTrainingJob",
      "sagemaker:StopTrainingJob",
    ]
    resources = ["arn:aws:sagemaker:*:${data.aws_caller_identity.this.account_id}:training-job/${each.key}-*"]

    condition {
      test     = "Null"
      variable = "sagemaker:VpcSubnets"
      values   = ["false"]
    }
  }

  dynamic "statement" {
    for_each = var.allow_public_registry ? ["ecr-public:GetAuthorizationToken"] : []

    content {
      sid       = "PublicImages"
      actions   = [statement.value, "sts:GetServiceBearerToken"]
      resources = ["*"]
    }
  }
}

resource "aws_iam_role_policy" "team" {
  for_each = var.team_buckets

  name   = "work"
  role   = aws_iam_role.team[each.key].id
  policy = data.aws_iam_policy_document.team[each.key].json
}

resource "aws_iam_role_policy" "team_pass" {
  for_each = aws_iam_role.team

  name = "pass-self"
  role = each.value.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = each.value.arn
      Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
    }]
  })
}
