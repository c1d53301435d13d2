variable "context" {
  description = "Label of the caller"
  type        = any
}

variable "name" {
  type = string
}

variable "principals" {
  type    = map(list(string))
  default = {}
}

variable "statements" {
  type = list(object({
    sid       = optional(string)
    effect    = optional(string, "Allow")
    actions   = list(string)
    resources = optional(list(string), ["*"])
    conditions = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })), [])
  }))
  default = []
}

variable "policy_documents" {
  type    = list(string)
  default = []
}

module "label" {
  source  = "cloudposse/label/null"
  version = "0.25.0"

  context    = var.context
  attributes = [var.name]
}

data "aws_iam_policy_document" "assume" {
  dynamic "statement" {
    for_each = var.principals

    content {
      effect  = "Allow"
      actions = statement.key == "Federated" ? ["sts:AssumeRoleWithWebIdentity"] : ["sts:AssumeRole"]

      principals {
        type        = statement.key
        identifiers = statement.value
      }
    }
  }
}

data "aws_iam_policy_document" "this" {
  source_policy_documents = var.policy_documents

  dynamic "statement" {
    for_each = var.statements

    content {
      sid       = statement.value.sid
      effect    = statement.value.effect
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "condition" {
        for_each = statement.value.conditions

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_iam_role" "this" {
  name               = module.label.id
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = module.label.tags
}

resource "aws_iam_policy" "this" {
  name   = module.label.id
  policy = data.aws_iam_policy_document.this.json
}

resource "aws_iam_role_policy_attachment" "this" {
  role       = aws_iam_role.this.name
  policy_arn = aws_iam_policy.this.arn
}

output "arn" {
  value = aws_iam_role.this.arn
}

output "name" {
  value = aws_iam_role.this.name
}
