module "deploy" {
  source   = "../../modules/github-role"
  for_each = local.repositories

  name                 = "deploy-${each.key}"
  provider_arn         = aws_iam_openid_connect_provider.github.arn
  repository           = each.value.repository
  environments         = ["dev", "prod"]
  permissions_boundary = aws_iam_policy.ci_boundary.arn

  policies = {
    images   = data.aws_iam_policy_document.push[each.key].json
    services = data.aws_iam_policy_document.release[each.key].json
  }
}

data "aws_iam_policy_document" "push" {
  for_each = local.repositories

  statement {
    sid       = "Login"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid = "Push"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]
    resources = [for image in each.value.images : "arn:aws:ecr:eu-west-1:${local.account_id}:repository/${image}"]
  }
}

data "aws_iam_policy_document" "release" {
  for_each = local.repositories

  statement {
    sid       = "Release"
    actions   = ["ecs:DescribeServices", "ecs:UpdateService"]
    resources = [for pattern in each.value.services : "arn:aws:ecs:eu-west-1:${local.account_id}:service/main/${pattern}"]
  }

  statement {
    sid       = "TaskDefinitions"
    actions   = ["ecs:RegisterTaskDefinition", "ecs:DescribeTaskDefinition"]
    resources = ["*"]
  }

  statement {
    sid       = "PassTaskRoles"
    actions   = ["iam:PassRole"]
    resources = flatten([for kind in ["task", "execution"] : [for pattern in each.value.services : "arn:aws:iam::${local.account_id}:role/${pattern}-${kind}"]])

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }
}

module "repository" {
  source   = "../../modules/ecr-repository"
  for_each = toset(flatten([for r in local.repositories : r.images]))

  name             = each.value
  pull_account_ids = ["111122223333", "444455556666"]
}
