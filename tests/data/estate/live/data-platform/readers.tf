locals {
  readers = merge([
    for domain, settings in local.domains : {
      for reader in settings.readers : reader => {
        domain = domain
        prefix = settings.prefix
      }
    }
  ]...)
}

module "reader" {
  source   = "../../modules/iam-role"
  for_each = local.readers

  name             = "${each.key}-${var.environment}"
  trusted_services = ["quicksight.amazonaws.com"]

  inline_policies = {
    athena = jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Sid    = "Query"
          Effect = "Allow"
          Action = [
            "athena:StartQueryExecution",
            "athena:GetQueryExecution",
            "athena:GetQueryResults",
            "athena:StopQueryExecution",
          ]
          Resource = aws_athena_workgroup.bi.arn
        },
        {
          Sid      = "Catalog"
          Effect   = "Allow"
          Action   = ["glue:GetDatabase*", "glue:GetTable*", "glue:GetPartition*"]
          Resource = "*"
        },
      ]
    })

    data = jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Sid      = "Read"
          Effect   = "Allow"
          Action   = "s3:GetObject"
          Resource = "${module.lake["published"].arn}/${each.value.prefix}*"
        },
        {
          Sid       = "List"
          Effect    = "Allow"
          Action    = "s3:ListBucket"
          Resource  = module.lake["published"].arn
          Condition = { StringLike = { "s3:prefix" = "${each.value.prefix}*" } }
        },
        {
          Sid      = "Results"
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
          Resource = format("%s/%s/*", module.results.arn, each.key)
        },
      ]
    })
  }
}

module "results" {
  source = "../../modules/s3-bucket"

  name      = "fernhill-athena-results-${var.environment}"
  versioned = false
}

resource "aws_athena_workgroup" "bi" {
  name = "bi"

  configuration {
    result_configuration {
      output_location = "s3://${module.results.id}/"
    }
  }
}
