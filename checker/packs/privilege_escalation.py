"""Access that lets its holder take more access than the policy says."""

from __future__ import annotations

from typing import Final

from checker.packs.pack import Access, Combination, Pack, access

_IAM: Final = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_"
_PATHS: Final = "https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/"
_MORE_PATHS: Final = "https://hackingthe.cloud/aws/exploitation/iam_privilege_escalation/"
_PASSING: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"

_SINGLE: Final = (
    access(
        "iam:CreatePolicyVersion",
        "writes a new default version of a managed policy that is attached to itself",
        f"{_IAM}CreatePolicyVersion.html",
    ),
    access(
        "iam:SetDefaultPolicyVersion",
        "puts an older, wider version of a managed policy back in force",
        f"{_IAM}SetDefaultPolicyVersion.html",
    ),
    access(
        "iam:PutUserPolicy iam:PutGroupPolicy iam:PutRolePolicy",
        "writes any permission into an identity, its own included",
        f"{_IAM}PutRolePolicy.html",
    ),
    access(
        "iam:AttachUserPolicy iam:AttachGroupPolicy iam:AttachRolePolicy",
        "attaches any managed policy, `AdministratorAccess` included",
        f"{_IAM}AttachRolePolicy.html",
    ),
    access(
        "iam:AddUserToGroup",
        "joins a group that may do more",
        f"{_IAM}AddUserToGroup.html",
    ),
    access(
        "iam:UpdateAssumeRolePolicy",
        "lets itself assume a role that may do more",
        f"{_IAM}UpdateAssumeRolePolicy.html",
    ),
    access(
        "sts:AssumeRole",
        "assumes roles that nobody named, whatever these may do",
        "https://github.com/aws-samples/iam-access-analyzer-custom-policy-check-samples/blob/main/"
        "identity-policies/check-for-privilege-escalation/via-iam-and-sts.md",
        ("iam",),
        arns=("arn:*:iam::*:role/any-role-whatever",),  # stands for those that are behind a `*`
    ),
    access(
        "iam:CreateLoginProfile iam:UpdateLoginProfile",
        "sets the password of another user and signs in as that user",
        f"{_IAM}UpdateLoginProfile.html",
    ),
    access(
        "iam:CreateAccessKey",
        "makes an access key of another user",
        f"{_IAM}CreateAccessKey.html",
    ),
    access(
        "iam:CreateServiceSpecificCredential iam:ResetServiceSpecificCredential",
        "makes credentials of another user for single services",
        f"{_IAM}CreateServiceSpecificCredential.html",
    ),
    access(
        "iam:DeactivateMFADevice iam:ResyncMFADevice",
        "takes the second factor from another user",
        f"{_IAM}DeactivateMFADevice.html",
    ),
    access(
        "iam:DeleteUserPermissionsBoundary iam:DeleteRolePermissionsBoundary "
        "iam:PutUserPermissionsBoundary iam:PutRolePermissionsBoundary",
        "lifts or replaces the boundary that bounds an identity",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
    ),
    access(
        "iam:DeleteUserPolicy iam:DeleteGroupPolicy iam:DeleteRolePolicy iam:DetachUserPolicy "
        "iam:DetachGroupPolicy iam:DetachRolePolicy",
        "takes away a policy that denies",
        f"{_IAM}DetachRolePolicy.html",
    ),
    access(
        "iam:CreateOpenIDConnectProvider iam:UpdateOpenIDConnectProviderThumbprint "
        "iam:AddClientIDToOpenIDConnectProvider iam:CreateSAMLProvider iam:UpdateSAMLProvider",
        "decides whose word is believed when somebody signs in from outside",
        f"{_IAM}UpdateSAMLProvider.html",
    ),
    access(
        "lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration",
        "runs code of its own under the role of an existing function",
        _PATHS,
    ),
    access(
        "ssm:SendCommand ssm:StartSession",
        "runs commands on an instance, under the role of that instance",
        _MORE_PATHS,
        ("ssm", "ec2", "ecs"),
    ),
    access(
        "ec2-instance-connect:SendSSHPublicKey ec2-instance-connect:SendSerialConsoleSSHPublicKey",
        "signs in to an instance, which has a role",
        "https://docs.aws.amazon.com/ec2-instance-connect/latest/APIReference/"
        "API_SendSSHPublicKey.html",
        ("ec2",),
    ),
    access(
        "glue:UpdateDevEndpoint",
        "signs in to a development endpoint, which has a role",
        _PATHS,
    ),
    access(
        "ecs:ExecuteCommand",
        "runs commands in a container, under the role of its task",
        "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExecuteCommand.html",
    ),
    access(
        "codebuild:StartBuild codebuild:StartBuildBatch",
        "runs a build with commands of its own under the role of the project",
        "https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html",
    ),
    access(
        "sagemaker:CreatePresignedNotebookInstanceUrl sagemaker:CreatePresignedDomainUrl",
        "opens a notebook, which has a role",
        _MORE_PATHS,
    ),
    access(
        "eks:CreateAccessEntry eks:UpdateAccessEntry eks:AssociateAccessPolicy",
        "makes itself an administrator of a cluster, whose machines have roles",
        "https://docs.aws.amazon.com/eks/latest/APIReference/API_AssociateAccessPolicy.html",
    ),
    access(
        "identitystore:CreateGroupMembership",
        "joins a group of the organization that has permission sets",
        "https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/"
        "API_CreateGroupMembership.html",
    ),
    access(
        "sso:CreateAccountAssignment sso:PutInlinePolicyToPermissionSet "
        "sso:AttachManagedPolicyToPermissionSet "
        "sso:AttachCustomerManagedPolicyReferenceToPermissionSet sso:ProvisionPermissionSet",
        "gives people of the organization permission sets, or widens those they have",
        "https://docs.aws.amazon.com/singlesignon/latest/APIReference/"
        "API_CreateAccountAssignment.html",
    ),
)

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


_COMBINED: Final = (
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

PRIVILEGE_ESCALATION: Final = Pack(
    "privilege-escalation",
    "take more access than it is given",
    _SINGLE,
    _COMBINED,
)
