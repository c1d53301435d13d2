variable "name" {
  type = string
}

variable "publisher_services" {
  type    = list(string)
  default = ["cloudwatch.amazonaws.com"]
}

data "aws_caller_identity" "current" {}

resource "aws_sns_topic" "this" {
  name              = var.name
  kms_master_key_id = "alias/aws/sns"
}

resource "aws_sns_topic_policy" "this" {
  arn = aws_sns_topic.this.arn

  policy = <<-POLICY
    {
      "Version": "2012-10-17",
      "Id": "${var.name}",
      "Statement": [
        {
          "Sid": "OwnAccount",
          "Effect": "Allow",
          "Principal": {"AWS": "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"},
          "Action": ["sns:Publish", "sns:Subscribe", "sns:GetTopicAttributes"],
          "Resource": "${aws_sns_topic.this.arn}"
        },
        {
          "Sid": "Publishers",
          "Effect": "Allow",
          "Principal": {"Service": ${jsonencode(var.publisher_services)}},
          "Action": "sns:Publish",
          "Resource": "${aws_sns_topic.this.arn}",
          "Condition": {
            "StringEquals": {"aws:SourceAccount": "${data.aws_caller_identity.current.account_id}"}
          }
        }
      ]
    }
  POLICY
}

output "arn" {
  value = aws_sns_topic.this.arn
}
