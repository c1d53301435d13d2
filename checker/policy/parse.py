"""From a node to a policy, or to the place where it is not one.

IAM refuses a document as a whole for one wrong word, and so does this: a statement that is
dropped in silence would prove the wrong thing (iam-semantics G2, C1).
"""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from checker.errors import PolicySyntaxError
from checker.policy.model import Effect, Element, Part, Pattern, Policy, PolicyType, Statement
from checker.policy.parse_condition import parse_conditions
from checker.policy.parse_node import did_you_mean, items, mapping, quoted, text
from checker.policy.parse_pattern import parts, pattern
from checker.policy.parse_principal import parse_principals
from checker.policy.parse_type import check_control_policy, check_principal, check_resource
from checker.policy.readings import is_short_arn
from checker.policy.values import lower
from checker.source.symbols import readable
from checker.source.tree import Entry, Mapping, Node, Scalar
from checker.span import Span

_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_WITH_VARIABLES: Final = "2012-10-17"  # iam-semantics V1
_DOCUMENT: Final = ("Version", "Id", "Statement")
_ELEMENTS: Final = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_EFFECTS: Final = {effect.value: effect for effect in Effect}
_MAX_STATEMENTS: Final = 50_000  # the largest document that AWS takes holds some hundred
_WITH_OWN_FORMS: Final = (PolicyType.RESOURCE, PolicyType.VPC_ENDPOINT)
# API Gateway completes this form to the ARN of the API that the policy is attached to:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
_API: Final = "execute-api:/"
_WHOLE_API: Final = "arn:*:execute-api:*:*:*/"

_Entries: TypeAlias = AbstractMapping[str, Entry]


@dataclass(frozen=True, slots=True)
class _Grammar:
    """What decides how a document is read: its type, and whether its version has variables.

    reference: it is a team's own rule, which may name principals by pattern (iam-semantics X7).
    """

    type: PolicyType
    variables: bool
    reference: bool = False


def parse_policy(node: Node, policy_type: PolicyType, *, reference: bool = False) -> Policy:
    """Return the policy that a document is; a `reference` may hold wildcards in its principals.

    Errors: `PolicySyntaxError` at the first thing that IAM would refuse, or whose meaning
        nobody knows.
    """
    document = mapping(node, "a policy")
    entries = _entries(document, _DOCUMENT, "policy")
    if "Id" in entries:
        text(entries["Id"].value, "`Id`")
    if "Statement" not in entries:
        raise PolicySyntaxError("the policy has no `Statement`", document.span)
    version = _version(entries)
    grammar = _Grammar(policy_type, version == _WITH_VARIABLES, reference)
    sids: set[str] = set()
    statements: list[Statement] = []
    for index, item in enumerate(_statement_nodes(entries["Statement"].value)):
        members = _entries(mapping(item, "a statement"), _ELEMENTS, "statement")
        sid = _sid(members, sids if not policy_type.has_principals else set())
        statements.append(_statement(members, item.span, grammar, sid, index))
    return Policy(
        type=policy_type, statements=tuple(statements), version=version, span=document.span
    )


def _entries(node: Mapping, known: tuple[str, ...], what: str) -> _Entries:
    """Return an object's members by name, none of which is unknown or there twice."""
    found: dict[str, Entry] = {}
    for entry in node.entries:
        name = entry.name
        if name not in known:
            problem = f"unknown {what} element {quoted(name)}"
            raise PolicySyntaxError(problem, entry.key.span, hint=did_you_mean(name, known))
        if name in found:
            raise PolicySyntaxError(f"`{name}` stands twice in one {what}", entry.key.span)
        found[name] = entry
    return found


def _version(entries: _Entries) -> str | None:
    if "Version" not in entries:
        return None
    value = entries["Version"].value
    version = text(value, "`Version`")
    if version not in _VERSIONS:
        hint = "write `2012-10-17`: it is the version of the language, not of the policy"
        raise PolicySyntaxError(f"unknown version {quoted(version)}", value.span, hint=hint)
    return version


def _statement_nodes(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Scalar):
        raise PolicySyntaxError("`Statement` must be an object or a list of objects", node.span)
    found = items(node)
    if len(found) > _MAX_STATEMENTS:
        raise PolicySyntaxError(f"more than {_MAX_STATEMENTS} statements", node.span)
    return found


def _sid(entries: _Entries, seen: set[str]) -> str | None:
    """Return the Sid; the empty one, which IAM does not mind, names nothing."""
    if "Sid" not in entries:
        return None
    value = entries["Sid"].value
    sid = readable(text(value, "`Sid`"))
    if sid in seen:
        raise PolicySyntaxError(f"two statements have the Sid {quoted(sid)}", value.span)
    if sid:
        seen.add(sid)
    return sid or None


def _statement(
    entries: _Entries,
    at: Span,
    grammar: _Grammar,
    sid: str | None,
    index: int,
) -> Statement:
    principal, resource = _either(entries, "Principal"), _either(entries, "Resource")
    action = _either(entries, "Action")
    if action is None:
        raise PolicySyntaxError("the statement has neither `Action` nor `NotAction`", at)
    check_principal(principal, grammar.type, at)
    check_resource(resource, grammar.type, at)
    condition = entries.get("Condition")
    conditions, empty = (
        parse_conditions(condition.value, variables=grammar.variables) if condition else ((), False)
    )
    statement = Statement(
        effect=_effect(entries, at),
        principals=(
            parse_principals(principal, grammar.type, reference=grammar.reference)
            if principal
            else None
        ),
        actions=_actions(action),
        resources=_resources(resource, grammar) if resource else None,
        conditions=conditions,
        empty_condition=empty,
        sid=sid,
        index=index,
        span=at,
    )
    if grammar.type is PolicyType.RCP:
        check_control_policy(statement)
    return statement


def _either(entries: _Entries, name: str) -> Entry | None:
    """Return the element `name` or its negation; both in one statement exclude each other."""
    positive, negative = entries.get(name), entries.get(f"Not{name}")
    if positive and negative:
        problem = f"`{name}` and `Not{name}` cannot stand in one statement"
        raise PolicySyntaxError(problem, negative.key.span)
    return positive or negative


def _effect(entries: _Entries, at: Span) -> Effect:
    if "Effect" not in entries:
        raise PolicySyntaxError("the statement has no `Effect`", at)
    value = entries["Effect"].value
    written = text(value, "`Effect`")
    found = _EFFECTS.get(written)
    if found is None:
        hint = did_you_mean(written, Effect) or "write `Allow` or `Deny`"
        raise PolicySyntaxError(f"unknown effect {quoted(written)}", value.span, hint=hint)
    return found


@lru_cache(maxsize=16384)
def _action_parts(written: str) -> tuple[Part, ...]:
    """Return the parts of an action; policies repeat their actions more than anything else."""
    return parts(lower(written), wildcards=True, variables=False)


def _actions(entry: Entry) -> Element:
    patterns = []
    for item in items(entry.value):
        written = text(item, "an action")
        patterns.append(Pattern(_action_parts(written), written, item.span))
    return Element(tuple(patterns), entry.name == "NotAction", entry.value.span)


def _resources(entry: Entry, grammar: _Grammar) -> Element:
    patterns = tuple(
        _resource(text(item, "a resource"), item.span, grammar) for item in items(entry.value)
    )
    return Element(patterns, entry.name == "NotResource", entry.value.span)


def _resource(written: str, at: Span, grammar: _Grammar) -> Pattern:
    if not written:
        raise PolicySyntaxError("the resource is empty", at)
    if written == "*" or written.startswith("arn:"):
        found = pattern(written, at, wildcards=True, variables=grammar.variables)
        if grammar.type is PolicyType.SESSION and is_short_arn(found):
            problem = f"the resource {quoted(written)} has fewer than six fields"
            raise PolicySyntaxError(problem, at, hint="session policies need the whole ARN")
        return found
    if grammar.type not in _WITH_OWN_FORMS:
        problem = f"the resource {quoted(written)} is neither `*` nor an ARN"
        raise PolicySyntaxError(problem, at)
    if written.startswith(_API):
        whole = _WHOLE_API + written.removeprefix(_API)
        completed = pattern(whole, at, wildcards=True, variables=grammar.variables)
        return Pattern(completed.parts, readable(written), at)
    return pattern(written, at, wildcards=True, variables=grammar.variables)
