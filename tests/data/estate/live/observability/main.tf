provider "aws" {
  region = "eu-west-1"
}

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}
data "aws_organizations_organization" "current" {}

data "aws_ssm_parameter" "grafana_workspace_role" {
  name = "/platform/grafana/workspace-role-arn"
}

variable "watched_accounts" {
  type = map(string)
  default = {
    dev  = "111122223333"
    prod = "444455556666"
  }
}

variable "oncall_topic_name" {
  default = "oncall"
}
