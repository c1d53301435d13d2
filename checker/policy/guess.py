"""Which type a document looks like, for those who were not told."""

from __future__ import annotations

from typing import Final

from checker.policy.model import PolicyType
from checker.policy.parse_node import items
from checker.policy.values import lower
from checker.source.tree import Mapping, Node, Scalar

_TRUST_ACTIONS: Final = frozenset(
    {
        "sts:*",
        "sts:setcontext",
        "sts:setsourceidentity",
        "sts:tagsession",
    }
)


def guess_type(node: Node) -> PolicyType | None:
    """Return identity, trust or resource; None where the document does not tell.

    Guardrails look like identity policies, so the answer `identity` is no more than a default.
    """
    if not isinstance(node, Mapping):
        return None
    body = node.get("Statement")
    statements = [item for item in items(body) if isinstance(item, Mapping)] if body else []
    if not statements:
        return None
    with_principal = [_has(statement, "Principal") for statement in statements]
    if not any(with_principal):
        return PolicyType.IDENTITY
    if not all(with_principal):
        return None
    if any(_has(statement, "Resource") for statement in statements):
        return PolicyType.RESOURCE
    about_roles = [_is_about_roles(statement) for statement in statements]
    if all(about_roles):
        return PolicyType.TRUST
    return None if any(about_roles) else PolicyType.RESOURCE


def _has(statement: Mapping, element: str) -> bool:
    return any(entry.name in (element, f"Not{element}") for entry in statement.entries)


def _is_about_roles(statement: Mapping) -> bool:
    """Return whether every action is one of those that a role trust policy may hold."""
    action = statement.get("Action")
    names = [_name(item) for item in items(action)] if action else []
    return bool(names) and all(
        name.startswith("sts:assume") or name in _TRUST_ACTIONS for name in names
    )


def _name(node: Node) -> str:
    written = node.value if isinstance(node, Scalar) else None
    return lower(written) if isinstance(written, str) else ""
