variable "name" {
  type = string
}

variable "kms_key_arn" {
  type    = string
  default = null
}

variable "source_policy_documents" {
  description = "Statements of the caller, as JSON documents"
  type        = list(string)
  default     = []
}

variable "allowed_vpc_endpoints" {
  type    = list(string)
  default = []
}

variable "log_bucket" {
  type    = string
  default = null
}

variable "versioned" {
  type    = bool
  default = true
}
