"""Access that lets its holder take more access than the policy says."""

from __future__ import annotations

from typing import Final

from checker.packs.escalation_by_two import COMBINED
from checker.packs.pack import Pack, access

_IAM: Final = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_"
_PATHS: Final = "https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/"
_MORE_PATHS: Final = "https://hackingthe.cloud/aws/exploitation/iam_privilege_escalation/"

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

PRIVILEGE_ESCALATION: Final = Pack(
    "privilege-escalation",
    "take more access than it is given",
    _SINGLE,
    COMBINED,
)
