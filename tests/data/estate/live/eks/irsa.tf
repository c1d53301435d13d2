locals {
  irsa = {
    aws-load-balancer-controller = {
      namespace = "kube-system"
      policy    = file("${path.module}/policies/load-balancer-controller.json")
    }
    cluster-autoscaler = {
      namespace = "kube-system"
      policy    = data.aws_iam_policy_document.cluster_autoscaler.json
    }
    external-dns = {
      namespace = "dns"
      policy    = data.aws_iam_policy_document.external_dns.json
    }
    cert-manager = {
      namespace = "cert-manager"
      policy    = data.aws_iam_policy_document.cert_manager.json
    }
    ebs-csi-controller-sa = {
      namespace = "kube-system"
      policy    = templatefile("${path.module}/policies/ebs-csi.json.tftpl", { partition = local.partition, cluster = local.cluster_name })
    }
  }
}

module "irsa" {
  source   = "../../modules/irsa-role"
  for_each = local.irsa

  name              = "${local.cluster_name}-${each.key}"
  oidc_provider_arn = aws_iam_openid_connect_provider.this.arn
  oidc_issuer_url   = aws_eks_cluster.this.identity[0].oidc[0].issuer
  service_accounts  = ["${each.value.namespace}:${each.key}"]
  policy_json       = each.value.policy
}

data "aws_iam_policy_document" "cluster_autoscaler" {
  statement {
    sid = "Look"
    actions = [
      "autoscaling:DescribeAutoScalingGroups",
      "autoscaling:DescribeAutoScalingInstances",
      "autoscaling:DescribeLaunchConfigurations",
      "autoscaling:DescribeScalingActivities",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeLaunchTemplateVersions",
      "eks:DescribeNodegroup",
    ]
    resources = ["*"]
  }

  statement {
    sid = "Scale"
    actions = [
      "autoscaling:SetDesiredCapacity",
      "autoscaling:TerminateInstanceInAutoScalingGroup",
    ]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/k8s.io/cluster-autoscaler/enabled"
      values   = ["true"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/k8s.io/cluster-autoscaler/${local.cluster_name}"
      values   = ["owned"]
    }
  }
}

data "aws_iam_policy_document" "external_dns" {
  statement {
    actions   = ["route53:ChangeResourceRecordSets"]
    resources = [for id in var.hosted_zone_ids : "arn:aws:route53:::hostedzone/${id}"]
  }

  statement {
    actions = [
      "route53:ListHostedZones",
      "route53:ListResourceRecordSets",
      "route53:ListTagsForResource",
    ]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "cert_manager" {
  statement {
    actions   = ["route53:GetChange"]
    resources = ["arn:aws:route53:::change/*"]
  }

  statement {
    actions   = ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"]
    resources = [for id in var.hosted_zone_ids : "arn:aws:route53:::hostedzone/${id}"]

    condition {
      test     = "ForAllValues:StringLike"
      variable = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
      values   = ["_acme-challenge.*"]
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "route53:ChangeResourceRecordSetsRecordTypes"
      values   = ["TXT"]
    }
  }
}

# One role for each namespace that reads its own secrets.
module "external_secrets" {
  source   = "../../modules/irsa-role"
  for_each = var.secret_prefixes

  name              = "${local.cluster_name}-secrets-${each.key}"
  oidc_provider_arn = aws_iam_openid_connect_provider.this.arn
  oidc_issuer_url   = aws_eks_cluster.this.identity[0].oidc[0].issuer
  service_accounts  = ["${each.key}:external-secrets"]

  policy_json = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Read"
        Effect = "Allow"
        Action = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
        Resource = [
          for prefix in each.value :
          "arn:${local.partition}:secretsmanager:${local.region}:${local.account_id}:secret:${prefix}*"
        ]
      },
      {
        Sid      = "Decrypt"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = module.secrets_key.arn
        Condition = {
          StringEquals = { "kms:ViaService" = "secretsmanager.${local.region}.amazonaws.com" }
        }
      },
    ]
  })
}

module "vpc_cni_irsa" {
  source  = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts-eks"
  version = "~> 5.44"

  role_name             = "${local.cluster_name}-vpc-cni"
  attach_vpc_cni_policy = true
  vpc_cni_enable_ipv4   = true

  oidc_providers = {
    main = {
      provider_arn               = aws_iam_openid_connect_provider.this.arn
      namespace_service_accounts = ["kube-system:aws-node"]
    }
  }
}
