"""Access that hands out credentials and secrets."""

from __future__ import annotations

from typing import Final

from checker.packs.pack import Pack, access

_STORES: Final = "https://attack.mitre.org/techniques/T1555/006/"
_ACCOUNTS: Final = "https://attack.mitre.org/techniques/T1098/001/"
_TOKENS: Final = "https://attack.mitre.org/techniques/T1528/"

CREDENTIAL_EXPOSURE: Final = Pack(
    "credential-exposure",
    "get credentials and secrets",
    (
        access(
            "secretsmanager:GetSecretValue secretsmanager:BatchGetSecretValue",
            "reads secrets",
            _STORES,
        ),
        access(
            "ssm:GetParameter ssm:GetParameters ssm:GetParametersByPath ssm:GetParameterHistory",
            "reads parameters, which often hold secrets",
            _STORES,
        ),
        access(
            "iam:CreateAccessKey iam:CreateLoginProfile iam:UpdateLoginProfile "
            "iam:CreateServiceSpecificCredential iam:ResetServiceSpecificCredential "
            "iam:UploadSigningCertificate iam:UploadSSHPublicKey iam:UpdateAccessKey",
            "makes credentials that last",
            _ACCOUNTS,
        ),
        access(
            "sts:GetFederationToken sts:GetSessionToken",
            "makes credentials that outlive its own",
            "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html",
        ),
        access(
            "ec2:GetPasswordData ec2:CreateKeyPair ec2:ImportKeyPair",
            "gets the password or a key of machines",
            "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetPasswordData.html",
        ),
        access(
            "ecr:GetAuthorizationToken codeartifact:GetAuthorizationToken "
            "codecommit:GitPull ecr-public:GetAuthorizationToken",
            "gets into repositories of code and images",
            _TOKENS,
        ),
        access(
            "rds-db:connect redshift:GetClusterCredentials "
            "redshift:GetClusterCredentialsWithIAM redshift-serverless:GetCredentials",
            "signs in to databases",
            _TOKENS,
        ),
        access(
            "cognito-identity:GetOpenIdTokenForDeveloperIdentity "
            "cognito-identity:GetCredentialsForIdentity cognito-idp:AdminSetUserPassword "
            "cognito-idp:DescribeUserPoolClient",
            "gets tokens of an application's users",
            _TOKENS,
        ),
        access(
            "lambda:GetFunction lambda:GetFunctionConfiguration",
            "reads the environment of functions, which often holds secrets",
            "https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html",
        ),
        access(
            "apigateway:GET",
            "reads API keys",
            "https://docs.aws.amazon.com/apigateway/latest/api/API_GetApiKeys.html",
        ),
        access(
            "appsync:CreateApiKey appsync:ListApiKeys "
            "iot:CreateKeysAndCertificate lightsail:GetInstanceAccessDetails "
            "lightsail:DownloadDefaultKeyPair lightsail:GetRelationalDatabaseMasterUserPassword",
            "gets keys of single services",
            _TOKENS,
        ),
    ),
)
