"""The types of resources whose policies can make them public."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from checker.policy.model import PolicyType


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A type by its name in CloudFormation.

    by_aws: AWS's CheckNoPublicAccess takes it.
    names_access_points: an account alone does not bound `s3:DataAccessPointArn` here.
    """

    name: str
    policy_type: PolicyType = PolicyType.RESOURCE
    by_aws: bool = True
    names_access_points: bool = False


# The values of AccessCheckResourceType:
# https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoPublicAccess.html
_BY_AWS: Final = (
    "AWS::ApiGateway::RestApi",
    "AWS::Backup::BackupVault",
    "AWS::CloudTrail::Dashboard",
    "AWS::CloudTrail::EventDataStore",
    "AWS::CodeArtifact::Domain",
    "AWS::DynamoDB::Stream",
    "AWS::DynamoDB::Table",
    "AWS::EFS::FileSystem",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::Kinesis::StreamConsumer",
    "AWS::Lambda::Function",
    "AWS::OpenSearchService::Domain",
    "AWS::S3::Bucket",
    "AWS::S3::Glacier",
    "AWS::S3Express::DirectoryBucket",
    "AWS::S3Outposts::Bucket",
    "AWS::S3Tables::Table",
    "AWS::S3Tables::TableBucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
)
_ACCESS_POINTS: Final = (
    "AWS::S3::AccessPoint",
    "AWS::S3Express::AccessPoint",
    "AWS::S3Outposts::AccessPoint",
)
_MISSED_BY_AWS: Final = (
    "AWS::ACMPCA::CertificateAuthority",
    "AWS::CodeArtifact::Repository",
    "AWS::ECR::Repository",
    "AWS::Events::EventBus",
    "AWS::Glue::DataCatalog",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Url",
    "AWS::Logs::Destination",
    "AWS::MediaStore::Container",
    "AWS::SES::EmailIdentity",
    "AWS::VpcLattice::Service",
)

RESOURCE_TYPES: Final = {
    resource.name: resource
    for resource in (
        *map(ResourceType, _BY_AWS),
        *(ResourceType(name, names_access_points=True) for name in _ACCESS_POINTS),
        ResourceType("AWS::IAM::AssumeRolePolicyDocument", PolicyType.TRUST),
        *(ResourceType(name, by_aws=False) for name in _MISSED_BY_AWS),
        ResourceType("AWS::EC2::VPCEndpoint", PolicyType.VPC_ENDPOINT, by_aws=False),
    )
}
