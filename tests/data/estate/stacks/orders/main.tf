terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  name       = "orders-${var.environment}"
  account_id = data.aws_caller_identity.current.account_id
  is_prod    = var.environment == "prod"
}

resource "aws_dynamodb_table" "orders" {
  name             = local.name
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "pk"
  range_key        = "sk"
  stream_enabled   = var.settings.table_streams
  stream_view_type = var.settings.table_streams ? "NEW_IMAGE" : null

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }
}

resource "aws_dynamodb_resource_policy" "orders" {
  resource_arn = aws_dynamodb_table.orders.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "PaymentsReads"
      Effect    = "Allow"
      Principal = { AWS = var.settings.payments_role }
      Action    = ["dynamodb:GetItem", "dynamodb:Query"]
      Resource  = aws_dynamodb_table.orders.arn
      Condition = {
        "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["order#*"] }
      }
    }]
  })
}

module "service" {
  source = "../../modules/ecs-service"

  name                 = local.name
  permissions_boundary = var.boundary_arn
  secrets_kms_key_arn  = module.key.arn

  secrets = {
    DATABASE_PASSWORD = module.database_secret.arn
  }

  task_policy_documents = compact([
    data.aws_iam_policy_document.task.json,
    local.is_prod ? data.aws_iam_policy_document.archive[0].json : "",
  ])
}

data "aws_iam_policy_document" "task" {
  statement {
    sid = "Table"
    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:ConditionCheckItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ]
    resources = [
      aws_dynamodb_table.orders.arn,
      "${aws_dynamodb_table.orders.arn}/index/*",
    ]
  }

  statement {
    sid       = "Publish"
    actions   = ["sns:Publish"]
    resources = [module.events.arn]
  }

  statement {
    sid       = "Work"
    actions   = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    resources = [for queue in module.queues : queue.arn]
  }

  dynamic "statement" {
    for_each = var.settings.table_streams ? [aws_dynamodb_table.orders.stream_arn] : []

    content {
      sid       = "Stream"
      actions   = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"]
      resources = [statement.value]
    }
  }
}

data "aws_iam_policy_document" "archive" {
  count = local.is_prod ? 1 : 0

  statement {
    sid       = "Archive"
    actions   = ["s3:PutObject"]
    resources = ["${module.archive.arn}/orders/*"]

    condition {
      test     = "StringEquals"
      variable = "s3:x-amz-storage-class"
      values   = ["GLACIER_IR"]
    }
  }
}

module "key" {
  source = "../../modules/kms-key"

  alias              = local.name
  user_arns          = [module.service.task_role_arn]
  service_principals = ["sns.amazonaws.com"]

  via_services = {
    secrets-manager = "secretsmanager.${data.aws_region.current.name}.amazonaws.com"
  }
}

module "queues" {
  source   = "../../modules/sqs-queue"
  for_each = toset(["fulfilment", "refunds"])

  name       = "${local.name}-${each.key}"
  kms_key_id = module.key.id

  senders = [
    {
      service    = "sns.amazonaws.com"
      source_arn = module.events.arn
    },
  ]
}

module "events" {
  source = "../../modules/sns-topic"

  name               = "${local.name}-events"
  publisher_services = ["events.amazonaws.com"]
}

module "archive" {
  source = "../../modules/s3-bucket"

  name        = "fernhill-${local.name}-archive"
  kms_key_arn = module.key.arn
}

module "database_secret" {
  source = "../../modules/secret"

  name        = "orders/${var.environment}/database"
  reader_arns = [module.service.execution_role_arn]
}

# People of the support desk look at orders, only where it is switched on.
resource "aws_iam_role" "support" {
  count = var.settings.support_access ? 1 : 0

  name                 = "${local.name}-support"
  permissions_boundary = var.boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::${local.account_id}:root" }
      Condition = {
        StringEquals = { "aws:PrincipalTag/team" = "support" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "support" {
  count = var.settings.support_access ? 1 : 0

  name = "read"
  role = aws_iam_role.support[count.index].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:GetItem", "dynamodb:Query"]
      Resource = [aws_dynamodb_table.orders.arn, "${aws_dynamodb_table.orders.arn}/index/by-customer"]
      Condition = {
        "ForAllValues:StringEquals" = {
          "dynamodb:Attributes" = ["pk", "sk", "status", "updated_at"]
        }
        StringEqualsIfExists = { "dynamodb:Select" = "SPECIFIC_ATTRIBUTES" }
      }
    }]
  })
}
