module "trail_key" {
  source = "../../modules/kms-key"

  alias              = "trail"
  service_principals = ["cloudtrail.amazonaws.com", "delivery.logs.amazonaws.com"]
}

data "aws_iam_policy_document" "trail_bucket" {
  statement {
    sid       = "TrailChecksAcl"
    actions   = ["s3:GetBucketAcl"]
    resources = ["arn:${local.partition}:s3:::fernhill-org-trail"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.trail_arn]
    }
  }

  statement {
    sid     = "TrailWrites"
    actions = ["s3:PutObject"]

    resources = [
      for id in concat([var.management_account_id, data.aws_organizations_organization.org.id], var.member_account_ids) :
      "arn:${local.partition}:s3:::fernhill-org-trail/AWSLogs/${id}/*"
    ]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "s3:x-amz-acl"
      values   = ["bucket-owner-full-control"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.trail_arn]
    }
  }

  statement {
    sid       = "NobodyDeletes"
    effect    = "Deny"
    actions   = ["s3:DeleteObject*", "s3:PutLifecycleConfiguration", "s3:DeleteBucket"]
    resources = ["arn:${local.partition}:s3:::fernhill-org-trail", "arn:${local.partition}:s3:::fernhill-org-trail/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

module "trail_bucket" {
  source = "../../modules/s3-bucket"

  name                    = "fernhill-org-trail"
  source_policy_documents = [data.aws_iam_policy_document.trail_bucket.json]
}

resource "aws_cloudwatch_log_group" "trail" {
  name              = "/org/trail"
  retention_in_days = 365
}

resource "aws_iam_role" "trail_to_logs" {
  name = "trail-to-logs"

  assume_role_policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Principal": { "Service": "cloudtrail.amazonaws.com" },
          "Action": "sts:AssumeRole",
          "Condition": { "StringEquals": { "aws:SourceArn": "${local.trail_arn}" } }
        }
      ]
    }
  EOT

  inline_policy {
    name = "write"
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.trail.arn}:log-stream:${var.management_account_id}_CloudTrail_${var.region}*"
      }]
    })
  }
}
