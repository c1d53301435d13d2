"""Access that switches off what records and what guards."""

from __future__ import annotations

from typing import Final

from checker.packs.pack import Pack, access

_LOGS_OFF: Final = "https://attack.mitre.org/techniques/T1562/008/"
_TOOLS_OFF: Final = "https://attack.mitre.org/techniques/T1562/001/"
_ORGANIZATIONS: Final = "https://docs.aws.amazon.com/organizations/latest/APIReference/API_"

LOGGING_OFF: Final = Pack(
    "logging-off",
    "switch off logging and guardrails",
    (
        access(
            "cloudtrail:StopLogging cloudtrail:DeleteTrail cloudtrail:UpdateTrail "
            "cloudtrail:PutEventSelectors cloudtrail:DeleteEventDataStore "
            "cloudtrail:UpdateEventDataStore cloudtrail:StopEventDataStoreIngestion",
            "ends or narrows the record of who did what",
            _LOGS_OFF,
        ),
        access(
            "config:StopConfigurationRecorder config:DeleteConfigurationRecorder "
            "config:DeleteDeliveryChannel config:PutConfigurationRecorder "
            "config:DeleteConfigRule config:DeleteConformancePack "
            "config:DeleteConfigurationAggregator",
            "ends the record of how resources are configured",
            _TOOLS_OFF,
        ),
        access(
            "guardduty:DeleteDetector guardduty:UpdateDetector guardduty:StopMonitoringMembers "
            "guardduty:DisassociateFromAdministratorAccount guardduty:DisassociateMembers "
            "guardduty:DeleteMembers guardduty:CreateFilter guardduty:CreateIPSet "
            "guardduty:UpdateIPSet guardduty:DeletePublishingDestination",
            "switches off the detection of threats, or hides what it finds",
            _TOOLS_OFF,
        ),
        access(
            "securityhub:DisableSecurityHub securityhub:BatchDisableStandards "
            "securityhub:DisassociateFromAdministratorAccount securityhub:DeleteMembers "
            "securityhub:UpdateStandardsControl",
            "switches off the checks of security standards",
            _TOOLS_OFF,
        ),
        access(
            "access-analyzer:DeleteAnalyzer access-analyzer:CreateArchiveRule "
            "access-analyzer:UpdateArchiveRule",
            "switches off the search for outside access, or hides what it finds",
            _TOOLS_OFF,
        ),
        access(
            "macie2:DisableMacie inspector2:Disable detective:DeleteGraph "
            "macie2:UpdateMacieSession",
            "switches off the search for sensitive data and for weaknesses",
            _TOOLS_OFF,
        ),
        access(
            "logs:DeleteLogGroup logs:DeleteLogStream logs:PutRetentionPolicy "
            "logs:DeleteDestination logs:DeleteSubscriptionFilter",
            "deletes logs, or where they are sent",
            _LOGS_OFF,
        ),
        access(
            "ec2:DeleteFlowLogs s3:PutBucketLogging elasticloadbalancing:"
            "ModifyLoadBalancerAttributes route53resolver:DeleteResolverQueryLogConfig "
            "wafv2:DeleteLoggingConfiguration",
            "ends the record of traffic",
            _LOGS_OFF,
        ),
        access(
            "cloudwatch:DeleteAlarms cloudwatch:DisableAlarmActions events:DisableRule "
            "events:DeleteRule events:RemoveTargets",
            "silences alarms",
            _TOOLS_OFF,
        ),
        access(
            "wafv2:DeleteWebACL wafv2:DisassociateWebACL shield:DeleteProtection "
            "shield:DisableProactiveEngagement network-firewall:DeleteFirewall "
            "network-firewall:UpdateFirewallDeleteProtection",
            "takes away what stands before the network",
            _TOOLS_OFF,
            ("wafv2", "shield", "network-firewall", "*"),
        ),
        access(
            "organizations:DetachPolicy organizations:DeletePolicy organizations:UpdatePolicy "
            "organizations:DisablePolicyType organizations:MoveAccount "
            "organizations:DeregisterDelegatedAdministrator",
            "lifts service control policies and the like",
            f"{_ORGANIZATIONS}DetachPolicy.html",
        ),
        access(
            "ec2:DisableEbsEncryptionByDefault ec2:DisableImageBlockPublicAccess "
            "ec2:DisableSnapshotBlockPublicAccess iam:UpdateAccountPasswordPolicy "
            "iam:DeleteAccountPasswordPolicy",
            "lifts the account's own defaults",
            _TOOLS_OFF,
        ),
    ),
)
