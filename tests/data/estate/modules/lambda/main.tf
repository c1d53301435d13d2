data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  log_group_arn = "arn:aws:logs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:log-group:/aws/lambda/${var.name}"
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-lambda"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "lambda.amazonaws.com" }
      },
    ]
  })
}

resource "aws_iam_role_policy" "logs" {
  name = "logs"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${local.log_group_arn}:*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "own" {
  count = length(var.policy_statements) > 0 ? 1 : 0

  name = "own"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for key, statement in var.policy_statements : merge(
        {
          Sid      = key
          Effect   = try(statement.effect, "Allow")
          Action   = statement.actions
          Resource = statement.resources
        },
        try({ Condition = statement.condition }, {}),
      )
    ]
  })
}

resource "aws_iam_role_policy_attachment" "vpc" {
  count = var.in_vpc ? 1 : 0

  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = 30
}

resource "aws_lambda_function" "this" {
  function_name = var.name
  role          = aws_iam_role.this.arn
  handler       = var.handler
  runtime       = var.runtime
  filename      = var.package
}

resource "aws_lambda_permission" "trigger" {
  for_each = var.triggers

  statement_id   = each.key
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this.function_name
  principal      = each.value.service
  source_arn     = each.value.source_arn
  source_account = lookup(each.value, "source_account", null)
}
