resource "aws_iam_group" "managers" {
  count = length(var.console_managers) > 0 ? 1 : 0
  name  = "console-managers"
}

resource "aws_iam_group_policy" "managers" {
  count = length(var.console_managers) > 0 ? 1 : 0

  name  = "own-credentials"
  group = aws_iam_group.managers[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "OwnCredentials"
        Effect   = "Allow"
        Action   = ["iam:ChangePassword", "iam:GetUser", "iam:*MFADevice", "iam:*AccessKey*"]
        Resource = ["arn:aws:iam::*:user/$${aws:username}", "arn:aws:iam::*:mfa/$${aws:username}"]
      },
      {
        Sid       = "NothingWithoutMfa"
        Effect    = "Deny"
        NotAction = ["iam:ChangePassword", "iam:GetUser", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "sts:GetSessionToken"]
        Resource  = "*"
        Condition = {
          BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" }
        }
      },
    ]
  })
}

resource "aws_iam_user" "legacy" {
  for_each = var.legacy_users

  name = each.value
  path = "/legacy/"
}

resource "aws_iam_user_policy" "legacy" {
  for_each = aws_iam_user.legacy

  name = "reports"
  user = each.value.name

  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:PutObject"],
      "Resource": "arn:aws:s3:::fernhill-reports/$${aws:username}/*"
    },
    {
      "Effect": "Deny",
      "Action": "*",
      "Resource": "*",
      "Condition": {
        "NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24"]},
        "Bool": {"aws:ViaAWSService": "false"}
      }
    }
  ]
}
EOF
}

resource "aws_iam_account_password_policy" "this" {
  minimum_password_length = 20
}
