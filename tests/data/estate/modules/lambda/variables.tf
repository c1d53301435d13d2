variable "name" {
  type = string
}

variable "handler" {
  type    = string
  default = "app.handler"
}

variable "runtime" {
  type    = string
  default = "python3.12"
}

variable "package" {
  type    = string
  default = "build/function.zip"
}

variable "policy_statements" {
  description = "Statements by Sid: actions, resources, and perhaps effect and condition"
  type        = any
  default     = {}
}

variable "triggers" {
  type = map(object({
    service        = string
    source_arn     = string
    source_account = optional(string)
  }))
  default = {}
}

variable "in_vpc" {
  type    = bool
  default = false
}

variable "permissions_boundary" {
  type    = string
  default = null
}
