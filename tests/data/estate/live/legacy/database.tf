data "aws_iam_policy_document" "rds_monitoring_trust" {
  statement {
    effect  = "Allow"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "rds_monitoring" {
  name_prefix         = "rds-monitoring-"
  assume_role_policy  = data.aws_iam_policy_document.rds_monitoring_trust.json
  managed_policy_arns = ["arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"]
}

resource "aws_db_instance" "this" {
  identifier          = var.app_name
  monitoring_role_arn = aws_iam_role.rds_monitoring.arn
}

data "aws_iam_policy_document" "connect" {
  statement {
    actions   = ["rds-db:connect"]
    resources = ["arn:aws:rds-db:eu-west-1:*:dbuser:${aws_db_instance.this.resource_id}/${var.app_name}_app"]
  }
}

resource "aws_iam_role_policy" "connect" {
  name   = "database"
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.connect.json
}

resource "aws_iam_role" "dms" {
  name = "dms-vpc-role"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "dms.amazonaws.com" }
    }]
  })
}
