variable "name" {
  type = string
}

variable "provider_arn" {
  type = string
}

variable "repository" {
  description = "owner/name"
  type        = string
}

variable "branches" {
  type    = list(string)
  default = []
}

variable "environments" {
  type    = list(string)
  default = []
}

variable "pull_requests" {
  type    = bool
  default = false
}

variable "policies" {
  description = "JSON documents by name"
  type        = map(string)
  default     = {}
}

variable "permissions_boundary" {
  type    = string
  default = null
}

locals {
  subjects = concat(
    [for branch in var.branches : "repo:${var.repository}:ref:refs/heads/${branch}"],
    [for environment in var.environments : "repo:${var.repository}:environment:${environment}"],
    var.pull_requests ? ["repo:${var.repository}:pull_request"] : [],
  )
}

resource "aws_iam_role" "this" {
  name                 = var.name
  max_session_duration = 3600
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "GitHub"
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = var.provider_arn }
        Condition = {
          StringEquals = {
            "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          }
          StringLike = {
            "token.actions.githubusercontent.com:sub" = local.subjects
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = var.policies

  name   = each.key
  role   = aws_iam_role.this.id
  policy = each.value
}

output "arn" {
  value = aws_iam_role.this.arn
}

output "name" {
  value = aws_iam_role.this.name
}
