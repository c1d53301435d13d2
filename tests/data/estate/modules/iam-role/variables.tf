variable "name" {
  type = string
}

variable "path" {
  type    = string
  default = "/"
}

variable "description" {
  type    = string
  default = null
}

variable "trusted_services" {
  description = "Service principals that may take the role"
  type        = list(string)
  default     = []
}

variable "trusted_role_arns" {
  type    = list(string)
  default = []
}

variable "external_id" {
  type    = string
  default = null
}

variable "assume_role_policy" {
  description = "Replaces the generated trust policy"
  type        = string
  default     = null
}

variable "inline_policies" {
  type    = map(string)
  default = {}
}

variable "managed_policy_arns" {
  type    = set(string)
  default = []
}

variable "permissions_boundary" {
  type    = string
  default = null
}

variable "tags" {
  type    = map(string)
  default = {}
}
