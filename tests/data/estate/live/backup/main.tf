provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "vault"
  region = "eu-central-1"

  assume_role {
    role_arn = "arn:aws:iam::777788889999:role/backup-admin"
  }
}

data "aws_organizations_organization" "this" {}

data "aws_caller_identity" "vault" {
  provider = aws.vault
}

resource "aws_backup_vault" "local" {
  name = "local"
}

resource "aws_backup_vault" "copy" {
  provider = aws.vault
  name     = "copies"
}

data "aws_iam_policy_document" "local_vault" {
  statement {
    sid    = "Keep"
    effect = "Deny"
    actions = [
      "backup:DeleteBackupVault",
      "backup:DeleteRecoveryPoint",
      "backup:PutBackupVaultAccessPolicy",
      "backup:UpdateRecoveryPointLifecycle",
    ]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "ArnNotLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::*:role/BreakGlass"]
    }
  }
}

resource "aws_backup_vault_policy" "local" {
  backup_vault_name = aws_backup_vault.local.name
  policy            = data.aws_iam_policy_document.local_vault.json
}

resource "aws_backup_vault_policy" "copy" {
  provider          = aws.vault
  backup_vault_name = aws_backup_vault.copy.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "CopiesFromOrganization"
      Effect    = "Allow"
      Principal = "*"
      Action    = "backup:CopyIntoBackupVault"
      Resource  = "*"
      Condition = {
        StringEquals = { "aws:PrincipalOrgID" = data.aws_organizations_organization.this.id }
      }
    }]
  })
}

resource "aws_iam_role" "backup" {
  name               = "backup"
  assume_role_policy = data.aws_iam_policy_document.backup_trust.json
}

data "aws_iam_policy_document" "backup_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "backup" {
  for_each = toset(["AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"])

  role       = aws_iam_role.backup.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/${each.key}"
}

resource "aws_iam_role_policy" "restore_pass" {
  name = "pass-on-restore"
  role = aws_iam_role.backup.id

  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "iam:PassRole",
      "Resource": "arn:aws:iam::*:role/restored-*",
      "Condition": {
        "StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "rds.amazonaws.com"]}
      }
    }
  ]
}
EOF
}

resource "aws_kms_key" "copies" {
  provider    = aws.vault
  description = "copies of backups"
  policy      = data.aws_iam_policy_document.copies_key.json
}

data "aws_iam_policy_document" "copies_key" {
  statement {
    sid       = "Administration"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.vault.account_id}:root"]
    }
  }

  statement {
    sid       = "Copies"
    actions   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.backup.arn]
    }
  }

  statement {
    sid       = "Grants"
    actions   = ["kms:CreateGrant"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.backup.arn]
    }

    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }
}
