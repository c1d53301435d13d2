provider "aws" {
  region = "eu-west-1"
}

variable "app_name" {
  default = "warehouse"
}

variable "enable_ses" {
  type    = bool
  default = true
}

variable "shared_file_system_id" {}

variable "vendor_role_arns" {
  type    = list(string)
  default = []
}

locals {
  bucket_names = ["${var.app_name}-labels", "${var.app_name}-invoices"]

  common_actions = ["s3:GetObject", "s3:PutObject"]

  extra_statements = [
    {
      sid       = "SendMail"
      enabled   = var.enable_ses
      actions   = ["ses:SendEmail"]
      resources = ["*"]
    },
    {
      sid       = "PutMetrics"
      enabled   = true
      actions   = ["cloudwatch:PutMetricData"]
      resources = ["*"]
    },
  ]
}
