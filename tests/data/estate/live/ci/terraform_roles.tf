data "aws_iam_policy_document" "github_plan" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = aws_iam_openid_connect_provider.github.client_id_list
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:fernhill/infrastructure:pull_request"]
    }
  }
}

resource "aws_iam_role" "plan" {
  name               = "terraform-plan"
  assume_role_policy = data.aws_iam_policy_document.github_plan.json
}

resource "aws_iam_role_policy_attachment" "plan" {
  role       = aws_iam_role.plan.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_role_policy" "plan_state" {
  name = "state"
  role = aws_iam_role.plan.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "State"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:ListBucket"]
        Resource = [aws_s3_bucket.state.arn, "${aws_s3_bucket.state.arn}/*"]
      },
      {
        Sid      = "Lock"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"]
        Resource = aws_dynamodb_table.lock.arn
      },
      {
        Sid      = "NoSecrets"
        Effect   = "Deny"
        Action   = ["secretsmanager:GetSecretValue", "s3:GetObject"]
        Resource = ["arn:aws:secretsmanager:*:*:secret:*", "arn:aws:s3:::fernhill-lake-*/*"]
      },
    ]
  })
}

resource "aws_iam_role" "apply" {
  name                 = "terraform-apply"
  max_session_duration = 7200

  assume_role_policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": { "Federated": "${aws_iam_openid_connect_provider.github.arn}" },
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {
        "StringEquals": {
          "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
          "token.actions.githubusercontent.com:sub": "repo:fernhill/infrastructure:environment:production"
        }
      }
    }
  ]
}
EOF
}

resource "aws_iam_role_policy_attachment" "apply" {
  role       = aws_iam_role.apply.name
  policy_arn = aws_iam_policy.apply.arn
}

resource "aws_iam_policy" "apply" {
  name   = "terraform-apply"
  policy = data.aws_iam_policy_document.apply.json
}

data "aws_iam_policy_document" "apply" {
  statement {
    sid       = "Build"
    effect    = "Allow"
    resources = ["*"]

    actions = formatlist("%s:*", [
      "acm",
      "autoscaling",
      "cloudfront",
      "dynamodb",
      "ec2",
      "ecr",
      "ecs",
      "eks",
      "events",
      "kms",
      "lambda",
      "logs",
      "rds",
      "route53",
      "s3",
      "secretsmanager",
      "sns",
      "sqs",
    ])
  }

  statement {
    sid       = "RolesWithBoundary"
    actions   = ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"]
    resources = ["arn:aws:iam::${local.account_id}:role/*"]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.ci_boundary.arn]
    }
  }

  statement {
    sid           = "NotOurselves"
    effect        = "Deny"
    not_actions   = ["iam:Get*", "iam:List*"]
    resources     = [aws_iam_role.apply.arn, aws_iam_role.plan.arn, "arn:aws:iam::${local.account_id}:policy/terraform-*"]
  }
}

resource "aws_iam_policy" "ci_boundary" {
  name = "ci-boundary"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Workloads"
        Effect    = "Allow"
        NotAction = ["account:*", "aws-portal:*", "iam:*", "organizations:*", "sso:*"]
        Resource  = "*"
      },
      {
        Sid      = "PassOnly"
        Effect   = "Allow"
        Action   = ["iam:PassRole", "iam:GetRole"]
        Resource = "arn:aws:iam::${local.account_id}:role/*"
      },
    ]
  })
}

resource "aws_s3_bucket" "state" {
  bucket = "fernhill-terraform-state"
}

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.bucket

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyOverTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.state.arn, "${aws_s3_bucket.state.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "OnlyTerraformWrites"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"]
        Resource  = "${aws_s3_bucket.state.arn}/*"
        Condition = {
          StringNotLike = {
            "aws:PrincipalArn" = [aws_iam_role.apply.arn, "arn:aws:iam::${local.account_id}:role/BreakGlass"]
          }
        }
      },
    ]
  })
}

resource "aws_dynamodb_table" "lock" {
  name         = "terraform-lock"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "LockID"

  attribute {
    name = "LockID"
    type = "S"
  }
}
