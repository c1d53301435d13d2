terraform {
  backend "s3" {
    bucket               = "fernhill-terraform-state"
    key                  = "payments/terraform.tfstate"
    region               = "eu-west-1"
    workspace_key_prefix = "workspaces"
  }
}

provider "aws" {
  region = "eu-west-1"
}

data "aws_caller_identity" "current" {}

locals {
  environment = terraform.workspace
  name        = "payments-${local.environment}"
  account_id  = data.aws_caller_identity.current.account_id
}
