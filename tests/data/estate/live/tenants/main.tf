terraform {
  backend "s3" {
    bucket = "fernhill-terraform-state"
    key    = "tenants/terraform.tfstate"
    region = "eu-west-1"
  }
}

provider "aws" {
  region = "eu-west-1"
}

module "this" {
  source  = "cloudposse/label/null"
  version = "0.25.0"

  namespace = "fh"
  stage     = var.stage
  name      = "tenants"
}

data "aws_caller_identity" "current" {}

variable "stage" {
  type    = string
  default = "dev"
}

locals {
  # Each tenant is one entry of the file; sales adds them by pull request.
  tenants = yamldecode(file("${path.module}/tenants.yaml")).tenants

  with_export = { for name, tenant in local.tenants : name => tenant if try(tenant.export.enabled, false) }
}

resource "aws_s3_bucket" "tenants" {
  bucket = module.this.id
}
