# Support staff see one tenant at a time: AWS's own read-only policy with a fence around it.

data "aws_iam_policy" "view_only" {
  arn = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
}

locals {
  view_only = jsondecode(data.aws_iam_policy.view_only.policy)
}

resource "aws_iam_role" "support" {
  name = join("-", [module.this.id, "support"])

  assume_role_policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Principal": { "AWS": "${data.aws_caller_identity.current.account_id}" },
          "Action": ["sts:AssumeRole", "sts:TagSession"],
          "Condition": { "StringLike": { "aws:RequestTag/tenant": "?*" } }
        }
      ]
    }
  EOT
}

resource "aws_iam_role_policy" "support_view" {
  name = "view"
  role = aws_iam_role.support.id

  policy = jsonencode(merge(local.view_only, {
    Statement = [
      for statement in local.view_only.Statement : merge(statement, {
        Condition = { StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }
      })
    ]
  }))
}

resource "aws_iam_role_policy" "support_data" {
  name = "data"
  role = aws_iam_role.support.id

  policy = templatefile("${path.module}/policies/support.json.tftpl", {
    bucket  = aws_s3_bucket.tenants.arn
    actions = join("\", \"", ["s3:GetObject", "s3:GetObjectTagging"])
  })
}

resource "aws_iam_role_policy" "support_deny" {
  name = "deny"
  role = aws_iam_role.support.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for name in sort(keys(local.tenants)) : {
        Sid       = "Fence${title(name)}"
        Effect    = "Deny"
        Action    = ["s3:GetObject", "s3:GetObjectTagging"]
        Resource  = "${aws_s3_bucket.tenants.arn}/${name}/*"
        Condition = { StringNotEquals = { "aws:PrincipalTag/tenant" = name } }
      }
    ]
  })
}
