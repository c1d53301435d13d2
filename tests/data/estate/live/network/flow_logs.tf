resource "aws_cloudwatch_log_group" "flow" {
  name              = "/vpc/${var.name}/flow"
  retention_in_days = 90
}

resource "aws_iam_role" "flow" {
  name = "${var.name}-flow-logs"

  assume_role_policy = <<-EOF
  {
    "Version": "2012-10-17",
    "Statement": [
      {
        "Sid": "",
        "Effect": "Allow",
        "Principal": {
          "Service": "vpc-flow-logs.amazonaws.com"
        },
        "Action": "sts:AssumeRole",
        "Condition": {
          "StringEquals": {"aws:SourceAccount": "${data.aws_caller_identity.this.account_id}"},
          "ArnLike": {"aws:SourceArn": "arn:aws:ec2:${data.aws_region.this.name}:${data.aws_caller_identity.this.account_id}:vpc-flow-log/*"}
        }
      }
    ]
  }
  EOF
}

resource "aws_iam_role_policy" "flow" {
  name = "write"
  role = aws_iam_role.flow.id

  policy = <<-EOF
  {
    "Version": "2012-10-17",
    "Statement": [
      {
        "Action": [
          "logs:CreateLogStream",
          "logs:DescribeLogStreams",
          "logs:PutLogEvents"
        ],
        "Effect": "Allow",
        "Resource": "${aws_cloudwatch_log_group.flow.arn}:*"
      },
      {
        "Action": "logs:DescribeLogGroups",
        "Effect": "Allow",
        "Resource": "*"
      }
    ]
  }
  EOF
}

resource "aws_flow_log" "this" {
  vpc_id          = module.vpc.vpc_id
  traffic_type    = "REJECT"
  iam_role_arn    = aws_iam_role.flow.arn
  log_destination = aws_cloudwatch_log_group.flow.arn
}

resource "aws_cloudwatch_log_resource_policy" "resolver" {
  policy_name = "resolver-queries"

  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Resolver"
      Effect    = "Allow"
      Principal = { Service = "route53.amazonaws.com" }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = "arn:aws:logs:eu-west-1:${data.aws_caller_identity.this.account_id}:log-group:/route53/*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id }
      }
    }]
  })
}
