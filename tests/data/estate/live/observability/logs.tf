# Central log archive: destinations that accounts of the organization subscribe to.

resource "aws_cloudwatch_log_destination" "archive" {
  name       = "archive"
  role_arn   = aws_iam_role.to_stream.arn
  target_arn = aws_kinesis_stream.logs.arn
}

resource "aws_kinesis_stream" "logs" {
  name        = "central-logs"
  shard_count = 2
}

data "aws_iam_policy_document" "destination" {
  statement {
    sid       = "Members"
    effect    = "Allow"
    actions   = ["logs:PutSubscriptionFilter"]
    resources = [aws_cloudwatch_log_destination.archive.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = [data.aws_organizations_organization.current.id]
    }
  }
}

resource "aws_cloudwatch_log_destination_policy" "archive" {
  destination_name = aws_cloudwatch_log_destination.archive.name
  access_policy    = data.aws_iam_policy_document.destination.json
}

resource "aws_iam_role" "to_stream" {
  name = "logs-to-stream"

  assume_role_policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Principal": {"Service": "logs.amazonaws.com"},
          "Action": "sts:AssumeRole",
          "Condition": {
            "StringLike": {
              "aws:SourceArn": ${jsonencode([for id in values(var.watched_accounts) : "arn:aws:logs:eu-west-1:${id}:*"])}
            }
          }
        }
      ]
    }
  EOF
}

resource "aws_iam_role_policy" "to_stream" {
  name = "put"
  role = aws_iam_role.to_stream.id

  policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": "kinesis:PutRecord",
          "Resource": "${aws_kinesis_stream.logs.arn}"
        }
      ]
    }
  EOF
}
