locals {
  model_arns = [for m in var.models : "arn:aws:bedrock:*::foundation-model/${m}"]
}

resource "aws_iam_policy" "invoke_models" {
  name = "invoke-models"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Invoke"
        Effect   = "Allow"
        Action   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
        Resource = local.model_arns
      },
      {
        Sid      = "Guardrail"
        Effect   = "Deny"
        Action   = "bedrock:InvokeModel*"
        Resource = local.model_arns
        Condition = {
          Null = { "bedrock:GuardrailIdentifier" = "true" }
        }
      },
    ]
  })
}

resource "aws_iam_role" "assistant" {
  name = "assistant"
  path = "/ml/"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Principal = { Service = "pods.eks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "assistant" {
  role       = aws_iam_role.assistant.name
  policy_arn = aws_iam_policy.invoke_models.arn
}

resource "aws_iam_role_policy" "assistant_sessions" {
  name   = "sessions"
  role   = aws_iam_role.assistant.name
  policy = templatefile("${path.module}/templates/sessions.json", {
    account_id = data.aws_caller_identity.this.account_id
    tables     = ["sessions", "feedback"]
  })
}

resource "aws_bedrock_model_invocation_logging_configuration" "this" {
  logging_config {
    cloudwatch_config {
      log_group_name = "/bedrock/invocations"
      role_arn       = aws_iam_role.bedrock_logs.arn
    }
  }
}

resource "aws_iam_role" "bedrock_logs" {
  name = "bedrock-logs"

  assume_role_policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": { "Service": "bedrock.amazonaws.com" },
      "Action": "sts:AssumeRole",
      "Condition": {
        "StringEquals": { "aws:SourceAccount": "${data.aws_caller_identity.this.account_id}" },
        "ArnLike": { "aws:SourceArn": "arn:aws:bedrock:eu-west-1:${data.aws_caller_identity.this.account_id}:*" }
      }
    }
  ]
}
EOF
}

resource "aws_iam_role_policy" "bedrock_logs" {
  name = "write"
  role = aws_iam_role.bedrock_logs.id

  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
    "Resource": "arn:aws:logs:eu-west-1:${data.aws_caller_identity.this.account_id}:log-group:/bedrock/invocations:log-stream:aws/bedrock/modelinvocations"
  }]
}
EOF
}
