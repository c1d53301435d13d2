resource "aws_efs_file_system_policy" "shared" {
  file_system_id = var.shared_file_system_id

  policy = <<POLICY
{
    "Version": "2012-10-17",
    "Id": "shared",
    "Statement": [
        {
            "Sid": "Mount",
            "Effect": "Allow",
            "Principal": {
                "AWS": "${aws_iam_role.app.arn}"
            },
            "Action": [
                "elasticfilesystem:ClientMount",
                "elasticfilesystem:ClientWrite"
            ],
            "Condition": {
                "Bool": {
                    "aws:SecureTransport": "true",
                    "elasticfilesystem:AccessedViaMountTarget": "true"
                }
            }
        }
    ]
}
POLICY
}

resource "aws_s3_bucket_policy" "app" {
  count  = length(local.bucket_names)
  bucket = aws_s3_bucket.app[count.index].id
  policy = data.aws_iam_policy_document.bucket[count.index].json
}

data "aws_iam_policy_document" "bucket" {
  count = length(local.bucket_names)

  statement {
    sid       = "App"
    actions   = local.common_actions
    resources = ["arn:aws:s3:::${local.bucket_names[count.index]}/*"]

    principals {
      type        = "AWS"
      identifiers = concat([aws_iam_role.app.arn], var.vendor_role_arns)
    }
  }

  statement {
    sid       = "OnlyNewTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources     = ["arn:aws:s3:::${local.bucket_names[count.index]}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "NumericLessThan"
      variable = "s3:TlsVersion"
      values   = ["1.2"]
    }
  }
}

resource "aws_ecr_repository" "app" {
  name = var.app_name
}

resource "aws_ecr_repository_policy" "app" {
  repository = aws_ecr_repository.app.name

  policy = <<EOF
{
  "Version": "2008-10-17",
  "Statement": [
    {
      "Sid": "pull",
      "Effect": "Allow",
      "Principal": {"AWS": ["arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"]},
      "Action": ["ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage", "ecr:BatchCheckLayerAvailability"]
    }
  ]
}
EOF
}

data "aws_kms_alias" "app" {
  name = "alias/${var.app_name}"
}

resource "aws_iam_role_policy" "kms" {
  role = aws_iam_role.app.name

  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
      "Resource": "${data.aws_kms_alias.app.target_key_arn}"
    }
  ]
}
EOF
}
