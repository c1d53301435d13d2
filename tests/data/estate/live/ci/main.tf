provider "aws" {
  region = "eu-west-1"
}

data "aws_caller_identity" "current" {}

resource "aws_iam_openid_connect_provider" "github" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["ffffffffffffffffffffffffffffffffffffffff"]
}

locals {
  account_id = data.aws_caller_identity.current.account_id

  # What each repository may deploy.
  repositories = {
    orders = {
      repository = "fernhill/orders"
      images     = ["orders", "orders-worker"]
      services   = ["orders-*"]
    }
    payments = {
      repository = "fernhill/payments"
      images     = ["payments"]
      services   = ["payments-*"]
    }
    web = {
      repository = "fernhill/web"
      images     = ["web"]
      services   = ["web-*", "preview-*"]
    }
  }
}
