variable "bucket" {
  default = "data"
}

variable "key" {
  default   = "hidden"
  sensitive = true
}

resource "aws_s3_bucket" "old" {
  bucket = "old"
}

data "aws_iam_policy_document" "app" {
  statement {
    sid       = "Old"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.old.arn}/*", "arn:aws:s3:::${var.bucket}/*"]
  }
}

resource "aws_iam_role" "app" {
  name = "app"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "app" {
  name   = "app"
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.app.json
}

resource "aws_iam_role_policy" "guard" {
  name = "guard"
  role = aws_iam_role.app.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = "iam:*", Resource = "*" }]
  })
}

resource "aws_iam_policy" "was" {
  name   = "moved"
  policy = file("${path.module}/moved.json")
}

resource "aws_iam_policy" "secret" {
  name = "secret"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${var.key}/*" }]
  })
}

resource "aws_iam_policy" "left" {
  name = "left"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:ListBucket", Resource = "*" }]
  })
}

module "app" {
  source   = "./app"
  for_each = toset(["a", "b \"q\" $${x}]"])
  bucket   = each.key
}
