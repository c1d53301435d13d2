variable "region" {
  default = "eu-west-1"
}

variable "management_account_id" {
  type = string
}

variable "trail_name" {
  type    = string
  default = "organization"
}

variable "member_account_ids" {
  type = list(string)
}

variable "siem_external_id" {
  type      = string
  sensitive = true
}

variable "siem_account_id" {
  type    = string
  default = "555566667777"
}
