"""Access that destroys data, keys, and what would bring them back."""

from __future__ import annotations

from typing import Final

from checker.packs.pack import Pack, access

_DESTROYS: Final = "https://attack.mitre.org/techniques/T1485/"
_NO_RECOVERY: Final = "https://attack.mitre.org/techniques/T1490/"

DESTRUCTION: Final = Pack(
    "destruction",
    "destroy what cannot be brought back",
    (
        access(
            "s3:DeleteBucket s3:DeleteObjectVersion s3:PutLifecycleConfiguration",
            "deletes buckets and every version of what they hold",
            _DESTROYS,
        ),
        access(
            "s3:PutBucketVersioning s3:BypassGovernanceRetention "
            "s3:PutBucketObjectLockConfiguration s3:PutObjectRetention s3:PutObjectLegalHold",
            "takes away what protects objects from being deleted",
            _NO_RECOVERY,
        ),
        access(
            "dynamodb:DeleteTable dynamodb:DeleteBackup dynamodb:UpdateContinuousBackups",
            "deletes tables, or what restores them",
            _DESTROYS,
        ),
        access(
            "rds:DeleteDBInstance rds:DeleteDBCluster rds:DeleteDBSnapshot "
            "rds:DeleteDBClusterSnapshot rds:DeleteDBInstanceAutomatedBackup "
            "rds:DeleteDBClusterAutomatedBackup rds:DeleteGlobalCluster",
            "deletes databases and their snapshots",
            _DESTROYS,
        ),
        access(
            "ec2:DeleteVolume ec2:DeleteSnapshot ec2:DeregisterImage ec2:TerminateInstances "
            "ec2:DeleteVpc",
            "deletes disks, snapshots, images and machines",
            _DESTROYS,
            ("ec2", "elasticbeanstalk"),
        ),
        access(
            "kms:ScheduleKeyDeletion kms:DisableKey kms:DeleteImportedKeyMaterial "
            "kms:DeleteCustomKeyStore",
            "makes what is encrypted unreadable for good",
            "https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
        ),
        access(
            "backup:DeleteBackupVault backup:DeleteRecoveryPoint backup:DeleteBackupPlan "
            "backup:DeleteBackupVaultLockConfiguration backup:UpdateRecoveryPointLifecycle",
            "deletes backups",
            _NO_RECOVERY,
            ("backup", "*"),
        ),
        access(
            "elasticfilesystem:DeleteFileSystem fsx:DeleteFileSystem fsx:DeleteBackup",
            "deletes file systems",
            _DESTROYS,
        ),
        access(
            "redshift:DeleteCluster redshift:DeleteClusterSnapshot elasticache:DeleteSnapshot "
            "es:DeleteDomain glacier:DeleteVault glacier:DeleteArchive "
            "ecr:DeleteRepository secretsmanager:DeleteSecret",
            "deletes stores of data",
            _DESTROYS,
        ),
        access(
            "cloudformation:DeleteStack cloudformation:DeleteStackSet eks:DeleteCluster "
            "ecs:DeleteCluster lambda:DeleteFunction route53:DeleteHostedZone "
            "cognito-idp:DeleteUserPool",
            "takes down what runs",
            _DESTROYS,
        ),
        access(
            "organizations:LeaveOrganization account:CloseAccount organizations:CloseAccount "
            "organizations:DeleteOrganization",
            "takes an account out of the organization, or closes it",
            "https://docs.aws.amazon.com/organizations/latest/APIReference/"
            "API_LeaveOrganization.html",
        ),
    ),
)
