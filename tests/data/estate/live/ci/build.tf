# Older jobs that still run in CodeBuild.

data "aws_iam_policy_document" "codebuild_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codebuild.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "codebuild" {
  name               = "codebuild"
  assume_role_policy = data.aws_iam_policy_document.codebuild_trust.json
}

resource "aws_iam_role_policy" "codebuild" {
  role = aws_iam_role.codebuild.name

  policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Resource": ["arn:aws:logs:eu-west-1:${local.account_id}:log-group:/aws/codebuild/*"],
      "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    },
    {
      "Effect": "Allow",
      "Action": ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface", "ec2:DescribeSubnets", "ec2:DescribeVpcs", "ec2:DescribeSecurityGroups", "ec2:DescribeDhcpOptions"],
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": "ec2:CreateNetworkInterfacePermission",
      "Resource": "arn:aws:ec2:eu-west-1:${local.account_id}:network-interface/*",
      "Condition": {
        "StringEquals": { "ec2:AuthorizedService": "codebuild.amazonaws.com" }
      }
    },
    {
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
      "Resource": "${module.artifacts.arn}/*"
    }
  ]
}
POLICY
}

module "artifacts" {
  source = "../../modules/s3-bucket"

  name = "fernhill-artifacts"

  source_policy_documents = [
    jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "MembersRead"
        Effect    = "Allow"
        Principal = { AWS = [for id in var.member_accounts : "arn:aws:iam::${id}:root"] }
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::fernhill-artifacts/*"
      }]
    }),
  ]
}

variable "member_accounts" {
  type    = set(string)
  default = ["111122223333", "444455556666"]
}

resource "aws_codeartifact_domain" "this" {
  domain = "fernhill"
}

resource "aws_codeartifact_domain_permissions_policy" "this" {
  domain = aws_codeartifact_domain.this.domain

  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Tokens"
      Effect    = "Allow"
      Principal = { AWS = [for id in var.member_accounts : "arn:aws:iam::${id}:root"] }
      Action    = ["codeartifact:GetAuthorizationToken", "codeartifact:GetDomainPermissionsPolicy"]
      Resource  = aws_codeartifact_domain.this.arn
    }]
  })
}
