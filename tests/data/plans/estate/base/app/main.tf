variable "bucket" {}

resource "aws_iam_policy" "p" {
  count  = 1
  name   = "p-${substr(md5(var.bucket), 0, 4)}"
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": "s3:GetObject",
          "Resource": "arn:aws:s3:::${substr(md5(var.bucket), 0, 4)}/*"
        }
      ]
    }
  EOT
}
