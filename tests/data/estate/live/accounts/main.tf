provider "aws" {
  alias  = "dev"
  region = "eu-west-1"

  assume_role {
    role_arn = "arn:aws:iam::111122223333:role/terraform-apply"
  }
}

provider "aws" {
  alias  = "prod"
  region = "eu-west-1"

  assume_role {
    role_arn = "arn:aws:iam::444455556666:role/terraform-apply"
  }
}

module "dev" {
  source = "./baseline"

  providers = {
    aws = aws.dev
  }

  environment      = "dev"
  console_managers = ["platform"]
  legacy_users     = ["reporting"]
}

module "prod" {
  source = "./baseline"

  providers = {
    aws = aws.prod
  }

  environment = "prod"
}
