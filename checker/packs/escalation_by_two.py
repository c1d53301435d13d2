"""Two kinds of access that together let their holder take more access than the policy says."""

from __future__ import annotations

from typing import Final

from checker.packs.pack import Access, Combination, access

_IAM: Final = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_"
_MORE_PATHS: Final = "https://hackingthe.cloud/aws/exploitation/iam_privilege_escalation/"
_PASSING: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"

_ANY_ROLE: Final = access(
    "iam:PassRole",
    "hands a role to a service",
    _PASSING,
)


def _passing(
    name: str,
    actions: str,
    what: str,
    services: tuple[str, ...] = (),
    *,
    source: str = _MORE_PATHS,
) -> Combination:
    second = access(actions, what, source, services)
    why = f"hands a role to a service that then {what} under it"
    return Combination(name, _ANY_ROLE, second, why, source)


def _pair(name: str, first: Access, second: Access, why: str) -> Combination:
    return Combination(name, first, second, why, _MORE_PATHS)


COMBINED: Final = (
    _passing(
        "pass-role-to-ec2",
        "ec2:RunInstances ec2:RequestSpotInstances ec2:RequestSpotFleet ec2:CreateFleet "
        "ec2:AssociateIamInstanceProfile ec2:ReplaceIamInstanceProfileAssociation",
        "runs an instance",
        ("ec2", "elastic-inference", "license-manager", "resource-groups", "ssm"),
    ),
    _passing("pass-role-to-lambda", "lambda:CreateFunction", "runs a function"),
    _passing(
        "pass-role-to-ecs",
        "ecs:RunTask ecs:StartTask ecs:CreateService ecs:UpdateService ecs:RegisterTaskDefinition",
        "runs containers",
    ),
    _passing(
        "pass-role-to-cloudformation",
        "cloudformation:CreateStack cloudformation:UpdateStack cloudformation:CreateChangeSet "
        "cloudformation:CreateStackSet cloudformation:UpdateStackSet",
        "creates any resource",
        ("cloudformation", "*"),
    ),
    _passing(
        "pass-role-to-codebuild",
        "codebuild:CreateProject codebuild:UpdateProject",
        "runs builds",
    ),
    _passing(
        "pass-role-to-glue",
        "glue:CreateDevEndpoint glue:CreateJob glue:UpdateJob glue:CreateSession",
        "runs scripts",
    ),
    _passing(
        "pass-role-to-sagemaker",
        "sagemaker:CreateNotebookInstance sagemaker:CreateProcessingJob "
        "sagemaker:CreateTrainingJob",
        "runs notebooks and jobs",
    ),
    _passing(
        "pass-role-to-data-pipeline",
        "datapipeline:CreatePipeline datapipeline:PutPipelineDefinition",
        "runs a pipeline of commands",
    ),
    _passing(
        "pass-role-to-step-functions",
        "states:CreateStateMachine states:UpdateStateMachine",
        "calls any API",
    ),
    _passing(
        "pass-role-to-ssm",
        "ssm:StartAutomationExecution ssm:CreateAssociation",
        "runs an automation",
        ("ssm", "ec2"),
    ),
    _passing(
        "pass-role-to-bedrock-agentcore",
        "bedrock-agentcore:CreateCodeInterpreter bedrock-agentcore:CreateAgentRuntime",
        "runs code",
    ),
    _passing(
        "pass-role-to-autoscaling",
        "autoscaling:CreateLaunchConfiguration autoscaling:CreateAutoScalingGroup "
        "autoscaling:UpdateAutoScalingGroup",
        "launches instances",
    ),
    _passing("pass-role-to-apprunner", "apprunner:CreateService", "runs a web service"),
    _passing(
        "pass-role-to-batch",
        "batch:RegisterJobDefinition batch:SubmitJob",
        "runs jobs",
    ),
    _passing(
        "pass-role-to-eventbridge-scheduler",
        "scheduler:CreateSchedule scheduler:UpdateSchedule",
        "calls any API",
    ),
    _passing(
        "pass-role-to-emr",
        "elasticmapreduce:RunJobFlow emr-serverless:StartJobRun emr-containers:StartJobRun",
        "runs jobs",
        source="https://docs.aws.amazon.com/emr/latest/APIReference/API_RunJobFlow.html",
    ),
    _passing(
        "pass-role-to-synthetics",
        "synthetics:CreateCanary synthetics:UpdateCanary",
        "runs scripts",
        source="https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/"
        "API_CreateCanary.html",
    ),
    _passing(
        "pass-role-to-codepipeline",
        "codepipeline:CreatePipeline codepipeline:UpdatePipeline",
        "runs a pipeline of commands",
        source="https://docs.aws.amazon.com/codepipeline/latest/APIReference/"
        "API_CreatePipeline.html",
    ),
    _passing(
        "pass-role-to-airflow",
        "airflow:CreateEnvironment airflow:UpdateEnvironment",
        "runs workflows of code",
        source="https://docs.aws.amazon.com/mwaa/latest/API/API_CreateEnvironment.html",
    ),
    _passing(
        "pass-role-to-flink",
        "kinesisanalytics:CreateApplication",
        "runs an application",
        source="https://docs.aws.amazon.com/managed-flink/latest/apiv2/API_CreateApplication.html",
    ),
    _pair(
        "new-role-with-policy",
        access("iam:CreateRole", "creates a role", f"{_IAM}CreateRole.html"),
        access(
            "iam:AttachRolePolicy iam:PutRolePolicy",
            "gives it permissions",
            f"{_IAM}PutRolePolicy.html",
        ),
        "creates a role that may do anything and that it may assume",
    ),
    _pair(
        "user-data-of-instances",
        access("ec2:ModifyInstanceAttribute", "rewrites what an instance runs", _MORE_PATHS),
        access("ec2:StartInstances", "starts it", _MORE_PATHS, ("ec2", "*")),
        "runs commands on an instance when it starts, under the role of that instance",
    ),
    _pair(
        "new-user-with-key",
        access("iam:CreateUser", "creates a user", f"{_IAM}CreateUser.html"),
        access(
            "iam:CreateAccessKey iam:CreateLoginProfile",
            "makes its credentials",
            f"{_IAM}CreateAccessKey.html",
        ),
        "creates a user that stays when its own access is taken away",
    ),
)
