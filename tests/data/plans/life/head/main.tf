provider "aws" {
  region = "us-east-1"
}
variable "names" {
  type    = map(string)
  default = { a = "alpha", c = "*" }
}
resource "aws_s3_bucket" "data" { bucket_prefix = "data-" }
resource "aws_iam_role" "app" {
  name = "app"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
data "aws_iam_policy_document" "app" {
  for_each = var.names
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.data.arn}/${each.value}/*"]
  }
}
resource "aws_iam_policy" "app" {
  for_each = var.names
  name     = "app-${each.key}"
  policy   = data.aws_iam_policy_document.app[each.key].json
}
resource "aws_iam_role_policy_attachment" "app" {
  for_each   = aws_iam_policy.app
  role       = aws_iam_role.app.name
  policy_arn = each.value.arn
}
moved {
  from = aws_iam_role_policy.old
  to   = aws_iam_role_policy.new
}
resource "aws_iam_role_policy" "new" {
  name   = "old"
  role   = aws_iam_role.app.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["sqs:SendMessage", "sqs:DeleteQueue"], Resource = "*" }] })
}
resource "aws_iam_policy" "replaced" {
  name   = "replaced-2"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sns:*", Resource = "*" }] })
}
module "queue" {
  for_each = toset(["x", "y"])
  source   = "./queue"
  name     = each.key
}
import {
  to = aws_iam_policy.imported
  id = "arn:aws:iam::123456789012:policy/there"
}
resource "aws_iam_policy" "imported" {
  name   = "there"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:*", Resource = "*" }] })
}
