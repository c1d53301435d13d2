variable "name" {
  type = string
}

variable "secrets" {
  description = "ARNs of secrets by the name of the environment variable"
  type        = map(string)
  default     = {}
}

variable "secrets_kms_key_arn" {
  type    = string
  default = ""
}

variable "task_policy_documents" {
  type    = list(string)
  default = []
}

variable "permissions_boundary" {
  type    = string
  default = null
}

variable "image" {
  type    = string
  default = "scratch"
}
