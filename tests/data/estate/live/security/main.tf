terraform {
  backend "s3" {
    bucket = "fernhill-terraform-state"
    key    = "security/terraform.tfstate"
    region = "eu-west-1"
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { owner = "security" }
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

data "aws_organizations_organization" "org" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  trail_arn  = "arn:${local.partition}:cloudtrail:${var.region}:${var.management_account_id}:trail/${var.trail_name}"
}
