variable "more" { default = ["a"] }
locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
resource "aws_iam_role" "dyn" {
  name               = "dyn"
  assume_role_policy = local.trust
  dynamic "inline_policy" {
    for_each = var.more
    content {
      name   = inline_policy.value
      policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:Get*", Resource = "*" }] })
    }
  }
}
resource "aws_iam_role" "unset" {
  name               = "unset"
  assume_role_policy = local.trust
}
resource "aws_iam_role" "static" {
  name               = "static"
  assume_role_policy = local.trust
  inline_policy {
    name   = "n"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:Put*", Resource = aws_s3_bucket.b.arn }] })
  }
  managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", aws_iam_policy.new.arn]
}
resource "aws_s3_bucket" "b" {
}
resource "aws_s3_bucket" "old" {
  bucket = "old"
}
resource "aws_s3_bucket_policy" "old" {
  bucket = aws_s3_bucket.old.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Principal = "*", Resource = "${aws_s3_bucket.old.arn}/*" }] })
}
resource "aws_iam_policy" "new" {
  name   = "new"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "s3:Put*", Resource = aws_s3_bucket.old.arn },
    { Effect = "Allow", Action = "s3:Put*", Resource = aws_s3_bucket.b.arn }] })
}
moved {
  from = aws_iam_policy.was
  to   = aws_iam_policy.new
}
removed {
  from = aws_iam_policy.forgotten
  lifecycle { destroy = false }
}
resource "aws_iam_policy" "far" {
  name   = "far"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:Put*", Resource = "*" }] })
}
resource "aws_iam_role" "imp" {
  name               = "imp"
  assume_role_policy = local.trust
}
