"""What each type of policy demands of a statement (iam-semantics G8)."""

from __future__ import annotations

from typing import Final

from checker.errors import PolicySyntaxError
from checker.policy.model import Effect, Element, PolicyType, Statement
from checker.policy.readings import is_star
from checker.source.tree import Entry, Scalar
from checker.span import Span

_NAMES: Final = {
    PolicyType.IDENTITY: "an identity policy",
    PolicyType.RESOURCE: "a resource policy",
    PolicyType.TRUST: "a role trust policy",
    PolicyType.SCP: "a service control policy",
    PolicyType.RCP: "a resource control policy",
    PolicyType.BOUNDARY: "a permissions boundary",
    PolicyType.SESSION: "a session policy",
    PolicyType.VPC_ENDPOINT: "a VPC endpoint policy",
}


def check_principal(entry: Entry | None, policy_type: PolicyType, statement: Span) -> None:
    """Refuse a principal where there is none, its absence where there must be one."""
    name = _NAMES[policy_type]
    if not policy_type.has_principals:
        if entry is not None:
            raise PolicySyntaxError(f"{name} has no `{entry.name}`", entry.key.span)
        return
    if entry is None:
        raise PolicySyntaxError(f"a statement of {name} needs a `Principal`", statement)
    if entry.name == "NotPrincipal" and policy_type in (PolicyType.TRUST, PolicyType.RCP):
        raise PolicySyntaxError(f"{name} has no `NotPrincipal`", entry.key.span)
    if policy_type is PolicyType.RCP and not (
        isinstance(entry.value, Scalar) and entry.value.value == "*"
    ):
        raise PolicySyntaxError(f"the `Principal` of {name} is `*`", entry.value.span)


def check_resource(entry: Entry | None, policy_type: PolicyType, statement: Span) -> None:
    """Refuse a resource in a trust policy, its absence elsewhere but in resource policies."""
    name = _NAMES[policy_type]
    if policy_type is PolicyType.TRUST and entry is not None:
        hint = "it is about its own role"
        raise PolicySyntaxError(f"{name} has no `{entry.name}`", entry.key.span, hint=hint)
    if entry is None and policy_type not in (PolicyType.TRUST, PolicyType.RESOURCE):
        raise PolicySyntaxError(f"a statement of {name} needs a `Resource`", statement)


def check_control_policy(statement: Statement) -> None:
    """Refuse what a resource control policy cannot say.

    Its one Allow is that of the policy `RCPFullAWSAccess`, which AWS attaches everywhere.
    """
    if statement.effect is Effect.ALLOW:
        is_full = _is_everything(statement.actions) and _is_everything(statement.resources)
        if not is_full or statement.conditions or statement.empty_condition:
            raise PolicySyntaxError("a resource control policy can only deny", statement.span)
        return
    if statement.actions.negated:
        problem = "a resource control policy has no `NotAction`"
        raise PolicySyntaxError(problem, statement.actions.span)
    for action in statement.actions.patterns:
        if is_star(action):
            hint = "name the service: `s3:*`"
            raise PolicySyntaxError(
                "a resource control policy cannot deny the action `*`", action.span, hint=hint
            )


def _is_everything(element: Element | None) -> bool:
    return element is not None and not element.negated and any(map(is_star, element.patterns))
