provider "aws" {
  region = "us-east-1"
}
variable "names" {
  type    = map(string)
  default = { a = "alpha", b = "beta" }
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
resource "aws_iam_role_policy" "old" {
  name   = "old"
  role   = aws_iam_role.app.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "*" }] })
}
resource "aws_iam_policy" "replaced" {
  name   = "replaced-1"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = "*" }] })
}
module "queue" {
  for_each = toset(["x", "y"])
  source   = "./queue"
  name     = each.key
}
resource "aws_iam_policy" "gone" {
  name   = "gone"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "iam:*", Resource = "*" }] })
}
