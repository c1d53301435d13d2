data "aws_iam_policy_document" "glue_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["glue.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "etl" {
  for_each = local.domains

  name               = "${each.key}-etl-${var.environment}"
  assume_role_policy = data.aws_iam_policy_document.glue_trust.json
}

data "aws_iam_policy_document" "etl" {
  for_each = local.domains

  statement {
    sid       = "ReadLanding"
    actions   = ["s3:GetObject"]
    resources = ["${module.lake["landing"].arn}/${each.value.prefix}*"]
  }

  statement {
    sid       = "WriteCurated"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = ["${module.lake["curated"].arn}/${each.value.prefix}*"]
  }

  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = [module.lake["landing"].arn, module.lake["curated"].arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${each.value.prefix}*", each.value.prefix]
    }
  }

  statement {
    sid     = "Catalog"
    actions = ["glue:BatchCreatePartition", "glue:GetDatabase", "glue:GetPartitions", "glue:GetTable", "glue:UpdateTable"]
    resources = [
      "arn:aws:glue:eu-west-1:${local.account_id}:catalog",
      "arn:aws:glue:eu-west-1:${local.account_id}:database/${aws_glue_catalog_database.this[each.key].name}",
      "arn:aws:glue:eu-west-1:${local.account_id}:table/${aws_glue_catalog_database.this[each.key].name}/*",
    ]
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:aws:logs:eu-west-1:${local.account_id}:log-group:/aws-glue/*"]
  }
}

resource "aws_iam_role_policy" "etl" {
  for_each = local.domains

  name   = "etl"
  role   = aws_iam_role.etl[each.key].id
  policy = data.aws_iam_policy_document.etl[each.key].json
}

resource "aws_glue_catalog_database" "this" {
  for_each = local.domains
  name     = "${each.key}_${var.environment}"
}

resource "aws_glue_resource_policy" "share" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for name, partner in var.partner_accounts : {
        Sid       = "Share${title(name)}"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${partner.account_id}:root" }
        Action    = ["glue:GetTable", "glue:GetTables", "glue:GetDatabase", "glue:GetPartitions"]
        Resource = [
          "arn:aws:glue:eu-west-1:${local.account_id}:catalog",
          "arn:aws:glue:eu-west-1:${local.account_id}:database/published",
          "arn:aws:glue:eu-west-1:${local.account_id}:table/published/*",
        ]
      }
    ]
  })
}
