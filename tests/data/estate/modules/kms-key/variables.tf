variable "alias" {
  type = string
}

variable "description" {
  type    = string
  default = "managed by the platform team"
}

variable "user_arns" {
  type    = list(string)
  default = []
}

variable "via_services" {
  description = "Services through which anyone of the account may use the key, by a short name"
  type        = map(string)
  default     = {}
}

variable "service_principals" {
  type    = list(string)
  default = []
}
