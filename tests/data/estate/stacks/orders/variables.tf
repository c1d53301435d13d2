variable "environment" {
  type = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "dev or prod"
  }
}

variable "settings" {
  type = object({
    table_streams  = optional(bool, false)
    support_access = optional(bool, false)
    payments_role  = string
  })
}

variable "boundary_arn" {
  type = string
}

variable "tags" {
  type    = map(string)
  default = {}
}
