resource "aws_iam_role" "redshift" {
  name = "redshift-${var.environment}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"] }
    }]
  })
}

resource "aws_iam_policy" "redshift_copy" {
  name        = "redshift-copy-${var.environment}"
  description = "COPY and UNLOAD"

  policy = <<EOF
{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "s3:GetObject",
                "s3:ListBucket"
            ],
            "Resource": [
                "${module.lake["curated"].arn}",
                "${module.lake["curated"].arn}/*"
            ]
        },
        {
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": "${module.lake["published"].arn}/unload/*"
        }
    ]
}
EOF
}

resource "aws_iam_role_policy_attachment" "redshift_copy" {
  role       = aws_iam_role.redshift.name
  policy_arn = aws_iam_policy.redshift_copy.arn
}

resource "aws_msk_cluster_policy" "stream" {
  cluster_arn = var.msk_cluster_arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Connect"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::444455556666:role/stream-client" }
      Action    = ["kafka:CreateVpcConnection", "kafka:GetBootstrapBrokers", "kafka:DescribeClusterV2"]
      Resource  = var.msk_cluster_arn
    }]
  })
}

variable "msk_cluster_arn" {
  type = string
}

data "aws_iam_policy_document" "kafka_client" {
  statement {
    actions   = ["kafka-cluster:Connect", "kafka-cluster:DescribeCluster"]
    resources = [var.msk_cluster_arn]
  }

  statement {
    actions   = ["kafka-cluster:ReadData", "kafka-cluster:DescribeTopic"]
    resources = ["${replace(var.msk_cluster_arn, ":cluster/", ":topic/")}/sales.*"]
  }
}

resource "aws_iam_policy" "kafka_client" {
  name   = "kafka-client-${var.environment}"
  policy = data.aws_iam_policy_document.kafka_client.json
}

resource "aws_iam_role_policy_attachment" "kafka_client" {
  role       = aws_iam_role.redshift.name
  policy_arn = aws_iam_policy.kafka_client.arn
}
