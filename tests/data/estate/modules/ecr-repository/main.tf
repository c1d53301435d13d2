variable "name" {
  type = string
}

variable "pull_account_ids" {
  type    = list(string)
  default = []
}

variable "push_role_arns" {
  type    = list(string)
  default = []
}

variable "lambda_pull" {
  type    = bool
  default = false
}

data "aws_iam_policy_document" "this" {
  dynamic "statement" {
    for_each = length(var.pull_account_ids) > 0 ? [1] : []

    content {
      sid = "Pull"
      actions = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
      ]

      principals {
        type        = "AWS"
        identifiers = formatlist("arn:aws:iam::%s:root", var.pull_account_ids)
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.push_role_arns) > 0 ? [1] : []

    content {
      sid = "Push"
      actions = [
        "ecr:CompleteLayerUpload",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
      ]

      principals {
        type        = "AWS"
        identifiers = var.push_role_arns
      }
    }
  }

  dynamic "statement" {
    for_each = var.lambda_pull ? [1] : []

    content {
      sid     = "LambdaPull"
      actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]

      principals {
        type        = "Service"
        identifiers = ["lambda.amazonaws.com"]
      }

      condition {
        test     = "ForAnyValue:StringEquals"
        variable = "aws:SourceAccount"
        values   = var.pull_account_ids
      }
    }
  }
}

resource "aws_ecr_repository" "this" {
  name                 = var.name
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_repository_policy" "this" {
  repository = aws_ecr_repository.this.name
  policy     = data.aws_iam_policy_document.this.json
}

output "arn" {
  value = aws_ecr_repository.this.arn
}

output "url" {
  value = aws_ecr_repository.this.repository_url
}
