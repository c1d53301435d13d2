resource "aws_iam_role" "app" {
  name = "${var.app_name}-instance"

  assume_role_policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Action": "sts:AssumeRole",
      "Principal": {
        "Service": "ec2.amazonaws.com"
      },
      "Effect": "Allow",
      "Sid": ""
    }
  ]
}
EOF
}

resource "aws_iam_instance_profile" "app" {
  name = "${var.app_name}-instance"
  role = aws_iam_role.app.name
}

resource "aws_iam_role_policy_attachment" "ssm" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_s3_bucket" "app" {
  count  = length(local.bucket_names)
  bucket = element(local.bucket_names, count.index)
}

resource "aws_iam_role_policy" "buckets" {
  name = "buckets"
  role = aws_iam_role.app.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = flatten([
      for bucket in aws_s3_bucket.app : [
        {
          Effect   = "Allow"
          Action   = local.common_actions
          Resource = "${bucket.arn}/*"
        },
        {
          Effect   = "Allow"
          Action   = ["s3:ListBucket"]
          Resource = bucket.arn
        },
      ]
    ])
  })
}

data "aws_iam_policy_document" "extras" {
  dynamic "statement" {
    for_each = [for s in local.extra_statements : s if s.enabled]

    content {
      sid       = statement.value.sid
      effect    = "Allow"
      actions   = statement.value.actions
      resources = statement.value["resources"]
    }
  }
}

resource "aws_iam_role_policy" "extras" {
  name   = "extras"
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.extras.json
}

resource "aws_iam_policy_attachment" "queue_access" {
  name       = "queue-access"
  roles      = [aws_iam_role.app.name]
  policy_arn = aws_iam_policy.queue_access.arn
}

resource "aws_iam_policy" "queue_access" {
  name   = "${var.app_name}-queue"
  policy = data.aws_iam_policy_document.queue_access.json
}

data "aws_iam_policy_document" "queue_access" {
  statement {
    actions   = ["sqs:*Message*", "sqs:GetQueueAttributes"]
    resources = aws_sqs_queue.jobs[*].arn
  }
}

resource "aws_sqs_queue" "jobs" {
  count = 2
  name  = "${var.app_name}-jobs-${count.index}"
}

resource "aws_sqs_queue_policy" "jobs" {
  count     = 2
  queue_url = aws_sqs_queue.jobs[count.index].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "App"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.app.arn }
        Action    = ["sqs:SendMessage", "sqs:ReceiveMessage"]
        Resource  = aws_sqs_queue.jobs[count.index].arn
      },
    ]
  })
}
