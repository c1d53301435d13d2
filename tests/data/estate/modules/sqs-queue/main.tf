variable "name" {
  type = string
}

variable "senders" {
  description = "AWS services that may send, each on behalf of one resource"
  type = list(object({
    service    = string
    source_arn = string
  }))
  default = []
}

variable "consumer_role_arns" {
  type    = list(string)
  default = []
}

variable "kms_key_id" {
  type    = string
  default = null
}

variable "max_receive_count" {
  type    = number
  default = 5
}

resource "aws_sqs_queue" "dead_letter" {
  name              = "${var.name}-dlq"
  kms_master_key_id = var.kms_key_id
}

resource "aws_sqs_queue" "this" {
  name              = var.name
  kms_master_key_id = var.kms_key_id

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter.arn
    maxReceiveCount     = var.max_receive_count
  })
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = aws_sqs_queue.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "OnlyOverTls"
          Effect    = "Deny"
          Principal = "*"
          Action    = "sqs:*"
          Resource  = aws_sqs_queue.this.arn
          Condition = {
            Bool = { "aws:SecureTransport" = "false" }
          }
        },
      ],
      [
        for sender in var.senders : {
          Sid       = "From${title(split(".", sender.service)[0])}"
          Effect    = "Allow"
          Principal = { Service = sender.service }
          Action    = "sqs:SendMessage"
          Resource  = aws_sqs_queue.this.arn
          Condition = {
            ArnEquals = { "aws:SourceArn" = sender.source_arn }
          }
        }
      ],
      length(var.consumer_role_arns) == 0 ? [] : [
        {
          Sid       = "Consumers"
          Effect    = "Allow"
          Principal = { AWS = var.consumer_role_arns }
          Action = [
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueAttributes",
          ]
          Resource = aws_sqs_queue.this.arn
        },
      ],
    )
  })
}

output "arn" {
  value = aws_sqs_queue.this.arn
}

output "url" {
  value = aws_sqs_queue.this.id
}

output "dead_letter_arn" {
  value = aws_sqs_queue.dead_letter.arn
}
