"""Reference policy: nothing is allowed beyond what a team's own reference allows.

A reference is no policy that AWS evaluates but a rule written as one, usually "allow everything,
deny what is sensitive". Its principals may be patterns: `arn:aws:iam::*:role/ci-*`.
"""

from __future__ import annotations

from checker.policy.model import Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.source.tree import Node
from checker.symbolic.question import Question


def parse_reference(node: Node, policy_type: PolicyType) -> Policy:
    """Return the reference that a document is.

    Errors: `PolicySyntaxError`.
    """
    return parse_policy(node, policy_type, reference=True)


def ask(reference: Policy, policy: Policy) -> Question:
    """Return the question violated by exactly the requests that only the policy allows."""
    return Question(policy, reference)
