# Resource control policies: nobody from outside of the organization.

locals {
  rcp_services = {
    s3             = ["s3:*"]
    sqs            = ["sqs:*"]
    secretsmanager = ["secretsmanager:*"]
  }
}

data "aws_iam_policy_document" "perimeter" {
  for_each = local.rcp_services

  statement {
    sid       = "OnlyOurOrganization"
    effect    = "Deny"
    actions   = each.value
    resources = ["*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEqualsIfExists"
      variable = "aws:PrincipalOrgID"
      values   = [data.aws_organizations_organization.this.id]
    }

    condition {
      test     = "BoolIfExists"
      variable = "aws:PrincipalIsAWSService"
      values   = ["false"]
    }
  }
}

resource "aws_organizations_policy" "perimeter" {
  for_each = local.rcp_services

  name    = "perimeter-${each.key}"
  type    = "RESOURCE_CONTROL_POLICY"
  content = data.aws_iam_policy_document.perimeter[each.key].json
}

resource "aws_organizations_policy_attachment" "perimeter" {
  for_each = aws_organizations_policy.perimeter

  policy_id = each.value.id
  target_id = data.aws_organizations_organization.this.roots[0].id
}

resource "aws_organizations_policy" "confused_deputy" {
  name = "confused-deputy"
  type = "RESOURCE_CONTROL_POLICY"

  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "ServicesOnlyForUs"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:*", "sqs:*", "kms:*", "secretsmanager:*", "sts:*"]
      Resource  = "*"
      Condition = {
        StringNotEqualsIfExists = {
          "aws:SourceOrgID" = data.aws_organizations_organization.this.id
        }
        Null = {
          "aws:SourceAccount" = "false"
        }
        Bool = {
          "aws:PrincipalIsAWSService" = "true"
        }
      }
    }]
  })
}

resource "aws_organizations_policy_attachment" "confused_deputy" {
  policy_id = aws_organizations_policy.confused_deputy.id
  target_id = data.aws_organizations_organization.this.roots[0].id
}

resource "aws_organizations_resource_policy" "delegation" {
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "SecurityReads"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${var.log_archive_account_id}:root" }
        Action = [
          "organizations:DescribeOrganization",
          "organizations:DescribeOrganizationalUnit",
          "organizations:ListAccounts",
          "organizations:ListPolicies",
          "organizations:DescribePolicy",
        ]
        Resource = "*"
      },
    ]
  })
}
