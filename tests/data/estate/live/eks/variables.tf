variable "environment" {
  type = string
}

variable "hosted_zone_ids" {
  type    = list(string)
  default = ["Z0123456789EXAMPLE01", "Z0123456789EXAMPLE02"]
}

variable "secret_prefixes" {
  description = "Prefixes of secrets that each namespace may read"
  type        = map(list(string))
  default = {
    orders   = ["orders/", "shared/"]
    payments = ["payments/"]
  }
}
