variable "allowed_regions" {
  type    = list(string)
  default = ["eu-west-1", "eu-central-1"]
}

variable "break_glass_role_name" {
  type    = string
  default = "BreakGlass"
}

variable "log_archive_account_id" {
  type    = string
  default = "777788889999"
}
