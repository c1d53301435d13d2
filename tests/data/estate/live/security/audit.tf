module "auditor" {
  source = "../../modules/iam-role"

  name              = "auditor"
  trusted_role_arns = ["arn:aws:iam::${var.management_account_id}:role/audit-hub"]
  external_id       = var.siem_external_id

  managed_policy_arns = [
    "arn:aws:iam::aws:policy/SecurityAudit",
    "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
  ]

  inline_policies = {
    no-data = data.aws_iam_policy_document.auditor_no_data.json
  }
}

data "aws_iam_policy_document" "auditor_no_data" {
  statement {
    sid    = "NoData"
    effect = "Deny"
    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:GetItem",
      "dynamodb:Query",
      "dynamodb:Scan",
      "s3:GetObject*",
      "secretsmanager:GetSecretValue",
      "ssm:GetParameter*",
    ]
    resources = ["*"]
  }
}

# The security information system of a vendor reads findings and trails.
resource "aws_iam_role" "siem" {
  name        = "siem"
  description = "vendor reads logs"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { AWS = "arn:aws:iam::${var.siem_account_id}:root" }
        Condition = { StringEquals = { "sts:ExternalId" = var.siem_external_id } }
      },
    ]
  })
}

resource "aws_iam_policy" "siem" {
  name = "siem"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Trails"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:ListBucket"]
        Resource = [module.trail_bucket.arn, "${module.trail_bucket.arn}/AWSLogs/*"]
      },
      {
        Sid      = "Queue"
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        Resource = module.siem_queue.arn
      },
      {
        Sid      = "Decrypt"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = module.trail_key.arn
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "siem" {
  role       = aws_iam_role.siem.name
  policy_arn = aws_iam_policy.siem.arn
}

module "siem_queue" {
  source = "../../modules/sqs-queue"

  name               = "siem-new-objects"
  consumer_role_arns = [aws_iam_role.siem.arn]

  senders = [
    { service = "s3.amazonaws.com", source_arn = module.trail_bucket.arn },
  ]
}

resource "aws_s3_bucket_notification" "siem" {
  bucket = module.trail_bucket.id

  queue {
    queue_arn = module.siem_queue.arn
    events    = ["s3:ObjectCreated:*"]
  }
}
