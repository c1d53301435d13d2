"""A first configuration file, commented, from what a repository holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from checker.packs import PACKS
from checker.policy.guess import guess_type
from checker.policy.model import PolicyType
from checker.policy.parse_node import items
from checker.source.tree import Mapping, Node, Scalar

_BY_NAME: Final = {  # what guardrails are called: they look like other policies
    "scp": PolicyType.SCP,
    "service-control": PolicyType.SCP,
    "rcp": PolicyType.RCP,
    "resource-control": PolicyType.RCP,
    "boundar": PolicyType.BOUNDARY,
    "session-polic": PolicyType.SESSION,
    "vpc-endpoint": PolicyType.VPC_ENDPOINT,
    "vpce": PolicyType.VPC_ENDPOINT,
}
_LOOKS: Final = {  # as which a guardrail of a type is recognised by its content
    PolicyType.RCP: PolicyType.RESOURCE,
    PolicyType.VPC_ENDPOINT: PolicyType.RESOURCE,
}
_RESOURCES: Final = {
    "dynamodb": "AWS::DynamoDB::Table",
    "ecr": "AWS::ECR::Repository",
    "elasticfilesystem": "AWS::EFS::FileSystem",
    "events": "AWS::Events::EventBus",
    "kms": "AWS::KMS::Key",
    "lambda": "AWS::Lambda::Function",
    "s3": "AWS::S3::Bucket",
    "secretsmanager": "AWS::SecretsManager::Secret",
    "sns": "AWS::SNS::Topic",
    "sqs": "AWS::SQS::Queue",
}
_STRANGE: Final = str.maketrans(dict.fromkeys("[]{}\\*", "?"))


@dataclass(frozen=True, slots=True)
class Seen:
    """A policy file, and what its documents are. `resource` is "" if there is no saying."""

    path: str
    type: PolicyType
    resource: str = ""


def seen(path: str, documents: Sequence[Node]) -> Seen | None:
    """Return what a file of policies is; None where its documents are not of one type."""
    types = {guess_type(node) for node in documents}
    guessed = next(iter(types), None)
    if len(types) != 1 or guessed is None:
        return None
    named = next((kind for word, kind in _BY_NAME.items() if word in path.lower()), None)
    if named and _LOOKS.get(named, PolicyType.IDENTITY) is guessed:
        return Seen(path, named)
    resources = {_resource(node) for node in documents} if guessed is PolicyType.RESOURCE else {""}
    return Seen(path, guessed, resources.pop() if len(resources) == 1 else "")


def _resource(node: Node) -> str:
    """Return the type of the resource that all actions of a policy are about, or ""."""
    statement = node.get("Statement") if isinstance(node, Mapping) else None
    actions = (
        item.value
        for each in (items(statement) if statement else ())
        if isinstance(each, Mapping)
        for item in items(each.get("Action") or each)
        if isinstance(item, Scalar)
    )
    services = {action.partition(":")[0].lower() for action in actions if isinstance(action, str)}
    return _RESOURCES.get(services.pop(), "") if len(services) == 1 else ""


def starter(found: Sequence[Seen]) -> str:
    """Return the text of a first configuration file."""
    return "\n".join([*_head(found), *_types(found), *_rest()]) + "\n"


def _head(found: Sequence[Seen]) -> Iterator[str]:
    yield "# Access Gate: what no policy of this repository may grant. The gate reads this file from"
    yield "# the base commit, so a pull request cannot loosen it for itself. Every key is optional."
    yield "# `access-gate config check` checks it; docs/configuration.md of Access Gate explains it."
    counts = Counter(str(each.type) for each in found)
    listed = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    yield f"# Found here: {listed or 'no policies'}."
    yield ""
    yield "# Files to look at. Without a `/` a pattern is matched against the name alone."
    yield '# paths: ["*.json", "*.yaml", "*.yml", "*.template", "*.tf", "*.tofu"]'
    yield ""


def _types(found: Sequence[Seen]) -> Iterator[str]:
    yield "# What kind of policy files hold. Identity, trust and most resource policies are recognised"
    yield "# by their content; guardrails are not, because they look like other policies."
    told = [each for each in found if each.type.is_guardrail or each.resource]
    if not told:
        yield "# policy-types:"
        yield "#   scp: [organization/scp/]"
        yield "#   boundary: [boundaries/]"
        yield "#   resource:"
        yield "#     AWS::S3::Bucket: [buckets/]"
        yield ""
        return
    yield "policy-types:"
    for kind in PolicyType:
        of_kind = [each for each in told if each.type is kind]
        if kind.is_guardrail and of_kind:
            yield f"  {kind}:  # by their names: is this right?"
            yield from _patterns(of_kind, found, "    ")
        elif of_kind:
            yield f"  {kind}:"
            for resource in sorted({each.resource for each in of_kind}):
                yield f"    {resource}:"
                same = [each for each in of_kind if each.resource == resource]
                yield from _patterns(same, found, "      ")
    yield ""


def _patterns(some: Sequence[Seen], found: Sequence[Seen], indent: str) -> Iterator[str]:
    """Yield the paths of some files: whole folders where these hold nothing else."""
    others = [each.path for each in found if each not in some]
    named: dict[str, None] = {}
    for each in some:
        folders = each.path.split("/")[:-1]
        folder = "/".join(folders) + "/"
        is_pure = bool(folders) and not any(other.startswith(folder) for other in others)
        named[(folder if is_pure else f"/{each.path}").translate(_STRANGE)] = None
    yield from (f"{indent}- {json.dumps(pattern)}" for pattern in named)


def _rest() -> Iterator[str]:
    yield "# What no policy may grant: a group is one question, and has its own example request."
    yield "# critical:"
    yield "#   audit-trail:"
    yield "#     why: nobody but the security team may touch the audit trail"
    yield '#     actions: ["cloudtrail:Stop*", "cloudtrail:Delete*"]'
    yield '#     resources: ["arn:aws:cloudtrail:*:*:trail/*"]'
    yield ""
    yield "# Ready groups, each entry with a source."
    yield "# packs:"
    yield from (f"#   - {name}  # {pack.says}" for name, pack in PACKS.items())
    yield ""
    yield "# A policy of this repository that no other may allow more than."
    yield "# reference-policy: policies/reference.json"
    yield ""
    yield "# Whom policies of resources and roles may trust."
    yield "# trusted:"
    yield '#   accounts: ["111122223333"]'
    yield "#   orgs: [o-a1b2c3d4e5]"
    yield ""
    yield "# A policy that was not there before: compare, block, report or reference."
    yield "# new-policy: compare"
    yield ""
    yield "# Whose approving review of the head commit accepts what it does."
    yield "# approvers: [octocat]"
    yield ""
    yield "# What closes the gate: block, warn or off, check by check, and for some paths."
    yield "# fail-on:"
    yield "#   no-public-access: block"
    yield "#   paths:"
    yield "#     sandbox/: warn"
