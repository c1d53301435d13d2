provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "frankfurt"
  region = "eu-central-1"
}

data "aws_caller_identity" "this" {}
data "aws_region" "this" {}

data "aws_organizations_organization" "this" {}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.13.0"

  name = var.name
  cidr = var.cidr
  azs  = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]

  private_subnets = [for i in range(3) : cidrsubnet(var.cidr, 4, i)]
  public_subnets  = [for i in range(3) : cidrsubnet(var.cidr, 8, i + 200)]

  enable_nat_gateway = true
}
