variable "name" {
  type    = string
  default = "core"
}

variable "cidr" {
  type    = string
  default = "10.20.0.0/16"
}

variable "artifact_buckets" {
  type    = list(string)
  default = ["fernhill-artifacts", "fernhill-terraform-state"]
}

variable "endpoint_services" {
  type = map(list(string))

  default = {
    sqs            = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueue*"]
    sns            = ["sns:Publish"]
    secretsmanager = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    kms            = ["kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"]
  }
}
