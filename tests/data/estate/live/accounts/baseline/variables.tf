variable "environment" {
  type = string
}

variable "console_managers" {
  type    = list(string)
  default = []
}

variable "legacy_users" {
  description = "Users that are still to be replaced by roles"
  type        = set(string)
  default     = []
}

variable "observability_account_id" {
  type    = string
  default = "888899990000"
}
