locals {
  feature_actions = {
    reports  = ["s3:GetObject"]
    uploads  = ["s3:PutObject", "s3:AbortMultipartUpload"]
    webhooks = ["s3:GetObject"]
  }

  feature_prefixes = {
    reports  = "reports"
    uploads  = "inbox"
    webhooks = "events"
  }
}

module "tenant" {
  source   = "../../modules/service-role"
  for_each = local.tenants

  context    = module.this.context
  name       = each.key
  principals = { AWS = ["arn:aws:iam::${each.value.account_id}:root"] }

  statements = concat(
    [
      for feature in each.value.features : {
        sid       = title(feature)
        actions   = local.feature_actions[feature]
        resources = ["${aws_s3_bucket.tenants.arn}/${each.key}/${local.feature_prefixes[feature]}/*"]
      }
    ],
    [
      {
        sid       = "List"
        actions   = ["s3:ListBucket"]
        resources = [aws_s3_bucket.tenants.arn]

        conditions = [
          {
            test     = "StringLike"
            variable = "s3:prefix"
            values   = ["${each.key}/*"]
          },
        ]
      },
    ],
  )
}

module "importer" {
  source = "../../modules/service-role"

  context    = module.this.context
  name       = "importer"
  principals = { Service = ["ecs-tasks.amazonaws.com"] }

  policy_documents = [
    replace(
      replace(file("${path.module}/policies/importer.json"), "__ACCOUNT__", data.aws_caller_identity.current.account_id),
      "__BUCKET__", aws_s3_bucket.tenants.arn,
    ),
  ]

  statements = [
    {
      actions = ["cloudwatch:PutMetricData"]
      conditions = [
        {
          test     = "StringEquals"
          variable = "cloudwatch:namespace"
          values   = ["Fernhill/Tenants"]
        },
      ]
    },
  ]
}
