resource "aws_opensearch_domain" "logs" {
  domain_name    = "logs"
  engine_version = "OpenSearch_2.13"
}

resource "aws_opensearch_domain_policy" "logs" {
  domain_name = aws_opensearch_domain.logs.domain_name

  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Readers"
        Effect = "Allow"
        Principal = {
          AWS = [aws_iam_role.grafana.arn, data.aws_ssm_parameter.grafana_workspace_role.value]
        }
        Action   = ["es:ESHttpGet", "es:ESHttpPost"]
        Resource = "${aws_opensearch_domain.logs.arn}/apps-*"
      },
      {
        Sid       = "Shipper"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.shipper.arn }
        Action    = ["es:ESHttpPost", "es:ESHttpPut"]
        Resource  = "${aws_opensearch_domain.logs.arn}/_bulk"
      },
    ]
  })
}

data "aws_iam_policy_document" "shipper_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["osis-pipelines.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "shipper" {
  name               = "log-shipper"
  assume_role_policy = data.aws_iam_policy_document.shipper_trust.json
}

resource "aws_iam_role_policy" "shipper" {
  name = "ship"
  role = aws_iam_role.shipper.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["es:DescribeDomain", "es:ESHttp*"]
        Resource = [aws_opensearch_domain.logs.arn, "${aws_opensearch_domain.logs.arn}/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards", "kinesis:DescribeStreamSummary"]
        Resource = aws_kinesis_stream.logs.arn
      },
    ]
  })
}

resource "aws_cloudwatch_log_resource_policy" "search" {
  policy_name     = "search-slow-logs"
  policy_document = data.aws_iam_policy_document.search_logs.json
}

data "aws_iam_policy_document" "search_logs" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:aws:logs:*:*:log-group:/opensearch/*"]

    principals {
      type        = "Service"
      identifiers = ["es.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [aws_opensearch_domain.logs.arn]
    }
  }
}
