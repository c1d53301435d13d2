terraform {
  backend "s3" {
    bucket = "fernhill-terraform-state"
    key    = "prod/orders/terraform.tfstate"
    region = "eu-west-1"
  }
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["444455556666"]
}

module "orders" {
  source = "../../../stacks/orders"

  environment  = "prod"
  boundary_arn = "arn:aws:iam::444455556666:policy/boundary/workload"

  settings = {
    table_streams  = true
    support_access = false
    payments_role  = data.terraform_remote_state.payments.outputs.task_role_arn
  }
}

data "terraform_remote_state" "payments" {
  backend = "s3"

  config = {
    bucket = "fernhill-terraform-state"
    key    = "prod/payments/terraform.tfstate"
    region = "eu-west-1"
  }
}

output "task_role_arn" {
  value = module.orders.task_role_arn
}
