data "aws_iam_policy_document" "export" {
  for_each = local.with_export

  statement {
    sid       = "Export${title(each.key)}"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.tenants.arn}/${each.key}/export/*"]

    principals {
      type        = "AWS"
      identifiers = [each.value.export.principal]
    }
  }
}

data "aws_iam_policy_document" "tls" {
  statement {
    sid       = "OnlyOverTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.tenants.arn, "${aws_s3_bucket.tenants.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

data "aws_iam_policy_document" "bucket" {
  source_policy_documents = concat(
    [data.aws_iam_policy_document.tls.json],
    values(data.aws_iam_policy_document.export)[*].json,
  )
}

resource "aws_s3_bucket_policy" "tenants" {
  bucket = aws_s3_bucket.tenants.id
  policy = data.aws_iam_policy_document.bucket.json
}

resource "aws_kms_key" "tenant" {
  for_each = local.tenants

  description = "data of ${each.key}"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid       = "Administration"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      ], contains(each.value.features, "uploads") ? [
      {
        Sid       = "Uploads"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${each.value.account_id}:root" }
        Action    = ["kms:Encrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = {
          StringEquals = {
            "kms:ViaService" = "s3.eu-west-1.amazonaws.com"
          }
        }
      },
    ] : [])
  })
}
