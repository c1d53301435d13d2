data "aws_iam_policy_document" "oncall" {
  statement {
    sid       = "Alarms"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.oncall.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [for _, id in var.watched_accounts : "arn:aws:cloudwatch:eu-west-1:${id}:alarm:*"]
    }
  }

  statement {
    sid       = "Pager"
    actions   = ["sns:Subscribe"]
    resources = [aws_sns_topic.oncall.arn]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/pager"]
    }

    condition {
      test     = "StringLike"
      variable = "sns:Endpoint"
      values   = ["https://events.pager.example.com/*"]
    }

    condition {
      test     = "StringEquals"
      variable = "sns:Protocol"
      values   = ["https"]
    }
  }
}

resource "aws_sns_topic" "oncall" {
  name = var.oncall_topic_name
}

resource "aws_sns_topic_policy" "oncall" {
  arn    = aws_sns_topic.oncall.arn
  policy = data.aws_iam_policy_document.oncall.json
}
