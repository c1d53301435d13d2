resource "aws_iam_role" "grafana" {
  name = "grafana"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Action = "sts:AssumeRole"
        Effect = "Allow"
        Principal = {
          Service = "grafana.amazonaws.com"
        }
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = data.aws_caller_identity.current.account_id
          }
          StringLike = {
            "aws:SourceArn" = "arn:aws:grafana:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:/workspaces/*"
          }
        }
      },
    ]
  })
}

data "aws_iam_policy_document" "grafana_read" {
  statement {
    sid = "Metrics"
    actions = [
      "cloudwatch:DescribeAlarms",
      "cloudwatch:GetInsightRuleReport",
      "cloudwatch:GetMetricData",
      "cloudwatch:ListMetrics",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:DescribeLogGroups", "logs:GetLogGroupFields", "logs:GetQueryResults", "logs:StartQuery", "logs:StopQuery"]
    resources = ["*"]
  }

  statement {
    sid       = "Traces"
    actions   = ["xray:BatchGetTraces", "xray:GetTraceSummaries"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "grafana_accounts" {
  statement {
    sid       = "OtherAccounts"
    actions   = ["sts:AssumeRole"]
    resources = values({ for name, id in var.watched_accounts : name => "arn:aws:iam::${id}:role/observability-read" })
  }
}

data "aws_iam_policy_document" "grafana" {
  source_policy_documents = [data.aws_iam_policy_document.grafana_read.json]

  override_policy_documents = [
    data.aws_iam_policy_document.grafana_accounts.json,
    jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:DescribeLogGroups", "logs:GetLogGroupFields", "logs:GetQueryResults", "logs:StartQuery", "logs:StopQuery"]
        Resource = [for name, id in var.watched_accounts : "arn:aws:logs:eu-west-1:${id}:log-group:/apps/*"]
      }]
    }),
  ]
}

resource "aws_iam_role_policy" "grafana" {
  name   = "read"
  role   = aws_iam_role.grafana.id
  policy = data.aws_iam_policy_document.grafana.json
}
