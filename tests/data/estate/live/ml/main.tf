provider "aws" {
  region = "eu-west-1"
}

data "aws_caller_identity" "this" {}

variable "team_buckets" {
  type = map(string)
}

variable "models" {
  description = "Models that the applications may call"
  type        = list(string)
  default     = ["anthropic.claude-3-haiku-20240307-v1:0", "amazon.titan-embed-text-v2:0"]
}

variable "allow_public_registry" {
  type    = bool
  default = false
}
