provider "aws" {
  region = "eu-west-1"
}

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

data "terraform_remote_state" "network" {
  backend = "s3"
  config = {
    bucket = "fernhill-terraform-state"
    key    = "network/terraform.tfstate"
    region = "eu-west-1"
  }
}

locals {
  account_id = data.aws_caller_identity.current.account_id
  zones      = toset(["landing", "curated", "published"])

  domains = {
    sales = {
      writers = ["sales-etl"]
      readers = ["finance-bi", "sales-bi"]
      prefix  = "sales/"
    }
    logistics = {
      writers = ["logistics-etl"]
      readers = ["logistics-bi"]
      prefix  = "logistics/"
    }
  }
}

module "lake_key" {
  source = "../../modules/kms-key"

  alias = "lake"
  via_services = {
    s3   = "s3.eu-west-1.amazonaws.com"
    glue = "glue.eu-west-1.amazonaws.com"
  }
  user_arns = [for name, role in aws_iam_role.etl : role.arn]
}

module "lake" {
  source   = "../../modules/s3-bucket"
  for_each = local.zones

  name                    = "fernhill-lake-${each.key}-${var.environment}"
  kms_key_arn             = module.lake_key.arn
  allowed_vpc_endpoints   = each.key == "landing" ? [] : [data.terraform_remote_state.network.outputs.s3_endpoint_id]
  source_policy_documents = each.key == "published" ? [data.aws_iam_policy_document.partners.json] : []
}

variable "environment" {
  type    = string
  default = "dev"
}

variable "partner_accounts" {
  type = map(object({
    account_id = string
    prefixes   = list(string)
  }))
  default = {
    carrier = {
      account_id = "222233334444"
      prefixes   = ["shipments/"]
    }
    retailer = {
      account_id = "333344445555"
      prefixes   = ["stock/", "prices/"]
    }
  }
}

data "aws_iam_policy_document" "partners" {
  dynamic "statement" {
    for_each = var.partner_accounts
    iterator = partner

    content {
      sid       = "Read${title(partner.key)}"
      actions   = ["s3:GetObject"]
      resources = [for prefix in partner.value.prefixes : "arn:aws:s3:::fernhill-lake-published-${var.environment}/${prefix}*"]

      principals {
        type        = "AWS"
        identifiers = ["arn:aws:iam::${partner.value.account_id}:root"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.partner_accounts
    iterator = partner

    content {
      sid       = "List${title(partner.key)}"
      actions   = ["s3:ListBucket"]
      resources = ["arn:aws:s3:::fernhill-lake-published-${var.environment}"]

      principals {
        type        = "AWS"
        identifiers = ["arn:aws:iam::${partner.value.account_id}:root"]
      }

      condition {
        test     = "StringLike"
        variable = "s3:prefix"
        values   = formatlist("%s*", partner.value.prefixes)
      }
    }
  }
}
