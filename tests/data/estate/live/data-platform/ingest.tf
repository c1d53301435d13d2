resource "aws_kinesis_stream" "events" {
  name             = "events-${var.environment}"
  retention_period = 48

  stream_mode_details {
    stream_mode = "ON_DEMAND"
  }
}

resource "aws_kinesis_resource_policy" "events" {
  resource_arn = aws_kinesis_stream.events.arn

  policy = <<EOT
{
  "Version": "2012-10-17",
  "Id": "producers",
  "Statement": [
    {
      "Sid": "Producers",
      "Effect": "Allow",
      "Principal": {
        "AWS": ${jsonencode([for id in var.producer_account_ids : "arn:aws:iam::${id}:role/event-producer"])}
      },
      "Action": ["kinesis:PutRecord", "kinesis:PutRecords", "kinesis:DescribeStreamSummary"],
      "Resource": "${aws_kinesis_stream.events.arn}"
    }
  ]
}
EOT
}

variable "producer_account_ids" {
  type    = list(string)
  default = ["111122223333", "444455556666"]
}

resource "aws_iam_role" "firehose" {
  name = "firehose-${var.environment}"

  assume_role_policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Principal": {"Service": "firehose.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"sts:ExternalId": "${local.account_id}"}}
  }
}
EOF
}

resource "aws_iam_role_policy" "firehose" {
  name   = "deliver"
  role   = aws_iam_role.firehose.id
  policy = data.aws_iam_policy_document.firehose.json
}

data "aws_iam_policy_document" "firehose" {
  statement {
    sid       = "Read"
    actions   = ["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]
    resources = [aws_kinesis_stream.events.arn]
  }

  statement {
    sid = "Write"
    actions = [
      "s3:AbortMultipartUpload",
      "s3:GetBucketLocation",
      "s3:ListBucket",
      "s3:ListBucketMultipartUploads",
      "s3:PutObject",
    ]
    resources = [module.lake["landing"].arn, join("/", [module.lake["landing"].arn, "events", "*"])]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [module.lake_key.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${data.aws_region.current.name}.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:s3:arn"
      values   = ["${module.lake["landing"].arn}/events/*"]
    }
  }

  statement {
    sid       = "Transform"
    actions   = ["lambda:InvokeFunction", "lambda:GetFunctionConfiguration"]
    resources = ["${module.transform.arn}:*", module.transform.arn]
  }
}

module "transform" {
  source = "../../modules/lambda"

  name = "transform-events-${var.environment}"

  policy_statements = {
    Schemas = {
      actions   = ["glue:GetSchemaVersion"]
      resources = ["*"]
    }
  }

  triggers = {
    firehose = {
      service        = "firehose.amazonaws.com"
      source_arn     = "arn:aws:firehose:eu-west-1:${local.account_id}:deliverystream/events-${var.environment}"
      source_account = local.account_id
    }
  }
}

resource "aws_iam_role" "nightly" {
  name               = "nightly-${var.environment}"
  assume_role_policy = file("policies/states-trust.json")
}

resource "aws_iam_role_policy" "nightly" {
  name = "run"
  role = aws_iam_role.nightly.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Jobs"
        Effect   = "Allow"
        Action   = ["glue:StartJobRun", "glue:GetJobRun", "glue:BatchStopJobRun"]
        Resource = [for domain in keys(local.domains) : "arn:aws:glue:eu-west-1:${local.account_id}:job/${domain}-*"]
      },
      {
        Sid      = "Notify"
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = module.alerts.arn
      },
    ]
  })
}

module "alerts" {
  source = "../../modules/sns-topic"

  name = "data-platform-${var.environment}"
}
