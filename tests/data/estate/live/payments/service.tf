resource "aws_iam_role" "task" {
  name = "${local.name}-task"

  assume_role_policy = jsonencode(
    {
      "Version" : "2012-10-17",
      "Statement" : [
        {
          "Effect" : "Allow",
          "Principal" : {
            "Service" : "ecs-tasks.amazonaws.com"
          },
          "Action" : "sts:AssumeRole"
        }
      ]
    }
  )
}

resource "aws_iam_role_policy" "task" {
  name = "payments"
  role = aws_iam_role.task.id

  policy = jsonencode(
    {
      "Version" : "2012-10-17",
      "Statement" : [
        {
          "Sid" : "Sign",
          "Effect" : "Allow",
          "Action" : ["kms:Sign", "kms:Verify", "kms:GetPublicKey"],
          "Resource" : "${aws_kms_key.signing.arn}"
          "Condition" : {
            "StringEquals" : { "kms:SigningAlgorithm" : "ECDSA_SHA_256" }
          }
        },
        {
          "Sid" : "Tokens",
          "Effect" : "Allow",
          "Action" : "secretsmanager:GetSecretValue",
          "Resource" : "${aws_secretsmanager_secret.provider.arn}"
        },
        {
          "Sid" : "Ledger",
          "Effect" : "Allow",
          "Action" : ["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:Query"],
          "Resource" : [aws_dynamodb_table.ledger.arn, "${aws_dynamodb_table.ledger.arn}/index/*"]
        },
        {
          "Sid" : "AppendOnly",
          "Effect" : "Deny",
          "Action" : ["dynamodb:DeleteItem", "dynamodb:DeleteTable", "dynamodb:UpdateItem"],
          "Resource" : aws_dynamodb_table.ledger.arn
        }
      ]
    }
  )
}

resource "aws_dynamodb_table" "ledger" {
  name         = "${local.name}-ledger"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_kms_key" "signing" {
  description              = "signs payment orders"
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"

  policy = jsonencode({
    Version = "2012-10-17"
    Id      = "signing"
    Statement = [
      {
        Sid       = "Administration"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${local.account_id}:root" }
        Action = [
          "kms:Create*",
          "kms:Describe*",
          "kms:Enable*",
          "kms:List*",
          "kms:Put*",
          "kms:Update*",
          "kms:Get*",
          "kms:TagResource",
          "kms:ScheduleKeyDeletion",
          "kms:CancelKeyDeletion",
        ]
        Resource = "*"
      },
      {
        Sid       = "Signing"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.task.arn }
        Action    = ["kms:Sign", "kms:Verify", "kms:GetPublicKey"]
        Resource  = "*"
      },
    ]
  })
}

resource "aws_secretsmanager_secret" "provider" {
  name = "payments/${local.environment}/provider"

  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "OnlyTheTask",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "secretsmanager:GetSecretValue",
      "Resource": "*",
      "Condition": {
        "ArnNotEquals": {
          "aws:PrincipalArn": ["${aws_iam_role.task.arn}", "arn:aws:iam::${local.account_id}:role/BreakGlass"]
        }
      }
    }
  ]
}
EOF
}
