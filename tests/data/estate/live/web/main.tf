provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "virginia"
  region = "us-east-1"
}

data "aws_caller_identity" "current" {}

locals {
  sites = {
    shop = { domain = "shop.example.com" }
    help = { domain = "help.example.com" }
  }
}

resource "aws_s3_bucket" "site" {
  for_each = local.sites
  bucket   = "fernhill-site-${each.key}"
}

data "aws_iam_policy_document" "site" {
  for_each = local.sites

  statement {
    sid       = "Distribution"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.site[each.key].arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "AWS:SourceArn"
      values   = [aws_cloudfront_distribution.site[each.key].arn]
    }
  }
}

resource "aws_s3_bucket_policy" "site" {
  for_each = local.sites

  bucket = aws_s3_bucket.site[each.key].id
  policy = data.aws_iam_policy_document.site[each.key].json
}

resource "aws_cloudfront_distribution" "site" {
  for_each = local.sites

  aliases = [each.value.domain]
  enabled = true

  origin {
    domain_name = aws_s3_bucket.site[each.key].bucket_regional_domain_name
    origin_id   = each.key
  }
}

resource "aws_iam_role" "edge" {
  provider = aws.virginia
  name     = "edge-rewrite"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"] }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "edge" {
  provider = aws.virginia
  name     = "logs"
  role     = aws_iam_role.edge.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "arn:aws:logs:*:${data.aws_caller_identity.current.account_id}:log-group:/aws/lambda/*edge-rewrite:*"
    }]
  })
}

resource "aws_iam_policy" "publish" {
  for_each = local.sites

  name = "publish-${each.key}"

  policy = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "Upload",
          "Effect": "Allow",
          "Action": ["s3:PutObject", "s3:DeleteObject", "s3:ListBucket"],
          "Resource": ["${aws_s3_bucket.site[each.key].arn}", "${aws_s3_bucket.site[each.key].arn}/*"]
        },
        {
          "Sid": "Invalidate",
          "Effect": "Allow",
          "Action": "cloudfront:CreateInvalidation",
          "Resource": "${aws_cloudfront_distribution.site[each.key].arn}"
        }
      ]
    }
  JSON
}

data "aws_iam_role" "deploy" {
  name = "deploy-web"
}

resource "aws_iam_role_policy_attachment" "publish" {
  for_each = local.sites

  role       = data.aws_iam_role.deploy.name
  policy_arn = aws_iam_policy.publish[each.key].arn
}

module "images_bucket" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "~> 4.1"

  bucket        = "fernhill-product-images"
  attach_policy = true
  policy        = data.aws_iam_policy_document.images.json
}

data "aws_iam_policy_document" "images" {
  statement {
    sid       = "Resizer"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::fernhill-product-images/originals/*"]

    principals {
      type        = "AWS"
      identifiers = [module.resizer.role_arn]
    }
  }
}

module "resizer" {
  source = "../../modules/lambda"

  name = "resize-images"

  policy_statements = {
    Images = {
      actions   = ["s3:GetObject", "s3:PutObject"]
      resources = ["arn:aws:s3:::fernhill-product-images/*"]
    }
  }

  triggers = {
    bucket = {
      service        = "s3.amazonaws.com"
      source_arn     = "arn:aws:s3:::fernhill-product-images"
      source_account = data.aws_caller_identity.current.account_id
    }
  }
}

resource "aws_lambda_function_url" "resizer" {
  function_name      = module.resizer.name
  authorization_type = "AWS_IAM"
}

resource "aws_lambda_permission" "resizer_url" {
  statement_id           = "Distribution"
  action                 = "lambda:InvokeFunctionUrl"
  function_name          = module.resizer.name
  principal              = "cloudfront.amazonaws.com"
  source_arn             = aws_cloudfront_distribution.site["shop"].arn
  function_url_auth_type = "AWS_IAM"
}
