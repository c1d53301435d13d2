resource "aws_api_gateway_rest_api" "webhooks" {
  name = "${local.name}-webhooks"
}

resource "aws_api_gateway_rest_api_policy" "webhooks" {
  rest_api_id = aws_api_gateway_rest_api.webhooks.id
  policy      = data.aws_iam_policy_document.webhooks.json
}

variable "provider_networks" {
  type    = list(string)
  default = ["203.0.113.0/25", "198.51.100.64/26"]
}

data "aws_iam_policy_document" "webhooks" {
  statement {
    sid       = "Everyone"
    actions   = ["execute-api:Invoke"]
    resources = ["${aws_api_gateway_rest_api.webhooks.execution_arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }

  statement {
    sid       = "OnlyTheProvider"
    effect    = "Deny"
    actions   = ["execute-api:Invoke"]
    resources = ["${aws_api_gateway_rest_api.webhooks.execution_arn}/*/POST/webhooks"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "NotIpAddress"
      variable = "aws:SourceIp"
      values   = var.provider_networks
    }
  }
}

module "webhook_handler" {
  source = "../../modules/lambda"

  name = "${local.name}-webhook"

  policy_statements = {
    Enqueue = {
      actions   = ["sqs:SendMessage"]
      resources = [module.webhook_queue.arn]
    }
  }

  triggers = {
    api = {
      service    = "apigateway.amazonaws.com"
      source_arn = "${aws_api_gateway_rest_api.webhooks.execution_arn}/*/POST/webhooks"
    }
  }
}

module "webhook_queue" {
  source = "../../modules/sqs-queue"

  name               = "${local.name}-webhooks"
  consumer_role_arns = [aws_iam_role.task.arn]
}

resource "aws_iam_role" "api_logs" {
  name = "${local.name}-api-logs"

  assume_role_policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "",
      "Effect": "Allow",
      "Principal": {
        "Service": "apigateway.amazonaws.com"
      },
      "Action": "sts:AssumeRole"
    }
  ]
}
EOF
}

resource "aws_iam_role_policy_attachment" "api_logs" {
  role       = aws_iam_role.api_logs.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

# The settlement partner puts files by way of a role of its own.
resource "aws_iam_role" "settlement" {
  name               = "${local.name}-settlement"
  assume_role_policy = data.aws_iam_policy_document.settlement_trust.json
}

variable "settlement_partner" {
  type = object({
    account_id  = string
    external_id = string
  })
}

data "aws_iam_policy_document" "settlement_trust" {
  statement {
    sid     = "Partner"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.settlement_partner.account_id]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.settlement_partner.external_id]
    }
  }
}

resource "aws_iam_role_policy" "settlement" {
  role = aws_iam_role.settlement.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = {
      Effect   = "Allow"
      Action   = "s3:PutObject"
      Resource = "${module.settlements.arn}/inbox/*"
    }
  })
}

module "settlements" {
  source = "../../modules/s3-bucket"

  name = "fernhill-${local.name}-settlements"
}
