variable "name" { type = string }
resource "aws_sqs_queue" "q" { name = "q-${var.name}" }
resource "aws_sqs_queue_policy" "q" {
  queue_url = aws_sqs_queue.q.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Principal = { AWS = "*" }, Resource = aws_sqs_queue.q.arn }] })
}
