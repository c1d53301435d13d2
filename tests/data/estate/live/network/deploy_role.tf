module "deploy" {
  source = "../../modules/iam-role"

  name              = "network-deploy"
  trusted_role_arns = ["arn:aws:iam::${data.aws_caller_identity.this.account_id}:role/ci-network"]

  inline_policies = {
    network = data.aws_iam_policy_document.network.json
    dns     = data.aws_iam_policy_document.dns.json
  }

  tags = { team = "network" }
}

data "aws_iam_policy_document" "network" {
  statement {
    sid = "Manage"
    actions = [
      "ec2:*Route*",
      "ec2:*Subnet*",
      "ec2:*TransitGateway*",
      "ec2:*Vpc*",
      "ec2:CreateTags",
      "ec2:Describe*",
    ]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = ["eu-west-1", "eu-central-1"]
    }
  }

  statement {
    sid       = "PassFlowLogRole"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.flow.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["vpc-flow-logs.amazonaws.com"]
    }
  }
}

data "aws_route53_zone" "internal" {
  name         = "internal.example.com"
  private_zone = true
}

data "aws_iam_policy_document" "dns" {
  statement {
    actions   = ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"]
    resources = [data.aws_route53_zone.internal.arn]

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "route53:ChangeResourceRecordSetsRecordTypes"
      values   = ["A", "AAAA", "CNAME"]
    }
  }

  statement {
    actions   = ["route53:GetChange", "route53:ListHostedZones"]
    resources = ["*"]
  }
}

resource "aws_ram_resource_share" "transit" {
  name = "transit"
}
