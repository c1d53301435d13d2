"""Access that brings data out of the account."""

from __future__ import annotations

from typing import Final

from checker.packs.pack import Pack, access

_TRANSFER: Final = "https://attack.mitre.org/techniques/T1537/"
_S3: Final = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_"
_EC2: Final = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_"
_RDS: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_"

DATA_EXFILTRATION: Final = Pack(
    "data-exfiltration",
    "bring data out of the account",
    (
        access(
            "s3:PutBucketPolicy s3:PutBucketAcl s3:PutObjectAcl s3:PutObjectVersionAcl "
            "s3:PutAccessPointPolicy s3:PutAccessPointPolicyForObjectLambda "
            "s3:PutMultiRegionAccessPointPolicy s3express:PutBucketPolicy "
            "s3-outposts:PutBucketPolicy s3-outposts:PutAccessPointPolicy "
            "s3tables:PutTableBucketPolicy s3tables:PutTablePolicy",
            "opens a bucket, an access point or an object to others",
            f"{_S3}PutBucketPolicy.html",
            ("s3", "s3-object-lambda", "s3-outposts", "s3express", "s3tables"),
        ),
        access(
            "s3:PutBucketPublicAccessBlock s3:PutAccountPublicAccessBlock "
            "s3:PutAccessPointPublicAccessBlock",
            "lifts what keeps buckets from being public",
            f"{_S3}PutPublicAccessBlock.html",
        ),
        access(
            "s3:PutReplicationConfiguration",
            "copies all that is written to a bucket of its choice",
            f"{_S3}PutBucketReplication.html",
        ),
        access(
            "ec2:ModifySnapshotAttribute ec2:ModifyImageAttribute ec2:ModifyFpgaImageAttribute",
            "shares disks and images with other accounts",
            f"{_EC2}ModifySnapshotAttribute.html",
        ),
        access(
            "ec2:CreateStoreImageTask ec2:ExportImage ec2:CreateInstanceExportTask",
            "writes disks and images into a bucket",
            f"{_EC2}ExportImage.html",
        ),
        access(
            "rds:ModifyDBSnapshotAttribute rds:ModifyDBClusterSnapshotAttribute "
            "rds:StartExportTask",
            "shares databases with other accounts, or exports them",
            f"{_RDS}ModifyDBSnapshotAttribute.html",
        ),
        access(
            "redshift:AuthorizeSnapshotAccess redshift:AuthorizeDataShare "
            "redshift:PutResourcePolicy",
            "shares a warehouse with other accounts",
            _TRANSFER,
        ),
        access(
            "dynamodb:ExportTableToPointInTime dynamodb:PutResourcePolicy",
            "exports tables, or opens them to other accounts",
            _TRANSFER,
        ),
        access(
            "backup:StartCopyJob backup:PutBackupVaultAccessPolicy",
            "copies backups into a vault of another account, or opens a vault",
            _TRANSFER,
            ("backup", "*"),
        ),
        access(
            "ecr:SetRepositoryPolicy ecr:PutRegistryPolicy ecr:PutReplicationConfiguration",
            "opens repositories of images to other accounts",
            _TRANSFER,
        ),
        access(
            "sns:AddPermission sns:SetTopicAttributes sqs:AddPermission sqs:SetQueueAttributes "
            "secretsmanager:PutResourcePolicy ssm:PutResourcePolicy kinesis:PutResourcePolicy "
            "glue:PutResourcePolicy elasticfilesystem:PutFileSystemPolicy "
            "codeartifact:PutDomainPermissionsPolicy "
            "codeartifact:PutRepositoryPermissionsPolicy lambda:AddPermission "
            "lambda:AddLayerVersionPermission lambda:CreateFunctionUrlConfig "
            "lambda:UpdateFunctionUrlConfig glacier:SetVaultAccessPolicy "
            "logs:PutDestinationPolicy logs:PutSubscriptionFilter logs:PutResourcePolicy "
            "events:PutPermission es:UpdateDomainConfig",
            "opens a resource to other accounts, or sends what it holds there",
            _TRANSFER,
        ),
        access(
            "kms:PutKeyPolicy kms:CreateGrant",
            "lets others decrypt",
            "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html",
        ),
        access(
            "ram:CreateResourceShare ram:AssociateResourceShare ram:UpdateResourceShare",
            "shares resources with other accounts",
            "https://docs.aws.amazon.com/ram/latest/APIReference/API_CreateResourceShare.html",
        ),
        access(
            "datasync:CreateTask datasync:StartTaskExecution transfer:CreateServer "
            "transfer:CreateUser",
            "moves data to a place of its choice",
            _TRANSFER,
        ),
    ),
)
